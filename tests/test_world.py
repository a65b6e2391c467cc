"""The proof: after any history and any delivery the registry holds what the updates prove.

`HISTORIES` says how many histories to try on each engine.
"""

import ast
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.proof import Delivery, Untrue, compare, expected, judge_by_the_truth, plan
from tests.proof.rows import counted, empty, kept, read
from tests.proof.writing import deliver
from tests.proof.writing import writers_fixture as writers_fixture
from userreg import batch, extract, upsert
from userreg.models import DeadLetter
from userreg.registry import Registry
from userreg.sandbox import world as world_package
from userreg.sandbox.world import ACTIONS, World, identity, talk

HISTORIES = int(os.environ.get("HISTORIES", "300"))
#: Seconds between two actions; None waits for the last second of the day.
WAITS = (0, 1, 0, 2, 10, 60, 90, None)
Step = tuple[int, int, int]


def histories() -> st.SearchStrategy[list[Step]]:
    numbers = (st.integers(0, len(ACTIONS) - 1), st.integers(0, 2**24), st.integers(0, 7))
    return st.lists(st.tuples(*numbers), min_size=15, max_size=60)


def live(steps: list[Step]) -> World:
    world = World()
    for action, number, wait in steps:
        seconds = WAITS[wait]
        if seconds is None:
            world.wait_for_midnight()
        world.happen(ACTIONS[action], number, seconds or 0)
    return world


async def _step_by_step(*_: object) -> bool:
    """No batch is a usual one."""
    return False


# The proof


async def prove(writers: list[Registry], steps: list[Step], seed: int) -> None:
    """One history, one delivery, and the judgement of what the registry made of them."""
    world, random = live(steps), Random(seed)
    await empty(writers[0]._database)
    team = writers[: random.choice((1, 3))]
    waves = plan(world.updates, random)
    with pytest.MonkeyPatch.context() as patched:
        if random.random() < 0.5:  # as SQLite always does
            patched.setattr(batch, "record_batch", _step_by_step)
        for wave in waves:
            await deliver(team, wave, random)
    deliveries = [delivery for wave in waves for delivery in wave]
    found = await read()
    try:
        compare(expected(deliveries, knows_the_bot=False), found)
        judge_by_the_truth(world, found)
        await deliver(team, random.sample(deliveries, len(deliveries)), random)
        for table, rows in (await read()).items():
            if rows != found[table]:
                raise Untrue(f"{table} changed when everything was delivered again")
        if (totals := await kept()) != (truth := await counted(writers[0]._database)):
            raise Untrue(f"totals: {totals}, and counted: {truth}")
        if await DeadLetter.exists():
            raise Untrue("there are dead letters")
    except Untrue as error:
        raise Untrue(f"{error}\n\n{_story(world, waves)}") from None


def _story(world: World, waves: list[list[Delivery]]) -> str:
    arrived = [[delivery.update.update_id for delivery in wave] for wave in waves]
    told = [json.dumps(update.body, ensure_ascii=False) for update in world.updates]
    return "\n".join([*world.deeds, "", *told, "", f"delivered in waves: {arrived}"])


@settings(max_examples=HISTORIES)
@given(steps=histories(), seed=st.integers(0, 2**16))
async def test_the_registry_holds_what_the_updates_prove(
    writers: list[Registry], steps: list[Step], seed: int
) -> None:
    await prove(writers, steps, seed)


async def test_replicas_that_settle_a_username_at_once_agree(writers: list[Registry]) -> None:
    """It went from Ann to Bob and back. So close a race is rare in other histories."""
    world, ann, bob, swap_both = World(), 0, 1, 5
    for action, number in (
        (talk.writes_in_private, ann),
        (identity.trades_usernames, swap_both),
        (talk.writes_in_private, bob),
        (identity.trades_usernames, swap_both),
        (talk.writes_in_private, ann),
    ):
        world.happen(action, number, 10)
    first, *at_once = [Delivery(update, update.at) for update in world.updates]
    for seed in range(40):
        await empty(writers[0]._database)
        await deliver(writers, [first], Random(seed))
        await deliver(writers, at_once, Random(seed))
        compare(expected([first, *at_once], knows_the_bot=False), await read())


# The proof of the proof


def _actor_for_subject(monkeypatch: pytest.MonkeyPatch) -> None:
    original = extract._EXTRACTORS["chat_member"]

    def faulty(event: Any, seen: Any) -> Iterator[Any]:
        subject = msgspec.structs.replace(event.new_chat_member, user=event.from_user)
        yield from original(msgspec.structs.replace(event, new_chat_member=subject), seen)

    monkeypatch.setitem(extract._EXTRACTORS, "chat_member", faulty)


def _arrival_for_event_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        upsert, "is_newer", lambda row, _, order, *__: row.get(order[0]) is not None
    )
    monkeypatch.setattr(upsert, "_newer", lambda order, *_: f'e."{order[0]}" IS NOT NULL')


def _restricted_for_member(monkeypatch: pytest.MonkeyPatch) -> None:
    inside = ("creator", "administrator", "member", "restricted")
    monkeypatch.setattr(extract, "is_present", lambda member: member.status in inside)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "fault", [_actor_for_subject, _arrival_for_event_time, _restricted_for_member]
)
async def test_the_proof_finds_a_fault(
    writers: list[Registry],
    fault: Callable[[pytest.MonkeyPatch], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fault(monkeypatch)
    upsert.upsert_statement.cache_clear()
    try:
        with pytest.raises(Untrue):
            await _prove_a_series(writers)
    finally:
        upsert.upsert_statement.cache_clear()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_without_a_fault_the_same_series_is_true(writers: list[Registry]) -> None:
    await _prove_a_series(writers)


async def _prove_a_series(writers: list[Registry]) -> None:
    for seed in range(60):
        random = Random(seed)
        steps = [
            (random.randrange(len(ACTIONS)), random.getrandbits(24), random.randrange(8))
            for _ in range(40)
        ]
        await prove(writers, steps, seed)


async def test_the_world_knows_nothing_of_the_code_under_test() -> None:
    for path in Path(world_package.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and not node.level:
                assert (node.module or "").partition(".")[0] in sys.stdlib_module_names, path
            elif isinstance(node, ast.Import):
                assert {a.name.partition(".")[0] for a in node.names} <= sys.stdlib_module_names
