"""The texts in the database: seeded, edited, taken back, said by whoever runs."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pytest_aiohttp.plugin import AiohttpClient
from tortoise.connection import get_connection

from tests import updates
from tests.conftest import Ask, userreg
from tests.running import Bot, make_settings, start_bot
from tests.updates import ANN, BOB
from userreg import app, phrases
from userreg.app import create_app
from userreg.config import Settings
from userreg.database_url import Database, parse_database_url
from userreg.db import open_database
from userreg.errors import CheckFailed, SettingInvalid, UserregError
from userreg.phrases import LANGUAGES, say, speaking, store, versions, watch
from userreg.phrases.shipped import Place, shipped
from userreg.phrases.speech import use_edits
from userreg.phrases.versions import Text, history, load, seed
from userreg.phrases.watch import refresh, sound_edits, watching
from userreg.sandbox.api import BotApi
from userreg.sandbox.telegram import LocalTelegram

MORE = Place("start.more")


@pytest.fixture
async def seeded(database_url: str) -> AsyncIterator[Database]:
    async with open_database(parse_database_url(database_url)) as database:
        await seed(database)
        yield database
        use_edits({})


@pytest.fixture
def reshipped(monkeypatch: pytest.MonkeyPatch) -> dict[Place, str]:
    """Another version of the package: what is put in here it ships in English."""
    texts: dict[Place, str] = dict(shipped("en"))

    def ship(locale: str) -> Any:
        return texts if locale == "en" else shipped(locale)

    monkeypatch.setattr(versions, "shipped", ship)
    return texts


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


async def sql(database: Database, statement: str, *values: Any) -> None:
    await get_connection(database.dialect).execute_query(statement, list(values))


async def current(key: str = "start.more", locale: str = "en", category: str = "") -> Text:
    place = Place(key, category)
    (found,) = [t for t in await load() if t.locale == locale and t.place == place]
    return found


# What the package ships


async def test_every_shipped_text_is_in_the_database_as_version_0(seeded: Database) -> None:
    kept = {(text.locale, text.place): text.text for text in await load()}
    assert kept == {(lo, place): t for lo in LANGUAGES for place, t in shipped(lo).items()}
    assert {(text.version, text.updated_by_id) for text in await load()} == {(0, None)}


async def test_seeding_again_writes_nothing(
    seeded: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await load()
    monkeypatch.setattr(versions, "numbering", None)  # it cannot write
    assert await seed(seeded) == 0
    assert await load() == before


async def test_many_may_seed_at_once(database_url: str, reshipped: dict[Place, str]) -> None:
    async with open_database(parse_database_url(database_url)) as database:
        reshipped[MORE] = "Send /help."
        changed = await asyncio.gather(*(seed(database) for _ in range(5)))
        assert sorted(changed)[:4] == [0, 0, 0, 0]
        assert len(await load()) == sum(len(shipped(locale)) for locale in LANGUAGES)
        assert (await current()).text == "Send /help."


async def test_a_new_package_refreshes_what_nobody_edited_and_no_edit(
    seeded: Database, reshipped: dict[Place, str]
) -> None:
    await store.save("start.more", "en", "", "Ask /help.", 101, seeded)
    reshipped |= {MORE: "Send /help now.", Place("seen.also"): "And in:"}
    del reshipped[Place("me.no_name")]

    assert await seed(seeded) == 3

    assert (await current("seen.also")).text == "And in:"
    edited = await current()
    assert (edited.text, edited.version, edited.updated_by_id) == ("Ask /help.", 1, 101)
    assert [text.text for text in await history("start.more", "en")] == [
        "Send /help now.", "Ask /help.",
    ]  # fmt: skip
    assert await history("me.no_name", "en") == []


async def test_a_text_whose_edit_was_taken_back_is_refreshed(
    seeded: Database, reshipped: dict[Place, str]
) -> None:
    await store.save("start.more", "en", "", "Ask /help.", 101, seeded)
    await store.undo("start.more", "en", "", 101, seeded)
    reshipped[MORE] = "Send /help now."
    await seed(seeded)

    now = await current()
    assert (now.text, now.version, now.updated_by_id) == ("Send /help now.", 3, None)


def test_migrate_seeds(engine: str, database_url: str) -> None:
    assert userreg("migrate", DATABASE_URL=database_url).returncode == 0
    checked = userreg("phrases", "check", DATABASE_URL=database_url)
    assert checked.returncode == 0, checked.stdout


# Edits


async def test_an_edit_is_said_at_once_by_the_process_that_makes_it(seeded: Database) -> None:
    assert await store.save("start.more", "uk", "", "Пишіть /help!", 101, seeded) == 1
    with speaking("uk"):
        assert say("start.more") == "Пишіть /help!"
    assert say("start.more") == shipped("en")[MORE]
    assert await store.save("start.more", "uk", "", "Пишіть /help!", 102, seeded) is None


async def test_history_tells_every_version_and_undo_makes_one_more(seeded: Database) -> None:
    for text in ("first", "second"):
        await store.save("start.more", "en", "", text, 101, seeded)

    assert await store.undo("start.more", "en", "", 102, seeded) == 3
    assert say("start.more") == "first"
    assert await store.undo("start.more", "en", "", 102, seeded, version=0) == 4
    assert say("start.more") == shipped("en")[MORE]

    told = [(t.version, t.text, t.updated_by_id) for t in await history("start.more", "en")]
    assert told == [
        (0, shipped("en")[MORE], None), (1, "first", 101), (2, "second", 101), (3, "first", 102),
        (4, shipped("en")[MORE], 102),
    ]  # fmt: skip


async def test_there_is_nothing_to_undo_where_nothing_was_edited(seeded: Database) -> None:
    for version in (None, 7):
        with pytest.raises(UserregError, match="no such version"):
            await store.undo("start.more", "en", "", None, seeded, version)


async def test_editors_at_the_same_moment_make_a_version_each(seeded: Database) -> None:
    texts = [f"text {n}" for n in range(8)]
    saved = [store.save("start.more", "en", "", text, None, seeded) for text in texts]
    assert sorted(filter(None, await asyncio.gather(*saved))) == list(range(1, 9))
    assert {t.text for t in await history("start.more", "en")} == {shipped("en")[MORE], *texts}


async def test_one_plural_form_is_edited_alone(seeded: Database) -> None:
    await store.save("stats.users", "ru", "few", "{count} лица", None, seeded)
    with speaking("ru"):
        assert [say("stats.users", n) for n in (1, 3, 5)] == ["1 человек", "3 лица", "5 человек"]


@pytest.mark.parametrize(
    ("key", "locale", "category", "sentence"),
    [
        ("start.nothing", "en", "", "There is no text start.nothing"),
        ("start.more", "de", "", "de is no language of ours: en, uk"),
        ("start.more", "../en", "", "no language of ours"),
        ("start.more", "en", "one", "no plural form one, it counts nothing"),
        ("stats.users", "uk", "two", "no plural form two: one, few, many, other"),
        ("stats.users", "uk", "", "plural forms, so say --category: one, few"),
    ],
)
async def test_what_does_not_exist_cannot_be_edited(
    seeded: Database, key: str, locale: str, category: str, sentence: str
) -> None:
    with pytest.raises(UserregError, match=sentence):
        await store.save(key, locale, category, "x", None, seeded)


async def test_a_faulty_text_is_not_saved_and_everything_wrong_with_it_is_said(
    seeded: Database,
) -> None:
    with pytest.raises(CheckFailed) as refused:
        await store.save("me.id", "en", "", "<b>Id: {number}", None, seeded)
    assert str(refused.value) == (
        "me.id in en is not saved. The placeholder {id} is missing. There is no placeholder "
        "{number} here; there is: {id}. The tag <b> is not closed."
    )
    assert (await current("me.id")).version == 0


async def test_all_texts_of_a_file_are_saved_or_none(seeded: Database) -> None:
    texts = {MORE: "Ask /help.", Place("me.id"): "Id"}
    with pytest.raises(CheckFailed, match=r"me\.id in en is not saved"):
        await store.save_all({"en": texts}, None, seeded)
    assert (await current()).version == 0

    texts[Place("me.id")] = shipped("en")[Place("me.id")]
    assert await store.save_all({"en": texts}, 101, seeded) == 1
    assert say("start.more") == "Ask /help."


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
