"""Numbers that are too many to count when somebody asks: the table `totals`, which the database's
triggers keep (see the migration), its reading, and how one counts from scratch."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from tortoise.backends.base.client import BaseDBAsyncClient

from userreg.queries import IS_MEMBER, read

#: The day of a total that is not of one day.
_ANY_DAY: Final = "1970-01-01"
#: Older days are not kept. A month and what clocks may differ.
DAYS_KEPT: Final = 31
#: Telegram itself said so, of this very chat, and the bot has not been away since.
_IS_CONFIRMED: Final = """
    m.is_member AND m.evidence = 'confirmed' AND NOT m.is_carried_over
    AND (c.bot_is_member IS NULL OR c.bot_is_member)
    AND (c.added_at IS NULL OR m.status_at >= c.added_at)
"""


@dataclass(frozen=True)
class Activity:
    """How many accounts there are, and how many did something today, in the last 7 and in the last
    30 days: calendar days in UTC, today included."""

    total: int
    day: int
    week: int
    month: int


@dataclass(frozen=True)
class Coverage:
    """Known members of a chat, or all memberships, and those of them whom Telegram confirmed."""

    known: int
    confirmed: int


async def count_people() -> Activity:
    """All people (bots are none), and those who did something lately."""
    return await _activity("people", 0)


async def count_people_in_chat(chat_id: int) -> Activity:
    """The known members of one chat, and those who wrote lately."""
    return await _activity("members", chat_id)


async def count_chats_by_type() -> dict[str, int]:
    rows = await read(
        "SELECT substr(name, 7) AS type, CAST(sum(amount) AS bigint) AS count FROM totals"
        " WHERE chat_id = 0 AND name LIKE 'chats.%' GROUP BY 1 HAVING sum(amount) > 0"
        " ORDER BY 2 DESC, 1"
    )
    return {row["type"]: row["count"] for row in rows}


def total_of(name: str, chat_id: str) -> str:
    """SQL for one total of whole chats."""
    return (
        "(SELECT CAST(coalesce(sum(t.amount), 0) AS bigint) FROM totals t"
        f" WHERE t.chat_id = {chat_id} AND t.name = '{name}' AND t.day = '{_ANY_DAY}')"
    )


async def find_coverage(chat_id: int) -> Coverage:
    """Of one chat; of all together by the id 0."""
    rows = await read(
        f"SELECT {total_of('members', '$1')} AS known, {total_of('confirmed', '$1')} AS confirmed",
        chat_id,
    )
    return Coverage(**rows[0])


async def _activity(name: str, chat_id: int) -> Activity:
    today = datetime.now(UTC).date()
    since = [today - timedelta(days=days) for days in (0, 6, 29)]
    rows = await read(
        f"SELECT coalesce(sum(amount) FILTER (WHERE day = '{_ANY_DAY}'), 0) AS total,"
        " coalesce(sum(amount) FILTER (WHERE day >= $3), 0) AS day,"
        " coalesce(sum(amount) FILTER (WHERE day >= $4), 0) AS week,"
        " coalesce(sum(amount) FILTER (WHERE day >= $5), 0) AS month"
        " FROM totals WHERE chat_id = $1 AND name = $2",
        chat_id, name, *since,
    )  # fmt: skip
    return Activity(**{column: int(count) for column, count in rows[0].items()})


async def prune(db: BaseDBAsyncClient, before: date) -> int:
    """Drop the totals of days before this one; returns how many there were."""
    sql = f"DELETE FROM totals WHERE day > '{_ANY_DAY}' AND day < '{before.isoformat()}'"
    count, _ = await db.execute_query(sql)
    return count


_FROM_SCRATCH: Final = f"""
    DELETE FROM totals;
    INSERT INTO totals (chat_id, name, day, amount)
    SELECT 0, 'people', '{_ANY_DAY}', count(*) FROM users WHERE NOT is_bot;
    INSERT INTO totals (chat_id, name, day, amount)
    SELECT 0, 'people', DAY, count(*) FROM users m
    WHERE NOT m.is_bot AND DAY >= SINCE GROUP BY DAY;
    INSERT INTO totals (chat_id, name, day, amount)
    SELECT 0, 'chats.' || coalesce(type, 'unknown'), '{_ANY_DAY}', count(*) FROM chats
    WHERE migrated_to_id IS NULL GROUP BY type;
    INSERT INTO totals (chat_id, name, day, amount)
    SELECT m.chat_id, 'members', '{_ANY_DAY}', count(*) FROM memberships m
    WHERE {IS_MEMBER} GROUP BY m.chat_id;
    INSERT INTO totals (chat_id, name, day, amount)
    SELECT m.chat_id, 'members', DAY, count(*) FROM memberships m
    WHERE {IS_MEMBER} AND DAY >= SINCE GROUP BY m.chat_id, DAY;
    INSERT INTO totals (chat_id, name, day, amount)
    SELECT m.chat_id, 'confirmed', '{_ANY_DAY}', count(*)
    FROM memberships m JOIN chats c ON c.id = m.chat_id WHERE {_IS_CONFIRMED} GROUP BY m.chat_id;
    INSERT INTO totals (chat_id, name, day, amount)
    SELECT 0, name, day, sum(amount) FROM totals
    WHERE chat_id <> 0 AND day = '{_ANY_DAY}' GROUP BY name, day
"""
_LOCK: Final = "LOCK TABLE users, chats, memberships, totals IN SHARE ROW EXCLUSIVE MODE"


async def recount(db: BaseDBAsyncClient) -> None:
    """Count everything anew, in a transaction of the caller's; writers wait until its end. For rows
    that came past the triggers, by COPY from a dump, say."""
    is_postgres = db.capabilities.dialect == "postgres"
    day = "(m.last_seen_at AT TIME ZONE 'UTC')::date"
    if is_postgres:
        await db.execute_query(_LOCK)
    else:
        day = "substr(m.last_seen_at, 1, 10)"
    since = f"'{(datetime.now(UTC).date() - timedelta(days=DAYS_KEPT)).isoformat()}'"
    for statement in _FROM_SCRATCH.replace("DAY", day).replace("SINCE", since).split(";"):
        await db.execute_query(statement)
