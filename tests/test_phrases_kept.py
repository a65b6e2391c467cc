"""The texts in the database: seeded, refreshed, edited, taken back."""

import asyncio
from typing import Any

import pytest

from tests.conftest import userreg
from tests.kept_texts import MORE
from tests.kept_texts import seeded_fixture as seeded_fixture
from userreg.database_url import Database, parse_database_url
from userreg.db import open_database
from userreg.errors import CheckFailed, UserregError
from userreg.phrases import LANGUAGES, say, speaking, store, versions
from userreg.phrases.shipped import Place, shipped
from userreg.phrases.versions import Text, history, load, seed


@pytest.fixture
def reshipped(monkeypatch: pytest.MonkeyPatch) -> dict[Place, str]:
    """Another version of the package: what is put in here it ships in English."""
    texts: dict[Place, str] = dict(shipped("en"))

    def ship(locale: str) -> Any:
        return texts if locale == "en" else shipped(locale)

    monkeypatch.setattr(versions, "shipped", ship)
    return texts


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
