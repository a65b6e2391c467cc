"""Merging is the same in Python and in SQL, in any order and any grouping, on both engines."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import rows
from userreg.database_url import parse_database_url
from userreg.db import open_database, write_transaction
from userreg.models import Membership, User

Row = dict[str, Any]
START = datetime(2026, 1, 1, tzinfo=UTC)
PROFILE: Row = dict.fromkeys(("last_name", "username")) | dict.fromkeys(
    ("is_bot", "is_premium", "is_gone"), False
)
times = st.integers(0, 3).map(lambda seconds: START + timedelta(seconds=seconds))


@st.composite
def membership_rows(draw: st.DrawFn) -> Row:
    row: Row = {"user_id": draw(st.integers(1, 2)), "chat_id": -draw(st.integers(1, 2))}
    if draw(st.booleans()):
        row |= {"first_seen_at": draw(times), "last_seen_at": draw(times), "messages": 1}
    if draw(st.booleans()):
        update_id = draw(st.integers(0, 3))
        row |= {
            "status_at": draw(times),
            "evidence": draw(st.sampled_from(["announced", "confirmed"])),
            "status_update_id": update_id,
            # one update says one thing: the same order never comes with two values
            "status": f"s{update_id}",
            "is_member": update_id % 2 == 0,
            "is_carried_over": update_id % 3 == 0,
            "left_at": draw(st.none() | times),
        }
    return row


def _comparable(found: list[Row]) -> list[Row]:
    names = set(Membership._meta.fields_map) - {"id"}
    default: Row = {"messages": 0}
    complete = [{n: row.get(n, default.get(n)) for n in names} for row in found]
    return sorted(complete, key=lambda row: (row["user_id"], row["chat_id"]))


@pytest.fixture
async def opened(database_url: str):
    async with open_database(parse_database_url(database_url)) as database:
        yield database


@settings(max_examples=60)
@given(data=st.data(), given_rows=st.lists(membership_rows(), max_size=12))
async def test_any_order_and_grouping_of_rows_ends_in_the_same_table(
    opened: Any, data: st.DataObject, given_rows: list[Row]
) -> None:
    expected = _comparable(Membership.merge_rows(given_rows))
    shuffled = data.draw(st.permutations(given_rows))
    cut = data.draw(st.integers(0, len(shuffled)))

    await Membership.all().delete()
    async with write_transaction(opened) as db:
        await Membership.update_or_create_many(shuffled[:cut], db)
        await Membership.update_or_create_many(shuffled[cut:], db)

    assert _comparable(await rows(Membership)) == expected


async def test_update_or_create_tells_whether_it_created(opened: Any) -> None:
    profile = PROFILE | {"first_name": "Ann", "profile_at": START, "profile_update_id": 1}
    user, created = await User.update_or_create(profile | {"first_seen_at": START}, id=7)
    assert (user.first_name, created) == ("Ann", True)

    newer = profile | {"first_name": "Anna", "profile_update_id": 2, "first_seen_at": START}
    user, created = await User.update_or_create(newer, id=7)
    assert (user.first_name, created) == ("Anna", False)

    user, created = await User.update_or_create(profile | {"first_seen_at": START}, id=7)
    assert (user.first_name, created) == ("Anna", False), "older never overwrites newer"


async def test_an_answer_of_telegram_has_no_id_and_is_placed_by_its_time(opened: Any) -> None:
    """An undated press, then an answer of the Bot API: in either order the later one stays."""
    press = PROFILE | {"first_name": "Press", "profile_update_id": 9, "profile_is_dated": False}
    answer = PROFILE | {"first_name": "Answer", "profile_update_id": 0}
    press |= {"profile_at": START, "first_seen_at": START}
    answer |= {"profile_at": START + timedelta(seconds=1), "first_seen_at": START}
    for number, told in enumerate(([press, answer], [answer, press])):
        for each in told:
            await User.update_or_create(each, id=number)
        merged = User.merge_rows([each | {"id": number} for each in told])
        assert (await User.get(id=number)).first_name == merged[0]["first_name"] == "Answer"


async def test_an_undated_row_goes_by_the_id_of_its_update(opened: Any) -> None:
    late = PROFILE | {"first_name": "Late", "profile_update_id": 4, "profile_is_dated": False}
    dated = PROFILE | {"first_name": "Dated", "profile_update_id": 5}
    late |= {"profile_at": START + timedelta(hours=20), "first_seen_at": START}
    dated |= {"profile_at": START, "first_seen_at": START}
    long_after = late | {"profile_at": START + timedelta(days=8), "first_name": "Anew"}
    for number, told in enumerate(([late, dated], [dated, late])):
        for each in told:
            await User.update_or_create(each, id=number)
        assert (await User.get(id=number)).first_name == "Dated"
        await User.update_or_create(long_after, id=number)
        assert (await User.get(id=number)).first_name == "Anew", "ids may have begun anew"


async def test_of_many_update_or_create_at_once_one_creates(opened: Any) -> None:
    def write(number: int) -> Any:
        named = {"first_name": f"n{number}", "profile_at": START, "profile_update_id": number}
        return User.update_or_create(PROFILE | named | {"first_seen_at": START}, id=7)

    results = await asyncio.gather(*(write(number) for number in range(30)))

    assert [created for _, created in results].count(True) == 1
    assert (await User.get(id=7)).first_name == "n29"


@pytest.mark.parametrize(
    ("row", "missing"),
    [
        ({"first_name": "Ann", "first_seen_at": START}, "profile_at"),
        (
            {
                "first_name": "B",
                "profile_at": START,
                "profile_update_id": 1,
                "first_seen_at": START,
            },
            "last_name",
        ),
        ({"last_seen_at": START}, "first_seen_at"),
    ],
)
async def test_update_or_create_refuses_half_a_row(opened: Any, row: Row, missing: str) -> None:
    with pytest.raises(ValueError, match=missing):
        await User.update_or_create(row, id=7)


async def test_rows_that_change_nothing_are_not_written(opened: Any) -> None:
    row = {"user_id": 1, "chat_id": -1, "last_seen_at": START, "first_seen_at": START}
    for _ in range(2):
        async with write_transaction(opened) as db:
            await Membership.update_or_create_many([row], db)
            changed = await db.execute_query_dict(
                "SELECT xmin = pg_current_xact_id()::xid AS written FROM memberships"
                if opened.dialect == "postgres"
                else "SELECT changes() > 0 AS written"
            )
    assert not changed[0]["written"]
