"""One chat, looked at closely: who is in it, by which link they came, what reconciling found. Reads
only; of a very large chat not all rows, and then it says so."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from userreg.memory import recall
from userreg.queries import IS_MEMBER, STATUS, read
from userreg.upsert import Row

#: Rows of one chat that are looked at: there is no index by status or link, for it would cost each
#: update more than a page is worth.
MOST: Final = 50_000
_LISTED: Final = 20
#: A range, not one chat: of one PostgreSQL expects a few rows, to be read and sorted. The newest
#: accounts first.
_OF_THE_CHAT: Final = """
    WHERE p.chat_id >= $1 AND p.chat_id <= $1
    ORDER BY p.chat_id DESC, p.user_id DESC LIMIT $2
"""
_STATUSES: Final = f"""
    SELECT {STATUS} AS status,
           coalesce({IS_MEMBER}, false) AS is_member, count(*) AS people
    FROM (SELECT p.* FROM memberships p {_OF_THE_CHAT}) AS m GROUP BY 1, 2 ORDER BY 2 DESC, 3 DESC
"""
_JOINED: Final = f"""
    FROM (SELECT p.* FROM membership_events p {_OF_THE_CHAT}) AS e
    WHERE e.is_member AND NOT coalesce(e.was_member, false)
"""
_LINKS: Final = f"""
    SELECT e.invite_link, count(*) AS people, max(e.at) AS last_at {_JOINED}
    AND e.invite_link IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {_LISTED}
"""
#: Telegram tells of some who join twice: to administrators, and in the chat.
_NEWCOMERS: Final = f"""
    SELECT e.user_id, e.at AS joined_at, max(e.invite_link) AS invite_link,
           sum(CASE WHEN e.via_join_request THEN 1 ELSE 0 END) > 0 AS is_by_request,
           sum(CASE WHEN e.via_chat_folder_invite_link THEN 1 ELSE 0 END) > 0 AS is_by_folder
    {_JOINED} GROUP BY e.user_id, e.at ORDER BY e.at DESC, e.user_id LIMIT {_LISTED}
"""
_NAMES: Final = "SELECT id, first_name, last_name FROM users WHERE id = ANY($1::bigint[])"


@dataclass(frozen=True)
class Statuses:
    """How many have which status, members first. `is_part`: only of the newest accounts."""

    rows: list[Row]
    is_part: bool


@dataclass(frozen=True)
class Reconciled:
    """What was said last of reconciling a chat: `reconcile` (it has begun), `reconcile.done` with
    `present`, `gone` and `unanswered`, or `reconcile.failed` with the reason."""

    action: str
    noted_at: datetime
    detail: str | None


async def count_by_status(chat_id: int) -> Statuses:
    rows = await recall(_STATUSES, chat_id, MOST)
    return Statuses(rows, sum(row["people"] for row in rows) >= MOST)


async def count_by_link(chat_id: int) -> list[Row]:
    """The invite links by which most came; Telegram shows those of others only in part."""
    return await recall(_LINKS, chat_id, MOST)


async def list_newcomers(chat_id: int) -> list[Row]:
    """Who joined last, and how. The names are never remembered: somebody may be forgotten."""
    joined = await recall(_NEWCOMERS, chat_id, MOST)
    known = await read(_NAMES, [row["user_id"] for row in joined])
    names = {row.pop("id"): row for row in known}
    return [row | names[row["user_id"]] for row in joined if row["user_id"] in names]


async def find_reconciled(chat_id: int) -> Reconciled | None:
    rows = await read(
        "SELECT a.action, a.at AS noted_at, a.detail FROM audit a WHERE a.subject_id = $1"
        " AND a.action LIKE 'reconcile%' ORDER BY a.id DESC LIMIT 1",
        chat_id,
    )
    return Reconciled(**rows[0]) if rows else None
