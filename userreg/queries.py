"""Every question that the registry is asked, named for the question. Nothing here writes."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from userreg.models import Chat, DeadLetter, Membership, User
from userreg.sql import fetch
from userreg.upsert import Row

# What an account did after the last word on its status shows that it came back.
_IS_BACK: Final = "m.last_seen_at > m.status_at"
IS_MEMBER: Final = f"(m.is_member OR m.status_at IS NULL OR {_IS_BACK})"
BY_SIGHT: Final = f"(m.status_at IS NULL OR NOT m.is_member AND {_IS_BACK})"
#: As the pages show it: what was told, or what was seen since.
STATUS: Final = f"CASE WHEN {BY_SIGHT} THEN 'seen' ELSE m.status END"
EVIDENCE: Final = f"""
    CASE WHEN {BY_SIGHT} THEN 'seen' WHEN m.is_carried_over THEN 'carried_over'
         ELSE m.evidence END
"""
#: When it was last told or seen. The bot may have been away since then, and have been added again.
LAST_WORD: Final = (
    f"CASE WHEN m.status_at IS NULL OR {_IS_BACK} THEN m.last_seen_at ELSE m.status_at END"
)
#: The target ($1) and the asker ($2) are both members, in a chat that the bot can still see, and
#: where members see each other: not so the subscribers of a channel.
_IS_SHARED: Final = f"""
    m.user_id = $1 AND {IS_MEMBER} AND (c.type IS NULL OR c.type <> 'channel')
    AND (c.bot_is_member IS NULL OR c.bot_is_member)
    AND EXISTS (SELECT 1 FROM memberships a WHERE a.user_id = $2 AND a.chat_id = m.chat_id
                AND {IS_MEMBER.replace("m.", "a.")}
                AND (c.added_at IS NULL OR {LAST_WORD.replace("m.", "a.")} >= c.added_at))
"""
#: What is known of a membership, as one row of `KnownMembership`.
_KNOWN: Final = f"""
    m.chat_id, c.title, c.type, {IS_MEMBER} AS is_member, m.last_seen_at,
    CASE WHEN {BY_SIGHT} THEN NULL ELSE m.status END AS status, {EVIDENCE} AS evidence,
    CASE WHEN c.bot_is_member = false THEN c.bot_status_at
         WHEN {LAST_WORD} < c.added_at THEN {LAST_WORD} END AS as_of_at
"""


# The page first: joined before, PostgreSQL may walk through all users to where it begins. And a
# range, not one chat: of one it expects a few members, to be read and sorted, also of a large one.
_MEMBERS: Final = f"""
    SELECT m.user_id, u.first_name, u.last_name, u.username, {_KNOWN}, m.joined_at, m.left_at,
           m.first_seen_at, m.messages
    FROM (SELECT p.* FROM memberships p
          WHERE (p.chat_id, p.user_id) > ($1, $2) AND p.chat_id <= $1
          ORDER BY p.chat_id, p.user_id LIMIT $3) AS m
    JOIN users u ON u.id = m.user_id JOIN chats c ON c.id = $1 ORDER BY m.user_id
"""


@dataclass(frozen=True)
class KnownMembership:
    """One account in one chat. `status` is None where it was only seen; `as_of_at` is when the
    bot lost sight of the chat, or the time of the last word from before it came back; None while
    it is good."""

    chat_id: int
    title: str | None
    type: str | None
    is_member: bool
    last_seen_at: datetime | None
    status: str | None
    evidence: str
    as_of_at: datetime | None


@dataclass(frozen=True)
class Cursor:
    """A place in a list of memberships: after (or before) the one that was last seen then in this
    chat. Times are whole seconds, as Telegram's are."""

    at: datetime | None
    chat_id: int
    is_backwards: bool = False


#: Before everything that can have been seen.
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
#: Who bore one username, at most in one answer.
HOLDERS: Final = 5
_PERSON: Final = """
    u.id, u.first_name, u.last_name, u.is_gone,
    (SELECT n.name FROM known_names n WHERE n.user_id = u.id AND n.kind = 'name'
     ORDER BY n.last_at DESC LIMIT 1) AS known_as,
    EXISTS (SELECT 1 FROM preferences p WHERE p.id = u.id AND p.is_hidden) AS is_hidden
"""


@dataclass(frozen=True)
class Person:
    """Somebody who is asked about. `known_as`: the last name of an account that is gone.
    `is_hidden`: they want nobody to be told. `until_at`: when they were last seen with the username
    in question, None while it is theirs."""

    id: int
    first_name: str
    last_name: str | None
    is_gone: bool
    known_as: str | None
    is_hidden: bool
    until_at: datetime | None


async def read(sql: str, *values: Any) -> list[Row]:
    """What `sql.fetch` answers, on the connections that the registry leaves to whoever reads."""
    return await fetch(User._choose_db(), sql, *values)


async def find_user(user_id: int) -> User | None:
    return await User.get_or_none(id=user_id)


async def list_people(user_id: int) -> list[Person]:
    """The person with this id, or nobody."""
    rows = await read(f"SELECT {_PERSON}, NULL AS until_at FROM users u WHERE u.id = $1", user_id)
    return [Person(**row) for row in rows]


async def list_holders(username: str, asker_id: int) -> list[Person]:
    """Who bears the username, then who bore it, the latest first; of those who share a chat."""
    shared = _IS_SHARED.replace("$1", "u.id")
    return await _holders(
        f"SELECT 1 FROM memberships m JOIN chats c ON c.id = m.chat_id WHERE {shared}",
        username, asker_id,
    )  # fmt: skip


async def list_holders_in_chat(username: str, chat_id: int) -> list[Person]:
    """The same, of the known members of this chat."""
    return await _holders(
        f"SELECT 1 FROM memberships m WHERE m.user_id = u.id AND m.chat_id = $2 AND {IS_MEMBER}",
        username, chat_id,
    )  # fmt: skip


async def list_holders_anywhere(username: str) -> list[Person]:
    """The same, of everybody."""
    return await _holders("SELECT 1", username)


async def list_holders_ever_in_chat(username: str, chat_id: int) -> list[Person]:
    """The same, of those who are or were in this chat."""
    visible = "SELECT 1 FROM memberships m WHERE m.user_id = u.id AND m.chat_id = $2"
    return await _holders(visible, username, chat_id)


async def _holders(visible: str, username: str, *ids: int) -> list[Person]:
    # The OFFSET has PostgreSQL begin with the name, not with all members of the asker's chats.
    rows = await read(
        f"SELECT {_PERSON}, CASE WHEN lower(u.username) = k.name THEN NULL ELSE k.last_at END"
        " AS until_at FROM known_names k JOIN users u ON u.id = k.user_id"
        f" WHERE k.kind = 'username' AND k.name = $1 AND EXISTS ({visible} LIMIT 1 OFFSET 0)"
        f" ORDER BY until_at DESC NULLS FIRST, u.id LIMIT {HOLDERS}",
        username.lower(), *ids,
    )  # fmt: skip
    return [Person(**row) for row in rows]


async def find_chat(chat_id: int) -> Chat | None:
    return await Chat.get_or_none(id=chat_id)


async def list_memberships(
    user_id: int, limit: int, cursor: Cursor | None = None
) -> list[KnownMembership]:
    """The chats in which the account is known, the newest activity first."""
    return await _memberships("m.user_id = $1", user_id, limit=limit, cursor=cursor)


async def count_memberships(user_id: int) -> int:
    sql = "SELECT count(*) AS count FROM memberships WHERE user_id = $1"
    return int((await read(sql, user_id))[0]["count"])


async def find_membership(user_id: int, chat_id: int) -> KnownMembership | None:
    found = await _memberships("m.user_id = $1 AND m.chat_id = $2", user_id, chat_id, limit=1)
    return found[0] if found else None


async def find_record(user_id: int, chat_id: int) -> Membership | None:
    """The row itself."""
    return await Membership.get_or_none(user_id=user_id, chat_id=chat_id)


async def list_shared_chats(
    asker_id: int, target_id: int, limit: int, cursor: Cursor | None = None
) -> list[KnownMembership]:
    """The chats where both are members now and the bot can still see them."""
    return await _memberships(_IS_SHARED, target_id, asker_id, limit=limit, cursor=cursor)


async def count_shared_chats(asker_id: int, target_id: int) -> int:
    sql = (
        "SELECT count(*) AS count FROM memberships m JOIN chats c ON c.id = m.chat_id"
        f" WHERE {_IS_SHARED}"
    )
    return int((await read(sql, target_id, asker_id))[0]["count"])


async def stream_members(chat_id: int, page: int = 500) -> AsyncIterator[Row]:
    """Everybody who is or was known in this chat, with their names, in the order of ids."""
    last = 0
    while rows := await read(_MEMBERS, chat_id, last, page):
        for row in rows:
            yield row
        last = rows[-1]["user_id"]


async def stream_dead_letters(page: int = 50) -> AsyncIterator[DeadLetter]:
    """The oldest first; letters may be dropped meanwhile."""
    last = 0
    while letters := await DeadLetter.filter(id__gt=last).order_by("id").limit(page):
        for letter in letters:
            yield letter
        last = letters[-1].id


async def _memberships(
    where: str, *values: Any, limit: int, cursor: Cursor | None = None
) -> list[KnownMembership]:
    order, is_backwards = "m.last_seen_at DESC NULLS LAST, m.chat_id", False
    if cursor is not None:
        is_backwards = cursor.is_backwards
        where, values = _beyond(where, values, cursor)
        order = "m.last_seen_at ASC NULLS FIRST, m.chat_id DESC" if is_backwards else order
    rows = await read(
        f"SELECT {_KNOWN} FROM memberships m JOIN chats c ON c.id = m.chat_id WHERE {where}"
        f" ORDER BY {order} LIMIT {limit:d}",
        *values,
    )
    known = [KnownMembership(**row) for row in rows]
    return known[::-1] if is_backwards else known


def _beyond(where: str, values: tuple[Any, ...], cursor: Cursor) -> tuple[str, tuple[Any, ...]]:
    """The condition, and what its parameters stand for, with those on one side of the cursor."""
    sign = ">" if cursor.is_backwards else "<"
    at, never, id_ = (f"${len(values) + n}" for n in (1, 2, 3))
    beyond = f"(COALESCE(m.last_seen_at, {never}), -m.chat_id) {sign} ({at}, {id_})"
    place = (cursor.at or _NEVER, _NEVER, -cursor.chat_id)
    return f"{where} AND {beyond}", (*values, *place)
