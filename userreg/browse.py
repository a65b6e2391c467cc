"""What the pages show: who and which chats are found, members, dead letters, the audit. Reads only;
the long lists are in `lists`.

Every list goes by a key that has an index, so that its last page comes as fast as its first.
"""

import re
from dataclasses import dataclass
from typing import Final

from userreg.models import DeadLetter
from userreg.queries import EVIDENCE, IS_MEMBER, STATUS, read
from userreg.totals import total_of
from userreg.upsert import Row

PAGE: Final = 50
#: What a list shows of somebody, and of a chat.
PERSON: Final = """
    u.id, u.first_name, u.last_name, u.username, u.language_code, u.is_bot, u.is_premium, u.is_gone,
    u.first_seen_at, u.last_seen_at, u.profile_at,
    (SELECT p.bot_status FROM chats p WHERE p.id = u.id) AS bot_status
"""
CHAT: Final = f"""
    c.id, c.type, c.title, c.username, c.is_forum, c.first_seen_at, c.last_seen_at, c.bot_status,
    c.bot_status_at, c.added_by_id, c.added_at, c.member_count, c.member_count_at,
    c.migrated_to_id, {total_of("members", "c.id")} AS known,
    {total_of("confirmed", "c.id")} AS confirmed
"""


@dataclass(frozen=True)
class Place:
    """Where a page of a list begins: after this key, or, backwards, before it."""

    key: int | None = None
    is_backwards: bool = False


@dataclass(frozen=True)
class Listed:
    """One page: its rows, and where those before and after it are. `looked`: how many rows were
    looked through, where that was the most for one page and there may be more to find."""

    rows: list[Row]
    before: Place | None = None
    after: Place | None = None
    looked: int | None = None


async def find_users(words: str) -> list[Row]:
    """By id, by a username or by a whole name that somebody bears or bore."""
    if re.fullmatch(r"[0-9]{1,16}", words):
        return await read(f"SELECT {PERSON} FROM users u WHERE u.id = $1", int(words))
    name = words.strip().removeprefix("@")
    return await read(
        f"SELECT {PERSON} FROM users u WHERE u.id IN (SELECT k.user_id FROM known_names k"
        " WHERE k.kind = 'username' AND k.name = $1 OR k.kind = 'name' AND k.name = $2"
        f" LIMIT {PAGE}) ORDER BY u.id DESC",
        name.lower(), words.strip(),
    )  # fmt: skip


async def list_names(user_id: int) -> list[Row]:
    """What somebody was called, the latest first."""
    return await read(
        "SELECT kind, name, first_at, last_at FROM known_names WHERE user_id = $1"
        f" ORDER BY last_at DESC, kind LIMIT {PAGE}",
        user_id,
    )


async def list_steps(user_id: int) -> list[Row]:
    """The last changes of somebody's memberships."""
    return await read(
        "SELECT e.at AS told_at, e.chat_id, c.title, e.old_status, e.new_status, e.evidence"
        " FROM membership_events e JOIN chats c ON c.id = e.chat_id WHERE e.user_id = $1"
        f" ORDER BY e.at DESC, e.update_id DESC LIMIT {PAGE}",
        user_id,
    )


#: The page first: joined before, PostgreSQL may walk through all users to where it begins. And a
#: range, not one chat: of one it expects a few members, to be read and sorted, also of a large one.
_MEMBERS: Final = f"""
    SELECT m.user_id, u.first_name, u.last_name, u.username, m.joined_at, m.left_at,
           m.last_seen_at, m.messages, {IS_MEMBER} AS is_member, {STATUS} AS status,
           {EVIDENCE} AS evidence
    FROM (SELECT p.* FROM memberships p
          WHERE (p.chat_id, p.user_id) {{before}} ($1, $2) AND p.chat_id {{until}} $1
          ORDER BY p.chat_id {{order}}, p.user_id {{order}} LIMIT {PAGE + 1}) AS m
    JOIN users u ON u.id = m.user_id ORDER BY m.user_id {{order}}
"""


async def find_chats(words: str) -> list[Row]:
    """By id, by @username, or by a part of the title. Of letters beyond ASCII a database may not
    know the small ones: they are found as they are written, in small letters, or capitalized."""
    if re.fullmatch(r"-?[0-9]{1,16}", words):
        return await read(f"SELECT {CHAT} FROM chats c WHERE c.id = $1", int(words))
    name = words.strip().removeprefix("@")
    part = "%" + re.sub(r"([\\%_])", r"\\\1", name) + "%"
    title = "lower(c.title) LIKE lower(${}) ESCAPE '\\'"
    return await read(
        f"SELECT {CHAT} FROM chats c WHERE c.id < 0 AND (lower(c.username) = $1"
        f" OR {' OR '.join(title.format(n) for n in (2, 3, 4))}) ORDER BY c.id LIMIT {PAGE}",
        name.lower(), part, part.lower(), "%" + part[1:].capitalize(),
    )  # fmt: skip


async def list_members(chat_id: int, place: Place) -> Listed:
    """Everybody who is or was known in a chat."""
    before, until, order = ("<", ">=", "DESC") if place.is_backwards else (">", "<=", "ASC")
    rows = await read(
        _MEMBERS.format(before=before, until=until, order=order), chat_id, place.key or 0
    )
    if not rows and place.key is not None:
        return await list_members(chat_id, Place())
    return _listed(rows, "user_id", place)


async def list_administrators_of(chat_id: int) -> list[Row]:
    return await read(
        "SELECT m.user_id, u.first_name, u.last_name, u.username, m.status FROM memberships m"
        " JOIN users u ON u.id = m.user_id WHERE m.chat_id = $1"
        f" AND m.status IN ('creator', 'administrator') ORDER BY m.user_id LIMIT {PAGE}",
        chat_id,
    )


async def list_letters(place: Place) -> Listed:
    """The newest first."""
    return await _page(
        "SELECT l.id, l.buried_at, l.error, l.size, l.body FROM dead_letters l WHERE {page}",
        "l.id", place, newest=True,
    )  # fmt: skip


async def find_letter(letter_id: int) -> DeadLetter | None:
    return await DeadLetter.get_or_none(id=letter_id)


async def list_audit(place: Place) -> Listed:
    """The newest first."""
    return await _page(
        "SELECT a.id, a.at AS noted_at, a.actor_id, a.actor_hash, a.action, a.subject_id,"
        " a.subject_hash, a.detail FROM audit a WHERE {page}",
        "a.id", place, newest=True,
    )  # fmt: skip


async def _page(sql: str, key: str, place: Place, newest: bool = False) -> Listed:
    """Reads one row more than it shows, to know whether there is a page beyond. What has come to
    be empty, because its rows are gone, is shown from the beginning."""
    sign, order = ("<", "DESC") if newest != place.is_backwards else (">", "ASC")
    beyond, values = ("true", []) if place.key is None else (f"{key} {sign} $1", [place.key])
    page = f"{beyond} ORDER BY {key} {order} LIMIT {PAGE + 1}"
    rows = await read(sql.format(page=page), *values)
    if not rows and place.key is not None:
        return await _page(sql, key, Place(), newest)
    return _listed(rows, key.partition(".")[2], place)


def _listed(rows: list[Row], key: str, place: Place) -> Listed:
    is_more, rows = len(rows) > PAGE, rows[:PAGE]
    if place.is_backwards:
        rows.reverse()
    has_before = is_more if place.is_backwards else place.key is not None
    has_after = place.is_backwards or is_more
    return Listed(
        rows,
        Place(rows[0][key], is_backwards=True) if rows and has_before else None,
        Place(rows[-1][key]) if rows and has_after else None,
    )
