"""Whoever is forgotten stays forgotten: nothing of them is found in any table, whatever comes."""

import asyncio
import hmac
import json
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Any

import asyncpg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import updates
from tests.conftest import rows
from tests.proof.rows import counted, empty, kept, read
from tests.test_totals import Step, as_update, steps
from tests.updates import ANN, BOB, CID, GROUP, SUPERGROUP, Json
from userreg import audit, forgotten
from userreg.batch import Outcome
from userreg.database_url import Database
from userreg.db import open_database, write_transaction
from userreg.decisions import (
    Administrator,
    AuditEntry,
    Forgotten,
    Key,
    OneTimeCode,
    Phrase,
    Preference,
)
from userreg.errors import DatabaseUnavailable
from userreg.facts import MembershipFound, UserSeen
from userreg.models import Chat, DeadLetter, Membership, MembershipEvent, User
from userreg.queries import _fetch
from userreg.registry import Registry
from userreg.telegram import User as Profile

EVE: Json = {
    "id": 987_654_321, "is_bot": False, "first_name": "Evelyn", "last_name": "Qux-Örn",
    "username": "Evelyn_Q",
}  # fmt: skip
RENAMED = EVE | {"first_name": "Evi", "username": "evi_the_second"}
NOW = datetime(2026, 11, 1, tzinfo=UTC)
KEY = "a-key-of-the-tests-0123456789-0123456789"


async def receive(registry: Registry, *story: Json | bytes) -> None:
    for update in story:
        raw = update if isinstance(update, bytes) else json.dumps(update).encode()
        await registry.receive(raw)


async def whole_database(database: Database) -> str:
    """Every value of every table that there is, as text."""
    named = (
        "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'"
        if database.dialect == "postgres"
        else "SELECT name FROM sqlite_master WHERE type = 'table'"
    )
    values: list[str] = []
    for table in await _fetch(named):
        for row in await _fetch(f'SELECT * FROM "{table["name"]}"'):
            values += [v.decode() if isinstance(v, bytes) else str(v) for v in row.values()]
    return "\n".join(values)


async def traces_of_eve(database: Database) -> list[str]:
    text = await whole_database(database)
    names = r"evelyn|evi_the|(?<![\w-])qux|örn"  # which may stand in the middle of a random key
    return re.findall(rf"{EVE['id']}|{names}", text, re.IGNORECASE)


def broken(*, about: object) -> bytes:
    """A body that is no update."""
    update = updates.message(BOB, GROUP | {"id": "broken"}, forward_from=about)
    return json.dumps(update).encode()


def later() -> dict[str, Json | bytes]:
    """What may come of somebody who has been forgotten."""
    link = {"invite_link": "https://t.me/+abc", "creator": EVE, "is_primary": False}
    mention = {"type": "text_mention", "offset": 0, "length": 2, "user": EVE}
    reply = {"message_id": 1, "date": updates.NOW, "chat": GROUP, "from": EVE, "text": "Evelyn"}
    return {
        "writes": updates.message(EVE, GROUP),
        "writes to the bot": updates.message(EVE, text="/start"),
        "edits": updates.edited(EVE, GROUP, updates.NOW),
        "presses": updates.callback(EVE, GROUP),
        "joins": updates.chat_member(EVE, "left", "member"),
        "is announced": updates.message(BOB, GROUP, text="", new_chat_members=[EVE]),
        "is mentioned": updates.message(BOB, GROUP, entities=[mention]),
        "is replied to": updates.message(BOB, GROUP, reply_to_message=reply),
        "is kicked": updates.chat_member(EVE, "member", "kicked", actor=BOB),
        "kicks": updates.chat_member(BOB, "member", "kicked", actor=EVE),
        "removes": updates.message(EVE, GROUP, text="", left_chat_member=BOB),
        "invites": updates.chat_member(BOB, "left", "member", actor=BOB, invite_link=link),
        "adds the bot": updates.my_chat_member("left", "member", GROUP, actor=EVE),
        "blocks the bot": updates.my_chat_member("member", "kicked", updates.private(EVE), EVE),
        "is a contact": updates.message(
            BOB, contact={"phone_number": "1", "first_name": "Evelyn", "user_id": EVE["id"]}
        ),
        "is shared": updates.message(
            BOB, users_shared={"request_id": 1, "users": [{"user_id": EVE["id"]}]}
        ),
        "is chatted with": {
            "update_id": updates.message(BOB)["update_id"],
            "stopped_message_generation": {"chat": updates.private(EVE)},
        },
        "moves a group": updates.message(EVE, GROUP, text="", migrate_to_chat_id=SUPERGROUP["id"]),
        "is in a dead letter": broken(about=EVE),
    }  # fmt: skip


async def decide(database: Database) -> None:
    """Eve edited a text, is an administrator and named one, looked at others, was looked at."""
    eve, bob = EVE["id"], BOB["id"]
    await Preference.create(id=eve, locale="uk", updated_at=NOW)
    await Administrator.create(user_id=eve, added_at=NOW)
    await Administrator.create(user_id=bob, added_by_id=eve, added_at=NOW)
    await OneTimeCode.create(digest="0" * 64, purpose="x", user_id=eve, expires_at=NOW)
    await Phrase.create(
        key="k", locale="en", text="t", version=1, updated_by_id=eve, updated_at=NOW
    )
    async with write_transaction(database) as db:
        await audit.note(db, "stats", actor_id=eve)
        await audit.note(db, "seen", actor_id=bob, subject_id=eve, detail="@evelyn_q")
        await audit.note(db, "seen", actor_id=bob, subject_id=ANN["id"], detail="@ann_a")


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


async def test_what_telegram_answers_about_them_is_not_stored(replicas: list[Registry]) -> None:
    registry, eve = replicas[1], EVE["id"]
    await replicas[0].forget(eve)
    profile = Profile(id=eve, first_name="Evelyn")
    await registry.record(
        [UserSeen(NOW, 0, profile), MembershipFound(NOW, 0, eve, GROUP["id"], "member", True)]
    )
    assert await traces_of_eve(registry._database) == []
    assert [f.updates for f in await Forgotten.all()] == [0], "it is no update"


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


# The key


async def test_without_a_setting_one_key_is_made_and_kept(replicas: list[Registry]) -> None:
    people = [EVE["id"], ANN["id"], BOB["id"], CID["id"]]
    await asyncio.gather(*(replicas[i % 2].forget(id_) for i, id_ in enumerate(people)))

    (key,) = [one.value for one in await Key.filter(name="security")]
    expected = {hmac.new(key.encode(), str(p).encode(), "sha256").hexdigest() for p in people}
    assert {one.hash for one in await Forgotten.all()} == expected


async def test_a_key_that_is_set_later_knows_those_of_before(replicas: list[Registry]) -> None:
    await replicas[0].forget(EVE["id"])
    database = replace(replicas[0]._database, security_key=KEY)
    async with open_database(database), Registry(database, updates.BOT["id"]).running() as registry:
        assert await registry.is_forgotten(EVE["id"])
        await registry.forget(EVE["id"])
        assert await Forgotten.all().count() == 1, "as she was"

        await registry.forget(CID["id"])
        await receive(registry, updates.message(EVE, GROUP), updates.message(CID, GROUP))
        assert await rows(User) == []

        hashes = [one.hash for one in await Forgotten.all().order_by("id")]
        digits = str(CID["id"]).encode()
        assert hashes[1] == hmac.new(KEY.encode(), digits, "sha256").hexdigest()
        await registry.remember_again(EVE["id"])
        assert not await registry.is_forgotten(EVE["id"])


async def test_with_a_setting_no_key_is_kept(replicas: list[Registry]) -> None:
    database = replace(replicas[0]._database, security_key=KEY)
    async with open_database(database), Registry(database, updates.BOT["id"]).running() as registry:
        await registry.forget(EVE["id"])
        assert await Key.filter(name="security") == []
        assert KEY not in await whole_database(database)


async def test_while_nobody_is_forgotten_nothing_is_hashed(
    replicas: list[Registry], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> str:
        raise AssertionError("hashed")

    monkeypatch.setattr(forgotten, "hash_of", fail)
    await receive(replicas[0], *(u for u in later().values() if isinstance(u, dict)))
    assert EVE["id"] in {user["id"] for user in await rows(User)}


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


# Any history


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


# Two replicas at once


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
