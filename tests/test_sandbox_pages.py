"""The chat page: what it shows, and what it makes people do."""

import asyncio
from urllib.parse import parse_qs

import pytest
from aiogram.utils.web_app import safe_parse_webapp_init_data

from tests.chat_page import ANN, BOB, CID, EVE, GO, GROUP, NEWS, Json, Page, only_sqlite
from tests.chat_page import page_fixture as page_fixture
from tests.running import Bot
from tests.site import site_fixture as site_fixture
from userreg.sandbox.api import BotApi
from userreg.sandbox.telegram import TOKEN, LocalTelegram
from userreg.sandbox.world import BOT_ID

# What it shows


@only_sqlite
async def test_it_shows_people_chats_and_what_was_said(page: Page) -> None:
    state = await page.get("/state", person=BOB)
    assert state["bot"]["username"] == "register_bot"
    assert {p["name"] for p in state["people"]} >= {"Ann", "Bob Brown", "Dee <i> & 👩‍👩‍👧"}
    assert BOT_ID not in {p["id"] for p in state["people"]}
    assert state["chats"][0]["type"] == "private"
    assert (await page.chat(GO, BOB))["status"] == "creator"
    await page.do("write", BOB, GO, text="<script>alert(1)</script> /me")
    message = (await page.get("/messages", chat=GO, person=BOB))["messages"][-1]
    assert message["text"] == "<script>alert(1)</script> /me"
    assert message["is_own"] is True
    assert message["entities"] == [{"type": "bot_command", "offset": 26, "length": 3}]
    assert (await page.get("/messages", chat=GO, person=ANN))["messages"][-1]["is_own"] is False


@only_sqlite
async def test_nobody_sees_the_private_chat_of_another(page: Page) -> None:
    await page.do("write", BOB, BOB, text="secret")
    shown = await page.get("/messages", chat=BOB, person=ANN)
    assert shown["messages"] == []


@only_sqlite
async def test_members_are_listed_by_status(page: Page) -> None:
    shown = await page.get("/members", chat=GO)
    assert [m["status"] for m in shown["members"]][:2] == ["creator", "administrator"]
    assert shown["total"] == 4


async def test_the_registry_is_shown_as_it_is(page: Page, bot: Bot) -> None:
    await page.do("write", ANN, GO, text="hello")
    await bot.telegram.wait_until_delivered()
    rows = await page.get("/rows", person=ANN, chat=GO)
    assert rows["users"][0]["first_name"] == "Ann"
    assert rows["chats"][0]["title"] == "Go"
    assert rows["memberships"][0]["messages"] == 1
    assert rows["known_names"]
    assert rows["daily_activity"][0]["messages"] == 1


# What people do


async def test_a_walk(page: Page, bot: Bot, api: BotApi) -> None:
    """Start, add the bot, ask where one is, ban somebody, see the membership end."""
    await page.do("write", ANN, text="/start")
    [answer] = await api.wait_for("sendMessage")
    assert "Hello" in answer.text
    await page.do("remove_bot", ANN, GROUP)
    await page.do("add_bot", ANN, GROUP)
    await page.do("promote_bot", ANN, GROUP)
    await page.do("write", ANN, GROUP, text="/whereami")
    await api.wait_for("sendMessage", 3)
    assert any("Chess" in call.text for call in api.of("sendMessage"))
    assert await page.do("ban", ANN, GROUP, target=CID) == {}
    await bot.telegram.wait_until_delivered()
    [membership] = (await page.get("/rows", person=CID, chat=GROUP))["memberships"]
    assert (membership["status"], membership["is_member"]) == ("left", False)
    said = (await page.get("/messages", chat=GROUP, person=ANN))["messages"]
    assert "\u2068Ann\u2069 removed \u2068Cid\u2069" in [message["service"] for message in said]


@only_sqlite
async def test_people_come_go_are_muted_banned_and_promoted(page: Page) -> None:
    for deed, person, target, status in [
        ("join", EVE, None, "member"), ("mute", BOB, EVE, "restricted"),
        ("unmute", BOB, EVE, "member"), ("promote", BOB, EVE, "administrator"),
        ("demote", BOB, EVE, "member"), ("ban", BOB, EVE, "kicked"), ("unban", BOB, EVE, "left"),
        ("add", BOB, EVE, "member"), ("leave", EVE, None, "left"),
    ]:  # fmt: skip
        assert await page.do(deed, person, GO, target=target) == {}
        assert (await page.chat(GO, EVE))["status"] == status


@only_sqlite
async def test_the_group_goes_on_as_a_supergroup(page: Page) -> None:
    new = (await page.do("migrate", ANN, GROUP))["chat"]
    chats = {chat["id"] for chat in (await page.get("/state", person=ANN))["chats"]}
    assert new in chats
    assert GROUP not in chats


@only_sqlite
async def test_names_change_and_the_bot_is_not_told(page: Page, telegram: LocalTelegram) -> None:
    renamed = {"first_name": "=1+1", "last_name": "", "username": "@Newname"}
    assert await page.do("rename", ANN, **renamed) == {}
    profile = telegram.world.people[ANN].profile
    assert (profile.first_name, profile.last_name, profile.username) == ("=1+1", None, "Newname")
    assert not len(telegram.outbox)


@only_sqlite
@pytest.mark.parametrize(
    ("deed", "person", "chat", "more", "words"),
    [("write", ANN, GO, {"text": " "}, "Write something first"),
     ("write", ANN, GO, {"text": "x" * 4097}, "at most 4,096"),
     ("write", EVE, GO, {"text": "x"}, "not in this chat"),
     ("write", 104, GO, {"text": "x"}, "is muted"),
     ("write", BOB, NEWS, {"text": "x"}, "no administrator of this chat. Ann is one"),
     ("join", ANN, GO, {}, "is here already"),
     ("leave", BOB, GO, {}, "The owner stays"),
     ("ban", ANN, GO, {"target": 104}, "no administrator of this chat. Bob Brown is one"),
     ("ban", BOB, GO, {}, "nobody was chosen"),
     ("ban", BOB, GO, {"target": BOT_ID}, "deeds of its own"),
     ("ban", BOB, GROUP, {"target": ANN}, "Nobody can ban the owner"),
     ("mute", ANN, GROUP, {"target": CID}, "migrate the group first"),
     ("unban", BOB, GO, {"target": ANN}, "is not banned"),
     ("add_bot", ANN, GO, {}, "is here already"),
     ("migrate", BOB, GROUP, {}, "Only the owner"),
     ("migrate", BOB, GO, {}, "Only a basic group"),
     ("unblock", ANN, ANN, {}, "is not blocked"),
     ("rename", ANN, ANN, {"first_name": ""}, "1 to 64 characters"),
     ("rename", ANN, ANN, {"first_name": "A", "username": "1x"}, "4 to 32 letters"),
     ("rename", BOB, BOB, {"first_name": "B", "username": "ann_a"}, "belongs to somebody else"),
     ("press", ANN, ANN, {"message_id": 999, "data": "x"}, "is gone"),
     ("join", ANN, ANN, {}, "private chat"), ("write", 201, GO, {"text": "x"}, "Bots do nothing"),
     ("ban", BOB, GROUP, {"target": BOB}, "to themselves"),
     ("add", CID, NEWS, {"target": BOB}, "no administrator"),
     ("dance", ANN, GO, {}, "Nobody here can dance")],
)  # fmt: skip
async def test_what_cannot_be_is_refused_in_a_sentence(
    page: Page, deed: str, person: int, chat: int, more: Json, words: str
) -> None:
    assert words in (await page.do(deed, person, chat, **more))["error"]


@only_sqlite
async def test_a_pressed_button_shows_what_the_bot_answers(
    page: Page, telegram: LocalTelegram
) -> None:
    button = {"inline_keyboard": [[{"text": "Go on", "callback_data": "on"}]]}
    message = telegram.say(telegram.world.chats[ANN], {"text": "?", "reply_markup": button})
    pressing = asyncio.ensure_future(
        page.do("press", ANN, ANN, message_id=message.message_id, data="on")
    )
    await telegram.outbox.changed.wait_until(lambda: bool(telegram.queries))
    [query] = telegram.queries.values()
    query.answer = {"text": "Well done"}
    telegram.changed.notify()
    assert await pressing == {"alert": "Well done"}


@only_sqlite
async def test_a_web_app_is_told_who_opened_it_as_the_bot_can_prove(
    page: Page, telegram: LocalTelegram
) -> None:
    url = "https://bot.example.org/app"
    button = {"inline_keyboard": [[{"text": "Open", "web_app": {"url": url}}]]}
    message = telegram.say(telegram.world.chats[ANN], {"text": "?", "reply_markup": button})
    opened = await page.do("open", ANN, ANN, message_id=message.message_id, data=url)
    address, _, handed = opened["url"].partition("#")
    assert address == url
    told = {name: value for name, [value] in parse_qs(handed).items()}
    assert told["tgWebAppVersion"] == "9.3"
    said = safe_parse_webapp_init_data(TOKEN, told["tgWebAppData"])
    assert said.user
    assert (said.user.id, said.user.first_name, said.user.username) == (ANN, "Ann", "Ann_A")
    assert abs(said.auth_date.timestamp() - telegram.clock.time()) < 10
    with pytest.raises(ValueError, match="signature"):
        safe_parse_webapp_init_data(TOKEN + "x", told["tgWebAppData"])
    for more in ({"data": url + "/other"}, {"data": url, "message_id": 999}):
        asked = {"message_id": message.message_id} | more
        assert "is gone" in (await page.do("open", ANN, ANN, **asked))["error"]
    other = await page.do("open", BOB, BOB, message_id=message.message_id, data=url)
    assert "is gone" in other["error"]  # in a chat of their own
