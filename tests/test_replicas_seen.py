"""Processes that are at work are seen, those that have ended are not, and nothing depends on it."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from tests import updates
from tests.browsing import Browser, Parsed
from tests.browsing import ada as ada
from tests.browsing import database as database
from tests.browsing import settings as settings
from tests.process import running, terminate
from tests.running import Bot, start_bot
from tests.updates import ANN, GROUP
from userreg import __version__, maintenance, replicas
from userreg.config import Settings
from userreg.database_url import Database, parse_database_url
from userreg.db import open_database
from userreg.decisions import Replica
from userreg.replicas import is_stale, list_replicas, present, this_process
from userreg.sandbox.telegram import LocalTelegram


async def _seen(count: int) -> list[Replica]:
    """As soon as there are so many."""
    async with asyncio.timeout(10):
        while len(found := await list_replicas()) != count:
            pass
    return found


async def _put(name: str, seconds: float, version: str = "0.1") -> None:
    """Somebody else who was seen so many seconds ago."""
    at = datetime.now(UTC) - timedelta(seconds=seconds)
    await Replica.create(name=name, started_at=at, seen_at=at, version=version, mode="polling")


async def test_a_bot_that_runs_is_seen_and_takes_itself_off_when_it_ends(
    bot: Bot, database: Database
) -> None:
    (one,) = await _seen(1)
    assert one.name == this_process("").name
    assert (one.version, one.mode) == (__version__, "webhook")
    now = datetime.now(UTC)
    assert now - timedelta(minutes=1) < one.started_at <= one.seen_at <= now
    await bot.client.close()
    async with open_database(database):
        assert await list_replicas() == []


async def test_the_real_program_is_seen_whole_and_after_a_kill_for_a_day(
    database_url: str,
) -> None:
    async with open_database(database := parse_database_url(database_url)):
        async with running(database_url) as program:
            assert (await _seen(1))[0].name.endswith(f":{program.process.pid}")
            terminate(program)
            assert await program.ended(within=10) == 0
            assert await list_replicas() == []
        async with running(database_url) as program:
            await _seen(1)
            program.process.kill()
            await program.ended(10)
        (left,) = await list_replicas()
        assert not is_stale(left, left.seen_at + replicas.STALE)
        assert is_stale(left, left.seen_at + replicas.STALE + timedelta(seconds=1))
        for days, gone in ((0.9, 0), (1.1, 1)):
            later = left.seen_at + timedelta(days=days)
            assert await replicas.prune(database, later) == gone


async def test_it_says_so_again_and_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replicas, "EVERY", 0.01)
    async with open_database(database), present(database, this_process("webhook")):
        (first,) = await _seen(1)
        async with asyncio.timeout(10):
            while (again := (await list_replicas())[0]).seen_at <= first.seen_at:
                pass
        assert again.started_at == first.started_at
        await Replica.all().delete()  # somebody took it for gone
        assert (await _seen(1))[0].name == first.name


async def test_maintenance_drops_those_that_did_not_come_back(database: Database) -> None:
    async with open_database(database):
        await _put("killed-yesterday:1", 25 * 3600)
        await _put("killed-today:1", 23 * 3600)
        assert await maintenance.maintain(database) == maintenance.Dropped(replicas=1)
        assert [each.name for each in await list_replicas()] == ["killed-today:1"]


async def test_a_database_that_is_away_is_told_once_and_disturbs_nobody(
    settings: Settings, aiohttp_client: AiohttpClient, telegram: LocalTelegram,
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    tried = asyncio.Semaphore(0)

    async def fail(*_: Any) -> None:
        tried.release()
        raise OSError("away")

    monkeypatch.setattr(replicas, "EVERY", 0)
    with monkeypatch.context() as broken, caplog.at_level(logging.INFO, "userreg.replicas"):
        broken.setattr(replicas, "_write", fail)
        bot = await start_bot(settings, aiohttp_client, telegram)
        await bot.tell(updates.message(ANN, GROUP))
        for _ in range(5):
            await tried.acquire()
        assert [line for line in caplog.messages if "not seen" in line] == [
            "not seen as a replica: OSError: away"
        ]
    await _seen(1)


async def test_a_database_that_hangs_delays_no_update_and_no_shutdown(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextlib.asynccontextmanager
    async def hang(*_: Any) -> AsyncIterator[None]:
        await asyncio.Event().wait()
        yield

    monkeypatch.setattr(replicas, "write_transaction", hang)
    await bot.tell(updates.message(ANN, GROUP))
    begun = time.monotonic()
    await bot.client.close()
    assert time.monotonic() - begun < replicas._LEAVE + 2


async def test_the_overview_shows_who_runs_and_who_is_silent(bot: Bot, ada: Browser) -> None:
    await _seen(1)
    await _put("<script>alert(1)</script>\u202e:7", 31, version="0.0.9")
    page = await ada.get("/")
    assert "<script" not in page
    text = Parsed(page).text
    assert this_process("").name in text
    assert __version__ in text
    assert "<script>alert(1)</script>" in text
    assert "\u202e" not in text
    assert text.count("no sign of life") == 1
    assert "0.0.9" in text
