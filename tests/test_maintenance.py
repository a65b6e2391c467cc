"""What has had its time goes, in portions, and by one replica at a time."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from pytest_aiohttp.plugin import AiohttpClient

from tests import updates
from tests.conftest import row, rows, userreg
from tests.eve import EVE, receive, traces_of_eve
from tests.proof.rows import counted, kept
from tests.running import Bot, start_bot
from tests.updates import ANN, BOB, CID, GROUP, SUPERGROUP
from userreg import maintenance
from userreg.config import Settings
from userreg.database_url import parse_database_url
from userreg.db import open_database
from userreg.decisions import Administrator, AuditEntry, Forgotten, OneTimeCode
from userreg.maintenance import Dropped, maintain
from userreg.models import ClaimedUpdate, DeadLetter, Membership, User
from userreg.registry import Registry
from userreg.sandbox.telegram import LocalTelegram

NOW = datetime.now(UTC).replace(microsecond=0)


def ago(days: float) -> int:
    """As Telegram writes it."""
    return int((NOW - timedelta(days=days)).timestamp())


async def test_dead_letters_of_an_old_recording_outlive_the_pruning(
    replicas: list[Registry],
) -> None:
    registry = replicas[0]
    await registry.receive(b"no update", datetime(1990, 1, 1, tzinfo=UTC))
    long_ago = {"bot_id": 1, "at": datetime.now(UTC) - timedelta(hours=49)}
    many = [long_ago | {"update_id": number} for number in range(2_100)]  # three portions
    await ClaimedUpdate.update_or_create_many(many)
    await receive(registry, updates.message(ANN))

    assert await maintain(registry._database) == Dropped(claims=2_100)

    assert len(await rows(DeadLetter)) == 1
    assert (await row(ClaimedUpdate))["bot_id"] == updates.BOT["id"]


async def test_dead_letters_and_codes_that_have_had_their_time_go(
    replicas: list[Registry],
) -> None:
    for number, days in enumerate((1, 8)):
        at = NOW - timedelta(days=days)
        await DeadLetter.create(
            digest=str(number), body=b"", size=0, error="x", received_at=at, buried_at=at
        )
        later = NOW + timedelta(days=2 - days)
        await OneTimeCode.create(digest=str(number), purpose="x", expires_at=later)

    assert await maintain(replicas[0]._database) == Dropped(dead_letters=1, codes=1)
    assert [one.digest for one in await OneTimeCode.all()] == ["0"]


# Retention


async def test_whoever_was_not_seen_for_long_is_erased_and_may_come_back(
    replicas: list[Registry],
) -> None:
    registry, database = replicas[0], replicas[0]._database
    await receive(
        registry,
        updates.message(EVE, GROUP, date=ago(31)),
        updates.message(EVE, date=ago(32)),
        updates.message(BOB, GROUP, date=ago(29)),
        updates.chat_member(BOB, "left", "member", actor=EVE, date=ago(33)),
    )
    assert await maintain(database) == Dropped(), "nobody said how long"
    assert await maintain(database, 30) == Dropped(people=1)

    assert await traces_of_eve(database) == []
    assert [user["id"] for user in await rows(User)] == [BOB["id"]]
    assert await Forgotten.all().count() == 0
    found = await kept()
    assert found == await counted(database)

    await receive(registry, updates.message(EVE, GROUP))
    assert [user["id"] for user in await rows(User)] == [BOB["id"], EVE["id"]]


async def test_news_of_a_membership_keeps_a_person(replicas: list[Registry]) -> None:
    """Being named keeps nobody; a join, or a status that Telegram confirmed, does."""
    registry, database = replicas[0], replicas[0]._database
    for person in (ANN, BOB, CID):
        await receive(registry, updates.message(person, date=ago(50)))
    confirmed = {
        "user_id": BOB["id"], "chat_id": SUPERGROUP["id"], "status": "member", "is_member": True,
        "evidence": "confirmed", "is_carried_over": False, "status_at": NOW, "status_update_id": 0,
    }  # fmt: skip
    await Membership.update_or_create_many([confirmed])
    named = {"message_id": 1, "date": ago(0), "chat": GROUP, "from": CID}
    await receive(registry, updates.message(EVE, GROUP, reply_to_message=named, date=ago(0)))

    assert await maintain(database, 30) == Dropped(people=2)
    assert [user["id"] for user in await rows(User)] == [BOB["id"], EVE["id"]]


async def test_administrators_are_spared(replicas: list[Registry]) -> None:
    for person in (ANN, BOB, CID):
        await receive(replicas[0], updates.message(person, date=ago(50)))
    await Administrator.create(user_id=ANN["id"], added_at=NOW)

    dropped = await maintain(replicas[0]._database, 30, spared={BOB["id"]})

    assert dropped == Dropped(people=1)
    assert [user["id"] for user in await rows(User)] == [ANN["id"], BOB["id"]]


async def test_all_portions_are_looked_at(replicas: list[Registry]) -> None:
    """More people than one portion holds, the unseen among them anywhere."""
    at = NOW - timedelta(days=50)
    seen: dict[str, Any] = {"first_seen_at": at, "last_seen_at": at}
    many = [seen | {"id": n} | ({"last_seen_at": NOW} if n % 3 else {}) for n in range(1, 1501)]
    await User.update_or_create_many(many)

    assert await maintain(replicas[0]._database, 30) == Dropped(people=500)
    assert {user["id"] % 3 for user in await rows(User)} == {1, 2}


async def test_whoever_writes_just_then_is_kept(
    replicas: list[Registry], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between being looked up and being locked."""
    registry, database = replicas[0], replicas[0]._database
    await receive(registry, updates.message(ANN, GROUP, date=ago(50)))
    lock = maintenance.lock
    writes = updates.message(ANN, GROUP, date=ago(0))

    async def late(ids: list[int], db: Any) -> None:
        if database.dialect == "postgres":  # SQLite lets nobody in between
            await receive(registry, writes)
        await lock(ids, db)

    monkeypatch.setattr(maintenance, "lock", late)
    dropped = await maintain(database, 30)

    assert dropped == Dropped(people=0 if database.dialect == "postgres" else 1)
    assert len(await rows(User)) == (database.dialect == "postgres")


# One at a time


async def test_two_at_once_are_one(
    replicas: list[Registry], monkeypatch: pytest.MonkeyPatch
) -> None:
    database = replicas[0]._database
    goes_on, is_at_it = asyncio.Event(), asyncio.Event()
    prune = maintenance._prune_claims

    async def slow(*values: Any) -> None:
        is_at_it.set()
        await goes_on.wait()
        await prune(*values)

    monkeypatch.setattr(maintenance, "_prune_claims", slow)
    first = asyncio.create_task(maintain(database))
    await is_at_it.wait()
    assert await maintain(database) is None
    told = await asyncio.to_thread(userreg, "maintain", DATABASE_URL=address(database))
    assert (told.stdout, told.stderr, told.returncode) == ("", "Another userreg is at it.\n", 0)
    await receive(replicas[1], updates.message(ANN))  # nobody else has to wait

    goes_on.set()
    assert await first == Dropped()
    assert await maintain(database) == Dropped(), "the lock is gone with it"


def address(database: Any) -> str:
    if database.dialect == "sqlite":
        return f"sqlite://{database.path}"
    values = database.credentials
    return f"postgres://{values['user']}@{values['host']}:{values['port']}/{values['database']}"


# The bot, and the command


async def test_the_bot_does_it_by_itself(
    replicas: list[Registry],
    settings: Settings,
    aiohttp_client: AiohttpClient,
    telegram: LocalTelegram,
) -> None:
    await receive(
        replicas[0], updates.message(ANN, date=ago(50)), updates.message(BOB, date=ago(50))
    )
    settings.retention_days, settings.admin_ids = 30, frozenset({BOB["id"]})
    await start_bot(settings, aiohttp_client, telegram)
    async with asyncio.timeout(10):
        while len(left := await rows(User)) > 1:
            pass
    assert [user["id"] for user in left] == [BOB["id"]]


async def test_the_command_prints_what_it_did_beside_the_running_bot(
    bot: Bot, database_url: str
) -> None:
    seen = updates.message(EVE, GROUP, date=ago(50)), updates.message(ANN, GROUP, date=ago(1))
    await bot.tell(*seen)
    [task] = [t for t in asyncio.all_tasks() if t.get_name() == "maintenance"]
    task.cancel()
    await asyncio.wait({task})

    told = await asyncio.to_thread(
        userreg, "maintain", DATABASE_URL=database_url, RETENTION_DAYS="30"
    )
    lines = "claims: 0\ndead letters: 0\ncodes: 0\nsessions: 0\ntotals: 0\nreplicas: 0\npeople: 1\n"
    assert told.stdout == lines, told.stderr
    await bot.tell(updates.message(BOB, GROUP))
    assert [user["id"] for user in await rows(User)] == [ANN["id"], BOB["id"]]
    assert await AuditEntry.all().count() == 0


_HELD = """
    SELECT query FROM pg_stat_activity
    WHERE state = 'idle in transaction' AND backend_xmin IS NOT NULL
"""


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
async def test_whoever_maintains_keeps_no_dead_row_from_being_cleaned_up(database_url: str) -> None:
    """It may take long, and what it drops itself is dead, too."""
    database, other = parse_database_url(database_url), await asyncpg.connect(database_url)
    async with open_database(database), maintenance._only_one(database) as is_free:
        assert is_free
        held = await other.fetch(_HELD)
    await other.close()
    assert not held
