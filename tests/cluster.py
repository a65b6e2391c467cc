"""Three replicas behind HAProxy, on PgBouncer, on PostgreSQL with a synchronous standby: all of it
on this computer, with the files of deploy/."""

import asyncio
import contextlib
import multiprocessing
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from itertools import islice
from multiprocessing.connection import Connection
from typing import Any

import asyncpg

from tests.conftest import userreg
from tests.deployed import DEPLOY, HAProxy, Nginx, PgBouncer
from tests.postgres import Postgres, Standby, free_port
from tests.process import Program, started, terminate
from tests.running import SECRET
from userreg.sandbox.load import Load, run
from userreg.sandbox.load.report import Report
from userreg.sandbox.load.supply import Pace
from userreg.sandbox.world import Update
from userreg.sandbox.world.crowd import stream

#: A disk that forgets nothing when PostgreSQL alone is stopped.
_KEPT = {"synchronous_commit": "on", "fsync": "off", "full_page_writes": "off"}
_SPAWN = multiprocessing.get_context("spawn")
#: Updates a second, and for how many seconds at most.
RATE, _LONGEST = 150, 60
#: Between the update ids of two loads.
_IDS = 10**9


class Replica:
    """One place behind the balancer, whatever process is in it."""

    def __init__(self, name: str, url: str) -> None:
        self.name, self.port = name, free_port()
        self._url = url
        self._stack = contextlib.AsyncExitStack()
        self.program: Program | None = None

    @property
    def pid(self) -> int:
        assert self.program is not None
        assert self.program.process.pid is not None
        return self.program.process.pid

    async def start(self) -> None:
        program = started(self._url, PORT=str(self.port), LOG_LEVEL="WARNING")
        self.program = await self._stack.enter_async_context(program)
        await self.program.wait_until_ready()

    async def stop(self) -> int:
        """By SIGTERM; returns the exit code."""
        assert self.program is not None
        terminate(self.program)
        return await self.program.ended(within=10)

    async def remove(self) -> None:
        if self.program is not None and self.program.process.exitcode is None:
            os.kill(self.pid, signal.SIGCONT)
        await self._stack.aclose()


class Cluster:
    def __init__(self, primary: Postgres, standby: Standby, bouncer: PgBouncer) -> None:
        self.primary, self.standby, self.bouncer = primary, standby, bouncer
        self.replicas = [Replica(name, bouncer.url) for name in ("one", "two", "three")]
        self.balancer = HAProxy([replica.port for replica in self.replicas])
        self.sent: list[Update] = []
        self.told: list[str] = []
        self._loads = 0

    @property
    def database_url(self) -> str:
        return self.primary.url("registry")

    async def until(self, replica: Replica, status: str, within: float) -> float:
        """How long it took until the balancer thought so of the replica. Raises TimeoutError."""
        begun = time.monotonic()
        async with asyncio.timeout(within):
            while self.balancer.states()[replica.name] != status:  # noqa: ASYNC110
                await asyncio.sleep(0.02)  # HAProxy tells only when it is asked
        return time.monotonic() - begun

    async def until_replayed(self) -> None:
        """Until the standby shows what the primary has."""
        now = await _fetch(self.primary.url(), "SELECT pg_current_wal_lsn()")
        shown = "SELECT pg_last_wal_replay_lsn() >= $1"
        async with asyncio.timeout(10):
            while not await _fetch(self.standby.url(), shown, now):  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    @contextlib.asynccontextmanager
    async def under_load(
        self, what: str, quiet: float = 3, balancer: HAProxy | Nginx | None = None
    ) -> AsyncIterator[Report]:
        """Telegram delivers while the context is open, and for `quiet` seconds longer, in which
        everything gets its answer. The report is filled at the end; what was sent is known then,
        and what Telegram saw is noted."""
        balancer = balancer or self.balancer
        load = self._next_load(balancer.url)
        heard, said = _SPAWN.Pipe(duplex=False)
        process = _SPAWN.Process(target=_send, args=(load, str(balancer.certificate), said))
        process.start()
        said.close()
        report = Report()
        try:
            await asyncio.to_thread(heard.recv)  # it begins
            yield report
            await asyncio.sleep(quiet)
            process.terminate()
            report.merge(await asyncio.to_thread(heard.recv))
        finally:
            process.kill()
            process.join()
        assert report.seconds < _LONGEST, f"{what}: the load was over too soon"
        self.sent += islice(_updates(load), report.sent)
        self.told.append(f"{what}: {_in_words(report)}")

    def _next_load(self, url: str) -> Load:
        number, pace = self._loads, Pace(_LONGEST, rate=RATE)
        self._loads += 1
        load = Load(f"{url}/webhook", SECRET, pace, talking=0, people=500, chats=20)
        return replace(load, day=number, first_update_id=load.first_update_id + number * _IDS)


def _send(load: Load, certificate: str, said: Connection) -> None:
    """In a process of its own, whose main thread it needs."""
    os.environ["SSL_CERT_FILE"] = certificate
    begun = False

    def on_progress(what: str, part: float) -> None:
        nonlocal begun
        if what == "Sending" and part > 0 and not begun:
            begun = True
            said.send("begun")

    said.send(run(load, on_progress))


def _updates(load: Load) -> Iterator[Update]:
    crowd = load.crowd(0)
    return stream(
        crowd.seed, people=crowd.people, chats=crowd.chats, talking=crowd.talking, day=crowd.day,
        now=crowd.now, pace=crowd.pace, first_update_id=crowd.first_update_id,
    )  # fmt: skip


def _in_words(report: Report) -> str:
    wrong = {str(k): n for k, n in report.statuses.items() if k != 200} | dict(report.errors)
    latency = ", ".join(f"p{p} {report.latency.percentile(p) * 1000:.0f}" for p in (50, 99))
    return (
        f"{report.sent} updates, {report.answered} answered 200, {report.retries} sent again "
        f"{wrong or ''}, {latency}, slowest {report.latency.max * 1000:.0f} ms"
    )


@contextlib.contextmanager
def _databases() -> Iterator[tuple[Postgres, Standby, PgBouncer]]:
    with contextlib.ExitStack() as stack:
        primary = Postgres({"max_connections": "100", **_KEPT})
        stack.callback(primary.remove)
        primary.include((DEPLOY / "postgresql-primary.conf").read_text())
        primary.start()
        standby = Standby(primary, _KEPT)
        stack.callback(standby.remove)
        settings = (DEPLOY / "postgresql-standby.conf").read_text()
        address = "host=10.0.0.1 port=5432 user=replicator"
        assert address in settings
        own = f"host=127.0.0.1 port={primary.port} user=postgres"
        standby.include(settings.replace(address, own))
        standby.start()
        bouncer = PgBouncer(primary)
        stack.callback(bouncer.remove)
        bouncer.start()
        yield primary, standby, bouncer


@contextlib.asynccontextmanager
async def cluster() -> AsyncIterator[Cluster]:
    """All of it, ready, while the context is open."""
    with _databases() as databases:
        cluster = Cluster(*databases)
        await _fetch(cluster.primary.url(), "CREATE DATABASE registry")
        done = await asyncio.to_thread(userreg, "migrate", DATABASE_URL=cluster.bouncer.url)
        assert done.returncode == 0, done.stderr
        try:
            await asyncio.gather(*(replica.start() for replica in cluster.replicas))
            cluster.balancer.start()
            for replica in cluster.replicas:
                await cluster.until(replica, "UP", within=10)
            yield cluster
        finally:
            for replica in cluster.replicas:
                await replica.remove()
            cluster.balancer.remove()


async def _fetch(url: str, sql: str, *values: Any) -> Any:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(sql, *values)
    finally:
        await connection.close()
