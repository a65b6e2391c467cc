"""userreg through PgBouncer with transaction pooling, as deploy/pgbouncer.ini sets it up."""

import asyncio
import re
import signal
import subprocess
import time
from collections.abc import Iterator

import asyncpg
import pytest

from tests.conftest import userreg
from tests.deployed import PgBouncer, find, pgbouncer
from tests.postgres import Postgres, temporary_postgres
from tests.process import Sender, running
from tests.stream import assert_each_is_there_once, stream
from userreg.connecting import connect
from userreg.migrate import versions

_BINARY = find("pgbouncer")
needs_pgbouncer = pytest.mark.skipif(
    _BINARY is None, reason="PgBouncer is not installed (Debian: apt-get install pgbouncer)"
)


def _keeps_statements() -> bool:
    if _BINARY is None:
        return False
    told = subprocess.run([_BINARY, "--version"], capture_output=True, text=True, check=True)
    found = re.search(r"PgBouncer (\d+)\.(\d+)", told.stdout)
    return found is not None and (int(found[1]), int(found[2])) >= (1, 21)


@pytest.fixture(scope="module")
def _server() -> Iterator[Postgres]:
    with temporary_postgres(synchronous_commit="on") as server:  # its crash must lose nothing
        yield server


@pytest.fixture
async def server(_server: Postgres) -> Postgres:
    """With an empty database, `registry`."""
    await _server.anew("registry")
    return _server


@pytest.fixture
def bouncer(server: Postgres) -> Iterator[PgBouncer]:
    """With hardly any connection to PostgreSQL."""
    with pgbouncer(server, default_pool_size=3) as bouncer:
        yield bouncer


async def test_a_straight_connection_keeps_its_statements_prepared(server: Postgres) -> None:
    connection = await connect(server.url())
    await connection.fetchval("SELECT 1 + $1::int", 1)
    kept = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%1 + $1%'"
    assert await connection.fetchval(kept) > 0
    await connection.close()


async def test_a_connection_that_is_given_up_while_it_is_looked_at_is_closed(
    server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[asyncpg.Connection] = []

    async def give_up(connection: asyncpg.Connection) -> bool:
        looked_at.append(connection)
        raise asyncio.CancelledError

    monkeypatch.setattr("userreg.connecting._is_straight", give_up)
    with pytest.raises(asyncio.CancelledError):
        await connect(server.url())
    assert looked_at[0].is_closed()


async def _migrate(url: str) -> subprocess.CompletedProcess[str]:
    return await asyncio.to_thread(userreg, "migrate", DATABASE_URL=url)


@needs_pgbouncer
async def test_through_pgbouncer_one_migrates_the_others_wait(
    server: Postgres, bouncer: PgBouncer
) -> None:
    """More of them than there are connections; and the lock is not left behind."""
    done = await asyncio.gather(*(_migrate(bouncer.url) for _ in range(5)))
    assert [one.returncode for one in done] == [0] * 5, [one.stderr for one in done]
    applied = [line for one in done for line in one.stdout.splitlines()]
    assert applied == [f"applied: {version}" for version in versions()]
    straight = await asyncpg.connect(server.url())
    assert not await straight.fetch("SELECT * FROM pg_locks WHERE locktype = 'advisory'")
    await straight.close()


_PREPARED = "?statement_cache_size=100"


@needs_pgbouncer
@pytest.mark.parametrize("query", ["", "?pgbouncer=true", _PREPARED])
async def test_through_pgbouncer_every_update_is_recorded_once(
    server: Postgres, query: str
) -> None:
    if query == _PREPARED and not _keeps_statements():
        pytest.skip("PgBouncer keeps statements prepared from 1.21 on")
    kept = {"max_prepared_statements": 100} if query == _PREPARED else {}
    with pgbouncer(server, default_pool_size=3, **kept) as bouncer:
        url, sent = bouncer.url + query, stream(1_200)
        assert (await _migrate(url)).returncode == 0
        async with running(url) as one, running(url) as other:
            senders = Sender(20), Sender(20)
            parts = zip(senders, (one, other), (sent[::2], sent[1::2]), strict=True)
            left = await asyncio.gather(*(s.send(p.url, part) for s, p, part in parts))
        assert left == [[], []], (senders[0].statuses, senders[1].statuses)
    await assert_each_is_there_once(server.url("registry"), sent)


@needs_pgbouncer
async def test_through_pgbouncer_exports_and_erasure_work(bouncer: PgBouncer) -> None:
    assert (await _migrate(bouncer.url)).returncode == 0
    async with running(bouncer.url) as program:
        assert await Sender().send(program.url, stream(100)) == []
    export = ("export-stats", "--what", "users")
    for form, names in (("--csv", 51), ("--json", 52)):
        done = await asyncio.to_thread(userreg, *export, form, DATABASE_URL=bouncer.url)
        assert (done.returncode, len(done.stdout.splitlines())) == (0, names), done.stderr
    for command in (("forget", "--yes", "1001"), ("maintain",), ("export", "1002")):
        done = await asyncio.to_thread(userreg, *command, DATABASE_URL=bouncer.url)
        assert done.returncode == 0, done.stderr
    done = await asyncio.to_thread(userreg, *export, "--csv", DATABASE_URL=bouncer.url)
    assert "\n1001," not in done.stdout
    assert "\n1002," in done.stdout


@needs_pgbouncer
async def test_behind_pgbouncer_recording_goes_on_when_postgresql_is_back(
    server: Postgres, bouncer: PgBouncer
) -> None:
    assert (await _migrate(bouncer.url)).returncode == 0
    sent = stream(300)
    async with running(bouncer.url) as program:
        waiting = await Sender().send(program.url, sent[:100]) + sent[100:]
        server.stop()
        away = Sender()
        for _ in range(3):
            waiting = await away.send(program.url, waiting[:40]) + waiting[40:]
        assert set(away.statuses) == {503}
        assert away.slowest < 6
        server.start()
        begun, back = time.monotonic(), Sender()
        while not back.acknowledged:
            waiting = await back.send(program.url, waiting[:40]) + waiting[40:]
        assert time.monotonic() - begun < 5
        while waiting:
            waiting = await back.send(program.url, waiting)
    await assert_each_is_there_once(server.url("registry"), sent)


@needs_pgbouncer
async def test_a_restart_of_pgbouncer_loses_nothing(server: Postgres, bouncer: PgBouncer) -> None:
    assert (await _migrate(bouncer.url)).returncode == 0
    sent, sender = stream(2_000), Sender()
    async with running(bouncer.url) as program:
        sending = asyncio.create_task(sender.send(program.url, sent))
        await sender.has_acknowledged(300)
        await asyncio.to_thread(bouncer.stop, signal.SIGKILL)
        await asyncio.to_thread(bouncer.start)
        waiting = await sending
        while waiting:
            waiting = await Sender().send(program.url, waiting)
    await assert_each_is_there_once(server.url("registry"), sent)
