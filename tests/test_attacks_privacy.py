"""Nobody is shown what is not for them, or changes what others read: by buttons, names and
commands, in groups and in channels."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests import updates
from tests.ada import settings_fixture as settings_fixture
from tests.conftest import Talk
from tests.running import Bot
from tests.stage import meet, put
from tests.updates import ANN, BOB, CHANNEL, CID, GROUP
from userreg import preferences
from userreg.bot.press import FIRST, Press
from userreg.database_url import parse_database_url
from userreg.sandbox.api import BotApi
from userreg.sandbox.telegram import LocalTelegram

DEE: dict[str, Any] = {"id": 104, "is_bot": False, "first_name": "Dee", "username": "dee"}


# ---- a made-up press on a message that is somebody else's


async def test_nobody_changes_an_answer_to_somebody_else(bot: Bot, talk: Talk) -> None:
    ann, bob = talk(ANN, GROUP), talk(BOB, GROUP)
    await ann.write("/me")
    before = ann.text
    await bob.send(Press.of("me", BOB["id"], 0, "", FIRST).pack())
    assert ann.text == before


async def test_a_subscriber_writes_nothing_into_a_channel(bot: Bot, talk: Talk, ask) -> None:
    await bot.tell(updates.my_chat_member("left", "administrator", CHANNEL))
    await ask(updates.channel_post(text="/whereami"))
    mallory = BOB | {"id": 666, "first_name": "Buy drugs", "last_name": "at my shop"}
    meet(bot.telegram.world, mallory)
    there = talk(mallory, CHANNEL)
    await there.send(Press.of("me", mallory["id"], 0, "", FIRST).pack())
    assert "Buy drugs" not in there.text


# ---- what administrators of a group ask is read by the whole group


async def test_hidden_people_are_not_shown_to_a_whole_group(
    bot: Bot, talk: Talk, telegram: LocalTelegram, database_url: str
) -> None:
    put(telegram.world, GROUP["id"], BOB, "administrator")
    put(telegram.world, GROUP["id"], CID, "member")
    await bot.tell(*(updates.message(person, GROUP) for person in (BOB, CID, ANN)))
    await preferences.hide(parse_database_url(database_url), CID["id"], True)
    bob = talk(BOB, GROUP)
    assert "Cid" not in await bob.write("/seen @cid"), "everybody in the group reads this"


async def test_details_in_a_group_name_no_hidden_people_to_all(
    bot: Bot, talk: Talk, telegram: LocalTelegram, database_url: str
) -> None:
    put(telegram.world, GROUP["id"], BOB, "administrator")
    today = int(datetime.now(UTC).timestamp()) - 60
    await bot.tell(*(updates.message(person, GROUP, date=today) for person in (BOB, CID, ANN)))
    await preferences.hide(parse_database_url(database_url), CID["id"], True)
    bob = talk(BOB, GROUP)
    await bob.write("/stats")
    await bob.press("Details")
    assert "Cid" not in bob.text, "everybody in the group reads this"


# ---- /seen: hidden must sound like unknown, to the byte


async def _ask_about_a_name_two_bore(
    bot: Bot, api: BotApi, database_url: str, hidden: bool, place: Any
) -> tuple[str, str | None]:
    chats = [GROUP | {"id": -n, "title": f"c{n}"} for n in range(1, 7)]
    for chat in chats:
        await bot.tell(updates.message(ANN, chat), updates.message(CID, chat))
    if hidden:  # she bore @cid once, and wants to be told of to nobody
        await bot.tell(updates.message(DEE | {"username": "cid"}, chats[0]))
        await bot.tell(updates.message(DEE, chats[0]))
        await bot.tell(*(updates.message(CID, chat) for chat in chats))
        await preferences.hide(parse_database_url(database_url), DEE["id"], True)
    else:
        await bot.tell(*(updates.message(CID, chat) for chat in chats))
    said = len(api.of("sendMessage"))
    await bot.tell(updates.message(ANN, chats[0] if place else None, text="/seen @cid"))
    call = (await api.wait_for("sendMessage", said + 1))[-1]
    return call.text, call.parameters.get("reply_markup")


@pytest.mark.parametrize("place", ["private", "group"])
async def test_a_hidden_bearer_of_a_name_shows_in_nothing(
    bot: Bot, api: BotApi, database_url: str, place: str
) -> None:
    without = await _ask_about_a_name_two_bore(bot, api, database_url, False, place == "group")
    with_ = await _ask_about_a_name_two_bore(bot, api, database_url, True, place == "group")
    assert (with_[0].count("c"), with_[0].count("more")) == (
        without[0].count("c"), without[0].count("more")), with_[0]  # fmt: skip
    assert bool(with_[1]) == bool(without[1]), "a keyboard"


# ---- who subscribes to a channel is known to its owners alone


async def test_a_channels_subscribers_read_no_names_of_members(
    bot: Bot,
    talk: Talk,
    telegram: LocalTelegram,
    ask,
) -> None:
    await bot.tell(updates.my_chat_member("left", "administrator", CHANNEL))
    put(telegram.world, CHANNEL["id"], BOB, "administrator")
    await bot.tell(updates.chat_member(CID, "left", "member", CHANNEL, actor=CID))
    await ask(updates.channel_post(text="/stats"))
    bob = talk(BOB, CHANNEL)
    await bob.press("Details")
    assert "Cid" not in bob.text, "who subscribes to a channel is known to its owners alone"


async def test_subscribers_of_a_channel_are_not_told_of_each_other(bot: Bot, talk: Talk) -> None:
    """Telegram shows the subscribers of a channel to its administrators alone."""
    await bot.tell(updates.my_chat_member("left", "administrator", CHANNEL))
    for person in (ANN, CID):
        await bot.tell(updates.chat_member(person, "left", "member", CHANNEL, actor=person))
    assert "News" not in await talk(ANN).write("/seen @cid")
