"""What administrators may ask of chats and people, beside `day_by_day`. Reads only.

Of all chats together (`chat_id` None) or of one. An answer that took long is remembered by this
process for ten minutes (`memory`), but for names: whoever is forgotten is named no more.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from userreg.day_by_day import list_days
from userreg.memory import recall
from userreg.queries import IS_MEMBER, read
from userreg.totals import total_of

#: Of the busiest chats so many are found, however many are asked for: it takes as long.
MOST: Final = 20


@dataclass(frozen=True)
class BusyChat:
    """A chat, its messages in the last 7 days, and how far it is known; `member_count` as Telegram
    last said, None where it never did."""

    id: int
    title: str | None
    messages: int
    known: int
    confirmed: int
    member_count: int | None


@dataclass(frozen=True)
class ActivePerson:
    """Somebody, and their messages in the chat in the last 7 days."""

    id: int
    first_name: str
    last_name: str | None
    messages: int


@dataclass(frozen=True)
class InactiveMember:
    """A known member; `last_seen_at` None: never seen there."""

    id: int
    first_name: str
    last_name: str | None
    last_seen_at: datetime | None


@dataclass(frozen=True)
class Cursor:
    """The last one of a page of inactive members: where the next page begins."""

    last_seen_at: datetime | None
    id: int


async def list_busiest_chats(limit: int) -> list[BusyChat]:
    """Groups and channels by their messages in the last 7 days; at most `MOST`."""
    busiest = dict(list((await _find_busiest()).items())[:limit])
    rows = await read(
        f"SELECT c.id, c.title, {total_of('members', 'c.id')} AS known,"
        f" {total_of('confirmed', 'c.id')} AS confirmed, c.member_count"
        " FROM chats c WHERE c.id = ANY($1::bigint[])",
        list(busiest),
    )
    chats = [BusyChat(messages=busiest[row["id"]], **row) for row in rows]
    return sorted(chats, key=lambda chat: (-chat.messages, chat.id))


async def _find_busiest() -> dict[int, int]:
    rows = await recall(
        "SELECT chat_id, CAST(sum(messages) AS bigint) AS messages FROM daily_activity"
        " WHERE day = ANY($1::date[]) AND chat_id < 0 GROUP BY chat_id"
        f" ORDER BY 2 DESC, 1 LIMIT {MOST:d}",
        list_days(7),
    )
    return {row["chat_id"]: row["messages"] for row in rows}


async def list_most_active(chat_id: int, limit: int) -> list[ActivePerson]:
    """The people of one chat by their messages in the last 7 days."""
    rows = await recall(
        "SELECT user_id, CAST(sum(messages) AS bigint) AS messages FROM daily_activity"
        " WHERE day = ANY($1::date[]) AND chat_id = $2 GROUP BY user_id"
        f" ORDER BY 2 DESC, 1 LIMIT {limit:d}",
        list_days(7), chat_id,
    )  # fmt: skip
    messages = {row["user_id"]: row["messages"] for row in rows}
    return [ActivePerson(*name, messages[name[0]]) for name in await _names(messages)]


async def count_languages(chat_id: int | None) -> dict[str | None, int]:
    """People by the language of their client, the most frequent first; None: it never told. Of a
    chat: its known members."""
    if chat_id is None:
        sql = "SELECT language_code, count(*) AS people FROM users WHERE NOT is_bot GROUP BY 1"
        rows = await recall(sql)
    else:
        rows = await recall(
            "SELECT u.language_code, count(*) AS people FROM memberships m"
            " JOIN users u ON u.id = m.user_id"
            f" WHERE m.chat_id = $1 AND {IS_MEMBER} AND NOT u.is_bot GROUP BY 1",
            chat_id,
        )
    found = {row["language_code"]: row["people"] for row in rows}
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0] or "")))


#: Known members of the chat $1 who have not been seen there since $2.
_INACTIVE: Final = f"""
    FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.chat_id = $1 AND {IS_MEMBER}
    AND NOT u.is_bot AND (m.last_seen_at IS NULL OR m.last_seen_at < $2)
"""

_LONGEST_FIRST: Final = "ORDER BY m.last_seen_at NULLS FIRST, u.id"


async def count_inactive(chat_id: int, before: datetime) -> int:
    rows = await recall(f"SELECT count(*) AS count {_INACTIVE}", chat_id, before)
    return int(rows[0]["count"])


async def list_inactive(
    chat_id: int, before: datetime, after: Cursor | None, limit: int
) -> list[InactiveMember]:
    """Those never seen there, then those silent longest; the page that comes after `after`."""
    sql = f"SELECT u.id, m.last_seen_at {_INACTIVE} {{}} {_LONGEST_FIRST} LIMIT {limit:d}"
    if after is None:
        rows = await recall(sql.format(""), chat_id, before)
    elif after.last_seen_at is None:
        beyond = "AND (m.last_seen_at IS NOT NULL OR u.id > $3)"
        rows = await recall(sql.format(beyond), chat_id, before, after.id)
    else:
        beyond = "AND (m.last_seen_at, u.id) > ($3, $4)"
        rows = await recall(sql.format(beyond), chat_id, before, after.last_seen_at, after.id)
    seen = {row["id"]: row["last_seen_at"] for row in rows}
    return [InactiveMember(*name, seen[name[0]]) for name in await _names(seen)]


async def _names(ids: Iterable[int]) -> list[tuple[int, str, str | None]]:
    """Id, first and last name of those who are known now, in the order of `ids`."""
    sql = "SELECT id, first_name, last_name FROM users WHERE id = ANY($1::bigint[])"
    wanted = list(ids)
    names = {row["id"]: row for row in await read(sql, wanted)}
    found = (names[id_] for id_ in wanted if id_ in names)
    return [(row["id"], row["first_name"], row["last_name"]) for row in found]
