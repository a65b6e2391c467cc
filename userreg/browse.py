"""What the pages show, page by page: people, chats, members, dead letters, the audit. Reads only.

Every list goes by a key that has an index, so that its last page comes as fast as its first.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

from userreg.decisions import AuditEntry
from userreg.models import DeadLetter, User
from userreg.queries import BY_SIGHT, IS_MEMBER
from userreg.sql import fetch
from userreg.totals import total_of
from userreg.upsert import Row

PAGE: Final = 50
_NEWEST: Final = 2**62
_PERSON: Final = """
    u.id, u.first_name, u.last_name, u.username, u.language_code, u.is_bot, u.is_premium, u.is_gone,
    u.first_seen_at, u.last_seen_at
"""


@dataclass(frozen=True)
class Place:
    """Where a page of a list begins: after this key, or, backwards, before it."""

    key: int | None = None
    is_backwards: bool = False


@dataclass(frozen=True)
class Listed:
    """One page: its rows, and where those before and after it are."""

    rows: list[Row]
    before: Place | None
    after: Place | None


async def list_users(place: Place) -> Listed:
    """The newest accounts first, for ids rise with time."""
    return await _page(
        f"SELECT {_PERSON} FROM users u WHERE {{beyond}}", "u.id", place, newest=True
    )


async def find_users(words: str) -> list[Row]:
    """By id, by a username or by a whole name that somebody bears or bore."""
    if re.fullmatch(r"[0-9]{1,16}", words):
        return await _fetch(f"SELECT {_PERSON} FROM users u WHERE u.id = $1", int(words))
    name = words.strip().removeprefix("@")
    return await _fetch(
        f"SELECT {_PERSON} FROM users u WHERE u.id IN (SELECT k.user_id FROM known_names k"
        " WHERE k.kind = 'username' AND k.name = $1 OR k.kind = 'name' AND k.name = $2"
        f" LIMIT {PAGE}) ORDER BY u.id DESC",
        name.lower(), words.strip(),
    )  # fmt: skip


async def list_names(user_id: int) -> list[Row]:
    """What somebody was called, the latest first."""
    return await _fetch(
        "SELECT kind, name, first_at, last_at FROM known_names WHERE user_id = $1"
        f" ORDER BY last_at DESC, kind LIMIT {PAGE}",
        user_id,
    )


async def list_steps(user_id: int) -> list[Row]:
    """The last changes of somebody's memberships."""
    return await _fetch(
        "SELECT e.at AS told_at, e.chat_id, c.title, e.old_status, e.new_status, e.evidence"
        " FROM membership_events e JOIN chats c ON c.id = e.chat_id WHERE e.user_id = $1"
        f" ORDER BY e.at DESC, e.update_id DESC LIMIT {PAGE}",
        user_id,
    )


_CHAT: Final = f"""
    c.id, c.title, c.type, c.username, c.bot_status, c.member_count, c.first_seen_at,
    c.last_seen_at, c.migrated_to_id, {total_of("members", "c.id")} AS known,
    {total_of("confirmed", "c.id")} AS confirmed
"""


async def list_chats(place: Place) -> Listed:
    """Groups and channels."""
    return await _page(f"SELECT {_CHAT} FROM chats c WHERE c.id < 0 AND {{beyond}}", "c.id", place)


async def find_chats(words: str) -> list[Row]:
    """By id, by @username, or by a part of the title."""
    if re.fullmatch(r"-?[0-9]{1,16}", words):
        return await _fetch(f"SELECT {_CHAT} FROM chats c WHERE c.id = $1", int(words))
    name = words.strip().removeprefix("@").lower()
    part = re.sub(r"([\\%_])", r"\\\1", name)
    return await _fetch(
        f"SELECT {_CHAT} FROM chats c WHERE c.id < 0 AND (lower(c.username) = $1"
        f" OR lower(c.title) LIKE $2 ESCAPE '\\') ORDER BY c.id LIMIT {PAGE}",
        name, f"%{part}%",
    )  # fmt: skip


async def list_members(chat_id: int, place: Place) -> Listed:
    """Everybody who is or was known in a chat."""
    return await _page(
        "SELECT m.user_id, u.first_name, u.last_name, u.username, m.joined_at, m.left_at,"
        f" m.last_seen_at, m.messages, {IS_MEMBER} AS is_member,"
        f" CASE WHEN {BY_SIGHT} THEN 'seen' ELSE m.status END AS status,"
        f" CASE WHEN {BY_SIGHT} THEN 'seen' WHEN m.is_carried_over THEN 'carried_over'"
        " ELSE m.evidence END AS evidence"
        " FROM memberships m JOIN users u ON u.id = m.user_id"
        " WHERE m.chat_id = $1 AND {beyond}",
        "m.user_id", place, chat_id,
    )  # fmt: skip


async def list_administrators_of(chat_id: int) -> list[Row]:
    return await _fetch(
        "SELECT m.user_id, u.first_name, u.last_name, u.username, m.status FROM memberships m"
        " JOIN users u ON u.id = m.user_id WHERE m.chat_id = $1"
        f" AND m.status IN ('creator', 'administrator') ORDER BY m.user_id LIMIT {PAGE}",
        chat_id,
    )


async def list_letters(place: Place) -> tuple[list[DeadLetter], Place | None]:
    """The newest first."""
    found = DeadLetter.filter(id__lt=place.key or _NEWEST).order_by("-id")
    letters = await found.limit(PAGE)
    return letters, Place(letters[-1].id) if len(letters) == PAGE else None


async def find_letter(letter_id: int) -> DeadLetter | None:
    return await DeadLetter.get_or_none(id=letter_id)


async def list_audit(place: Place) -> tuple[list[AuditEntry], Place | None]:
    """The newest first."""
    entries = await AuditEntry.filter(id__lt=place.key or _NEWEST).order_by("-id").limit(PAGE)
    return entries, Place(entries[-1].id) if len(entries) == PAGE else None


async def _page(sql: str, key: str, place: Place, *values: Any, newest: bool = False) -> Listed:
    """Reads one row more than it shows, to know whether there is a page beyond."""
    descends = newest != place.is_backwards
    beyond = "true"
    if place.key is not None:
        beyond = f"{key} {'<' if descends else '>'} ${len(values) + 1}"
        values = (*values, place.key)
    rows = await _fetch(
        f"{sql.format(beyond=beyond)} ORDER BY {key} {'DESC' if descends else 'ASC'}"
        f" LIMIT {PAGE + 1}",
        *values,
    )
    is_more, rows = len(rows) > PAGE, rows[:PAGE]
    if place.is_backwards:
        rows.reverse()
    name = key.partition(".")[2]
    has_before = place.key is not None and (is_more if place.is_backwards else True)
    has_after = is_more if not place.is_backwards else True
    return Listed(
        rows,
        Place(rows[0][name], is_backwards=True) if rows and has_before else None,
        Place(rows[-1][name]) if rows and has_after else None,
    )


async def _fetch(sql: str, *values: Any) -> list[Row]:
    return await fetch(User._choose_db(), sql, *values)
