"""What administrators may ask: the numbers are what there is to count."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.conftest import rows
from tests.population import (
    CHATS,
    MIDNIGHT,
    NOBODY,
    ONE_DAY,
    TODAY,
    Population,
    at,
    population,
    settle,
)
from tests.population import database_fixture as database_fixture
from userreg import day_by_day, insights
from userreg.database_url import Database
from userreg.day_by_day import ActivityOnDay, NewOnDay, StepsOnDay
from userreg.insights import ActivePerson, BusyChat, Cursor, InactiveMember
from userreg.models import DailyActivity, Membership, MembershipEvent, User

EVERYWHERE = (None, *CHATS)


def of(chat_id: int | None, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in found if chat_id in (None, row["chat_id"])]


def is_in(member: dict[str, Any]) -> bool:
    told, seen = member["status_at"], member["last_seen_at"]
    return bool(member["is_member"] or told is None or (seen and seen > told))


DAYS = [TODAY - timedelta(days=ago) for ago in range(59, -1, -1)]


# By day


def by_day(steps: list[dict[str, Any]]) -> Counter[date]:
    """However often each was told."""
    once = {(step["chat_id"], step["user_id"], step["at"]) for step in steps}
    return Counter(moment.date() for *_, moment in once)


@settings(max_examples=60)
@given(given=population)
@example(given=NOBODY)
@example(given=ONE_DAY)
async def test_the_days_are_what_there_is_to_count(database: Database, given: Population) -> None:
    await settle(database, given)
    users, members = await rows(User), await rows(Membership)
    for chat_id in EVERYWHERE:
        new = [u for u in users if not u["is_bot"]] if chat_id is None else of(chat_id, members)
        first = Counter(row["first_seen_at"].date() for row in new)
        assert await day_by_day.list_new_by_day(chat_id) == [NewOnDay(d, first[d]) for d in DAYS]

        steps = of(chat_id, await rows(MembershipEvent))
        joined = by_day([s for s in steps if s["is_member"] and s["was_member"] is False])
        left = by_day([s for s in steps if s["was_member"] and s["is_member"] is False])
        told = await day_by_day.list_steps_by_day(chat_id)
        assert told == [StepsOnDay(day, joined[day], left[day]) for day in DAYS]

        wrote: defaultdict[date, set[int]] = defaultdict(set)
        messages: Counter[date] = Counter()
        for row in of(chat_id, await rows(DailyActivity)):
            wrote[row["day"]].add(row["user_id"])
            messages[row["day"]] += row["messages"]
        active = await day_by_day.list_activity_by_day(chat_id)
        assert active == [ActivityOnDay(d, len(wrote[d]), messages[d]) for d in DAYS]

        sums = [0] * 7
        for ago in range(1, 57):
            day = TODAY - timedelta(days=ago)
            sums[day.weekday()] += messages[day]
        assert day_by_day.sum_by_weekday(active) == sums


# Chats and people


@settings(max_examples=60)
@given(given=population)
@example(given=NOBODY)
@example(given=ONE_DAY)
async def test_the_most_and_the_busiest_are_what_there_is_to_count(
    database: Database, given: Population
) -> None:
    await settle(database, given)
    members, users = await rows(Membership), {u["id"]: u for u in await rows(User)}
    lately = [row for row in await rows(DailyActivity) if row["day"] in DAYS[-7:]]

    by_chat: Counter[int] = Counter()
    for row in lately:
        by_chat[row["chat_id"]] += row["messages"] if row["chat_id"] < 0 else 0
    in_chat = Counter(m["chat_id"] for m in members if is_in(m))
    confirmed = Counter(m["chat_id"] for m in members if m["is_member"])
    busiest = sorted((c for c in CHATS if by_chat[c]), key=lambda c: (-by_chat[c], c))[:2]
    assert await insights.list_busiest_chats(2) == [
        BusyChat(c, f"C{c}", by_chat[c], in_chat[c], confirmed[c], -10 * c) for c in busiest
    ]
    for chat_id in EVERYWHERE:
        inside = {m["user_id"] for m in of(chat_id, members) if is_in(m)}
        asked = users if chat_id is None else inside
        spoken = Counter(users[n]["language_code"] for n in asked if not users[n]["is_bot"])
        assert await insights.count_languages(chat_id) == dict(spoken)
    for chat_id in CHATS:
        by_person: Counter[int] = Counter()
        for row in of(chat_id, lately):
            by_person[row["user_id"]] += row["messages"]
        most = sorted(by_person, key=lambda n: (-by_person[n], n))[:3]
        assert await insights.list_most_active(chat_id, 3) == [
            ActivePerson(n, f"P{n}", None, by_person[n]) for n in most
        ]


@settings(max_examples=60)
@given(given=population, limit=st.integers(1, 4))
@example(given=NOBODY, limit=1)
async def test_the_pages_of_inactive_members_hold_each_of_them_once(
    database: Database, given: Population, limit: int
) -> None:
    await settle(database, given)
    before = MIDNIGHT - timedelta(days=29)
    users = {u["id"]: u for u in await rows(User)}
    for chat_id in CHATS:
        silent = [
            m for m in of(chat_id, await rows(Membership))
            if is_in(m) and not users[m["user_id"]]["is_bot"]
            and (m["last_seen_at"] is None or m["last_seen_at"] < before)
        ]  # fmt: skip
        silent.sort(key=lambda m: (m["last_seen_at"] or at(10**6), m["user_id"]))
        assert await insights.count_inactive(chat_id, before) == len(silent)

        pages: list[InactiveMember] = []
        after: Cursor | None = None
        while page := await insights.list_inactive(chat_id, before, after, limit):
            assert len(page) <= limit
            pages += page
            after = Cursor(page[-1].last_seen_at, page[-1].id)
        assert pages == [
            InactiveMember(m["user_id"], f"P{m['user_id']}", None, m["last_seen_at"])
            for m in silent
        ]
