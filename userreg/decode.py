"""The bytes of an update as structs: tolerant, because what Telegram sends must be recorded."""

import contextlib
import json
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from userreg.errors import NotAnUpdate
from userreg.telegram import Update, User, is_person

_decoder = msgspec.json.Decoder(Update)
#: Every User object of the Bot API has this field, and nothing else has it.
_MARK_OF_A_USER: Final = b'"is_bot"'
#: Beside these `from` and `user` are stand-ins.
_SPEAKERS: Final = frozenset({"sender_chat", "voter_chat", "actor_chat"})


def decode_update(raw: bytes) -> Update:
    """Decode the body of one update.

    Raises `NotAnUpdate` when it is none. Broken text inside is mended, not refused: Telegram sends
    `callback_query.data` raw even when it is not UTF-8, and JSON may hold lone surrogates.
    """
    try:
        update = _decoder.decode(raw)
    except msgspec.ValidationError as error:
        raise NotAnUpdate(str(error)) from error
    except (msgspec.DecodeError, UnicodeError):
        raw = _mended(raw)
        update = _decode_again(raw)
    except RecursionError as error:
        raise NotAnUpdate("nested too deep") from error
    count = raw.count(_MARK_OF_A_USER)
    if count > 1 or (count and _names_nobody(update)):
        update.people = _find_people(raw)
    return update


def _names_nobody(update: Update) -> bool:
    """Of these kinds the structs name no account; of every other they name the one that acts."""
    return bool(
        update.channel_post
        or update.edited_channel_post
        or update.chat_boost
        or update.removed_chat_boost
    )


def _mended(raw: bytes) -> bytes:
    try:
        content = json.loads(raw.decode("utf-8", "replace"), parse_constant=lambda _: None)
        return json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")
    except (ValueError, RecursionError) as error:
        raise NotAnUpdate(str(error) or "nested too deep") from error


def _decode_again(raw: bytes) -> Update:
    try:
        return _decoder.decode(raw)
    except (ValueError, RecursionError) as error:
        raise NotAnUpdate(str(error) or "nested too deep") from error


def _find_people(raw: bytes) -> list[User]:
    """All accounts in the update, wherever a version of the Bot API puts them."""
    try:
        return [user for user in _users_in(_read_all(raw)) if is_person(user)]
    except (NotAnUpdate, RecursionError):
        return []  # like no real update; what acts is known all the same


def _read_all(raw: bytes) -> Any:
    """Also what the structs skip, which nobody has looked at so far."""
    try:
        return msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeError):
        return json.loads(_mended(raw))


def _users_in(value: Any) -> Iterator[User]:
    if isinstance(value, list):
        for item in value:
            yield from _users_in(item)
    elif isinstance(value, dict):
        if "is_bot" in value:
            with contextlib.suppress(msgspec.ValidationError):
                yield msgspec.convert(value, User)
        hides = not _SPEAKERS.isdisjoint(value)
        for name, item in value.items():
            if not (hides and name in ("from", "user")):
                yield from _users_in(item)
