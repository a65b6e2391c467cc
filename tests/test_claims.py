"""The first step of a batch, and what a batch costs PostgreSQL."""

import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from tortoise.connection import get_connection

from tests import updates
from tests.conftest import rows
from tests.running import Bot
from tests.updates import ANN, GROUP
from userreg.claims import claim
from userreg.database_url import WRITING_CONNECTIONS, Database, parse_database_url
from userreg.db import open_database, write_transaction
from userreg.models import Chat, ClaimedUpdate, User

NOW = datetime(2026, 11, 1, tzinfo=UTC)
CHAT = {"id": -7, "type": "group", "first_seen_at": NOW, "last_seen_at": NOW}
PROFILE = {
    "id": 7, "first_name": "Ann", "last_name": None, "username": None, "is_bot": False,
    "profile_at": NOW, "profile_update_id": 1, "profile_is_dated": True, "first_seen_at": NOW,
}  # fmt: skip


@pytest.fixture
async def opened(database_url: str) -> AsyncIterator[Database]:
    async with open_database(parse_database_url(database_url)) as database:
        yield database


def _claims(*update_ids: int) -> list[dict[str, Any]]:
    return [{"bot_id": 1, "update_id": update_id, "at": NOW} for update_id in update_ids]


async def test_beside_a_duplicate_nothing_is_written_but_the_claims_of_the_others(
    opened: Database,
) -> None:
    await ClaimedUpdate.update_or_create_many(_claims(2))

    async with write_transaction(opened) as db:
        claimed = await claim(_claims(1, 2, 3), [CHAT], [PROFILE], db)

    assert claimed.duplicates == {2}
    assert {c["update_id"] for c in await rows(ClaimedUpdate)} == {1, 2, 3}
    assert await rows(Chat) == await rows(User) == []


async def test_it_tells_what_people_are_called_and_where_chats_have_moved(
    opened: Database,
) -> None:
    moved = CHAT | {"migrated_to_id": -1007, "migrated_at": NOW}
    await Chat.update_or_create_many([moved, CHAT | {"id": -8}])
    await User.update_or_create_many([PROFILE])

    async with write_transaction(opened) as db:
        claimed = await claim(_claims(1), [CHAT, CHAT | {"id": -8}], [PROFILE], db)

    assert [(c["id"], c["migrated_to_id"], c["migrated_at"]) for c in claimed.moved] == [
        (-7, -1007, NOW)
    ]
    assert [(p["id"], p["first_name"], p["profile_at"]) for p in claimed.people] == [
        (7, "Ann", NOW)
    ]


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
async def test_the_statements_of_a_batch_are_kept_prepared(bot: Bot, database_url: str) -> None:
    for name in ("Ann", "Anna", "Hannah"):  # which has to be thought about
        await bot.tell(updates.message(ANN | {"first_name": name}, GROUP))

    writer, kept = get_connection(parse_database_url(database_url).writer), []
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(WRITING_CONNECTIONS - 2):  # maintenance may want two
            connection: Any = await stack.enter_async_context(writer.acquire_connection())
            kept += await connection.fetch("SELECT statement FROM pg_prepared_statements")
    assert max(len(one["statement"]) for one in kept) > 15 * 1024, "more than asyncpg keeps"
