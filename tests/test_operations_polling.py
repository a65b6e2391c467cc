"""Polling keeps what the webhook promises, and confirms no update before it is committed."""

import asyncio
import time
from typing import Any

import pytest

from tests import updates
from tests.conftest import everything, rows
from tests.postgres import Postgres
from tests.process import POLLING, running, started, terminate
from tests.stage import hand_made
from tests.stream import assert_each_is_there_once, stream
from tests.stream import own_postgres_fixture as own_postgres_fixture
from userreg.bot import polling
from userreg.database_url import parse_database_url
from userreg.db import open_database
from userreg.errors import TelegramUnavailable
from userreg.models import Membership
from userreg.sandbox.api import BotApi
from userreg.sandbox.telegram import LocalTelegram


def _deliver(telegram: LocalTelegram, *sent: dict[str, Any]) -> None:
    """Make updates ready for getUpdates."""
    telegram.outbox.put(hand_made(update, time.time()) for update in sent)


async def _until_confirmed(telegram: LocalTelegram) -> None:
    """Until a getUpdates with a higher offset has confirmed every update."""
    async with asyncio.timeout(10):
        await telegram.wait_until_delivered()


async def test_polling_records_and_answers_like_the_webhook(
    database_url: str, api: BotApi, api_url: str, telegram: LocalTelegram
) -> None:
    async with running(database_url, TELEGRAM_API_URL=api_url, **POLLING) as program:
        odd = {"update_id": 1, "message": {"chat": {"id": 5}}}  # aiogram would stop at it
        sent = stream(150)
        _deliver(telegram, odd, *sent, updates.message(updates.ANN, text="/help"))
        assert "What you can ask" in (await api.wait_for("sendMessage"))[0].text
        await _until_confirmed(telegram)
        terminate(program)
        assert await program.ended(within=10) == 0
    async with open_database(parse_database_url(database_url)):
        assert sum(r["messages"] for r in await rows(Membership)) == 150
        assert len((await everything())["dead_letters"]) == 1


async def test_polling_confirms_nothing_that_is_not_committed(
    own_postgres: Postgres, api_url: str, telegram: LocalTelegram
) -> None:
    async with running(own_postgres.url(), TELEGRAM_API_URL=api_url, **POLLING) as program:
        own_postgres.stop()
        sent = stream(20)
        _deliver(telegram, *sent)
        await program.says("polling again")
        assert [update.body for update in telegram.outbox.since(0, time.time())] == sent
        own_postgres.start()
        await _until_confirmed(telegram)
    await assert_each_is_there_once(own_postgres.url(), sent)


async def test_polling_while_a_webhook_is_set_says_what_to_do(
    migrated_sqlite: Any, tmp_path: Any, api_url: str, telegram: LocalTelegram
) -> None:
    telegram.webhook.url = "https://elsewhere.example.org"
    url = f"sqlite://{migrated_sqlite}"
    async with started(url, TELEGRAM_API_URL=api_url, **POLLING) as program:
        assert await program.ended(within=10) == 5
    assert "run `userreg webhook delete`" in program.lines[-1]


async def test_the_log_names_an_error_without_words(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise failures.pop(0)

    failures: list[Exception] = [TimeoutError(), TelegramUnavailable("no such bot")]
    monkeypatch.setattr(polling, "_get_updates", fail)
    monkeypatch.setattr(polling, "_PAUSES", (0,))
    with pytest.raises(TelegramUnavailable):
        await polling.poll(None, None, None)
    assert "polling again in 0 s: TimeoutError" in caplog.text
