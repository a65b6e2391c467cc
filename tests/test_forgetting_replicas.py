"""Forgetting holds while another replica records at the same moment: what is under way there is
erased, or made anew."""

import asyncio
from collections import Counter
from typing import Any

import asyncpg
import pytest

from tests import updates
from tests.conftest import rows
from tests.eve import EVE, receive, traces_of_eve, whole_database
from tests.updates import BOB, GROUP, SUPERGROUP
from userreg import forgotten
from userreg.decisions import Forgotten
from userreg.errors import DatabaseUnavailable
from userreg.models import Chat, Membership, MembershipEvent, User
from userreg.registry import Registry


async def _held_up(postgres: asyncpg.Connection, waiting: int, *tasks: asyncio.Task[Any]) -> None:
    """Until so many wait for a lock, or one of the tasks has ended."""
    async with asyncio.timeout(5):
        while await postgres.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted") < waiting:
            if any(task.done() for task in tasks):
                return


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
async def test_a_batch_that_is_under_way_elsewhere_leaves_nothing_behind(
    replicas: list[Registry], database_url: str
) -> None:
    """The other replica has begun before, and commits after, everything that forgetting could
    find without waiting for it."""
    one, other = replicas
    blocker = await asyncpg.connect(database_url)
    async with blocker.transaction():
        await blocker.execute(
            "INSERT INTO chats (id, is_forum, first_seen_at) VALUES ($1, false, now())",
            GROUP["id"],
        )  # fmt: skip
        recording = asyncio.create_task(
            receive(other, updates.my_chat_member("left", "member", GROUP, actor=EVE))
        )
        await _held_up(blocker, 1, recording)
        forgetting = asyncio.create_task(one.forget(EVE["id"]))
        await _held_up(blocker, 2, forgetting)
    await asyncio.gather(recording, forgetting)
    await blocker.close()

    assert await traces_of_eve(one._database) == []
    assert len(await rows(Chat)) == 1


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
async def test_a_batch_that_was_made_before_is_made_anew(
    replicas: list[Registry], database_url: str
) -> None:
    """The other replica has a batch ready, knowing nobody who is forgotten, when somebody is."""
    one, other = replicas
    blocker = await asyncpg.connect(database_url)
    async with blocker.transaction():
        await blocker.execute("SELECT pg_advisory_xact_lock(7461, 1)")
        forgetting = asyncio.create_task(one.forget(EVE["id"]))
        await _held_up(blocker, 1, forgetting)
        recording = asyncio.create_task(receive(other, updates.message(EVE, GROUP)))
        await _held_up(blocker, 2, recording)
    await asyncio.gather(recording, forgetting)
    await blocker.close()

    assert await traces_of_eve(one._database) == []
    assert [f.updates for f in await Forgotten.all()] == [1]


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
async def test_forgetting_waits_for_no_long_transaction(
    replicas: list[Registry], database_url: str
) -> None:
    """It says so, and others record on; it may be done again."""
    blocker = await asyncpg.connect(database_url)
    async with blocker.transaction():
        await blocker.execute("SELECT pg_advisory_xact_lock_shared(7461, 1)")
        with pytest.raises(DatabaseUnavailable, match="lock timeout"):
            await replicas[0].forget(EVE["id"])
        await receive(replicas[1], updates.message(EVE, GROUP))
        assert len(await rows(User)) == 1
    await blocker.close()
    await replicas[0].forget(EVE["id"])

    assert await traces_of_eve(replicas[0]._database) == []


async def test_a_group_that_moves_just_then_takes_nobody_along(replicas: list[Registry]) -> None:
    """After the person was put on the list, and before the rows are erased."""
    one, other = replicas
    await receive(
        one,
        updates.message(EVE, GROUP),
        updates.chat_member(EVE, "left", "member", GROUP),
        updates.chat_member(BOB, "left", "member", GROUP, actor=EVE),
    )
    await forgotten.put_on_the_list(one._database, EVE["id"])
    moves = {"migrate_to_chat_id": SUPERGROUP["id"]}
    await receive(other, updates.message(BOB, GROUP, text="", **moves))

    assert [m["user_id"] for m in await rows(Membership)] == [BOB["id"]]
    events = [(e["user_id"], e["actor_id"], e["chat_id"]) for e in await rows(MembershipEvent)]
    assert events == [(BOB["id"], None, SUPERGROUP["id"])]
    await one.forget(EVE["id"])
    assert await traces_of_eve(one._database) == []


async def test_whatever_two_replicas_do_at_once_it_holds(replicas: list[Registry]) -> None:
    for turn in range(10):
        eve = EVE | {"id": EVE["id"] + turn}
        kinds = [
            lambda eve=eve: updates.message(eve, GROUP),
            lambda eve=eve: updates.message(eve),
            lambda eve=eve: updates.chat_member(BOB, "member", "left", actor=eve),
            lambda eve=eve: updates.my_chat_member("left", "member", SUPERGROUP, actor=eve),
            lambda eve=eve: updates.message(BOB, GROUP, contact={"user_id": eve["id"]}),
        ]
        work: list[Any] = [receive(replicas[i % 2], kinds[i % 5]()) for i in range(40)]
        work.insert(turn * 4, replicas[turn % 2].forget(eve["id"]))
        await asyncio.gather(*work)
        assert str(eve["id"]) not in await whole_database(replicas[0]._database)
    assert Counter(u["id"] for u in await rows(User)) == {BOB["id"]: 1}
