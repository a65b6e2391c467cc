"""Servers in processes of their own, and what a load on one of them costs."""

import asyncio
import contextlib
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bench.measure import Used, used
from bench.page import ROOT
from bench.servers import SECRET, TOKEN
from tests.postgres import free_port
from userreg.sandbox.load import Load, run
from userreg.sandbox.load.report import Report

#: PostgreSQL as one runs it.
DURABLE: Final = dict.fromkeys(
    ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"), "on"
)
USERREG: Final = ("-m", "userreg", "run", "--migrate")


@dataclass(frozen=True)
class Server:
    """A server on this machine that takes updates."""

    port: int
    pid: int

    @property
    def webhook(self) -> str:
        return f"http://127.0.0.1:{self.port}/webhook"


@contextlib.contextmanager
def comparing(name: str, *arguments: str) -> Iterator[Server]:
    """One of `bench.servers`."""
    port = free_port()
    with _running(("-m", "bench.servers", name, str(port), *arguments), port) as server:
        yield server


@contextlib.contextmanager
def recording(database_url: str, api_port: int) -> Iterator[Server]:
    """userreg with this database, and Telegram on `api_port`."""
    port = free_port()
    with _running(
        USERREG, port, BOT_TOKEN=TOKEN, WEBHOOK_URL="https://bot.example.org",
        WEBHOOK_SECRET=SECRET, TELEGRAM_API_URL=f"http://127.0.0.1:{api_port}",
        DATABASE_URL=database_url, HOST="127.0.0.1", PORT=str(port), LOG_LEVEL="ERROR",
    ) as server:  # fmt: skip
        yield server


@contextlib.contextmanager
def _running(command: Sequence[str], port: int, **settings: str) -> Iterator[Server]:
    process = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=os.environ | settings)
    try:
        _wait_for(port, process)
        yield Server(port, process.pid)
    finally:
        code = process.poll()
        process.kill()
        process.wait(20)
        if code is not None:
            raise RuntimeError(f"the server on port {port} has ended by itself: {code}")


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2).close()
                return
            except urllib.error.HTTPError as error:
                if error.code != 503:
                    return
        time.sleep(0.1)
    raise RuntimeError(f"the server on port {port} did not start")


def one_round(server: Server, load: Load, postgres_url: str) -> tuple[Report, Used]:
    """What the load was like, and what it has used. Each update has to be answered 2xx."""
    before = asyncio.run(used(server.pid, postgres_url))
    report = run(load)
    if report.unanswered:
        raise RuntimeError(f"{load.url}: {report.as_json()}")
    return report, asyncio.run(used(server.pid, postgres_url)) - before
