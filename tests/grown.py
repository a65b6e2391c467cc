"""A registry of many, at which PostgreSQL has looked: enough rows for a planner to tell the
difference. Imported as `from tests.grown import grown_fixture as grown_fixture`."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tortoise.connection import get_connection

from tests.postgres import Postgres
from userreg.database_url import Database, parse_database_url
from userreg.db import open_database
from userreg.migrate import upgrade
from userreg.upsert import sqlite_time

#: Their rows are as many as there are people, chats, days, updates or acts of administrators.
GROWING = ("users", "chats", "memberships", "known_names", "membership_events", "daily_activity",
           "claimed_updates", "totals", "audit")  # fmt: skip
NOW = datetime.now(UTC).replace(microsecond=0)
ANN, BOB, CHAT = 17, 18, -17


def _numbers(count: int, dialect: str) -> str:
    if dialect == "postgres":
        return f"generate_series(1, {count}) AS n"
    recursion = f"SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < {count}"
    return f"(WITH RECURSIVE r(n) AS ({recursion}) SELECT n FROM r) AS n"


def _some_day(dialect: str) -> tuple[str, str]:
    """A day, and a time, that differ from person to person."""
    if dialect == "postgres":
        return f"date '{NOW.date()}' - (u % 730)", f"timestamptz '{NOW}' - u % 730 * interval '1d'"
    ago = f"('{NOW.date()}', '-' || (u % 730) || ' days')"
    return f"date{ago}", f"datetime{ago} || '+00:00'"


def _filling(dialect: str) -> list[str]:
    """8,000 people; 1,500 chats of a few members and one of 2,000, and private ones with
    all; what they did, in two years."""
    at = f"'{sqlite_time(NOW - timedelta(hours=1))}'"
    day, then = _some_day(dialect)
    few, many, pairs = (_numbers(count, dialect) for count in (1_500, 8_000, 16_000))
    pairs = (
        "SELECT u, c, {} FROM (SELECT DISTINCT n % 8000 + 1 AS u, CASE n % 8 WHEN 0 THEN -1"
        f" ELSE -1 - n * 7 % 1500 END AS c FROM {pairs}) AS p"
    )
    return [
        "INSERT INTO users (id, first_name, username, is_bot, is_premium, first_seen_at,"
        " last_seen_at, profile_at, profile_update_id) SELECT n, 'P', 'user' || n, false, false,"
        f" {at}, {at}, {at}, 1 FROM {many}",
        "INSERT INTO known_names (user_id, kind, name, first_at, last_at, last_update_id,"
        f" last_is_dated) SELECT n, 'username', 'user' || n, {at}, {at}, 1, true FROM {many}",
        "INSERT INTO chats (id, type, title, is_forum, first_seen_at, last_seen_at, added_by_id,"
        f" bot_is_member, bot_status) SELECT -n, 'group', 'Chat', false, {at}, {at}, n, true,"
        f" CASE n % 50 WHEN 0 THEN 'administrator' ELSE 'member' END FROM {few}",
        "INSERT INTO chats (id, type, is_forum, first_seen_at, last_seen_at) SELECT n, 'private',"
        f" false, {at}, {at} FROM {many}",
        "INSERT INTO memberships (user_id, chat_id, first_seen_at, last_seen_at, messages) "
        + pairs.format(f"{at}, {at}, 1"),
        "INSERT INTO membership_events (user_id, chat_id, at, update_id, new_status, evidence,"
        " actor_id) " + pairs.format(f"{then}, 1, 'member', 'confirmed', u"),
        "INSERT INTO daily_activity (user_id, chat_id, day, messages) " + pairs.format(f"{day}, 1"),
        "INSERT INTO audit (at, action, actor_id, subject_id) "
        f"SELECT {at}, 'stats', n % 100 + 20000, -n FROM {many}",
        f"INSERT INTO claimed_updates (bot_id, update_id, at) SELECT 1, n, {at} FROM {many}",
        f"INSERT INTO known_names (user_id, kind, name, first_at, last_at, last_update_id,"
        f" last_is_dated) VALUES ({ANN}, 'username', 'user{BOB}', {at}, {at}, 2, true)",
        f"UPDATE users SET username = 'user{BOB}' WHERE id = {ANN}",  # which Bob bears, too
        "ANALYZE",
    ]


@pytest.fixture(name="grown", scope="module", params=["sqlite", "postgres"])
async def grown_fixture(
    request: pytest.FixtureRequest, postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Database]:
    path: Path = tmp_path_factory.mktemp("grown") / "registry.sqlite3"
    url = f"sqlite://{path}"
    if request.param == "postgres":
        url = f"{await postgres.anew('grown')}?command_timeout=60"
    database = parse_database_url(url)
    await upgrade(database)
    async with open_database(database):
        for statement in _filling(database.dialect):
            await get_connection(database.dialect).execute_query(statement)
        yield database
