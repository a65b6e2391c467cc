"""Migrations on both engines: up, down, at once, checked; and the schema they make."""

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest
from aerich.models import Aerich
from tortoise.context import TortoiseContext

from tests.conftest import clean_environment, userreg
from tests.postgres import Postgres
from userreg.database_url import Database, parse_database_url
from userreg.errors import DatabaseUnavailable
from userreg.migrate import downgrade, drift, migrations_dir, pending, upgrade
from userreg.record_batch import create_function

PG_SCHEMA = """
    SELECT table_name || '.' || column_name AS name,
           data_type || coalesce('(' || character_maximum_length || ')', '') || is_nullable AS what
      FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT '#' || conname, pg_get_constraintdef(oid) FROM pg_constraint
     WHERE connamespace = 'public'::regnamespace ORDER BY 1
"""
LITE_SCHEMA = """
    SELECT m.name || '.' || i.name AS name, i.type || i."notnull" || i.pk AS what
      FROM sqlite_master m, pragma_table_info(m.name) i WHERE m.type = 'table'
    UNION ALL SELECT name, coalesce(sql, tbl_name) FROM sqlite_master WHERE type = 'index'
     ORDER BY 1
"""

_FUNCTION = "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = 'record_batch'"
VERSIONS = sorted(path.name for path in (migrations_dir() / "models").glob("[0-9]*.py"))


@pytest.fixture
async def empty_url(engine: str, tmp_path, postgres: Postgres) -> str:
    """A database without any table."""
    if engine == "sqlite":
        return f"sqlite://{tmp_path}/empty.sqlite3"
    return await postgres.anew("empty")


async def _schema(database: Database, *, generate: bool = False) -> dict[str, Any]:
    async with TortoiseContext() as context:
        await context.init(config=database.tortoise_config())
        if generate:
            await context.generate_schemas()
        sql = PG_SCHEMA if database.dialect == "postgres" else LITE_SCHEMA
        found = await context.db(database.dialect).execute_query_dict(sql)
    return {row["name"]: row["what"].replace("IF NOT EXISTS ", "") for row in found}


async def test_an_upgraded_database_has_the_schema_of_the_models(
    empty_url: str, tmp_path, postgres: Postgres
) -> None:
    migrated = parse_database_url(empty_url)
    await upgrade(migrated)
    of_migrations = await _schema(migrated)

    if migrated.dialect == "sqlite":
        generated = parse_database_url(f"sqlite://{tmp_path}/generated.sqlite3")
    else:
        connection = await asyncpg.connect(postgres.url("empty"))
        await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        await connection.close()
        generated = migrated
    of_models = await _schema(generated, generate=True)

    assert len(of_migrations) > 50
    assert of_migrations == of_models


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
async def test_the_function_of_the_migrations_is_the_one_that_the_models_make(
    empty_url: str,
) -> None:
    await upgrade(parse_database_url(empty_url))
    async with TortoiseContext() as context:
        await context.init(config=parse_database_url(empty_url).tortoise_config())
        migrated = await context.db("postgres").execute_query_dict(_FUNCTION)
        await context.db("postgres").execute_script(create_function())
        made = await context.db("postgres").execute_query_dict(_FUNCTION)
    assert migrated == made != []


async def test_the_newest_migration_says_what_the_models_say() -> None:
    assert await drift() == []


async def test_a_changed_model_is_drift(monkeypatch: pytest.MonkeyPatch) -> None:
    def described(app: str) -> dict[str, Any]:
        models = real(app)
        models["models.User"]["data_fields"].pop()
        return models

    from userreg import migrate

    real = migrate.get_models_describe
    monkeypatch.setattr(migrate, "get_models_describe", described)
    assert any("DROP COLUMN" in statement for statement in await drift())


def test_check_exits_6_until_everything_is_applied(empty_url: str) -> None:
    checked = userreg("migrate", "--check", DATABASE_URL=empty_url)
    assert checked.returncode == 6
    assert checked.stdout.splitlines() == [f"pending: {name}" for name in VERSIONS]
    assert "run `userreg migrate`" in checked.stderr

    assert userreg("migrate", DATABASE_URL=empty_url).returncode == 0
    assert userreg("migrate", "--check", DATABASE_URL=empty_url).returncode == 0


async def test_names_and_timeline_of_before_are_settled_by_the_upgrade(empty_url: str) -> None:
    """A registry of the first version: two people of one username, and events without details."""
    assert (await asyncio.to_thread(userreg, "migrate", DATABASE_URL=empty_url)).returncode == 0
    back = ("migrate", "--downgrade", "--yes")
    for _ in VERSIONS[1:]:
        assert (await asyncio.to_thread(userreg, *back, DATABASE_URL=empty_url)).returncode == 0
    march, april = "'2026-03-01 00:00:00+00:00'", "'2026-04-01 00:00:00+00:00'"
    await _run(
        empty_url,
        "INSERT INTO users (id, first_name, username, is_bot, is_premium, profile_at,"
        " profile_update_id, first_seen_at) VALUES"
        f" (1, 'Ann', 'Fox', false, false, {march}, 5, {march}),"
        f" (2, 'Bob', 'fox', false, false, {april}, 9, {april}),"
        f" (3, '', NULL, false, false, {april}, 9, {april})",
        "INSERT INTO membership_events (chat_id, user_id, at, update_id, old_status, new_status,"
        f" evidence) VALUES (-1, 1, {march}, 1, 'member', 'restricted', 'confirmed'),"
        f" (-1, 1, {april}, 2, NULL, 'left', 'announced')",
    )
    assert (await asyncio.to_thread(userreg, "migrate", DATABASE_URL=empty_url)).returncode == 0

    users, names, events = await _run(
        empty_url,
        "SELECT username FROM users ORDER BY id",
        "SELECT user_id, name FROM known_names WHERE kind = 'username' ORDER BY user_id",
        "SELECT CASE WHEN was_member THEN 'in' WHEN NOT was_member THEN 'out' END AS was,"
        " CASE WHEN is_member THEN 'in' WHEN NOT is_member THEN 'out' END AS now"
        " FROM membership_events ORDER BY update_id",
    )
    assert [row["username"] for row in users] == [None, "fox", None]
    assert [tuple(row.values()) for row in names] == [(1, "fox"), (2, "fox")]
    assert [tuple(row.values()) for row in events] == [("in", None), ("in", "out")]
    gone = await _run(empty_url, "SELECT id FROM users WHERE is_gone")
    assert [row["id"] for row in gone[0]] == [3]


async def test_totals_of_before_are_counted_by_the_upgrade(empty_url: str) -> None:
    database = parse_database_url(empty_url)
    await upgrade(database)
    while "totals" not in (await downgrade(database))[0]:
        pass
    long_ago, today = "'2026-03-01 00:00:00+00:00'", f"'{datetime.now(UTC):%F} 00:00:00+00:00'"
    await _run(
        empty_url,
        "INSERT INTO users (id, first_name, is_bot, is_premium, first_seen_at, last_seen_at) VALUES"
        f" (1, 'Ann', false, false, {long_ago}, {today}),"
        f" (9, 'Bot', true, false, {today}, {today}),"
        f" (2, 'Bob', false, false, {long_ago}, {long_ago}),"
        f" (3, 'Cid', false, false, {long_ago}, NULL)",
        "INSERT INTO chats (id, type, is_forum, first_seen_at, bot_is_member, added_at,"
        f" migrated_to_id) VALUES (-1, 'group', false, {long_ago}, true, {long_ago}, NULL),"
        f" (-2, NULL, false, {long_ago}, NULL, NULL, NULL),"
        f" (-3, 'group', false, {long_ago}, NULL, NULL, -2),"
        f" (-4, 'channel', false, {long_ago}, false, NULL, NULL)",
        "INSERT INTO memberships (user_id, chat_id, status, is_member, evidence, is_carried_over,"
        " status_at, last_seen_at, messages) VALUES"
        f" (1, -1, 'member', true, 'confirmed', false, {today}, {today}, 1),"
        f" (2, -1, 'left', false, 'confirmed', false, {today}, {long_ago}, 1),"
        f" (2, -2, NULL, NULL, NULL, NULL, NULL, {long_ago}, 1),"
        f" (1, -4, 'member', true, 'confirmed', false, {today}, NULL, 0)",
    )
    await upgrade(database)

    sql = "SELECT chat_id, name, CAST(day AS text) AS day, amount FROM totals WHERE amount <> 0"
    (totals,) = await _run(empty_url, sql)
    ever, now = "1970-01-01", f"{datetime.now(UTC):%F}"
    assert {tuple(row.values()) for row in totals} == {
        (0, "people", ever, 3), (0, "people", now, 1),
        (0, "chats.group", ever, 1), (0, "chats.unknown", ever, 1), (0, "chats.channel", ever, 1),
        (0, "members", ever, 3), (-1, "members", ever, 1), (-2, "members", ever, 1),
        (-4, "members", ever, 1), (-1, "members", now, 1),
        (0, "confirmed", ever, 1), (-1, "confirmed", ever, 1),
    }  # fmt: skip


async def _run(url: str, *statements: str) -> list[list[dict[str, Any]]]:
    database = parse_database_url(url)
    async with TortoiseContext() as context:
        await context.init(config=database.tortoise_config())
        db = context.db(database.dialect)
        return [await db.execute_query_dict(statement) for statement in statements]


def test_down_and_up_again(empty_url: str) -> None:
    assert userreg("migrate", "--downgrade", "--yes", DATABASE_URL=empty_url).returncode == 6
    assert userreg("migrate", DATABASE_URL=empty_url).returncode == 0
    for version in reversed(VERSIONS):
        undone = userreg("migrate", "--downgrade", "--yes", DATABASE_URL=empty_url)
        assert undone.stdout == f"undone: {version}\n"
    assert userreg("migrate", DATABASE_URL=empty_url).returncode == 0
    assert userreg("migrate", "--check", DATABASE_URL=empty_url).returncode == 0


async def test_five_processes_at_once_apply_each_version_once(empty_url: str) -> None:
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", "userreg", "migrate",
            env=clean_environment() | {"DATABASE_URL": empty_url},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        ) for _ in range(5)
    ]  # fmt: skip
    outputs = await asyncio.gather(*(process.communicate() for process in processes))

    assert [process.returncode for process in processes] == [0] * 5, outputs
    assert sorted(len(out) > 0 for out, _ in outputs) == [False] * 4 + [True]
    async with TortoiseContext() as context:
        database = parse_database_url(empty_url)
        await context.init(config=database.tortoise_config())
        applied = await context.db(database.dialect).execute_query_dict("SELECT * FROM aerich")
    assert [row["version"] for row in applied] == VERSIONS


@pytest.mark.parametrize("version", VERSIONS)
async def test_whoever_is_interrupted_in_a_version_has_all_of_it_or_nothing(
    empty_url: str, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the last moment: all is done, and only the note of it is missing."""
    database = parse_database_url(empty_url)
    is_told = pytest.raises(DatabaseUnavailable, match="interrupted")
    with _interrupted("save", version, monkeypatch), is_told:
        await upgrade(database)
    await upgrade(database)
    assert await pending(database) == []

    is_told = pytest.raises(DatabaseUnavailable, match="interrupted")
    with _interrupted("delete", version, monkeypatch), is_told:
        await _downgrade_all(database)
    assert version not in await pending(database)
    await upgrade(database)
    assert await pending(database) == []


async def _downgrade_all(database: Database) -> None:
    for _ in VERSIONS:
        await downgrade(database)


@contextlib.contextmanager
def _interrupted(deed: str, version: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """When this version is to be noted, or its note deleted."""
    original = getattr(Aerich, deed)

    async def interrupt(note: Aerich, *args: Any, **more: Any) -> None:
        if note.version == version:
            raise OSError("interrupted")
        await original(note, *args, **more)

    with monkeypatch.context() as patched:
        patched.setattr(Aerich, deed, interrupt)
        yield


def test_the_downgrade_asks_before_it_drops(empty_url: str) -> None:
    assert userreg("migrate", DATABASE_URL=empty_url).returncode == 0
    refused = userreg("migrate", "--downgrade", DATABASE_URL=empty_url)
    assert refused.returncode == 1
    assert userreg("migrate", "--check", DATABASE_URL=empty_url).returncode == 0


def test_a_database_that_is_away_is_exit_4_and_one_sentence() -> None:
    for arguments in (["migrate"], ["migrate", "--check"], ["export-stats", "--json"]):
        ended = userreg(*arguments, DATABASE_URL="postgres://u:hidden@127.0.0.1:1/d")
        assert ended.returncode == 4, ended.stderr
        assert ended.stderr.startswith("Error: The database cannot be reached or used")
        assert "hidden" not in ended.stderr
        assert len(ended.stderr.splitlines()) == 1
