"""The Bot API fields that a registry reads, and a decoder that forgives everything else.

aiogram's models follow one version of the Bot API to the letter and refuse what differs; an update
they refuse must still be recorded. These structs name only what is needed, ignore unknown fields,
and keep the Bot API's words (https://core.telegram.org/bots/api).
"""

import json
from typing import Annotated, Final, Literal

import msgspec

from userreg.errors import NotAnUpdate

#: Telegram promises at most 52 significant bits for every identifier.
Id = Annotated[int, msgspec.Meta(ge=-(2**52), le=2**52)]
UpdateId = Annotated[int, msgspec.Meta(ge=0, le=2**52)]
#: Seconds since 1970; Telegram's own are 32 bits wide, which ends in 2106.
UnixTime = Annotated[int, msgspec.Meta(ge=0, lt=2**32)]

ChatMemberStatus = Literal["creator", "administrator", "member", "restricted", "left", "kicked"]

#: Senders that stand for a chat or a service, never for a person: service notifications,
#: GroupAnonymousBot, Channel_Bot, Replies. `sender_chat` is the rule, the ids the second line.
FAKE_USER_IDS: Final = frozenset({777000, 1087968824, 136817688, 1271266957})


class _Object(msgspec.Struct, gc=False, kw_only=True, rename={"from_user": "from"}):
    """Objects come straight out of JSON, so they hold no cycles: the collector may skip them."""


class User(_Object):
    id: Id
    is_bot: bool = False
    first_name: str = ""
    last_name: str | None = None
    username: str | None = None
    language_code: str | None = None
    is_premium: bool = False


class Chat(_Object):
    id: Id
    type: str | None = None  # absent in updates of 2015
    title: str | None = None
    username: str | None = None
    is_forum: bool = False


class Message(_Object):
    date: UnixTime
    chat: Chat
    message_id: int = 0
    message_thread_id: int | None = None
    is_topic_message: bool = False
    from_user: User | None = None
    sender_chat: Chat | None = None
    edit_date: UnixTime | None = None
    text: str | None = None  # read to tell commands from talk; never stored
    new_chat_members: list[User] | None = None
    left_chat_member: User | None = None
    migrate_to_chat_id: Id | None = None
    migrate_from_chat_id: Id | None = None


class CallbackQuery(_Object):
    from_user: User


class ChatMember(_Object):
    status: ChatMemberStatus
    user: User
    is_member: bool | None = None  # only `restricted` says it


class ChatInviteLink(_Object):
    invite_link: str


class ChatMemberUpdated(_Object):
    date: UnixTime
    chat: Chat
    from_user: User
    old_chat_member: ChatMember
    new_chat_member: ChatMember
    invite_link: ChatInviteLink | None = None


class Update(_Object):
    update_id: UpdateId
    message: Message | None = None
    edited_message: Message | None = None
    channel_post: Message | None = None
    edited_channel_post: Message | None = None
    callback_query: CallbackQuery | None = None
    my_chat_member: ChatMemberUpdated | None = None
    chat_member: ChatMemberUpdated | None = None


_decoder = msgspec.json.Decoder(Update)


def decode_update(raw: bytes) -> Update:
    """Decode the body of one update.

    Raises `NotAnUpdate` when it is none. Broken text inside is mended, not refused: Telegram sends
    `callback_query.data` raw even when it is not UTF-8, and JSON may hold lone surrogates.
    """
    try:
        return _decoder.decode(raw)
    except msgspec.ValidationError as error:
        raise NotAnUpdate(str(error)) from error
    except (msgspec.DecodeError, UnicodeError):
        return _decode_mended(raw)
    except RecursionError as error:
        raise NotAnUpdate("nested too deep") from error


def _decode_mended(raw: bytes) -> Update:
    try:
        content = json.loads(raw.decode("utf-8", "replace"), parse_constant=lambda _: None)
        text = json.dumps(content, ensure_ascii=False)
        return _decoder.decode(text.encode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        raise NotAnUpdate(str(error) or "nested too deep") from error


def date_of(update: Update) -> int | None:
    """When it happened, in Unix time; None for kinds that Telegram does not date."""
    event = _event_in_a_chat(update)
    if isinstance(event, Message):
        return event.edit_date or event.date
    return event.date if event else None


def chat_id_of(update: Update) -> int | None:
    """The chat it happened in; None where it happened in none."""
    event = _event_in_a_chat(update)
    return event.chat.id if event else None


def _event_in_a_chat(update: Update) -> Message | ChatMemberUpdated | None:
    return (
        update.message
        or update.edited_message
        or update.channel_post
        or update.edited_channel_post
        or update.chat_member
        or update.my_chat_member
    )


def is_present(member: ChatMember) -> bool:
    """Whether that status means being in the chat. `restricted` says so itself, in supergroups."""
    if member.status == "restricted":
        return member.is_member is not False
    return member.status in ("creator", "administrator", "member")
