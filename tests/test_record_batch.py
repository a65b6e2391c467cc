"""The usual batch, written in one call, and what makes a batch no usual one (PostgreSQL)."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from tortoise.connection import get_connection

from tests import updates
from tests.conftest import everything, row, rows
from tests.updates import ANN, BOB, CID, GROUP, SUPERGROUP
from userreg import batch
from userreg.batch import Outcome
from userreg.database_url import parse_database_url
from userreg.db import open_database
from userreg.group_commit import Limits
from userreg.models import ClaimedUpdate, KnownName, Membership, User
from userreg.record_batch import record_batch
from userreg.registry import Registry

pytestmark = pytest.mark.parametrize("engine", ["postgres"], indirect=True)


#: Forty thousand more of everything.
_GROW = """
    INSERT INTO users (id, first_name, username, is_bot, is_premium, first_seen_at, profile_at,
                       profile_update_id)
    SELECT n, 'Somebody', 'name_' || n, false, false, now(), now(), 1
    FROM generate_series(10000, 50000) AS n;
    INSERT INTO known_names (user_id, kind, name, first_at, last_at, last_update_id, last_is_dated)
    SELECT n, 'username', 'name_' || n, now(), now(), 1, true
    FROM generate_series(10000, 50000) AS n;
    INSERT INTO chats (id, is_forum, first_seen_at)
    SELECT -n, false, now() FROM generate_series(10000, 50000) AS n;
    INSERT INTO memberships (user_id, chat_id, last_seen_at, messages)
    SELECT n, -n, now(), 1 FROM generate_series(10000, 50000) AS n;
    INSERT INTO daily_activity (user_id, chat_id, day, messages)
    SELECT n, -n, now(), 1 FROM generate_series(10000, 50000) AS n
"""
_READ = "SELECT relname, seq_tup_read + idx_tup_fetch AS read FROM pg_stat_user_tables"


@pytest.fixture
async def registry(database_url: str) -> AsyncIterator[Registry]:
    database = parse_database_url(database_url)
    async with open_database(database), Registry(database, 1, Limits()).running() as registry:
        yield registry


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """What each call answered: whether it has written its batch."""
    answers: list[bool] = []

    async def spy(*arguments: Any) -> bool:
        answers.append(await record_batch(*arguments))
        return answers[-1]

    monkeypatch.setattr(batch, "record_batch", spy)
    return answers


async def tell(registry: Registry, *told: dict[str, Any]) -> list[Outcome]:
    """All in one batch."""
    bodies = [json.dumps(update).encode() for update in told]
    receipts = await asyncio.gather(*(registry.receive(body) for body in bodies))
    return [receipt.outcome for receipt in receipts]


async def test_a_message_costs_one_statement_and_no_other_round_trip(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tell(registry, updates.message(ANN, GROUP))
    sent: list[str] = []
    for name in ("execute", "fetch", "fetchrow", "fetchval"):
        real = getattr(asyncpg.Connection, name)

        async def spy(self: Any, query: str, *values: Any, real: Any = real, **more: Any) -> Any:
            sent.append(query)
            return await real(self, query, *values, **more)

        monkeypatch.setattr(asyncpg.Connection, name, spy)

    for user in (ANN, BOB):  # known already, and met for the first time
        await tell(registry, updates.message(user, GROUP))

    assert [query.partition("(")[0] for query in sent] == ["SELECT record_batch"] * 2


@pytest.mark.parametrize("together", [True, False])
async def test_it_notes_since_when_people_bear_their_names(
    registry: Registry, calls: list[bool], together: bool
) -> None:
    told = [updates.message(ANN, GROUP), updates.message(ANN, GROUP, date=1_600_000_000)]
    for part in [told] if together else [[update] for update in told]:
        await tell(registry, *part)

    assert all(calls)
    names = await rows(KnownName)
    assert {n["name"] for n in names} == {"Ann", "ann_a"}
    assert {n["first_at"].timestamp() for n in names} == {1_600_000_000}


async def test_somebody_who_was_only_shared_as_a_contact_is_named_when_they_write(
    registry: Registry, calls: list[bool]
) -> None:
    contact = {"phone_number": "1", "first_name": "my friend", "user_id": CID["id"]}
    await tell(registry, updates.message(ANN, GROUP, contact=contact))
    await tell(registry, updates.message(CID, GROUP))

    assert calls == [True, True]
    assert (await row(User, id=CID["id"]))["first_name"] == "Cid"
    assert {n["name"] for n in await rows(KnownName, user_id=CID["id"])} == {"Cid", "cid"}


async def test_a_duplicate_among_others_has_its_effect_once(
    registry: Registry, calls: list[bool]
) -> None:
    twice, *others = [updates.message(ANN, GROUP) for _ in range(3)]
    await tell(registry, twice)

    assert await tell(registry, *others, twice) == [
        Outcome.RECORDED, Outcome.RECORDED, Outcome.DUPLICATE,
    ]  # fmt: skip

    assert calls == [True, False]
    assert (await row(Membership))["messages"] == len(await rows(ClaimedUpdate)) == 3


async def test_a_new_name_is_thought_about(registry: Registry, calls: list[bool]) -> None:
    await tell(registry, updates.message(ANN, GROUP))
    await tell(registry, updates.message(ANN | {"first_name": "Anna"}, GROUP))

    assert calls == [True, False]
    assert {n["name"] for n in await rows(KnownName, kind="name")} == {"Ann", "Anna"}


async def test_two_names_of_one_person_in_a_batch_are_both_noted(
    registry: Registry, calls: list[bool]
) -> None:
    both = [updates.message(ANN | {"first_name": name}, GROUP) for name in ("Ann", "Anna", "Ann")]
    await tell(registry, *both)

    assert calls == [False]
    assert {n["name"] for n in await rows(KnownName, kind="name")} == {"Ann", "Anna"}


@pytest.mark.parametrize("together", [True, False])
async def test_of_two_who_bear_one_username_the_later_has_it(
    registry: Registry, calls: list[bool], together: bool
) -> None:
    taken = BOB | {"username": ANN["username"].upper()}
    told = [updates.message(ANN, GROUP), updates.message(taken, GROUP)]
    for part in [told] if together else [[update] for update in told]:
        await tell(registry, *part)

    assert calls[-1] is False
    assert {u["id"]: u["username"] for u in await rows(User)} == {
        ANN["id"]: None, BOB["id"]: taken["username"],
    }  # fmt: skip


async def test_what_is_told_of_a_group_that_has_moved_goes_where_it_is_now(
    registry: Registry, calls: list[bool]
) -> None:
    moved = updates.message(ANN, GROUP, migrate_to_chat_id=SUPERGROUP["id"])
    await tell(registry, moved)
    await tell(registry, updates.message(BOB, GROUP))

    assert calls == [False, False]
    assert (await row(Membership, user_id=BOB["id"]))["chat_id"] == SUPERGROUP["id"]


async def test_a_batch_of_an_old_list_of_the_forgotten_is_not_written(
    registry: Registry, calls: list[bool]
) -> None:
    await tell(registry, updates.message(ANN, GROUP))
    await registry.forget(ANN["id"])
    await tell(registry, updates.message(BOB, GROUP))

    assert calls == [True, False, True], "once with the old list, then with the new one"
    assert [user["id"] for user in await rows(User)] == [BOB["id"]]


async def test_a_call_that_gives_up_has_written_nothing(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tell(registry, updates.message(ANN, GROUP), updates.message(BOB, GROUP))
    before = await everything()

    async def not_at_all(*_: object) -> list[Any]:
        return []

    monkeypatch.setattr(batch, "_record_step_by_step", not_at_all)
    renamed = BOB | {"first_name": "Robert"}
    await tell(registry, updates.message(ANN, GROUP), updates.message(renamed, SUPERGROUP))

    assert await everything() == before


async def test_what_it_holds_locked_lets_nobody_be_written_twice_at_once(
    replicas: list[Registry],
) -> None:
    """All replicas at once, the same people in other orders."""
    told = [updates.message(user, GROUP) for user in (ANN, BOB) * 40]
    parts = [told[0::2] + told[1::2], told[1::2] + told[0::2], told]
    outcomes = await asyncio.gather(
        *(tell(one, *part) for one, part in zip(replicas, parts, strict=False))
    )
    counted = [outcome for each in outcomes for outcome in each]
    assert counted.count(Outcome.RECORDED) == len(told)
    assert sum(m["messages"] for m in await rows(Membership)) == len(told)


async def test_its_plans_are_good_for_a_registry_that_has_grown(registry: Registry) -> None:
    """They are made for empty tables, and kept."""
    for number in range(20):
        await tell(registry, updates.message(ANN | {"id": 500 + number}, GROUP))
    async with _writers_own(registry) as db:
        await db.execute(_GROW)
    before = await _rows_read(registry)
    for number in range(20):
        person = {"id": 600 + number, "username": f"new_{number}"}
        await tell(registry, updates.message(ANN | person, GROUP))

    read = {table: n - before[table] for table, n in (await _rows_read(registry)).items()}
    assert 40 < max(read.values()) < 400, read


@contextlib.asynccontextmanager
async def _writers_own(registry: Registry) -> AsyncIterator[Any]:
    """The connection that records: the pool gives the one that was given back last."""
    writer: Any = get_connection(registry._database.writer)
    async with writer.acquire_connection() as connection:
        yield connection


async def _rows_read(registry: Registry) -> dict[str, int]:
    """By table; PostgreSQL counts late unless it is told to."""
    async with _writers_own(registry) as db:
        await db.execute("SELECT pg_stat_force_next_flush()")
        return {row["relname"]: row["read"] for row in await db.fetch(_READ)}
