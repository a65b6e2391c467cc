"""What the running bot says of the texts in the database: edits as they come, nothing broken."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from tests import updates
from tests.conftest import Ask, userreg
from tests.kept_texts import MORE, sql
from tests.kept_texts import seeded_fixture as seeded_fixture
from tests.running import Bot, make_settings, start_bot
from tests.updates import ANN, BOB
from userreg import app, phrases
from userreg.app import create_app
from userreg.config import Settings
from userreg.database_url import Database, parse_database_url
from userreg.errors import SettingInvalid
from userreg.phrases import say, speaking, watch
from userreg.phrases.shipped import Place, shipped
from userreg.phrases.versions import Text, load
from userreg.phrases.watch import refresh, sound_edits, watching
from userreg.sandbox.api import BotApi
from userreg.sandbox.telegram import LocalTelegram


class Looks:
    """How often the database was looked at for news."""

    def __init__(self) -> None:
        self.count = 0
        self._looked = asyncio.Condition()

    async def one_more(self) -> None:
        async with self._looked:
            self.count += 1
            self._looked.notify_all()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for a look after which it is so."""
        async with asyncio.timeout(20), self._looked:
            await self._looked.wait_for(condition)

    async def until_said(self, text: str) -> None:
        await self.until(lambda: say("start.more") == text)


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Looks:
    looks, real = Looks(), watch._Watcher.look

    async def look(watcher: watch._Watcher) -> None:
        await real(watcher)
        await looks.one_more()

    monkeypatch.setattr(watch._Watcher, "look", look)
    return looks


# What is broken or missing


async def test_a_broken_row_is_passed_over_and_told_of_once(
    seeded: Database, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "_told", set())
    await _insert(seeded, "me.id", "uk", "", "<b>{id}")
    await _insert(seeded, "me.username", "uk", "", "Ім’я: {name}")
    await _insert(seeded, "stats.users", "uk", "two", "двоє")
    await _insert(seeded, "gone.text", "uk", "", "x")
    await _insert(seeded, "start.more", "xx", "", "x")
    await _insert(seeded, "start.more", "uk", "", "Пишіть /help!")
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            await refresh()

    with speaking("uk"):
        assert say("me.id", id="7") == "Id: <code>7</code>"
        assert say("me.username", username="fox") == "Ім’я користувача: @fox"
        assert say("stats.users", 2) == "2 людини"
        assert say("start.more") == "Пишіть /help!"
    assert sorted(record.getMessage().split(":")[0] for record in caplog.records) == [
        "text gone.text in uk, version 1 cannot be said",
        "text me.id in uk, version 1 cannot be said",
        "text me.username in uk, version 1 cannot be said",
        "text start.more in xx, version 1 cannot be said",
        "text stats.users in uk, form two, version 1 cannot be said",
    ]


async def _insert(
    database: Database, key: str, locale: str, category: str, text: str, version: int = 1
) -> None:
    await sql(
        database,
        "INSERT INTO phrases (key, locale, category, version, text, updated_at) VALUES"
        f" ('{key}', '{locale}', '{category}', {version}, '{text}', '2026-11-01 00:00:00+00:00')",
    )


async def test_an_empty_table_breaks_no_answer(bot: Bot, ask: Ask, database_url: str) -> None:
    await sql(parse_database_url(database_url), "DELETE FROM phrases")
    await refresh()
    assert (await ask(updates.message(ANN, text="/start"))).startswith("Hello, Ann!")


def test_what_an_older_package_shipped_is_not_said() -> None:
    old = Text("start.more", "en", "", 0, "Old.", None, datetime(2026, 11, 1, tzinfo=UTC))
    assert sound_edits([old]) == {}


# Watching


async def test_an_edit_by_another_process_shows_in_the_running_bot_without_a_restart(
    settings: Settings,
    aiohttp_client: AiohttpClient,
    telegram: LocalTelegram,
    api: BotApi,
    database_url: str,
    looks: Looks,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(app, "watching", lambda database: watching(database, 0.02))
    assert userreg("migrate", DATABASE_URL=database_url).returncode == 0
    bot = await start_bot(settings, aiohttp_client, telegram)

    edited = await asyncio.to_thread(
        userreg, "phrases", "edit", "start.more", "--locale", "en", "--text", "Ask /help, friend.",
        DATABASE_URL=database_url,
    )  # fmt: skip
    assert edited.returncode == 0, edited.stderr
    await looks.until_said("Ask /help, friend.")
    await bot.tell(updates.message(ANN, text="/start"))
    assert (await api.wait_for("sendMessage"))[0].text.endswith("Ask /help, friend.")

    undone = ("phrases", "undo", "start.more", "--locale", "en")
    await asyncio.to_thread(userreg, *undone, DATABASE_URL=database_url)
    await looks.until_said(shipped("en")[MORE])


async def test_what_was_edited_before_is_said_from_the_start(seeded: Database) -> None:
    await _insert(seeded, "start.more", "en", "", "Ask /help.")
    async with watching(seeded, 60):
        assert say("start.more") == "Ask /help."
    assert say("start.more") == shipped("en")[MORE], "nothing of it is left in the process"


async def test_a_look_without_news_reads_no_text(
    seeded: Database, looks: Looks, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads = []

    async def counted() -> list[Text]:
        loads.append(looks.count)
        return await load()

    monkeypatch.setattr(watch, "load", counted)
    async with watching(seeded, 0.001):
        await looks.until(lambda: looks.count == 20)
        assert loads == [0]
        await _insert(seeded, "start.more", "en", "", "Ask /help.")
        await looks.until_said("Ask /help.")
        then = looks.count
        await looks.until(lambda: looks.count == then + 20)
    assert len(loads) == 2


async def test_with_the_database_away_the_known_edits_go_on_being_said(
    seeded: Database, looks: Looks, caplog: pytest.LogCaptureFixture
) -> None:
    await _insert(seeded, "start.more", "en", "", "Ask /help.")
    async with watching(seeded, 0.001):
        await sql(seeded, "ALTER TABLE phrases RENAME TO away")
        try:
            now = looks.count
            await looks.until(lambda: looks.count == now + 5)
            assert say("start.more") == "Ask /help."
        finally:
            await sql(seeded, "ALTER TABLE away RENAME TO phrases")
        await _insert(seeded, "start.more", "en", "", "Ask /help again.", version=2)
        await looks.until_said("Ask /help again.")
    (told,) = [record.getMessage() for record in caplog.records]
    assert told.startswith("edited texts are not looked for: OperationalError")


# The language of the house


async def test_the_default_language_is_spoken_to_those_who_want_none(
    settings: Settings, aiohttp_client: AiohttpClient, telegram: LocalTelegram, api: BotApi
) -> None:
    settings.default_language = "uk"
    bot = await start_bot(settings, aiohttp_client, telegram)
    await bot.tell(updates.message(BOB, text="/dance"))
    assert (await api.wait_for("sendMessage"))[0].text == shipped("uk")[
        Place("help.unknown_command")
    ]
    assert phrases.choose_language("tlh") == "uk"


def test_a_default_language_that_nobody_speaks_is_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingInvalid, match="DEFAULT_LANGUAGE is none of the languages"):
        create_app(make_settings(default_language="tlh"))
