"""The totals that are kept are what there is to count, whatever happens and however many write."""

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import asyncpg
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests import updates
from tests.conftest import rows
from tests.postgres import Postgres
from tests.proof.rows import EPOCH, counted, empty, kept
from tests.steps import CHATS, Step, as_update, steps
from tests.updates import ANN, GROUP, Json
from userreg.batch import Outcome
from userreg.maintenance import maintain
from userreg.models import Chat, Membership, Total
from userreg.registry import Registry
from userreg.totals import Activity, Coverage, count_people, find_coverage

BOT_ID = updates.BOT["id"]
DAY = 86_400


async def receive(replicas: list[Registry], *story: Json, seed: int = 0) -> None:
    """All at once, each by any replica."""
    random = Random(seed)
    receipts = await asyncio.gather(
        *(random.choice(replicas).receive(json.dumps(update).encode()) for update in story)
    )
    assert {receipt.outcome for receipt in receipts} <= {Outcome.RECORDED}


CAME_BACK = [Step("writes", ANN, GROUP, "", "", 3), Step("told", ANN, GROUP, "member", "left", 2),
             Step("writes", ANN, GROUP, "", "", 1)]  # fmt: skip


@settings(max_examples=150)
@given(story=steps, at_once=st.sampled_from((1, 4, 40)), seed=st.integers(0, 99))
@example(story=CAME_BACK, at_once=1, seed=0)
async def test_after_any_updates_the_totals_are_what_there_is_to_count(
    replicas: list[Registry], story: list[Step], at_once: int, seed: int
) -> None:
    """`at_once`: what comes together may be merged before it is written."""
    database = replicas[0]._database
    await empty(database)
    for begin in range(0, len(story), at_once):
        part = story[begin : begin + at_once]
        await receive(replicas, *(as_update(s) for s in part if s.what != "forget"), seed=seed)
        for step in part:
            if step.what == "forget":
                await replicas[0].forget(step.person["id"])
    found = await kept()
    assert found == await counted(database)


async def test_many_writers_at_once_lose_nothing(replicas: list[Registry]) -> None:
    """New people, who join, write and leave in the same few chats."""
    now = int(time.time())
    for wave in range(4):
        people = [{"id": n, "is_bot": False, "first_name": "P"} for n in range(1000, 1200)]
        story = [updates.message(p, CHATS[p["id"] % 2], date=now - wave) for p in people]
        told = ("left", "member") if wave % 2 else ("member", "left")
        story += [updates.chat_member(p, *told, date=now - wave * DAY) for p in people]
        await receive(replicas, *story, seed=wave)
    found = await kept()
    assert found[0, "people", EPOCH] == 200
    assert found == await counted(replicas[0]._database)


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
async def test_no_writer_waits_for_another_because_of_a_total(
    replicas: list[Registry], postgres: Postgres
) -> None:
    """Whoever is about to commit new people holds up nobody, also in the same chat."""
    insert = (
        "INSERT INTO users (id, first_seen_at, last_seen_at, is_bot, is_premium, first_name)"
        " VALUES ($1, now(), now(), false, false, 'P')"
    )
    join = (
        "INSERT INTO memberships (user_id, chat_id, last_seen_at, messages)"
        " VALUES ($1, -1, now(), 1)"
    )
    slow, quick = await asyncpg.connect(postgres.url()), await asyncpg.connect(postgres.url())
    try:
        for number in (1, 2):
            await quick.execute(insert, number)  # so that there is a row that all would change
            await quick.execute(join, number)
        await slow.execute("BEGIN")
        await slow.execute(insert, 3)
        await slow.execute(join, 3)
        await quick.execute("SET lock_timeout = '200ms'")
        await quick.execute(insert, 4)
        await quick.execute(join, 4)
        await quick.execute("DELETE FROM users WHERE id = 1")
        await slow.execute("COMMIT")
    finally:
        await slow.close()
        await quick.close()
    assert (await count_people()).total == 3
    assert (await find_coverage(-1)).known == 4
    found = await kept()
    assert found == await counted(replicas[0]._database)


async def test_active_means_calendar_days_in_utc(replicas: list[Registry]) -> None:
    midnight = int(time.time()) // DAY * DAY
    seen = [midnight, midnight - 1, midnight - 6 * DAY, midnight - 6 * DAY - 1,
            midnight - 29 * DAY, midnight - 29 * DAY - 1, midnight - 400 * DAY]  # fmt: skip
    people = [{"id": n, "is_bot": False, "first_name": "P"} for n in range(1, 1 + len(seen))]
    story = (updates.message(p, date=at) for p, at in zip(people, seen, strict=True))
    await receive(replicas, *story)

    assert await count_people() == Activity(total=7, day=1, week=3, month=5)


async def test_a_day_that_is_dropped_or_was_too_long_ago_takes_nothing_with_it(
    replicas: list[Registry],
) -> None:
    today = datetime.now(UTC).date()
    long_ago = today - timedelta(days=40)
    await receive(replicas, updates.message(ANN, GROUP, date=int(time.time()) - 40 * DAY))
    assert {row["day"] for row in await Total.all().values()} == {EPOCH}

    for name, chat_id in (("people", 0), ("members", GROUP["id"])):  # as was kept at that time
        await Total.create(chat_id=chat_id, name=name, day=long_ago, amount=1)
    await receive(replicas, updates.message(ANN, GROUP, date=int(time.time())))
    await maintain(replicas[0]._database)

    assert {row["day"] for row in await Total.all().values()} == {EPOCH, today}
    found = await kept()
    assert found == await counted(replicas[0]._database)


async def test_confirmed_members_follow_the_chat_that_comes_and_goes(
    replicas: list[Registry],
) -> None:
    """A chat may be told of after its members; without the bot nobody is confirmed there."""
    at = datetime.now(UTC)
    told: dict[str, Any] = {
        "status": "member", "is_member": True, "evidence": "confirmed", "is_carried_over": False,
        "status_at": at, "messages": 0,
    }  # fmt: skip
    await Membership.update_or_create_many({"user_id": n, "chat_id": -1, **told} for n in (1, 2))
    assert await find_coverage(-1) == Coverage(known=2, confirmed=0)

    await Chat.update_or_create_many([{"id": -1, "first_seen_at": at}])
    assert await find_coverage(-1) == await find_coverage(0) == Coverage(2, 2)

    removed = {"id": -1, "first_seen_at": at, "bot_is_member": False, "bot_status_at": at,
               "bot_status_update_id": 1}  # fmt: skip
    await Chat.update_or_create_many([removed])
    assert await find_coverage(-1) == await find_coverage(0) == Coverage(2, 0)

    later = at + timedelta(seconds=1)
    back = {**removed, "bot_is_member": True, "bot_status_at": later, "added_at": later,
            "added_update_id": 2}  # fmt: skip
    await Chat.update_or_create_many([back])
    newest = {"user_id": 1, "chat_id": -1, **told, "status_at": later, "status_update_id": 3}
    await Membership.update_or_create_many([newest])
    assert await find_coverage(-1) == await find_coverage(0) == Coverage(2, 1)

    await Chat.filter(id=-1).delete()
    assert await find_coverage(-1) == await find_coverage(0) == Coverage(2, 0)
    assert len(await rows(Membership)) == 2
