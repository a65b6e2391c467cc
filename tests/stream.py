"""A stream of updates, whether each of them is there once, and a PostgreSQL that may be stopped
meanwhile: `from tests.stream import own_postgres_fixture as own_postgres_fixture`."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests import updates
from tests.conftest import everything, rows, userreg
from tests.postgres import Postgres, temporary_postgres
from userreg.database_url import parse_database_url
from userreg.db import open_database
from userreg.models import DailyActivity, Membership

PEOPLE = [updates.ANN | {"id": 1000 + n, "username": f"user{n}"} for n in range(50)]
CHATS = [updates.SUPERGROUP | {"id": -1001000000100 - n, "title": f"Chat {n}"} for n in range(7)]


def stream(count: int) -> list[dict[str, Any]]:
    return [
        updates.message(PEOPLE[n % len(PEOPLE)], CHATS[n * n % len(CHATS)]) for n in range(count)
    ]


async def assert_each_is_there_once(database_url: str, sent: list[dict[str, Any]]) -> None:
    expected: dict[tuple[int, int], int] = {}
    for update in sent:
        key = (update["message"]["from"]["id"], update["message"]["chat"]["id"])
        expected[key] = expected.get(key, 0) + 1
    async with open_database(parse_database_url(database_url)):
        found = {(r["user_id"], r["chat_id"]): r["messages"] for r in await rows(Membership)}
        assert found == expected, found.items() ^ expected.items()
        assert sum(r["messages"] for r in await rows(DailyActivity)) == len(sent)
        claimed = {row["update_id"] for row in (await everything())["claimed_updates"]}
    ids = {update["update_id"] for update in sent}
    assert claimed == ids, claimed ^ ids


@pytest.fixture(name="own_postgres")
def own_postgres_fixture() -> Iterator[Postgres]:
    with temporary_postgres(synchronous_commit="on") as server:  # its crashes must lose nothing
        assert userreg("migrate", DATABASE_URL=server.url()).returncode == 0
        yield server
