"""The local Bot API refuses in Telegram's words: texts, chats, floods, and what is no request."""

import json
from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramMigrateToChat, TelegramRetryAfter
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, ReplyParameters, WebAppInfo
from aiohttp import ClientSession

from tests.bot_api import ANN, BOB, CHANNEL, GROUP, SUPERGROUP, keyboard, refusal, same
from tests.bot_api import bot_fixture as bot_fixture
from tests.stage import close, move, put
from userreg.sandbox.api import BotApi
from userreg.sandbox.telegram import TOKEN, LocalTelegram
from userreg.sandbox.world import Chat, Person, Profile
from userreg.sandbox.world.talk import write

# Refusals

TOO_LONG = "x" * 4097
STRANGER = {"id": 999, "is_bot": False, "first_name": "Stranger"}


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "message text is empty"), (" \n ", "message text is empty"),
     ("<i></i>", "message text is empty"), (TOO_LONG, "message is too long"),
     ("<b>open", "can't parse entities: Can't find end tag corresponding to start tag"),
     ("<blink>x</blink>", "can't parse entities: Unsupported start tag"),
     ("<b>x</i>", "can't parse entities: Unmatched end tag")],
)  # fmt: skip
async def test_a_bad_text_is_refused(bot: Bot, text: str, words: str) -> None:
    assert words in (await refusal(bot.send_message(ANN, text, parse_mode="HTML"))).message


async def test_what_is_left_of_the_markup_counts(bot: Bot) -> None:
    sent = await bot.send_message(ANN, f"<b>{'x' * 4096}</b>", parse_mode="HTML")
    assert len(sent.text or "") == 4096


async def test_button_data_has_64_bytes(bot: Bot) -> None:
    assert await bot.send_message(ANN, "hi", reply_markup=keyboard("я" * 32))
    refused = await refusal(bot.send_message(ANN, "hi", reply_markup=keyboard("я" * 33)))
    assert refused.message == "Bad Request: BUTTON_DATA_INVALID"


def web_app(url: str) -> InlineKeyboardMarkup:
    button = InlineKeyboardButton(text="Open", web_app=WebAppInfo(url=url))
    return InlineKeyboardMarkup(inline_keyboard=[[button]])


@pytest.mark.parametrize(
    "url",
    [
        "https://bot.example.org/admin",
        "http://localhost/x",
        "http://127.0.0.1:8080",
        "http://[::1]/",
    ],
)
async def test_a_web_app_opens_in_private_chats_alone(bot: Bot, url: str) -> None:
    sent = await bot.send_message(ANN, "hi", reply_markup=web_app(url))
    assert same(sent.reply_markup, web_app(url))
    for chat_id in (GROUP, SUPERGROUP, CHANNEL):
        refused = await refusal(bot.send_message(chat_id, "hi", reply_markup=web_app(url)))
        assert refused.message == "Bad Request: BUTTON_TYPE_INVALID"


@pytest.mark.parametrize(
    "url",
    ["", "x", "http://bot.example.org", "http://localhost.example.org/", "javascript:alert(1)"],
)
async def test_a_web_app_wants_https_or_this_computer(bot: Bot, url: str) -> None:
    refused = await refusal(bot.send_message(ANN, "hi", reply_markup=web_app(url)))
    assert refused.message == (
        f"Bad Request: inline keyboard button Web App URL '{url}' is invalid: Only HTTPS links are "
        "allowed"
    )
    sent = await bot.send_message(ANN, "hi")
    edit = bot.edit_message_reply_markup(
        chat_id=ANN, message_id=sent.message_id, reply_markup=web_app(url)
    )
    assert "Only HTTPS links are allowed" in (await refusal(edit)).message


async def test_an_edit_that_changes_nothing_is_refused(bot: Bot) -> None:
    sent = await bot.send_message(ANN, "same", reply_markup=keyboard("a"))
    request = bot.edit_message_text(
        "same", chat_id=ANN, message_id=sent.message_id, reply_markup=keyboard("a")
    )
    assert "message is not modified" in (await refusal(request)).message


async def test_only_messages_of_its_own_can_be_edited(bot: Bot, telegram: LocalTelegram) -> None:
    theirs = telegram.do(write, telegram.world.chats[ANN], telegram.world.people[ANN], "mine")
    place: dict[str, Any] = {"chat_id": ANN, "message_id": theirs.message_id}
    assert "can't be edited" in (await refusal(bot.edit_message_text("x", **place))).message
    place["message_id"] += 1
    assert "to edit not found" in (await refusal(bot.edit_message_text("x", **place))).message
    assert "to delete not found" in (await refusal(bot.delete_message(**place))).message


async def test_a_reply_needs_its_message_unless_it_may_do_without(bot: Bot) -> None:
    to = ReplyParameters(message_id=999)
    refused = await refusal(bot.send_message(ANN, "hi", reply_parameters=to))
    assert refused.message == "Bad Request: message to be replied not found"
    to = ReplyParameters(message_id=999, allow_sending_without_reply=True)
    assert (await bot.send_message(ANN, "hi", reply_parameters=to)).reply_to_message is None


async def test_topics_have_to_exist(bot: Bot, telegram: LocalTelegram) -> None:
    telegram.world.chats[SUPERGROUP].topics[7] = "Rules"
    sent = await bot.send_message(SUPERGROUP, "hi", message_thread_id=7)
    assert sent.is_topic_message
    assert sent.chat.is_forum
    refused = await refusal(bot.send_message(SUPERGROUP, "hi", message_thread_id=8))
    assert refused.message == "Bad Request: message thread not found"


async def test_a_chat_that_cannot_be_reached_says_why(bot: Bot, telegram: LocalTelegram) -> None:
    world = telegram.world
    put(world, GROUP, STRANGER, "member")
    close(world, BOB)
    close(world, GROUP, "kicked")
    close(world, CHANNEL, "left")
    world.people[104].profile = Profile("")
    world.people[888] = Person(888, Profile("Shy"))
    world.chats[888] = Chat(888, "private")
    for chat_id, words in {
        BOB: "Forbidden: bot was blocked by the user",
        104: "Forbidden: user is deactivated",
        888: "Forbidden: bot can't initiate conversation with a user",
        201: "Forbidden: bots can't send messages to bots",
        GROUP: "Forbidden: bot was kicked from the group chat",
        CHANNEL: "Forbidden: bot is not a member of the channel chat",
        12345: "Bad Request: chat not found",
    }.items():
        assert (await refusal(bot.send_message(chat_id, "hi"))).message == words


async def test_a_migrated_group_tells_its_new_id(bot: Bot, telegram: LocalTelegram) -> None:
    move(telegram.world, GROUP, -1001000000077)
    with pytest.raises(TelegramMigrateToChat) as refused:
        await bot.send_message(GROUP, "hi")
    assert refused.value.migrate_to_chat_id == -1001000000077


async def test_a_flood_is_stopped_for_as_long_as_it_says(bot: Bot) -> None:
    for _ in range(20):
        await bot.send_message(GROUP, "hi")
    with pytest.raises(TelegramRetryAfter) as refused:
        await bot.send_message(GROUP, "hi")
    assert 50 <= refused.value.retry_after <= 61
    assert await bot.send_message(SUPERGROUP, "elsewhere")


# The wire


async def test_unknown_methods_wrong_tokens_and_missing_parameters(api_url: str) -> None:
    token = f"{api_url}/bot{TOKEN}"
    async with ClientSession() as session:
        for url, body, answer in [
            (f"{token}/sendEverything", {}, (404, "Not Found: method not found")),
            (f"{api_url}/bot1:x/getMe", {}, (401, "Unauthorized")),
            (f"{token}/sendMessage", {"text": "hi"}, (400, "Bad Request: chat_id is empty")),
            (f"{token}/sendMessage", {"chat_id": "@", "text": "hi"},
             (400, "Bad Request: chat_id is empty")),
            (f"{token}/setWebhook", {"url": "http://["},
             (400, "Bad Request: bad webhook: invalid webhook URL specified")),
            (f"{token}/sendMessage", {"chat_id": ANN}, (400, "Bad Request: message text is empty")),
            (f"{token}/getChatMember", {"chat_id": GROUP},
             (400, "Bad Request: invalid user_id specified")),
            (f"{token}/deleteMessage", {"chat_id": ANN},
             (400, "Bad Request: message identifier is not specified")),
        ]:  # fmt: skip
            async with session.post(url, json=body) as response:
                told = await response.json()
                assert (response.status, told["description"]) == answer
                assert told["error_code"] == response.status
                assert told["ok"] is False


async def test_a_query_a_form_and_json_are_all_understood(api_url: str) -> None:
    url, values = f"{api_url}/bot{TOKEN}/sendMessage", {"chat_id": str(ANN), "text": "hi"}
    async with ClientSession() as session:
        for request in (
            session.get(url, params=values), session.post(url, data=values),
            session.post(url, json={"chat_id": ANN, "text": "hi"}),
            session.post(url.replace("sendMessage", "SENDMESSAGE"), json=values),
        ):  # fmt: skip
            async with request as response:
                assert (await response.json())["result"]["text"] == "hi"
        async with session.post(
            url, data=b"{", headers={"Content-Type": "application/json"}
        ) as bad:
            assert bad.status == 400
            assert json.loads(await bad.text())["description"] == "Bad Request: can't parse JSON"


@pytest.mark.parametrize("body", [b"[" * 200_000, b'{"commands": "' + b"[" * 100_000 + b'"}'])
async def test_what_is_nested_too_deeply_is_refused(api_url: str, body: bytes) -> None:
    as_json = {"Content-Type": "application/json"}
    url = f"{api_url}/bot{TOKEN}/setMyCommands"
    async with ClientSession() as session, session.post(url, data=body, headers=as_json) as bad:
        assert bad.status == 400


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example.org"}, {"Sec-Fetch-Site": "cross-site"},
     {"Host": "evil.example.org"}, {"Host": "["}],
)  # fmt: skip
async def test_no_web_site_speaks_as_the_bot(
    api_url: str, api: BotApi, headers: dict[str, str]
) -> None:
    url = f"{api_url}/bot{TOKEN}/sendMessage?chat_id={ANN}&text=hi"
    async with ClientSession() as session, session.get(url, headers=headers) as response:
        assert response.status == 403
    assert not api.calls
