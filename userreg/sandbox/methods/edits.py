"""Changing what was said, and answering to buttons."""

from typing import Any, Final

from userreg.sandbox.errors import BadRequest
from userreg.sandbox.methods.chats import reachable_chat
from userreg.sandbox.methods.content import caption_of, document_of, markup_of, photo_of, text_of
from userreg.sandbox.parameters import Parameters, as_text
from userreg.sandbox.telegram import LocalTelegram
from userreg.sandbox.world import Chat, Json, Message

#: How long a pressed button waits for its answer, in seconds.
_QUERY_LIFETIME: Final = 150
_MAX_ANSWER: Final = 200
#: A message older than this, in seconds, cannot be deleted.
_DELETABLE_FOR: Final = 48 * 3600


async def edit_message_text(telegram: LocalTelegram, p: Parameters) -> Any:
    message = _own_message(telegram, p)
    if "text" not in message.content:
        raise BadRequest("there is no text in the message to edit")
    return _edit(telegram, message, text_of(telegram.world, p) | markup_of(p, message.chat))


async def edit_message_caption(telegram: LocalTelegram, p: Parameters) -> Any:
    message = _own_message(telegram, p)
    media = {k: v for k, v in message.content.items() if k in ("photo", "document")}
    if not media:
        raise BadRequest("there is no caption in the message to edit")
    return _edit(
        telegram, message, media | caption_of(telegram.world, p) | markup_of(p, message.chat)
    )


async def edit_message_media(telegram: LocalTelegram, p: Parameters) -> Any:
    message = _own_message(telegram, p)
    media = p.json("media")
    if not isinstance(media, dict):
        raise BadRequest("input media is not specified")
    about = Parameters(as_text(media), p.files)
    if media.get("type") == "photo":
        content = photo_of(telegram, about, "media")
    elif media.get("type") == "document":
        content = document_of(telegram, about, "media")
    else:
        raise BadRequest("type of the input media is not supported here")
    return _edit(
        telegram, message, content | caption_of(telegram.world, about) | markup_of(p, message.chat)
    )


async def edit_message_reply_markup(telegram: LocalTelegram, p: Parameters) -> Any:
    message = _own_message(telegram, p)
    kept = {k: v for k, v in message.content.items() if k != "reply_markup"}
    return _edit(telegram, message, kept | markup_of(p, message.chat))


def _edit(telegram: LocalTelegram, message: Message, content: Json) -> Json:
    """The place of a message, its topic and what it answers, stays."""
    place = ("message_thread_id", "is_topic_message", "reply_to_message")
    whole = content | {k: v for k, v in message.content.items() if k in place}
    if whole == message.content:
        raise BadRequest(
            "message is not modified: specified new message content and reply markup are exactly "
            "the same as a current content and reply markup of the message"
        )
    message.content, message.edit_date = whole, int(telegram.clock.time())
    telegram.world.touched.add(message.chat.id)
    telegram.tell()
    return telegram.world.message_json(message, is_new=True)


def _own_message(telegram: LocalTelegram, p: Parameters) -> Message:
    message = _find_message(reachable_chat(telegram.world, p), p, "edit")
    if not message.is_of_the_bot:
        raise BadRequest("message can't be edited")
    return message


def _find_message(chat: Chat, p: Parameters, purpose: str) -> Message:
    if not (message_id := p.integer("message_id")):
        raise BadRequest("message identifier is not specified")
    found = next((m for m in chat.log if m.message_id == message_id), None)
    if found is None:
        raise BadRequest(f"message to {purpose} not found")
    return found


async def delete_message(telegram: LocalTelegram, p: Parameters) -> Any:
    chat = reachable_chat(telegram.world, p)
    message = _find_message(chat, p, "delete")
    is_old = telegram.clock.time() - message.date > _DELETABLE_FOR
    if is_old or not (message.is_of_the_bot or chat.watches or chat.type == "private"):
        raise BadRequest("message can't be deleted")
    chat.log.remove(message)
    telegram.world.touched.add(chat.id)
    telegram.tell()
    return True


async def answer_callback_query(telegram: LocalTelegram, p: Parameters) -> Any:
    query = telegram.queries.get(p.text("callback_query_id"))
    now = telegram.clock.time()
    if query is None or query.answer is not None or now - query.at > _QUERY_LIFETIME:
        raise BadRequest("query is too old and response timeout expired or query ID is invalid")
    if len(p.text("text")) > _MAX_ANSWER:
        raise BadRequest("MESSAGE_TOO_LONG")
    query.answer = {"text": p.text("text"), "show_alert": p.flag("show_alert")}
    telegram.changed.notify()
    return True


METHODS: Final = {
    "editMessageText": edit_message_text,
    "editMessageCaption": edit_message_caption,
    "editMessageMedia": edit_message_media,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "deleteMessage": delete_message,
    "answerCallbackQuery": answer_callback_query,
}
