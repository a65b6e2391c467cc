"""The local Bot API: its answers are what aiogram expects, its refusals are Telegram's."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramConflictError,
    TelegramMigrateToChat,
    TelegramRetryAfter,
)
from aiogram.types import (
    BotCommand,
    BotCommandScopeChat,
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    MessageEntity,
    ReplyParameters,
    WebAppInfo,
)
from aiohttp import ClientSession

from tests.stage import close, move, put
from userreg.sandbox.api import BotApi
from userreg.sandbox.telegram import TOKEN, LocalTelegram
from userreg.sandbox.world import BOT_ID, Chat, Person, Profile
from userreg.sandbox.world.signals import press
from userreg.sandbox.world.talk import write

ANN, BOB, GROUP, SUPERGROUP, CHANNEL = 101, 102, -100, -1001000000001, -1001000000002
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000030000000208060000009d74661a0000000049454e44ae426082"
)
STRANGER = {"id": 999, "is_bot": False, "first_name": "Stranger"}


@pytest.fixture
async def bot(api_url: str) -> AsyncIterator[Bot]:
    session = AiohttpSession(api=TelegramAPIServer.from_base(api_url))
    async with Bot(TOKEN, session=session) as bot:
        yield bot


def same(found: Any, wanted: Any) -> bool:
    """Whether they say the same: aiogram's objects remember their bot, too."""
    return bool(found.model_dump() == wanted.model_dump())


def keyboard(*data: str) -> InlineKeyboardMarkup:
    row = [InlineKeyboardButton(text=each, callback_data=each) for each in data]
    return InlineKeyboardMarkup(inline_keyboard=[row])


async def refusal(request: Any) -> TelegramAPIError:
    with pytest.raises(TelegramAPIError) as refused:
        await request
    return refused.value


# Answers


async def test_a_message_stands_in_the_chat_as_the_bot_sent_it(
    bot: Bot, telegram: LocalTelegram
) -> None:
    sent = await bot.send_message(
        ANN, "<b>Hi</b> &amp; 👩‍👩‍👧 /me", parse_mode="HTML", reply_markup=keyboard("a", "b")
    )
    assert sent.text == "Hi & 👩‍👩‍👧 /me"
    assert [(e.type, e.offset, e.length) for e in sent.entities or []] == [
        ("bold", 0, 2), ("bot_command", 14, 3),
    ]  # fmt: skip
    assert sent.from_user
    assert sent.from_user.id == BOT_ID
    assert same(sent.reply_markup, keyboard("a", "b"))
    assert telegram.world.chats[ANN].log[-1].content["text"] == sent.text


async def test_people_are_mentioned_and_nothing_is_found_in_code(bot: Bot) -> None:
    markup = f'<a href="tg://user?id={BOB}">him</a> <code>/me @bob_b</code> <i>/me</i>'
    sent = await bot.send_message(ANN, markup, parse_mode="HTML")
    assert [(e.type, e.offset, e.user and e.user.first_name) for e in sent.entities or []] == [
        ("text_mention", 0, "Bob"), ("code", 4, None), ("italic", 15, None),
        ("bot_command", 15, None),
    ]  # fmt: skip


async def test_photos_and_documents_are_kept_and_can_be_fetched(bot: Bot) -> None:
    photo = await bot.send_photo(GROUP, BufferedInputFile(PIXEL, "x.png"), caption="<b>two</b>")
    assert photo.photo
    assert (photo.photo[0].width, photo.photo[0].height) == (3, 2)
    assert photo.caption == "<b>two</b>"
    document = await bot.send_document(GROUP, BufferedInputFile(b"a,b", "list.csv"))
    assert document.document
    assert document.document.file_name == "list.csv"
    again = await bot.send_document(GROUP, document.document.file_id)
    fetched = await bot.download(again.document or "")
    assert fetched is not None
    assert fetched.read() == b"a,b"


async def test_messages_are_edited_and_deleted(bot: Bot, telegram: LocalTelegram) -> None:
    sent = await bot.send_message(ANN, "one", reply_markup=keyboard("a"))
    place: dict[str, Any] = {"chat_id": ANN, "message_id": sent.message_id}
    edited = await bot.edit_message_text("two", **place)
    assert not isinstance(edited, bool)
    assert (edited.text, edited.reply_markup) == ("two", None)
    assert edited.edit_date
    marked = await bot.edit_message_reply_markup(**place, reply_markup=keyboard("b"))
    assert not isinstance(marked, bool)
    assert same(marked.reply_markup, keyboard("b"))
    assert await bot.delete_message(**place)
    assert not telegram.world.chats[ANN].log


async def test_a_picture_takes_the_place_of_another(bot: Bot) -> None:
    sent = await bot.send_photo(ANN, BufferedInputFile(PIXEL, "x.png"))
    media = InputMediaPhoto(media=BufferedInputFile(PIXEL + b"2", "y.png"), caption="new")
    edited = await bot.edit_message_media(media, chat_id=ANN, message_id=sent.message_id)
    assert not isinstance(edited, bool)
    assert edited.photo
    assert sent.photo
    assert edited.caption == "new"
    assert edited.photo[0].file_id != sent.photo[0].file_id


async def test_a_pressed_button_is_answered_once(bot: Bot, telegram: LocalTelegram) -> None:
    await bot.send_message(ANN, "choose", reply_markup=keyboard("a"))
    query_id, query = telegram.new_query()
    message = telegram.world.chats[ANN].log[-1]
    telegram.do(press, telegram.world.people[ANN], message, "a", query_id)
    [update] = await bot.get_updates(timeout=1)
    assert update.callback_query
    assert update.callback_query.data == "a"
    assert await bot.answer_callback_query(update.callback_query.id, "done")
    assert query.answer == {"text": "done", "show_alert": False}
    refused = await refusal(bot.answer_callback_query(update.callback_query.id))
    assert "query is too old" in refused.message


async def test_chats_and_members_are_told_as_they_are(bot: Bot, telegram: LocalTelegram) -> None:
    chat = await bot.get_chat(SUPERGROUP)
    assert (chat.type, chat.title, chat.username) == ("supergroup", "Go", "gogo")
    assert (await bot.get_chat("@gogo")).id == SUPERGROUP
    assert (await bot.get_chat_member(SUPERGROUP, 104)).status == "restricted"
    assert (await bot.get_chat_member(SUPERGROUP, 105)).status == "left"
    statuses = {m.user.id: m.status for m in await bot.get_chat_administrators(SUPERGROUP)}
    assert statuses == {BOB: "creator", BOT_ID: "administrator"}
    telegram.world.chats[SUPERGROUP].unheard_members = 1800
    assert await bot.get_chat_member_count(SUPERGROUP) == 1804


async def test_commands_are_kept_by_scope_and_language(bot: Bot) -> None:
    me, her = BotCommand(command="me", description="About me"), BotCommandScopeChat(chat_id=ANN)
    await bot.set_my_commands([me])
    await bot.set_my_commands([me, me], scope=her, language_code="uk")
    [kept] = await bot.get_my_commands()
    assert same(kept, me)
    assert len(await bot.get_my_commands(scope=her, language_code="uk")) == 2
    assert await bot.delete_my_commands()
    assert await bot.get_my_commands() == []


async def test_names_and_descriptions_fall_back_to_those_without_a_language(bot: Bot) -> None:
    assert (await bot.get_my_name()).name == "Register"
    await bot.set_my_description("It remembers.")
    await bot.set_my_short_description("Пам'ятає.", language_code="uk")
    assert (await bot.get_my_description(language_code="uk")).description == "It remembers."
    assert (await bot.get_my_short_description()).short_description == ""
    assert await bot.send_chat_action(ANN, "typing")


async def test_the_bot_leaves_and_is_told_of_it(bot: Bot, telegram: LocalTelegram) -> None:
    assert await bot.leave_chat(GROUP)
    updates = await bot.get_updates(timeout=1)
    assert updates[-1].my_chat_member
    assert updates[-1].my_chat_member.new_chat_member.status == "left"
    refused = await refusal(bot.send_message(GROUP, "hi"))
    assert refused.message == "Forbidden: bot is not a member of the group chat"


# Getting updates


async def test_updates_are_polled_until_they_are_confirmed(
    bot: Bot, telegram: LocalTelegram
) -> None:
    world = telegram.world
    for text in ("one", "two", "three"):
        telegram.do(write, world.chats[ANN], world.people[ANN], text)
    first = await bot.get_updates(limit=2)
    assert [u.message and u.message.text for u in first] == ["one", "two"]
    assert await bot.get_updates(limit=2) == first
    [last] = await bot.get_updates(offset=first[-1].update_id + 1)
    assert last.message
    assert last.message.text == "three"
    assert await bot.get_updates(offset=-1) == [last]
    assert await bot.get_updates(offset=last.update_id + 1) == []
    assert not len(telegram.outbox)


async def test_whoever_polls_later_ends_the_waiting_of_the_first(bot: Bot, api: BotApi) -> None:
    first = asyncio.ensure_future(bot.get_updates(timeout=30))
    await api.telegram.outbox.changed.wait_until(lambda: api.telegram.polls > 0)
    assert await bot.get_updates(timeout=0) == []
    with pytest.raises(TelegramConflictError, match="terminated by other getUpdates"):
        await first


async def test_a_webhook_that_is_set_ends_the_waiting_of_whoever_polls(
    bot: Bot, api: BotApi
) -> None:
    waiting = asyncio.ensure_future(bot.get_updates(timeout=30))
    await api.telegram.outbox.changed.wait_until(lambda: api.telegram.polls > 0)
    await bot.set_webhook("https://bot.example.org/webhook")
    with pytest.raises(TelegramConflictError, match="terminated by setWebhook"):
        await waiting


async def test_a_webhook_and_polling_exclude_each_other(bot: Bot) -> None:
    await bot.set_webhook("https://bot.example.org/webhook", secret_token="s" * 40)
    with pytest.raises(TelegramConflictError, match="webhook is active"):
        await bot.get_updates()
    assert await bot.delete_webhook()
    assert await bot.get_updates() == []


async def test_what_set_webhook_does_not_say_stays_as_it_was(bot: Bot) -> None:
    await bot.set_webhook("https://a.example.org", allowed_updates=["message"], max_connections=7)
    await bot.set_webhook("https://b.example.org")
    info = await bot.get_webhook_info()
    assert (info.url, info.max_connections, info.allowed_updates) == (
        "https://b.example.org", 40, ["message"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("parameters", "words"),
    [({"url": "http://bot.example.org"}, "An HTTPS URL must be provided"),
     ({"url": "ftp://127.0.0.1"}, "An HTTPS URL must be provided"),
     ({"url": "https://bot.example.org:5000"}, "only on ports 80, 88, 443 or 8443"),
     ({"url": "https://x.org", "secret_token": "not so!"}, "unallowed characters")],
)  # fmt: skip
async def test_a_bad_webhook_is_refused(bot: Bot, parameters: Any, words: str) -> None:
    assert words in (await refusal(bot.set_webhook(**parameters))).message


# Refusals

TOO_LONG = "x" * 4097


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


async def test_posts_of_its_own_in_a_channel_can_be_edited(bot: Bot) -> None:
    sent = await bot.send_message(CHANNEL, "news")
    edited = await bot.edit_message_text("more", chat_id=CHANNEL, message_id=sent.message_id)
    assert not isinstance(edited, bool)
    assert edited.text == "more"


async def test_entities_of_a_new_picture_are_understood(bot: Bot) -> None:
    sent = await bot.send_photo(ANN, BufferedInputFile(PIXEL, "x.png"))
    assert sent.photo
    bold = MessageEntity(type="bold", offset=0, length=3)
    media = InputMediaPhoto(
        media=sent.photo[0].file_id, caption="new", caption_entities=[bold], parse_mode=None
    )
    edited = await bot.edit_message_media(media, chat_id=ANN, message_id=sent.message_id)
    assert not isinstance(edited, bool)
    assert [e.type for e in edited.caption_entities or []] == ["bold"]


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
