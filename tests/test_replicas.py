"""Three replicas behind HAProxy, under load: restarted, killed, frozen. `make test-replicas`."""

import asyncio
import os
import signal
import subprocess
from collections.abc import AsyncIterator

import pytest

from tests.cluster import Cluster, cluster
from tests.conftest import userreg
from tests.deployed import Nginx, find
from tests.proof import Delivery, Table, expected
from tests.proof.rows import counted, kept, read
from userreg.database_url import parse_database_url
from userreg.db import open_database
from userreg.models import ClaimedUpdate, DeadLetter

_MISSING = [name for name in ("haproxy", "pgbouncer", "openssl") if find(name) is None]
pytestmark = [
    pytest.mark.replicas,
    pytest.mark.skipif(
        bool(_MISSING), reason=f"{', '.join(_MISSING)} missing (Debian: apt-get install …)"
    ),
]


async def _judge(cluster: Cluster) -> None:
    """The registry holds what was sent, each update once."""
    database = parse_database_url(cluster.database_url)
    wanted = expected([Delivery(u, u.at) for u in cluster.sent], knows_the_bot=False)
    async with open_database(database):
        found = await read()
        claimed = await ClaimedUpdate.all().values_list("update_id", flat=True)
        assert sorted(claimed) == sorted(u.update_id for u in cluster.sent)
        assert _messages(found["memberships"]) == _messages(wanted.memberships)
        assert _messages(found["activity"]) == _messages(wanted.activity)
        assert found["events"].keys() == wanted.events.keys()
        assert not await DeadLetter.exists()
        assert await kept() == await counted(database)


def _messages(table: Table) -> dict[object, int]:
    return {key: row["messages"] for key, row in table.items()}


@pytest.fixture(scope="module")
async def three() -> AsyncIterator[Cluster]:
    async with cluster() as three:
        yield three
    print("", *three.told, sep="\n")


async def test_a_rolling_restart_is_not_noticed(three: Cluster) -> None:
    """By Telegram: not one connection fails, not one answer is another than 200."""
    async with three.under_load("rolling restart") as report:
        for replica in three.replicas:
            assert await replica.stop() == 0
            await replica.start()
            await three.until(replica, "UP", within=10)
    assert report.statuses == {200: report.sent}
    assert not report.errors
    await _judge(three)


@pytest.mark.skipif(find("nginx") is None, reason="nginx missing (Debian: apt-get install nginx)")
async def test_behind_nginx_a_rolling_restart_is_not_noticed_either(three: Cluster) -> None:
    balancer = Nginx([replica.port for replica in three.replicas])
    try:
        balancer.start()
        async with three.under_load("rolling restart behind nginx", balancer=balancer) as report:
            for replica in three.replicas:
                assert await replica.stop() == 0
                await replica.start()
    finally:
        balancer.remove()
    assert report.statuses == {200: report.sent}
    assert not report.errors
    await _judge(three)


async def test_a_kill_is_not_noticed(three: Cluster) -> None:
    victim = three.replicas[0]
    async with three.under_load("one killed") as report:
        os.kill(victim.pid, signal.SIGKILL)
        await three.until(victim, "DOWN", within=5)
        await victim.remove()
        await victim.start()
        await three.until(victim, "UP", within=10)
    assert report.statuses == {200: report.sent}
    assert not report.errors
    await _judge(three)


async def test_a_frozen_replica_is_out_within_five_seconds_and_not_noticed(three: Cluster) -> None:
    victim = three.replicas[1]
    async with three.under_load("one frozen") as report:
        os.kill(victim.pid, signal.SIGSTOP)
        took = await three.until(victim, "DOWN", within=5)
        await asyncio.sleep(5)  # frozen as long as any request may take
        os.kill(victim.pid, signal.SIGCONT)
        await three.until(victim, "UP", within=10)
    three.told.append(f"the balancer left the frozen one out after {took:.1f} s")
    assert report.statuses == {200: report.sent}
    assert not report.errors
    await _judge(three)


async def test_a_restart_of_pgbouncer_loses_nothing(three: Cluster) -> None:
    async with three.under_load("PgBouncer restarted", quiet=8) as report:
        await asyncio.to_thread(three.bouncer.stop, signal.SIGKILL)
        await asyncio.to_thread(three.bouncer.start)
    assert report.answered == report.sent
    await _judge(three)


async def test_while_the_standby_is_away_nothing_is_lost(three: Cluster) -> None:
    """Nothing is answered 200 either: no commit stands on two computers."""
    async with three.under_load("standby away for 6 seconds", quiet=10) as report:
        await asyncio.to_thread(three.standby.stop)
        await asyncio.sleep(6)
        await asyncio.to_thread(three.standby.start)
    assert report.answered == report.sent
    await _judge(three)


async def test_exports_read_the_standby(three: Cluster) -> None:
    async with three.under_load("some more"):
        pass
    await three.until_replayed()
    checked = await _run("migrate", "--check", database_url=three.standby.url("registry"))
    assert checked.returncode == 0, checked.stderr
    for form in ("--csv", "--json"):
        for what in ("summary", "users", "memberships", "events", "coverage"):
            command = ("export-stats", form, "--what", what)
            there = await _run(*command, database_url=three.standby.url("registry"))
            assert there.returncode == 0, there.stderr
            if what == "users":
                here = await _run(*command, database_url=three.database_url)
                assert there.stdout == here.stdout


async def test_what_writes_is_refused_by_the_standby_in_one_sentence(three: Cluster) -> None:
    for command in (("export", "1"), ("forget", "--yes", "1"), ("maintain",), ("migrate",)):
        done = await _run(*command, database_url=three.standby.url("registry"))
        if command != ("migrate",):
            assert done.returncode == 4, (command, done.stderr)
        assert "Traceback" not in done.stderr, done.stderr


async def _run(*command: str, database_url: str) -> subprocess.CompletedProcess[str]:
    return await asyncio.to_thread(userreg, *command, DATABASE_URL=database_url)
