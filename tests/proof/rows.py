"""The registry's rows, as the ledger has them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from tortoise.connection import get_connection

from tests.proof.judge import Tables
from tests.proof.ledger import Table
from userreg.database_url import Database
from userreg.db import write_transaction
from userreg.models import (
    Chat,
    ClaimedUpdate,
    DailyActivity,
    DeadLetter,
    KnownName,
    Membership,
    MembershipEvent,
    Total,
    User,
)
from userreg.totals import recount

EPOCH = date(1970, 1, 1)
#: By chat (0: all of them), name and day (`EPOCH`: ever).
Totals = dict[tuple[int, str, date], int]
#: Where each table of `Expected` is kept, and by which columns its rows are known.
TABLES: dict[str, tuple[Any, tuple[str, ...]]] = {
    "users": (User, ("id",)),
    "known_names": (KnownName, ("user_id", "kind", "name")),
    "chats": (Chat, ("id",)),
    "memberships": (Membership, ("user_id", "chat_id")),
    "events": (MembershipEvent, ("user_id", "chat_id", "at", "update_id")),
    "activity": (DailyActivity, ("chat_id", "user_id", "day")),
}


async def empty(database: Database) -> None:
    models = [model for model, _ in TABLES.values()] + [ClaimedUpdate, DeadLetter, Total]
    script = ";".join(f"DELETE FROM {model._meta.db_table}" for model in models)
    await get_connection(database.writer).execute_script(script)


async def read() -> Tables:
    return {name: await _read(*table) for name, table in TABLES.items()}


async def _read(model: Any, key: tuple[str, ...]) -> Table:
    rows = [{c: _plain(v) for c, v in row.items()} for row in await model.all().values()]
    return {tuple(row[c] for c in key) if len(key) > 1 else row[key[0]]: row for row in rows}


async def kept() -> Totals:
    """The totals, as far as anybody asks for them."""
    asked = datetime.now(UTC).date() - timedelta(days=30)
    found: Totals = {}
    for row in await Total.all().values():
        key = row["chat_id"], row["name"], row["day"]
        if row["day"] == EPOCH or row["day"] >= asked:
            found[key] = found.get(key, 0) + row["amount"]
    return {key: amount for key, amount in found.items() if amount}


async def counted(database: Database) -> Totals:
    """The totals as they should be: counted now, from scratch."""
    async with write_transaction(database) as db:
        await recount(db)
    return await kept()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return int(value.timestamp())
    return (value - EPOCH).days if isinstance(value, date) else value
