"""Whenever in any history somebody is forgotten, everybody else is known as if nobody had ever told
of that person."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.proof.rows import counted, empty, kept, read
from tests.steps import Step, as_update, steps
from tests.updates import ANN, BOB, Json
from userreg.registry import Registry


def _without_ids(tables: dict[str, Any]) -> dict[str, Any]:
    """Rows by their keys. The numbers that the database gives them depend on who else came; how far
    the row of a present name goes, on what came together (its end is kept with the user)."""
    dropped = {
        "users": (), "chats": (), "known_names": ("id", "last_at", "last_update_id")
    }  # fmt: skip
    return {
        name: {
            key: {c: v for c, v in row.items() if c not in dropped.get(name, ("id",))}
            for key, row in table.items()
        }
        for name, table in tables.items()
    }


def _minus(tables: dict[str, Any], user_id: int) -> dict[str, Any]:
    """The same registry as if nobody had ever told of this person."""
    left: dict[str, Any] = {}
    for name, table in tables.items():
        about = "id" if name in ("users", "chats") else "user_id"
        left[name] = {key: row for key, row in table.items() if row[about] != user_id}
        for row in left[name].values():
            for column in ("actor_id", "added_by_id"):
                if row.get(column) == user_id:
                    row[column] = None
    return left


async def _play(
    replicas: list[Registry],
    parts: Sequence[Sequence[bytes]],
    seed: int,
    at: int = -1,
    forget: Callable[[], Awaitable[None]] | None = None,
) -> dict[str, Any]:
    """Each part at once by any replica; beside one of them, somebody is forgotten."""
    await empty(replicas[0]._database)
    for person in (ANN, BOB):
        await replicas[0].remember_again(person["id"])
    random = Random(seed)
    for number, part in enumerate(parts):
        work: list[Awaitable[Any]] = [random.choice(replicas).receive(raw) for raw in part]
        if number == at and forget is not None:
            work.insert(random.randint(0, len(work)), forget())
        await asyncio.gather(*work)
    return _without_ids(await read())


def _moving_once(story: list[Step]) -> list[Step]:
    """A group moves but once; of two moves at two times the first one to be told counts."""
    moves = [number for number, step in enumerate(story) if step.what == "moves"]
    return [step for number, step in enumerate(story) if number not in moves[1:]]


def _told(part: Sequence[Step]) -> list[bytes]:
    return [json.dumps(as_update(s)).encode() for s in part if s.what != "forget"]


@settings(max_examples=60)
@given(
    story=steps, at_once=st.sampled_from((1, 4, 40)), who=st.sampled_from((ANN, BOB)),
    when=st.integers(0, 40), seed=st.integers(0, 99),
)  # fmt: skip
async def test_whenever_somebody_is_forgotten_everybody_else_is_known_as_ever(
    replicas: list[Registry], story: list[Step], at_once: int, who: Json, when: int, seed: int
) -> None:
    story = _moving_once(story)
    parts = [_told(story[i : i + at_once]) for i in range(0, len(story), at_once)]
    user_id = who["id"]
    as_ever = await _play(replicas, parts, seed)

    found = await _play(
        replicas, parts, seed, when % len(parts), lambda: replicas[0].forget(user_id)
    )

    assert found == _minus(as_ever, user_id)
    totals = await kept()
    assert totals == await counted(replicas[0]._database)
