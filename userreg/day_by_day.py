"""What happened day by day, in all chats together (`chat_id` None) or in one. Reads only.

For the last days (UTC), today included, the oldest first. Hours are not kept, so nothing is told of
them. An answer that took long is remembered by this process for ten minutes (`memory`); how active
all people were on a day that is long over, for twelve hours.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from userreg.memory import SOON, recall
from userreg.models import User
from userreg.upsert import Row

DAYS: Final = 60
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
#: They are compared over this many whole weeks.
WEEKS: Final = 8
_LATER: Final = timedelta(hours=12).total_seconds()
#: Telegram may deliver an update a day late; after that a day hardly changes.
_SETTLED: Final = timedelta(days=2)


@dataclass(frozen=True)
class NewOnDay:
    """Of all: people first seen that day. Of a chat: those first known there."""

    day: date
    people: int


@dataclass(frozen=True)
class StepsOnDay:
    """Steps from out to in, and from in to out: a promotion or a mute is neither."""

    day: date
    joined: int
    left: int


@dataclass(frozen=True)
class ActivityOnDay:
    """Who wrote, and how many messages. Of all: private ones to the bot included."""

    day: date
    people: int
    messages: int


def today() -> date:
    return datetime.now(UTC).date()


def list_days(count: int = DAYS) -> list[date]:
    """The last days, the oldest first."""
    last = today()
    return [last - timedelta(days=ago) for ago in reversed(range(count))]


async def list_new_by_day(chat_id: int | None) -> list[NewOnDay]:
    days = list_days()
    counted = f"SELECT {_day_of('first_seen_at')} AS day, count(*) AS people FROM"
    since = _begin(days[0])
    if chat_id is None:
        sql = f"{counted} users WHERE NOT is_bot AND first_seen_at >= $1 GROUP BY 1"
        rows = await recall(sql, since)
    else:
        sql = f"{counted} memberships WHERE chat_id = $1 AND first_seen_at >= $2 GROUP BY 1"
        rows = await recall(sql, chat_id, since)
    return [NewOnDay(day, row.get("people", 0)) for day, row in _filled(days, rows)]


#: Telegram may tell of one step twice, to administrators and in the chat.
_STEP: Final = "DISTINCT chat_id || ' ' || user_id || ' ' || at"
_STEPS: Final = f"""
    count({_STEP}) FILTER (WHERE is_member AND NOT was_member) AS joined,
    count({_STEP}) FILTER (WHERE was_member AND NOT is_member) AS gone FROM membership_events WHERE
"""


async def list_steps_by_day(chat_id: int | None) -> list[StepsOnDay]:
    days = list_days()
    if chat_id is None:
        rows = [await _steps_on(day) for day in days]
    else:
        sql = f"SELECT {_day_of('at')} AS day, {_STEPS} chat_id = $1 AND at >= $2 GROUP BY 1"
        rows = await recall(sql, chat_id, _begin(days[0]))
    return [StepsOnDay(d, r.get("joined", 0), r.get("gone", 0)) for d, r in _filled(days, rows)]


async def _steps_on(day: date) -> Row:
    sql, begin = f"SELECT {_STEPS} at >= $1 AND at < $2", _begin(day)
    rows = await recall(sql, begin, begin + timedelta(days=1), lifetime=_lifetime(day))
    return rows[0] | {"day": day}


async def list_activity_by_day(chat_id: int | None, count: int = DAYS) -> list[ActivityOnDay]:
    days = list_days(count)
    if chat_id is None:
        rows = [await _activity_on(day) for day in days]
    else:
        rows = await recall(
            "SELECT day, count(*) AS people, CAST(sum(messages) AS bigint) AS messages"
            " FROM daily_activity WHERE day = ANY($1::date[]) AND chat_id = $2 GROUP BY day",
            days, chat_id,
        )  # fmt: skip
    return [
        ActivityOnDay(day, row.get("people", 0), row.get("messages", 0))
        for day, row in _filled(days, rows)
    ]


async def _activity_on(day: date) -> Row:
    sql = (
        "SELECT count(*) AS people, CAST(coalesce(sum(messages), 0) AS bigint) AS messages FROM"
        " (SELECT sum(messages) AS messages FROM daily_activity WHERE day = $1 GROUP BY user_id)"
        " AS people"
    )
    return (await recall(sql, day, lifetime=_lifetime(day)))[0] | {"day": day}


def compared(days: Sequence[ActivityOnDay]) -> Sequence[ActivityOnDay]:
    """The days of whole weeks, for today is not over."""
    return days[-1 - 7 * WEEKS : -1]


def sum_by_weekday(days: Sequence[ActivityOnDay]) -> list[int]:
    """The messages of those whole weeks, a sum for each of `WEEKDAYS`."""
    sums = [0] * 7
    for one in compared(days):
        sums[one.day.weekday()] += one.messages
    return sums


def _lifetime(day: date) -> float:
    return _LATER if today() - day > _SETTLED else SOON


def _filled(days: list[date], rows: Sequence[Row]) -> list[tuple[date, Row]]:
    """A row for each day: an empty one for a day without any."""
    by_day = {date.fromisoformat(str(row["day"])): row for row in rows}
    return [(day, by_day.get(day, {})) for day in days]


def _begin(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _day_of(column: str) -> str:
    """SQL for the day (UTC) of a time."""
    if User._choose_db().capabilities.dialect == "postgres":
        return f"({column} AT TIME ZONE 'UTC')::date"
    return f"substr({column}, 1, 10)"
