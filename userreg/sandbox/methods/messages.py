"""Sending."""

from typing import Any, Final

from userreg.sandbox.errors import BadRequest
from userreg.sandbox.methods.chats import writable_chat
from userreg.sandbox.methods.content import (
    caption_of,
    document_of,
    markup_of,
    photo_of,
    place_of,
    text_of,
)
from userreg.sandbox.parameters import Parameters
from userreg.sandbox.telegram import LocalTelegram
from userreg.sandbox.world import Chat, Json

_ACTIONS: Final = {
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice",
    "upload_document", "choose_sticker", "find_location", "record_video_note", "upload_video_note",
}  # fmt: skip


async def send_message(telegram: LocalTelegram, p: Parameters) -> Any:
    return _send(telegram, p, writable_chat(telegram.world, p), text_of(telegram.world, p))


async def send_photo(telegram: LocalTelegram, p: Parameters) -> Any:
    chat = writable_chat(telegram.world, p)
    return _send(telegram, p, chat, photo_of(telegram, p) | caption_of(telegram.world, p))


async def send_document(telegram: LocalTelegram, p: Parameters) -> Any:
    chat = writable_chat(telegram.world, p)
    return _send(telegram, p, chat, document_of(telegram, p) | caption_of(telegram.world, p))


def _send(telegram: LocalTelegram, p: Parameters, chat: Chat, content: Json) -> Json:
    whole = content | markup_of(p, chat) | place_of(p, telegram, chat)
    telegram.flood.check(chat.id, telegram.clock.time())
    return telegram.world.message_json(telegram.say(chat, whole), is_new=True)


async def send_chat_action(telegram: LocalTelegram, p: Parameters) -> Any:
    writable_chat(telegram.world, p)
    if p.text("action") not in _ACTIONS:
        raise BadRequest("wrong parameter action in request")
    return True


METHODS: Final = {
    "sendMessage": send_message,
    "sendPhoto": send_photo,
    "sendDocument": send_document,
    "sendChatAction": send_chat_action,
}
