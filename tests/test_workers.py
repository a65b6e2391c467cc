"""`userreg run --workers N`: several processes that share a port, on PostgreSQL."""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections import deque
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from prometheus_client.parser import text_string_to_metric_families

from tests.conftest import userreg
from tests.postgres import free_port
from tests.process import Program, Sender, running, terminate
from tests.running import SECRET
from tests.stream import assert_each_is_there_once, stream
from userreg.database_url import parse_database_url
from userreg.db import open_database
from userreg.models import Membership
from userreg.sandbox.telegram import TOKEN

WEBHOOK = {"WEBHOOK_URL": "https://bot.example.org", "WEBHOOK_SECRET": SECRET}
linux = pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")


@pytest.fixture
def engine() -> str:
    return "postgres"


def _workers(program: Program) -> list[int]:
    pid = program.process.pid
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@contextlib.asynccontextmanager
async def two_workers(database_url: str, **settings: str) -> AsyncIterator[Program]:
    """Both of them listen: for a program to be ready, one is enough."""
    async with running(database_url, WEB_CONCURRENCY="2", **settings) as program:
        for number in (1, 2):
            await program.says(f"[worker {number}] listening on")
        yield program


def _connections(pid: int, port: int) -> int:
    """How many that came in at the port this process holds."""
    lines = [line.split() for line in Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]]
    established = {
        f"socket:[{line[9]}]" for line in lines
        if int(line[1].rpartition(":")[2], 16) == port and line[3] == "01"
    }  # fmt: skip
    held = [str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir()]
    return len(established.intersection(held))


def _wait_until_ended(pids: list[int], within: float) -> None:
    deadline = time.monotonic() + within
    while not all(_has_ended(pid) for pid in pids):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _has_ended(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].startswith("Z")
    except FileNotFoundError:
        return True


@linux
async def test_two_workers_share_the_load_and_drain_without_losing_any(database_url: str) -> None:
    """Whoever stops sending at the first 503 is refused nothing."""
    sent, sender = stream(3_000), Sender()
    async with two_workers(database_url) as program:
        sending = asyncio.create_task(sender.send(program.url, sent[:500]))
        await sender.has_acknowledged(200)
        port = int(program.url.rpartition(":")[2])
        held = [_connections(pid, port) for pid in _workers(program)]
        assert len(held) == 2
        assert min(held) > 0, "one worker has all the connections"
        terminate(program)
        waiting = await sending + sent[500:]
        while waiting and not sender.statuses[503]:
            waiting = await sender.send(program.url, waiting[:40]) + waiting[40:]
        assert await program.ended(within=10) == 0
    assert set(sender.statuses) == {200, 503}
    assert "Traceback" not in "".join(program.lines)
    assert {"[worker 1] stopped", "[worker 2] stopped"} <= {
        line.rstrip().partition("userreg.app ")[2] for line in program.lines
    }
    left_out = {update["update_id"] for update in waiting}
    kept = [update for update in sent if update["update_id"] not in left_out]
    await assert_each_is_there_once(database_url, kept)


@linux
async def test_when_a_worker_is_killed_all_end_and_nothing_is_lost(database_url: str) -> None:
    """Whoever started them starts them anew."""
    sent, sender = stream(1_500), Sender()
    async with two_workers(database_url) as program:
        sending = asyncio.create_task(sender.send(program.url, sent))
        await sender.has_acknowledged(300)
        os.kill(_workers(program)[0], signal.SIGKILL)
        unanswered = await sending
        assert await program.ended(within=10) == 1
    assert program.lines[-1].startswith("Error: A worker was ended by SIGKILL, so the others were")
    async with two_workers(database_url) as program:
        assert await Sender().send(program.url, unanswered) == []
    await assert_each_is_there_once(database_url, sent)


async def _recorded(session: ClientSession, program: Program) -> dict[str, float]:
    """By worker, as whichever of them is asked says."""
    headers = {"Authorization": f"Bearer {SECRET}", "Connection": "close"}
    async with session.get(f"{program.url}/metrics", headers=headers) as response:
        text = await response.text()
    families = {family.name: family for family in text_string_to_metric_families(text)}
    return {
        sample.labels["replica"]: sample.value
        for sample in families["userreg_updates"].samples
        if sample.labels["outcome"] == "recorded"
    }


@linux
async def test_metrics_are_of_all_workers_whichever_is_asked(
    database_url: str, tmp_path: Path
) -> None:
    settings = {"METRICS_TOKEN": SECRET, "TMPDIR": str(tmp_path)}
    async with two_workers(database_url, **settings) as program, ClientSession() as session:
        assert await Sender().send(program.url, stream(300)) == []
        pids = {str(pid) for pid in _workers(program)}
        lately: deque[float] = deque(maxlen=20)
        async with asyncio.timeout(10):  # each tells the others every second
            while list(lately) != [300] * 20:
                told = await _recorded(session, program)
                assert {name.rpartition(":")[2] for name in told} == pids
                lately.append(sum(told.values()))
        terminate(program)
        assert await program.ended(within=10) == 0
    assert not any(tmp_path.iterdir())  # noqa: ASYNC240


@linux
async def test_workers_do_not_outlive_whoever_started_them(database_url: str) -> None:
    async with two_workers(database_url) as program:
        workers = _workers(program)
        program.process.kill()
        await asyncio.to_thread(_wait_until_ended, workers, 10)


async def test_a_port_that_somebody_has_is_one_sentence(database_url: str) -> None:
    """With SO_REUSEPORT the system would not mind."""
    async with two_workers(database_url) as program:
        second = await asyncio.to_thread(
            userreg, "run", "--workers", "2", "--port", program.url.rpartition(":")[2],
            BOT_TOKEN=TOKEN, DATABASE_URL=database_url, HOST="127.0.0.1", **WEBHOOK,
        )  # fmt: skip
        assert second.returncode == 3
        assert second.stderr.endswith("cannot be listened on: Address already in use.\n")
        assert "Traceback" not in second.stderr


async def test_a_setting_that_every_worker_refuses_is_told_once_by_each(database_url: str) -> None:
    """They end with the exit code of it, not over and over."""
    ended = await asyncio.to_thread(
        userreg, "run", "--workers", "2", BOT_TOKEN=TOKEN, DATABASE_URL=database_url,
        DEFAULT_LANGUAGE="xx", PORT=str(free_port()), **WEBHOOK,
    )  # fmt: skip
    assert ended.returncode == 3
    assert 1 <= ended.stderr.count("Error: DEFAULT_LANGUAGE") <= 2


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        (WEBHOOK, "SQLite has one writing process; set DATABASE_URL to a PostgreSQL database."),
        ({"DATABASE_URL": "postgres://u@h/x"}, "one process polls Telegram; set WEBHOOK_URL."),
    ],
)  # fmt: skip
def test_where_one_has_to_do_several_are_refused_in_one_sentence(
    settings: dict[str, str], reason: str
) -> None:
    refused = userreg("run", "--workers", "2", BOT_TOKEN=TOKEN, **settings)
    assert refused.returncode == 3
    assert refused.stderr == f"Error: --workers 2 cannot be used: {reason}\n"


async def test_where_one_has_to_do_web_concurrency_of_a_platform_stops_nothing(
    migrated_sqlite: Any, tmp_path: Any
) -> None:
    """Heroku sets it on every dyno."""
    url = f"sqlite://{migrated_sqlite}"
    async with running(url, WEB_CONCURRENCY="2") as program:
        assert await Sender().send(program.url, stream(10)) == []
        assert _workers(program) == [] or sys.platform != "linux"
        await program.says("one process in spite of WEB_CONCURRENCY=2: SQLite")
    async with open_database(parse_database_url(url)):
        assert await Membership.exists()
