"""A chain of small fixtures: a database of either engine, Telegram, the bot between them."""

import contextlib
import os
import shutil
import sqlite3
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiogram.client.session.aiohttp
import asyncpg
import pytest
from aiogram.client.session.aiohttp import AiohttpSession
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pytest_aiohttp.plugin import AiohttpClient

from tests import forked
from tests.conversation import Conversation
from tests.postgres import Postgres, temporary_postgres
from tests.running import Bot, make_settings, start_bot
from tests.updates import BOT
from userreg.config import Settings
from userreg.database_url import Database, parse_database_url
from userreg.db import open_database
from userreg.models import Membership
from userreg.queries import read
from userreg.record import Record
from userreg.registry import Registry
from userreg.sandbox.api import BotApi
from userreg.sandbox.server import create_app as create_bot_api
from userreg.sandbox.server import serving
from userreg.sandbox.telegram import TOKEN, LocalTelegram
from userreg.sandbox.world import World

TABLES = [
    "users", "known_names", "chats", "memberships", "membership_events", "daily_activity",
    "claimed_updates", "dead_letters", "totals", "phrases", "preferences", "administrators",
    "one_time_codes", "audit", "forgotten", "keys", "sessions", "replicas",
]  # fmt: skip
hypothesis_settings.register_profile(
    "tests", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
hypothesis_settings.load_profile("tests")


def userreg(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as a user would, with these settings, and a token where it needs one."""
    token = {"BOT_TOKEN": TOKEN} if arguments[0] in ("replay", "dead-letters") else {}
    return forked.run(arguments, clean_environment() | token | environment)


def userreg_anew(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The same, with nothing loaded before: `python -m userreg`."""
    return subprocess.run(
        [sys.executable, "-m", "userreg", *arguments], env=clean_environment() | environment,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def clean_environment() -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "TMPDIR")}
    return kept | {"PYTHONPATH": str(Path(__file__).parent.parent)}


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither the developer's environment nor their .env reaches a test."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.delenv("DYNO", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session", autouse=True)
def _no_tls() -> Iterator[None]:
    """Here are no TLS connections, but each of aiogram's sessions reads all certificates when it
    begins (a tenth of the time that the tests take), and waits 0.25 s for some to close."""

    async def close(session: AiohttpSession) -> None:
        if session._session is not None:
            await session._session.close()

    once = ssl.create_default_context()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AiohttpSession, "close", close)
        patch.setattr(
            aiogram.client.session.aiohttp, "ssl",
            SimpleNamespace(create_default_context=lambda **_: once),
        )  # fmt: skip
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with temporary_postgres(autovacuum="off", deadlock_timeout="50ms") as server:
        migrated = userreg("migrate", DATABASE_URL=server.url())
        assert migrated.returncode == 0, migrated.stderr
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "registry.sqlite3"
    migrated = userreg("migrate", DATABASE_URL=f"sqlite://{path}")
    assert migrated.returncode == 0, migrated.stderr
    # Of two connections that close at once neither may be the last, which empties the log.
    with contextlib.closing(sqlite3.connect(path, autocommit=True)) as connection:
        connection.execute("DELETE FROM phrases")  # as on PostgreSQL: thousands, read each time
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture
def migrated_sqlite(sqlite_template: Path, tmp_path: Path) -> Path:
    """A file of the test's own: what it leaves there is seen by no other."""
    return Path(shutil.copy(sqlite_template, tmp_path / "migrated.sqlite3"))


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def database_url(
    engine: str, tmp_path: Path, postgres: Postgres, sqlite_template: Path
) -> str:
    """A migrated, empty database."""
    if engine == "sqlite":
        path = tmp_path / "registry.sqlite3"
        shutil.copy(sqlite_template, path)
        return f"sqlite://{path}"
    connection = await asyncpg.connect(postgres.url())
    await connection.execute(";".join(f"DELETE FROM {table}" for table in TABLES))
    await connection.close()
    return postgres.url()


@pytest.fixture
async def replicas(database_url: str) -> AsyncIterator[list[Registry]]:
    """Two that record in one database, without a bot."""
    database = parse_database_url(database_url)
    if database.dialect == "sqlite":  # no power will fail
        database = Database("sqlite", database.credentials | {"synchronous": "OFF"})
    async with open_database(database), contextlib.AsyncExitStack() as stack:
        running = [Registry(database, BOT["id"]).running() for _ in range(2)]
        yield [await stack.enter_async_context(each) for each in running]


@pytest.fixture
async def telegram() -> AsyncIterator[LocalTelegram]:
    """A few people, a few chats and the bot."""
    async with LocalTelegram(World()).running() as telegram:
        yield telegram


@pytest.fixture
def api(telegram: LocalTelegram) -> BotApi:
    return BotApi(telegram)


@pytest.fixture
async def api_url(api: BotApi) -> AsyncIterator[str]:
    async with serving(create_bot_api(api), "127.0.0.1", 0) as url:
        yield url


@pytest.fixture
def settings(database_url: str, api_url: str) -> Settings:
    return make_settings(database_url=database_url, telegram_api_url=api_url)


@pytest.fixture
async def bot(settings: Settings, aiohttp_client: AiohttpClient, telegram: LocalTelegram) -> Bot:
    return await start_bot(settings, aiohttp_client, telegram)


Ask = Callable[..., Awaitable[str]]


@pytest.fixture
def ask(bot: Bot, api: BotApi) -> Ask:
    """Post an update and return what the bot answers, as a person reads it."""

    async def ask(update: dict[str, Any]) -> str:
        answered, where = len(api.of("sendMessage")), _chat_of(update)
        await bot.tell(update)
        seen = answered
        while True:  # administrators are told something in private besides
            calls = await api.wait_for("sendMessage", seen + 1)
            for call in calls[answered:]:
                if call.parameters["chat_id"] == where:
                    return "".join(c for c in call.text if c not in "\u2068\u2069\u2060")
            seen = len(calls)

    return ask


def _chat_of(update: dict[str, Any]) -> str:
    body = next(value for kind, value in update.items() if kind != "update_id")
    return str(body["chat"]["id"])


Talk = Callable[..., Conversation]


@pytest.fixture
def talk(bot: Bot, telegram: LocalTelegram, api: BotApi) -> Talk:
    """`talk(person, chat)`: a conversation with the bot, in private unless a chat is named."""

    def begin(user: dict[str, Any], chat: dict[str, Any] | None = None) -> Conversation:
        return Conversation(telegram, api, user["id"], chat and chat["id"])

    return begin


async def rows(model: type[Record], **filters: Any) -> list[dict[str, Any]]:
    return await model.filter(**filters).order_by("id").values()


async def row(model: type[Record], **filters: Any) -> dict[str, Any]:
    found = await rows(model, **filters)
    assert len(found) == 1, found
    return found[0]


async def known_of(person: dict[str, Any], *columns: str) -> tuple[Any, ...]:
    """These columns of somebody's one membership; times as Telegram's."""
    found = await row(Membership, user_id=person["id"])
    return tuple(int(v.timestamp()) if isinstance(v := found[c], datetime) else v for c in columns)


async def everything() -> dict[str, list[dict[str, Any]]]:
    """The whole registry, to compare before and after; but for the totals, which follow from it,
    and the processes, which come and go."""
    tables = [table for table in TABLES if table not in ("totals", "replicas")]
    return {table: await read(f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables}


async def told(bot: Bot, *story: dict[str, Any]) -> None:
    """Tell the story to an empty registry."""
    for table in TABLES:
        await read(f"DELETE FROM {table}")
    await bot.tell(*story)
