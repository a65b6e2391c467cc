"""What the registry does not know: how far it covers a chat, what has to be asked again, and where
the bot lacks the rights to be told. Reads only."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from userreg.models import DeadLetter
from userreg.queries import BY_SIGHT, IS_MEMBER, read
from userreg.totals import total_of
from userreg.upsert import Row

COVERAGE_COLUMNS: Final = (
    "chat_id", "type", "title", "bot_status", "member_count", "member_count_at", "known",
    "confirmed",
)  # fmt: skip
#: Page by page, so that memory and the time of a statement do not grow with the registry.
_COVERAGE: Final = f"""
    SELECT c.id AS chat_id, c.type, c.title, c.bot_status, c.member_count, c.member_count_at,
           {total_of("members", "c.id")} AS known, {total_of("confirmed", "c.id")} AS confirmed
    FROM chats c WHERE c.id > $1 AND c.id < 0 AND c.migrated_to_id IS NULL
    ORDER BY c.id LIMIT 200
"""


async def stream_coverage() -> AsyncGenerator[Row, None]:
    """A row for each group and channel, in the order of ids."""
    last = -(2**62)
    while rows := await read(_COVERAGE, last):
        for row in rows:
            yield row
        last = rows[-1]["chat_id"]


#: Members not confirmed since $1.
_IS_TO_ASK: Final = f"""
    {IS_MEMBER} AND (m.evidence IS NULL OR m.evidence <> 'confirmed' OR m.is_carried_over
                     OR {BY_SIGHT} OR m.status_at < $1 OR m.status_at < c.added_at)
"""
_TO_ASK: Final = f"""
    SELECT c.id, c.member_count,
           (SELECT count(*) FROM memberships m WHERE m.chat_id = c.id AND {_IS_TO_ASK}) AS count
    FROM chats c WHERE c.bot_is_member AND c.bot_status = 'administrator'
    AND c.migrated_to_id IS NULL
"""


async def count_to_ask(before: datetime, chat_id: int | None = None) -> dict[int, int]:
    """By chat, how many members Telegram has not confirmed since `before`; only chats that the
    bot administers, because elsewhere Telegram need not answer. Those are among them whose members
    Telegram was never asked to count."""
    if chat_id is not None:
        rows = await read(f"{_TO_ASK} AND c.id = $2", before, chat_id)
        return {row["id"]: row["count"] for row in rows}
    rows = await read(f"{_TO_ASK} ORDER BY c.id", before)
    return {r["id"]: r["count"] for r in rows if r["count"] or r["member_count"] is None}


async def list_to_ask(before: datetime, chat_id: int, after: int, limit: int) -> list[int]:
    """Their ids, those beyond `after`, in order."""
    rows = await read(
        "SELECT m.user_id FROM memberships m JOIN chats c ON c.id = m.chat_id"
        f" WHERE m.chat_id = $2 AND m.user_id > $3 AND {_IS_TO_ASK}"
        f" ORDER BY m.user_id LIMIT {limit:d}",
        before, chat_id, after,
    )  # fmt: skip
    return [row["user_id"] for row in rows]


@dataclass(frozen=True)
class ChatWithoutRights:
    """A chat where the bot is, as no administrator; `bot_status` None = Telegram never told."""

    id: int
    type: str
    title: str | None
    bot_status: str | None


_WITHOUT_RIGHTS: Final = """
    FROM chats
    WHERE id < 0 AND type IN ('group', 'supergroup', 'channel') AND migrated_to_id IS NULL
    AND (bot_is_member IS NULL OR bot_is_member)
    AND (bot_status IS NULL OR bot_status NOT IN ('administrator', 'creator'))
"""


async def list_chats_without_rights(limit: int) -> list[ChatWithoutRights]:
    """The chats where the bot is no administrator, the newest activity first."""
    rows = await read(
        f"SELECT id, type, title, bot_status {_WITHOUT_RIGHTS}"
        f" ORDER BY last_seen_at DESC NULLS LAST, id LIMIT {limit:d}"
    )
    return [ChatWithoutRights(**row) for row in rows]


async def count_chats_without_rights() -> dict[str, int]:
    """How many there are of each type."""
    rows = await read(f"SELECT type, count(*) AS count {_WITHOUT_RIGHTS} GROUP BY 1 ORDER BY 1")
    return {row["type"]: row["count"] for row in rows}


async def count_dead_letters() -> int:
    return await DeadLetter.all().count()
