"""The bytes of an update as structs: tolerant, because what Telegram sends must be recorded."""

import json
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from userreg.errors import NotAnUpdate
from userreg.telegram import Update, User, is_person

_decoder = msgspec.json.Decoder(Update)
#: Every User object of the Bot API has this field, and nothing else has it.
_MARK_OF_A_USER: Final = b'"is_bot"'
#: Beside these, those are stand-ins.
_SPEAKERS: Final = frozenset({"sender_chat", "voter_chat", "actor_chat"})
_STAND_INS: Final = frozenset({"from", "user"})


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
    people: list[User] = []
    try:
        _collect_people(_read_all(raw), people)
    except (NotAnUpdate, RecursionError):
        return []  # like no real update; what acts is known all the same
    return people


def _read_all(raw: bytes) -> Any:
    """Also what the structs skip, which nobody has looked at so far."""
    try:
        return msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeError):
        return json.loads(_mended(raw))


def _collect_people(value: dict[str, Any] | list[Any], people: list[User]) -> None:
    """Those in `value`. Every fifth update is searched, so only what can hold others is entered."""
    parts: Iterable[Any] = value
    if isinstance(value, dict):
        if "is_bot" in value and (person := _as_person(value)):
            people.append(person)
        parts = value.values()
        if not value.keys().isdisjoint(_SPEAKERS):
            parts = [part for name, part in value.items() if name not in _STAND_INS]
    for part in parts:
        if type(part) in (dict, list):
            _collect_people(part, people)


def _as_person(value: dict[str, Any]) -> User | None:
    try:
        user = msgspec.convert(value, User)
    except msgspec.ValidationError:
        return None
    return user if is_person(user) else None
