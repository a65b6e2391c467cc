"""What others commit between two statements of the one call (PostgreSQL)."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from tests import updates
from tests.conftest import row, rows
from tests.updates import ANN, BOB, BOT, CID, GROUP, SUPERGROUP
from userreg import forgotten
from userreg.database_url import parse_database_url
from userreg.db import fetch_alone, open_database, write_transaction
from userreg.decisions import Forgotten
from userreg.forgetting import erase, lock
from userreg.group_commit import Limits
from userreg.models import KnownName, User
from userreg.registry import Registry
from userreg.sql import fetch

pytestmark = pytest.mark.parametrize("engine", ["postgres"], indirect=True)

_WAITS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE wait_event_type = 'Lock' AND query SIMILAR TO '%(record_batch|lock_shared)%'
"""
_RENAME = """
    UPDATE users SET first_name = 'Anna', profile_at = now(), profile_update_id = 10^9;
    INSERT INTO known_names (user_id, kind, name, first_at, last_at, last_update_id, last_is_dated)
    SELECT id, 'name', 'Anna', now(), now(), 10^9, true FROM users;
"""


async def tell(registry: Registry, told: dict[str, Any]) -> None:
    await registry.receive(json.dumps(told).encode())


async def test_whoever_is_erased_meanwhile_comes_back_with_their_names(
    replicas: list[Registry], database_url: str
) -> None:
    await tell(replicas[0], updates.message(ANN, GROUP))
    async with write_transaction(replicas[0]._database) as db:
        await lock([ANN["id"]], db)
        await erase([ANN["id"]], db)
        coming_back = asyncio.create_task(tell(replicas[1], updates.callback(ANN)))
        await _until_it_waits(database_url)
    await coming_back

    assert {n["name"] for n in await rows(KnownName, user_id=ANN["id"])} == {"Ann", "ann_a"}
    await tell(replicas[0], updates.message(BOB | {"username": "ann_a"}, GROUP, date=2**32 - 1))
    assert (await row(User, id=ANN["id"]))["username"] is None, "of two the later has it"


async def test_a_name_that_another_replica_notes_meanwhile_is_known_since_its_first_sighting(
    replicas: list[Registry], database_url: str
) -> None:
    await tell(replicas[0], updates.message(ANN, GROUP, date=1000))
    other = await asyncpg.connect(database_url)
    async with other.transaction():
        await other.execute(_RENAME)
        anna = updates.message(ANN | {"first_name": "Anna"}, SUPERGROUP, date=2000)
        recording = asyncio.create_task(tell(replicas[1], anna))
        await _until_it_waits(database_url)
    await recording
    await other.close()

    assert (await row(KnownName, name="Anna"))["first_at"].timestamp() == 2000


async def test_behind_pgbouncer_too_a_process_that_stands_still_holds_up_nobody(
    database_url: str,
) -> None:
    database = parse_database_url(f"{database_url}?pgbouncer=true")
    async with open_database(database):
        setting = "SELECT current_setting('idle_in_transaction_session_timeout')"
        assert await fetch_alone(database, setting) == "2s"


@pytest.mark.parametrize("besides", [(), (b"no update: step by step",)], ids=["", "by steps"])
@pytest.mark.parametrize("query", ["", "?pgbouncer=true"])
async def test_whoever_is_forgotten_meanwhile_stays_so_whatever_isolation_the_server_prefers(
    database_url: str, query: str, besides: tuple[bytes, ...]
) -> None:
    """A transaction that sees what was when it began would see that nobody is forgotten."""
    database = parse_database_url(f"{database_url}{query}")
    other = await asyncpg.connect(database_url)
    setting = "ALTER DATABASE postgres SET default_transaction_isolation TO 'repeatable read'"
    await other.execute(setting)
    try:
        registry = Registry(database, BOT["id"], Limits())
        async with open_database(database), registry.running():
            async with write_transaction(database, alone=True) as db:
                bodies = (json.dumps(updates.message(ANN, GROUP)).encode(), *besides)
                telling = asyncio.gather(*(registry.receive(body) for body in bodies))
                await _until_it_waits(database_url)
                hashed = await forgotten.make_hash(ANN["id"], db)
                await Forgotten(hash=hashed, at=datetime.now(UTC)).save(using_db=db)
                await fetch(db, forgotten._NEW_VERSION, "changed")
            await telling
            assert not await rows(User, id=ANN["id"])
    finally:
        await other.execute("ALTER DATABASE postgres RESET ALL")
        await other.close()


async def _until_it_waits(url: str) -> None:
    other = await asyncpg.connect(url)
    async with asyncio.timeout(10):
        while not await other.fetchval(_WAITS):
            pass
    await other.close()


async def test_two_who_share_each_others_contact_do_not_deadlock(
    replicas: list[Registry], database_url: str
) -> None:
    """Those who are only named are locked with the others, in one order."""
    for user in (ANN, CID):
        await tell(replicas[0], updates.message(user, GROUP))
    before = await _deadlocks(database_url)
    for _ in range(25):
        pairs = zip(replicas, ((ANN, CID), (CID, ANN)), strict=False)
        await asyncio.gather(*(tell(replica, _sharing(*both)) for replica, both in pairs))
    assert await _deadlocks(database_url) == before


def _sharing(user: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    contact = {"phone_number": "1", "first_name": "my friend", "user_id": other["id"]}
    return updates.message(user, updates.private(user), contact=contact)


async def _deadlocks(url: str) -> int:
    other = await asyncpg.connect(url)
    await other.execute("SELECT pg_stat_force_next_flush()")
    counted = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    count = await other.fetchval(counted)
    await other.close()
    return int(count)
