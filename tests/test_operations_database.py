"""What happens to updates when the database is away, hangs, is locked or may not be written."""

import asyncio
import contextlib
import json
import os
import signal
import sqlite3
import time
from collections.abc import Awaitable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiohttp import ClientSession

from tests.conftest import rows
from tests.postgres import Postgres
from tests.process import Sender, running, started, terminate
from tests.stream import CHATS, assert_each_is_there_once, stream
from tests.stream import own_postgres_fixture as own_postgres_fixture
from userreg.batch import Outcome
from userreg.database_url import Database, parse_database_url
from userreg.db import open_database, write_transaction
from userreg.errors import NotCommitted
from userreg.group_commit import Limits
from userreg.models import Chat, Membership
from userreg.registry import Receipt, Registry


async def _probe(url: str, sender: Sender, waiting: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Send a few of `waiting`; returns what is still to be sent."""
    return await sender.send(url, waiting[:40]) + waiting[40:]


async def test_postgresql_away_is_503_within_a_second_and_nothing_is_lost(
    own_postgres: Postgres,
) -> None:
    sent = stream(2_000)
    async with running(own_postgres.url()) as program, ClientSession() as session:
        waiting = await Sender().send(program.url, sent[:500]) + sent[500:]
        own_postgres.stop()
        away = Sender()
        for _ in range(5):
            waiting = await _probe(program.url, away, waiting)
        async with session.get(f"{program.url}/livez") as response:
            assert response.status == 200
        async with session.get(f"{program.url}/readyz") as response:
            assert (response.status, await response.text()) == (503, "database\n")
        assert set(away.statuses) == {503}
        assert away.retry_after == {"2"}
        assert away.slowest < 1.5, "within a second, on a machine that may be busy"

        own_postgres.start()
        begun = time.monotonic()
        back = Sender()
        while not back.acknowledged:
            waiting = await _probe(program.url, back, waiting)
        assert time.monotonic() - begun < 2
        while waiting:
            waiting = await back.send(program.url, waiting)
    await assert_each_is_there_once(own_postgres.url(), sent)


async def test_postgresql_that_hangs_is_503_within_five_seconds(own_postgres: Postgres) -> None:
    sent = stream(140)
    async with running(own_postgres.url()) as program:
        assert await Sender().send(program.url, sent[:100]) == []
        with _frozen(own_postgres):
            hanging = Sender()
            waiting = await hanging.send(program.url, sent[100:])
            assert set(hanging.statuses) == {503}
            assert hanging.slowest < 6

        begun = time.monotonic()
        back = Sender()
        while waiting:
            waiting = await back.send(program.url, waiting)
        assert time.monotonic() - begun < 5
    await assert_each_is_there_once(own_postgres.url(), sent)


@contextlib.contextmanager
def _frozen(server: Postgres) -> Iterator[None]:
    """The server and all its children stand still, connections stay open."""
    os.kill(server.pid, signal.SIGSTOP)
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    for child in children:
        os.kill(int(child), signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in (server.pid, *map(int, children)):
            os.kill(pid, signal.SIGCONT)


async def test_bodies_that_are_no_updates_wait_no_longer_than_others(
    own_postgres: Postgres,
) -> None:
    async with running(own_postgres.url()) as program:
        assert await Sender().send(program.url, stream(20)) == []
        with _frozen(own_postgres):
            junk = Sender(concurrency=30)
            await junk.send(program.url, [{"update_id": f"junk {n}"} for n in range(30)])
        assert set(junk.statuses) == {503}
        assert junk.slowest < 6
        terminate(program)
        assert await program.ended(within=10) == 0


async def test_a_database_that_turns_read_only_is_503_and_no_dead_letter(
    own_postgres: Postgres,
) -> None:
    connection = await asyncpg.connect(own_postgres.url())
    async with running(own_postgres.url()) as program:
        await connection.execute("ALTER SYSTEM SET default_transaction_read_only = on")
        await connection.execute("SELECT pg_reload_conf()")
        read_only = Sender()
        sent = stream(50)
        while not read_only.statuses[503]:
            sent = await read_only.send(program.url, sent) or stream(50)
        await connection.execute("ALTER SYSTEM RESET default_transaction_read_only")
        await connection.execute("SELECT pg_reload_conf()")
        while sent:
            sent = await Sender().send(program.url, sent)
    assert await connection.fetchval("SELECT count(*) FROM dead_letters") == 0
    await connection.close()


async def test_it_starts_while_the_database_is_away_and_works_when_it_comes(
    own_postgres: Postgres,
) -> None:
    own_postgres.stop()
    async with started(own_postgres.url()) as program:
        sender = Sender(concurrency=1)
        while not sender.statuses[503]:
            await sender.send(program.url, stream(1))
            await asyncio.sleep(0.05)
        own_postgres.start()
        await program.wait_until_ready()
        assert await sender.send(program.url, stream(10)) == []


async def test_a_lock_of_another_program_on_sqlite_is_outlived(migrated_sqlite: Any) -> None:
    """A backup holds the write lock for longer than a transaction may take."""
    database, sent = parse_database_url(f"sqlite://{migrated_sqlite}"), stream(5)
    registry = Registry(database, 1, Limits(commit=0.3, retry=0))
    backup = sqlite3.connect(migrated_sqlite)
    async with open_database(database), registry.running():
        backup.execute("BEGIN IMMEDIATE")
        with pytest.raises(NotCommitted):
            await registry.receive(json.dumps(sent[0]).encode())
        backup.rollback()
        for update in sent:
            while True:
                try:
                    receipt = await registry.receive(json.dumps(update).encode())
                    break
                except NotCommitted:
                    continue
            assert receipt.outcome is Outcome.RECORDED
        assert sum(r["messages"] for r in await rows(Membership)) == 5
    backup.close()


async def _stand_still_meanwhile(database: Database, other: Awaitable[Receipt]) -> None:
    async with write_transaction(database) as db:
        await db.execute_query("UPDATE chats SET title = 'another'")
        assert (await other).outcome is Outcome.RECORDED
        await db.execute_query("SELECT 1")


async def test_a_replica_that_stands_still_holds_up_no_other(own_postgres: Postgres) -> None:
    """Frozen in the middle of a transaction, with a chat locked."""
    database, sent = parse_database_url(own_postgres.url()), stream(2)
    for update in sent:
        update["message"]["chat"] = CHATS[0]
    async with open_database(database), Registry(database, 1).running() as registry:
        await registry.receive(json.dumps(sent[0]).encode())
        with pytest.raises(asyncpg.InterfaceError):
            await _stand_still_meanwhile(database, registry.receive(json.dumps(sent[1]).encode()))
        assert [row["title"] for row in await rows(Chat)] == [CHATS[0]["title"]]


@pytest.mark.ship
async def test_nothing_is_answered_200_that_no_standby_has(own_postgres: Postgres) -> None:
    """Not when it is sent again, either: by then it is there, but on one computer alone."""
    sent, away, back = stream(3), Sender(), Sender()
    connection = await asyncpg.connect(own_postgres.url())
    await connection.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
    await connection.execute("SELECT pg_reload_conf()")
    async with running(own_postgres.url()) as program:
        for _ in range(3):
            await away.send(program.url, sent)
        assert set(away.statuses) == {503}, away.statuses
        await connection.execute("ALTER SYSTEM RESET synchronous_standby_names")
        await connection.execute("SELECT pg_reload_conf()")
        while sent_again := await back.send(program.url, sent):
            assert set(back.statuses) <= {200, 503}, sent_again
    await connection.close()
    await assert_each_is_there_once(own_postgres.url(), sent)
