"""Answers that took long are remembered for a while, and name nobody who is forgotten."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from tests.population import NOBODY, ONE_DAY, TODAY, settle
from tests.population import database_fixture as database_fixture
from userreg import day_by_day, insights, memory, one_chat
from userreg.database_url import Database
from userreg.memory import Memory
from userreg.models import DailyActivity, Membership, User


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


async def test_whoever_joined_and_is_forgotten_is_no_newcomer_any_more(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "LONG", 0.0)
    await settle(database, ONE_DAY)
    assert [one["user_id"] for one in await one_chat.list_newcomers(-1)] == [1]
    await User.all().update(first_name="Another")
    assert [one["first_name"] for one in await one_chat.list_newcomers(-1)] == ["Another"]
    await User.all().delete()
    assert await one_chat.list_newcomers(-1) == []


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
