"""What people choose: their language, a group's language, and whether others may find them."""

import pytest

from tests import updates
from tests.conftest import Ask, Talk
from tests.running import Bot
from tests.stage import put
from tests.updates import ANN, BOB, CID, GROUP, SUPERGROUP
from userreg.phrases import LANGUAGES
from userreg.sandbox.telegram import LocalTelegram

NOTHING = "I have nothing to tell about that person."


async def test_a_language_is_chosen_by_a_button_and_stays_chosen(talk: Talk) -> None:
    ann = talk(ANN)
    await ann.write("/settings")
    assert "Language: that of your Telegram" in ann.text
    await ann.press("Language")
    assert set(ann.labels) == {*LANGUAGES.values(), "Automatic", "Back"}
    await ann.press("Español")
    spanish = ann.text
    assert "Español" in spanish
    assert "Settings" not in spanish
    assert not (await ann.write("/start")).startswith("Hello")
    await ann.write("/language")
    await ann.press(ann.labels[len(LANGUAGES)])
    assert "that of your Telegram" in ann.text


async def test_without_a_choice_the_client_decides_and_then_the_default(ask: Ask) -> None:
    answers = {
        code: await ask(updates.message(ANN | {"language_code": code}, text="/start"))
        for code in ("en", "uk", "ru", "es-mx", "ar", "tlh", None)
    }
    assert len({answers[code] for code in ("en", "uk", "ru", "es-mx", "ar")}) == 5
    assert answers["tlh"] == answers[None] == answers["en"]


async def test_a_group_has_a_language_of_its_own_which_its_administrators_choose(
    talk: Talk,
) -> None:
    ann, cid = talk(ANN, GROUP), talk(CID, GROUP)
    assert (
        await cid.write("/settings")
        == "Only administrators of this group can change my settings here."
    )
    await ann.write("/settings")
    await ann.press("Language")
    data = ann.data_of("Українська")
    assert "belongs to whoever asked" in (await cid.send(data) or "")
    await ann.press("Українська")
    assert "Settings" not in ann.text
    assert "Here:" not in await cid.write("/me"), "whoever asks in it"
    assert "Id:" in await talk(CID).write("/me"), "elsewhere nothing has changed"


async def test_a_button_does_no_more_for_whoever_is_administrator_no_more(
    talk: Talk, telegram: LocalTelegram, bot: Bot
) -> None:
    bob = talk(BOB, GROUP)
    await bob.write("/settings")
    put(telegram.world, GROUP["id"], BOB, "member")
    await bot.tell(updates.chat_member(BOB, "administrator", "member", GROUP, actor=ANN))
    assert "Only administrators" in (await bob.press("Language") or "")


async def test_whoever_hides_is_told_of_to_nobody_and_shows_again(bot: Bot, talk: Talk) -> None:
    dee = {"id": 104, "is_bot": False, "first_name": "Dee"}
    await bot.tell(*(updates.message(person, SUPERGROUP) for person in (ANN, dee, CID)))
    cid, ann = talk(CID), talk(ANN)
    found = await ann.write("/seen @cid")
    assert found.startswith("Cid\n")
    await cid.write("/settings")
    await cid.press("Hide me from /seen")
    assert "You are hidden" in cid.text

    unknown = await ann.write("/seen @nobody_at_all")
    assert await ann.write("/seen @cid") == unknown == NOTHING
    assert await ann.write(f"/seen {CID['id']}") == NOTHING
    assert ann.labels == []
    assert (await cid.write("/seen @cid")).startswith("Cid\n"), "but to themselves"
    await cid.write("/settings")
    await cid.press("Show me to /seen")
    assert await ann.write("/seen @cid") == found


@pytest.mark.parametrize("place", [GROUP, SUPERGROUP])
async def test_hiding_is_not_asked_for_in_a_group(talk: Talk, place: dict[str, object]) -> None:
    bob = talk(BOB, place)
    await bob.write("/settings")
    assert bob.labels == ["Language"]
