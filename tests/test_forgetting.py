"""Whoever is forgotten stays forgotten: nothing of them is found in any table, whatever comes."""

import asyncio
import contextlib
import json
from itertools import product
from typing import Any

import pytest
from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.backends.sqlite.client import SqliteClient

from tests import updates
from tests.conftest import rows
from tests.eve import EVE, NOW, RENAMED, broken, decide, later, receive, traces_of_eve
from tests.proof.rows import counted, kept
from tests.updates import ANN, BOB, CID, GROUP, SUPERGROUP
from userreg import audit, forgetting
from userreg import sql as sql_of_ours
from userreg.batch import Outcome
from userreg.db import write_transaction
from userreg.decisions import Administrator, AuditEntry, Forgotten, Phrase
from userreg.facts import MembershipFound, UserSeen
from userreg.models import Chat, DeadLetter, Membership, MembershipEvent, User
from userreg.registry import Registry
from userreg.telegram import User as Profile


async def test_every_table_forgets(replicas: list[Registry]) -> None:
    registry, database = replicas[0], replicas[0]._database
    await receive(registry, *later().values(), updates.message(RENAMED, GROUP))
    await decide(database)
    assert {"987654321", "Evelyn", "Qux", "evi_the", "Örn"} <= set(await traces_of_eve(database))

    await registry.forget(EVE["id"])

    assert await traces_of_eve(database) == []
    assert {user["id"] for user in await rows(User)} == {BOB["id"]}
    assert len(await Administrator.all()) == len(await Phrase.filter(version__gt=0)) == 1
    (hash_,) = [one.hash for one in await Forgotten.all()]
    told = [(e.actor_hash, e.subject_hash, e.detail) for e in await AuditEntry.all().order_by("id")]
    assert told == [
        (hash_, None, None), (None, hash_, None), (None, None, "@ann_a"),
    ]  # fmt: skip
    found = await kept()
    assert found == await counted(database)


@pytest.mark.parametrize("what", later())
async def test_what_comes_later_is_counted_and_not_stored(
    replicas: list[Registry], what: str
) -> None:
    one, other = replicas
    await receive(one, updates.message(EVE, GROUP), updates.message(BOB, GROUP))
    await one.forget(EVE["id"])
    update = later()[what]
    await receive(other, updates.message(ANN, GROUP), update)

    assert await traces_of_eve(one._database) == []
    assert {user["id"] for user in await rows(User)} == {ANN["id"], BOB["id"]}
    assert [f.updates for f in await Forgotten.all()] == [1]

    if not isinstance(update, bytes):
        again = await other.receive(json.dumps(update).encode())
        assert again.outcome is Outcome.DUPLICATE
        assert [f.updates for f in await Forgotten.all()] == [1]
    assert await traces_of_eve(one._database) == []


async def test_others_in_the_same_update_are_recorded_as_ever(replicas: list[Registry]) -> None:
    registry = replicas[0]
    await registry.forget(EVE["id"])
    await receive(
        registry,
        updates.my_chat_member("left", "administrator", SUPERGROUP, actor=EVE),
        updates.message(EVE, SUPERGROUP, text="", new_chat_members=[EVE, BOB]),
        updates.chat_member(CID, "member", "kicked", actor=EVE),
    )
    chat = (await rows(Chat))[0]
    assert (chat["bot_status"], chat["added_by_id"]) == ("administrator", None)
    assert chat["added_at"] is not None
    events = [(e["user_id"], e["new_status"], e["actor_id"]) for e in await rows(MembershipEvent)]
    assert events == [(BOB["id"], "member", None), (CID["id"], "kicked", None)]


async def test_in_a_batch_of_many_nobody_else_is_missed(replicas: list[Registry]) -> None:
    registry = replicas[0]
    await registry.forget(EVE["id"])
    people = [{"id": n, "is_bot": False, "first_name": "P"} for n in range(1000, 1100)]
    story = [updates.message(p, GROUP) for p in people] + [updates.message(EVE, GROUP)] * 1
    story += [updates.message(EVE, GROUP) for _ in range(50)]
    await asyncio.gather(*(receive(registry, update) for update in story))

    assert await traces_of_eve(registry._database) == []
    assert len(await rows(Membership)) == 100
    assert [f.updates for f in await Forgotten.all()] == [51]


async def test_what_telegram_answers_about_them_is_not_stored(replicas: list[Registry]) -> None:
    registry, eve = replicas[1], EVE["id"]
    await replicas[0].forget(eve)
    profile = Profile(id=eve, first_name="Evelyn")
    await registry.record(
        [UserSeen(NOW, 0, profile), MembershipFound(NOW, 0, eve, GROUP["id"], "member", True)]
    )
    assert await traces_of_eve(registry._database) == []
    assert [f.updates for f in await Forgotten.all()] == [0], "it is no update"


# Dead letters


async def test_a_dead_letter_that_can_be_read_now_is_no_way_back(replicas: list[Registry]) -> None:
    registry = replicas[0]
    await registry.forget(EVE["id"])
    body = json.dumps(updates.message(EVE, GROUP)).encode()  # as if restored from a backup
    letter = await DeadLetter.create(
        digest="0" * 64, body=body, size=len(body), error="x", received_at=NOW, buried_at=NOW
    )
    receipt = await registry.replay_dead_letter(letter)

    assert receipt.outcome is Outcome.RECORDED
    assert await traces_of_eve(registry._database) == []


@pytest.mark.parametrize(
    ("body", "is_about_eve"),
    [
        ('{"id": 987654321}', True),
        ('"tg://user?id=987654321"', True),
        ('{"id": 1987654321}', False),
        ('{"id": 9876543210}', False),
        ('{"id": -987654321}', False),
        ('"ask @EVELYN_Q"', False),
        ('"Evelyn said"', False),
    ],
)
async def test_dead_letters_go_that_hold_their_id_and_no_others(
    replicas: list[Registry], body: str, is_about_eve: bool
) -> None:
    registry = replicas[0]
    await receive(registry, updates.message(EVE, GROUP), updates.message(RENAMED, GROUP))
    await receive(registry, body.encode())
    await registry.forget(EVE["id"])

    assert len(await DeadLetter.all()) == (not is_about_eve)


async def test_nobody_takes_dead_letters_along_by_their_name(
    replicas: list[Registry],
) -> None:
    registry = replicas[0]
    for name in (",", "e", '"', "message", "supergroup", "Bob"):
        await receive(registry, updates.message(EVE | {"first_name": name, "last_name": None}))
    await receive(registry, broken(about=BOB))
    await registry.forget(EVE["id"])

    assert len(await DeadLetter.all()) == 1


async def test_a_later_dead_letter_keeps_its_kind_and_no_body(replicas: list[Registry]) -> None:
    registry = replicas[0]
    await registry.forget(EVE["id"])
    named, other = broken(about=EVE), broken(about=BOB)
    await receive(registry, named, other)

    letters = await DeadLetter.all().order_by("id")
    assert [(one.body, one.size) for one in letters] == [(b"", len(named)), (other, len(other))]
    assert letters[0].error == "NotAnUpdate"
    receipt = await registry.replay_dead_letter(letters[0])
    assert receipt.outcome is Outcome.DEAD_LETTERED


# Remembered again


async def test_whoever_wants_it_is_remembered_again_by_every_replica(
    replicas: list[Registry],
) -> None:
    one, other = replicas
    eve = EVE["id"]
    assert not await one.is_forgotten(eve)
    await one.forget(eve)
    await receive(other, updates.message(EVE, GROUP))
    assert await one.is_forgotten(eve)
    assert await other.is_forgotten(eve)
    assert await rows(User) == []

    await one.remember_again(eve)
    await receive(other, updates.message(EVE, GROUP))

    assert not await other.is_forgotten(eve)
    assert [user["id"] for user in await rows(User)] == [eve]
    assert await Forgotten.all().count() == 0


async def test_to_forget_twice_or_to_remember_nobody_changes_nothing(
    replicas: list[Registry],
) -> None:
    one, other = replicas
    await one.remember_again(EVE["id"])
    await asyncio.gather(*(each.forget(EVE["id"]) for each in (one, other, one, other)))
    assert await Forgotten.all().count() == 1


# The audit


async def test_the_audit_names_nobody_who_is_forgotten(replicas: list[Registry]) -> None:
    database = replicas[0]._database
    await replicas[0].forget(EVE["id"])
    await decide(database)  # and later: an administrator by the settings, say
    async with write_transaction(database) as db:
        await audit.note(db, "seen", actor_id=EVE["id"], subject_id=GROUP["id"])
    told = await AuditEntry.all().order_by("id")
    assert EVE["id"] not in {i for one in told for i in (one.actor_id, one.subject_id)}
    (hash_,) = [one.hash for one in await Forgotten.all()]
    assert (told[1].subject_hash, told[1].detail) == (hash_, None)
    assert (told[-1].actor_hash, told[-1].subject_id) == (hash_, GROUP["id"])


async def look_at_each_other(count: int) -> None:
    eve, bob = EVE["id"], BOB["id"]
    both = [(eve, bob), (bob, eve)] * count
    await AuditEntry.bulk_create(
        AuditEntry(at=NOW, action="seen", actor_id=one, subject_id=other) for one, other in both
    )


async def test_however_much_is_in_the_audit_it_takes_as_many_statements(
    replicas: list[Registry], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0

    def count(client: type, name: str) -> None:
        real = getattr(client, name)

        async def counted(self: Any, query: str, values: list[Any] | None = None) -> Any:
            nonlocal asked
            asked += 1
            return await real(self, query, values)

        monkeypatch.setattr(client, name, counted)

    for client, name in product(
        (AsyncpgDBClient, SqliteClient), ("execute_query", "execute_query_dict")
    ):
        count(client, name)
    counts = []
    for entries in (1, 1, 30):  # the first time a key is made
        await look_at_each_other(entries)
        asked = 0
        await replicas[0].forget(EVE["id"])
        counts.append(asked)
    assert counts[1] == counts[2]


async def test_two_who_looked_at_each_other_are_forgotten_at_once(
    replicas: list[Registry], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where each could wait for the other, neither does."""
    both = asyncio.Barrier(2)

    async def fetch(db: Any, sql: str, *values: Any) -> Any:
        if sql == forgetting._HIDE[-1] and not both.broken:
            with contextlib.suppress(TimeoutError, asyncio.BrokenBarrierError):
                async with asyncio.timeout(0.3):
                    await both.wait()
        return await sql_of_ours.fetch(db, sql, *values)

    monkeypatch.setattr(forgetting, "fetch", fetch)
    await look_at_each_other(3)
    people = (EVE["id"], BOB["id"])
    await asyncio.gather(*(r.forget(id_) for r, id_ in zip(replicas, people, strict=True)))
    left = {(one.actor_id, one.subject_id) for one in await AuditEntry.all()}
    assert left == {(None, None)}
