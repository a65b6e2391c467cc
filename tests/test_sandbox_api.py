"""The local Bot API: its answers and its updates are what aiogram expects."""

import asyncio
from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramConflictError
from aiogram.types import (
    BotCommand,
    BotCommandScopeChat,
    BufferedInputFile,
    InputMediaPhoto,
    MessageEntity,
)

from tests.bot_api import ANN, BOB, CHANNEL, GROUP, PIXEL, SUPERGROUP, keyboard, refusal, same
from tests.bot_api import bot_fixture as bot_fixture
from userreg.sandbox.api import BotApi
from userreg.sandbox.telegram import LocalTelegram
from userreg.sandbox.world import BOT_ID
from userreg.sandbox.world.signals import press
from userreg.sandbox.world.talk import write

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
