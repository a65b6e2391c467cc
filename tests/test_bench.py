"""The benchmarks: what they measure is a registry that makes sense, and they run to their end."""

import asyncio
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from bench import page
from bench.fill import SEED, TABLES, Size, fill
from bench.measure import create_database
from tests.conftest import clean_environment
from tests.postgres import Postgres
from userreg.sandbox.world.crowd_people import Roster, draw_people, draw_room

SCALE = 0.0001
SIZE = Size.scaled(SCALE)
_INDEXES = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexdef"


@pytest.fixture(scope="module")
async def filled_url(postgres: Postgres) -> str:
    await create_database(postgres.url(), "growth_filled")
    await fill(postgres.url("growth_filled"), SIZE)
    return postgres.url("growth_filled")


@pytest.fixture
async def filled(filled_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(filled_url)
    yield connection
    await connection.close()


async def count(connection: asyncpg.Connection, sql: str) -> int:
    return int(await connection.fetchval(f"SELECT count(*) FROM {sql}"))


async def test_every_table_is_filled_as_large_as_was_asked(filled: asyncpg.Connection) -> None:
    rows = {table: await count(filled, table) for table in TABLES}
    members = sum(len(Roster(SIZE.people, number)) for number in range(SIZE.chats))
    assert rows["users"] == SIZE.people
    assert rows["chats"] == SIZE.chats + SIZE.people
    assert rows["memberships"] == members
    assert rows["claimed_updates"] == SIZE.claims
    assert min(rows.values()) > 0


async def test_who_is_in_a_chat_of_the_crowd_is_in_the_filled_one(
    filled: asyncpg.Connection,
) -> None:
    people, pairs = draw_people(SEED), set()
    for number in range(SIZE.chats):
        room = draw_room(SEED, people, SIZE.people, number)
        pairs |= {(people[n].id, room.chat.id) for n in room.roster}
    found = await filled.fetch("SELECT user_id, chat_id FROM memberships")
    assert {tuple(row) for row in found} == pairs


async def test_people_are_called_in_the_filled_registry_as_in_the_crowd(
    filled: asyncpg.Connection,
) -> None:
    people = draw_people(SEED)
    told = [people[number] for number in range(SIZE.people)]
    found = await filled.fetch("SELECT id, first_name, last_name, username FROM users ORDER BY id")
    assert [tuple(row) for row in found] == [
        (p.id, p.profile.first_name, p.profile.last_name, p.profile.username) for p in told
    ]
    unnamed = """users u WHERE username IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM known_names k
        WHERE k.user_id = u.id AND kind = 'username' AND name = lower(u.username))"""
    assert await count(filled, unnamed) == 0


@pytest.mark.parametrize(
    "nonsense",
    [
        "memberships m LEFT JOIN users u ON u.id = m.user_id WHERE u.id IS NULL",
        "memberships m LEFT JOIN chats c ON c.id = m.chat_id WHERE c.id IS NULL",
        "memberships WHERE first_seen_at > coalesce(last_seen_at, now())",
        "memberships WHERE status_at IS NULL AND (status IS NOT NULL OR last_seen_at IS NULL)",
        "memberships WHERE status_at IS NOT NULL AND (evidence IS NULL OR is_member IS NULL)",
        "users WHERE first_seen_at > profile_at OR profile_at > now()",
        "membership_events LEFT JOIN memberships USING (user_id, chat_id) WHERE status IS NULL",
        """(SELECT chat_id, user_id, sum(messages) AS messages FROM daily_activity GROUP BY 1, 2) d
           FULL JOIN (SELECT * FROM memberships WHERE messages > 0) m USING (chat_id, user_id)
           WHERE d.messages IS DISTINCT FROM m.messages""",
        "daily_activity WHERE day > current_date OR day < current_date - 366",
        "claimed_updates WHERE at > now() OR at < now() - interval '49 hours'",
    ],
)
async def test_the_filled_rows_make_sense(filled: asyncpg.Connection, nonsense: str) -> None:
    assert await count(filled, nonsense) == 0


async def test_the_filled_registry_has_the_indexes_of_any_other(
    filled: asyncpg.Connection, postgres: Postgres
) -> None:
    other = await asyncpg.connect(postgres.url())
    try:
        found, wanted = await filled.fetch(_INDEXES), await other.fetch(_INDEXES)
        assert _without_casts(found) == _without_casts(wanted)
    finally:
        await other.close()


def _without_casts(indexes: list[asyncpg.Record]) -> list[str]:
    """Of an index that is made from its own definition PostgreSQL tells more casts."""
    return sorted(re.sub(r"[()]|::[a-z ]+(\[\])?", "", row["indexdef"]) for row in indexes)


async def test_the_totals_of_the_filled_registry_are_counted(filled: asyncpg.Connection) -> None:
    total = "SELECT sum(amount) FROM totals WHERE name = $1 AND chat_id = 0 AND day = '1970-01-01'"
    assert await filled.fetchval(total, "people") == SIZE.people
    assert 0 < await filled.fetchval(total, "confirmed") < await filled.fetchval(total, "members")


@pytest.mark.bench
async def test_the_growth_is_measured_to_the_end(filled_url: str) -> None:
    command = [
        "-m", "bench.growth", "--scale", str(SCALE), "--rounds", "1", "--seconds", "0.2",
        "--database-url", filled_url,
    ]  # fmt: skip
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, *command], cwd=page.ROOT, env=clean_environment(),
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    names = [line.split("|")[1].strip() for line in done.stdout.splitlines() if line[:1] == "|"]
    assert {"filled", "`memberships`", "`me`", "`stats`", "`seen @username`"} <= set(names)
    assert any("pruned meanwhile" in name for name in names)
    assert any("export-stats" in name for name in names)


def test_a_page_keeps_what_stands_around_the_marks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "PAGE", tmp_path / "page.md")
    old = "before\n<!-- growth -->\nold\n<!-- end of growth -->\nafter\n"
    page.PAGE.write_text(old)
    page.write("growth", "3 rounds", ["| new |"])
    lines = page.PAGE.read_text().splitlines()
    assert lines[:2] == ["before", "<!-- growth -->"]
    assert lines[-3:] == ["| new |", "<!-- end of growth -->", "after"]
    assert "3 rounds" in lines[2]
    assert "old" not in page.PAGE.read_text()
