"""What administrators may ask: the numbers are what there is to count."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.conftest import rows
from tests.proof.rows import empty
from userreg import day_by_day, insights, memory
from userreg.database_url import Database, parse_database_url
from userreg.day_by_day import ActivityOnDay, NewOnDay, StepsOnDay
from userreg.db import open_database
from userreg.insights import ActivePerson, BusyChat, Cursor, InactiveMember
from userreg.memory import Memory
from userreg.models import Chat, DailyActivity, Membership, MembershipEvent, User

CHATS = (-1, -2, -3)
EVERYWHERE = (None, *CHATS)
TODAY = datetime.now(UTC).date()
MIDNIGHT = datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=UTC)
LANGUAGES = (None, "en", "uk", "ar")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with open_database(parse_database_url(database_url)) as database:
        yield database


def at(hours: int) -> datetime:
    """So many hours before tomorrow: midnight belongs to the day that it begins."""
    return MIDNIGHT + timedelta(days=1) - timedelta(hours=hours)


# A population

people = st.integers(1, 8)
chats = st.sampled_from(CHATS)
#: Around the ends of today, a week, a month and sixty days.
hours = st.sampled_from([1, 24, 25, 48, 49, 24 * 7, 24 * 7 + 1, 24 * 30, 24 * 30 + 1, 24 * 31,
                         24 * 60 - 1, 24 * 60, 24 * 60 + 1, 24 * 400])  # fmt: skip
truth = st.sampled_from([True, False, None])
population = st.fixed_dictionaries({
    "users": st.dictionaries(
        people, st.tuples(hours, st.sampled_from(LANGUAGES), st.booleans()), max_size=8
    ),
    "members": st.dictionaries(
        st.tuples(people, chats), st.tuples(hours, st.none() | hours, truth, hours), max_size=15
    ),
    "steps": st.dictionaries(
        # Telegram may tell the same step twice: to administrators, and in the chat.
        st.tuples(people, chats, hours), st.tuples(truth, truth, st.integers(1, 2)), max_size=20
    ),
    "activity": st.dictionaries(
        st.tuples(people, st.sampled_from((*CHATS, 5)), hours.map(lambda h: at(h).date())),
        st.integers(1, 9), max_size=20,
    ),
})  # fmt: skip
Population = dict[str, dict[Any, Any]]
NOBODY: Population = {"users": {}, "members": {}, "steps": {}, "activity": {}}
ONE_DAY: Population = {
    "users": {1: (1, "en", False)}, "members": {(1, -1): (1, 1, True, 1)},
    "steps": {(1, -1, 1): (False, True, 2)}, "activity": {(1, -1, TODAY): 3},
}  # fmt: skip


async def settle(database: Database, given: Population) -> None:
    """Nothing is there but this."""
    await empty(database)
    memory._memories.clear()
    users = {n for n, _ in given["members"]} | {n for n, *_ in given["activity"]}
    known = dict.fromkeys(users, (400 * 24, None, False)) | given["users"]
    await User.bulk_create([
        User(id=n, first_name=f"P{n}", first_seen_at=at(h), language_code=code, is_bot=is_bot)
        for n, (h, code, is_bot) in known.items()
    ])  # fmt: skip
    await Chat.bulk_create([
        Chat(id=n, type="group", title=f"C{n}", first_seen_at=at(1), member_count=-10 * n)
        for n in CHATS
    ])  # fmt: skip
    await Membership.bulk_create([
        Membership(
            user_id=n, chat_id=chat, first_seen_at=at(first), last_seen_at=last and at(last),
            is_member=is_member, evidence=None if is_member is None else "confirmed",
            status_at=None if is_member is None else at(told), is_carried_over=False,
        )
        for (n, chat), (first, last, is_member, told) in given["members"].items()
    ])  # fmt: skip
    await MembershipEvent.bulk_create([
        MembershipEvent(
            user_id=n, chat_id=chat, at=at(h), update_id=time, new_status="member",
            evidence=("confirmed", "announced")[time], was_member=was, is_member=is_,
        )
        for (n, chat, h), (was, is_, times) in given["steps"].items() for time in range(times)
    ])  # fmt: skip
    await DailyActivity.bulk_create([
        DailyActivity(user_id=n, chat_id=chat, day=day, messages=messages)
        for (n, chat, day), messages in given["activity"].items()
    ])  # fmt: skip


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


# What is remembered


async def test_what_is_quickly_asked_is_asked_anew(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await settle(database, ONE_DAY)
    for messages, long in ((4, 60.0), (5, 0.0)):
        monkeypatch.setattr(memory, "LONG", long)
        await DailyActivity.all().update(messages=messages)
        for chat_id in (None, -1):
            told = await day_by_day.list_activity_by_day(chat_id)
            assert told[-1].messages == messages
            assert (await insights.list_most_active(-1, 1))[0].messages == messages
    await DailyActivity.all().update(messages=6)
    for chat_id in (None, -1):
        assert (await day_by_day.list_activity_by_day(chat_id))[-1].messages == 5
    assert (await insights.list_most_active(-1, 1))[0].messages == 5


async def test_whoever_is_forgotten_is_named_no_more(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "LONG", 0.0)
    await settle(database, ONE_DAY)
    await Membership.all().update(last_seen_at=None)
    before = datetime.now(UTC)
    for _ in range(2):
        assert [one.id for one in await insights.list_most_active(-1, 9)] == [1]
        assert [one.id for one in await insights.list_inactive(-1, before, None, 9)] == [1]
    await User.all().delete()
    assert await insights.list_most_active(-1, 9) == []
    assert await insights.list_inactive(-1, before, None, 9) == []


async def test_a_day_that_is_long_over_is_remembered(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "LONG", 60.0)
    await settle(database, NOBODY)
    await day_by_day.list_activity_by_day(None)
    ago = {n: TODAY - timedelta(days=n) for n in (2, 3)}
    for day in ago.values():
        await DailyActivity.create(user_id=1, chat_id=-1, day=day, messages=1)
    told = {one.day: one.messages for one in await day_by_day.list_activity_by_day(None)}
    assert (told[ago[2]], told[ago[3]]) == (1, 0)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(("takes", "lifetime", "kept_for"), [
    (memory.LONG, memory.SOON, memory.SOON), (1.0, memory.SOON, memory.SOON),
    (memory.LONG / 2, memory.SOON, 0.0), (0.0, 7200.0, 7200.0),
])  # fmt: skip
async def test_what_took_long_or_is_for_longer_is_kept(
    takes: float, lifetime: float, kept_for: float
) -> None:
    clock, asked = Clock(), 0

    async def ask() -> int:
        nonlocal asked
        asked += 1
        clock.now += takes
        return asked

    kept = Memory(clock)
    assert await kept.get("a", ask, lifetime) == 1
    clock.now = takes + kept_for * 0.99
    assert await kept.get("a", ask, lifetime) == (1 if kept_for else 2)
    clock.now = takes + kept_for + 1
    assert await kept.get("a", ask, lifetime) > 1
    assert await kept.get("b", ask, lifetime) > 2


async def test_however_many_ask_the_database_is_asked_once() -> None:
    clock, asked = Clock(), 0

    async def ask() -> int:
        nonlocal asked
        asked += 1
        clock.now += 1
        await asyncio.sleep(0)
        return asked

    kept = Memory(clock)
    assert await asyncio.gather(*(kept.get("a", ask) for _ in range(9))) == [1] * 9


async def test_what_failed_is_not_kept_and_old_answers_make_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def fail() -> int:
        raise TimeoutError

    async def answer() -> int:
        return 7

    monkeypatch.setattr(memory, "MOST", 1)
    kept = Memory()
    with pytest.raises(TimeoutError):
        await kept.get("a", fail, 7200)
    assert await kept.get("a", answer, 7200) == 7
    assert await kept.get("a", fail, 7200) == 7
    await kept.get("b", answer, 7200)
    with pytest.raises(TimeoutError):
        await kept.get("a", fail, 7200)
