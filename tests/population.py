"""People in a few chats, and what they did around the ends of days, weeks and months:
`from tests.population import database_fixture as database_fixture`."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import strategies as st

from tests.proof.rows import empty
from userreg import day_by_day, memory
from userreg.database_url import Database, parse_database_url
from userreg.db import open_database
from userreg.models import Chat, DailyActivity, Membership, MembershipEvent, User

CHATS = (-1, -2, -3)
TODAY = datetime.now(UTC).date()
MIDNIGHT = datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=UTC)
LANGUAGES = (None, "en", "uk", "ar")


@pytest.fixture(name="database")
async def database_fixture(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Database]:
    # a test may go on over midnight; what it expects does not
    monkeypatch.setattr(day_by_day, "today", lambda: TODAY)
    async with open_database(parse_database_url(database_url)) as database:
        yield database


def at(hours: int) -> datetime:
    """So many hours before tomorrow: midnight belongs to the day that it begins."""
    return MIDNIGHT + timedelta(days=1) - timedelta(hours=hours)


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
