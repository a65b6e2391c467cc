"""Reading with SQL of our own: PostgreSQL's spelling, on either engine, rows in Python's types."""

import re
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final

import msgspec
from tortoise.backends.base.client import BaseDBAsyncClient

from userreg.upsert import Row, sqlite_time

_ANY: Final = re.compile(r"= ANY\(\$(\d+)::\w+\[\]\)")
_PARAMETER: Final = re.compile(r"\$(\d+)")


async def fetch(db: BaseDBAsyncClient, sql: str, *values: Any) -> list[Row]:
    """The rows of `sql`, whose parameters are `$1`, `$2` …; a list goes into `= ANY($1::type[])`.

    A column's name tells SQLite's type: times end in `_at`, booleans begin with `is_` or `was_`
    or hold `_is_`.
    """
    if db.capabilities.dialect == "postgres":
        return await fetch_rows(db, sql, list(values))
    return await fetch_rows(db, _sqlite_spelling(sql), [_sqlite_value(v) for v in values])


async def fetch_rows(db: BaseDBAsyncClient, sql: str, values: list[Any]) -> list[Row]:
    """The rows of a statement in the engine's own spelling."""
    rows = await db.execute_query_dict(sql, values)
    if db.capabilities.dialect == "postgres":
        return rows
    return [{name: _python_value(name, value) for name, value in row.items()} for row in rows]


@lru_cache
def _sqlite_spelling(sql: str) -> str:
    sql = _ANY.sub(r"IN (SELECT value FROM json_each(?\1))", sql)
    return _PARAMETER.sub(r"?\1", sql).replace(" FOR UPDATE", "")  # it has one writer at a time


def _sqlite_value(value: Any) -> Any:
    if isinstance(value, list):
        return msgspec.json.encode(value).decode()
    if isinstance(value, datetime):
        return sqlite_time(value)
    return value.isoformat() if isinstance(value, date) else value


def _python_value(column: str, value: Any) -> Any:
    if value is None:
        return None
    if column.endswith("_at"):
        return datetime.fromisoformat(value)
    is_boolean = column.startswith(("is_", "was_")) or "_is_" in column
    return bool(value) if is_boolean else value
