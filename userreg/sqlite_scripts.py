"""Scripts on SQLite that are part of a transaction: all that is done with them, or nothing.

Python's `executescript` commits what is open, and goes on when whoever waits for it is interrupted:
what had to be written in the same transaction would be missing for ever.
"""

import sqlite3
from collections.abc import Iterator
from functools import partial
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient


def keep_whole(client: BaseDBAsyncClient) -> None:
    """From here on scripts are part of the transactions of this client of SQLite."""
    begin = client._in_transaction

    def in_transaction() -> Any:
        context: Any = begin()
        db = context.connection
        db.execute_script = partial(_execute, db)
        return context

    client._in_transaction = in_transaction  # type: ignore[method-assign]


async def _execute(db: BaseDBAsyncClient, script: str) -> None:
    for statement in statements(script):
        await db.execute_query(statement)


def statements(script: str) -> Iterator[str]:
    """Without those that begin and end a transaction of the script's own."""
    statement = ""
    *parts, rest = script.split(";")
    for part in parts:
        statement += f"{part};"
        if sqlite3.complete_statement(statement):  # no end within a text or a trigger
            if statement.strip() not in ("BEGIN;", "COMMIT;"):
                yield statement
            statement = ""
    if (statement + rest).strip():
        yield statement + rest
