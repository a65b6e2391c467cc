"""Servers in processes of their own, and what a load on one of them costs."""

import asyncio
import contextlib
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bench.measure import Used, used
from bench.page import ROOT
from tests.postgres import free_port
from userreg.sandbox.load import Load, Progress, run
from userreg.sandbox.load.report import Report
from userreg.sandbox.load.supply import Pace

#: The share of the crowd's updates that are buttons somebody presses, where nobody sends commands.
PRESSING: Final = 0.03
SECRET: Final = "a-webhook-secret-of-the-benchmark-0123456789"
TOKEN: Final = "4242424242:AAE-this-is-no-real-token-of-a-bot-00"
#: PostgreSQL as one runs it.
DURABLE: Final = dict.fromkeys(
    ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"), "on"
)
#: Seconds that a server may take to start, among others and on a machine that is busy.
_PATIENCE: Final = 180.0


@dataclass(frozen=True)
class Program:
    """What is to be started: `userreg run`, or the server of that name in `servers.py`.

    `api_port` is where the bot's answers go; `python` has what the program imports.
    """

    name: str
    database_url: str = ""
    api_port: int = 0
    is_userreg: bool = False
    python: str = sys.executable

    def command(self, port: int) -> list[str]:
        if self.is_userreg:
            return [self.python, "-m", "userreg", "run", "--migrate"]
        database = [self.database_url] if self.database_url else []
        return [self.python, "-m", "bench.servers", self.name, str(port), *database]

    def environment(self, port: int) -> dict[str, str]:
        return os.environ | {
            "BOT_TOKEN": TOKEN, "WEBHOOK_URL": "https://bot.example.org", "WEBHOOK_SECRET": SECRET,
            "COMMANDS_PER_MINUTE": "1000000",
            "TELEGRAM_API_URL": f"http://127.0.0.1:{self.api_port}",
            "DATABASE_URL": self.database_url, "HOST": "127.0.0.1", "PORT": str(port),
            "LOG_LEVEL": "ERROR",
        }  # fmt: skip


@dataclass
class Server:
    """A program that runs and takes updates, and how many it was sent."""

    name: str
    port: int
    process: subprocess.Popen[bytes]
    sent: int = 0

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def webhook(self) -> str:
        return f"http://127.0.0.1:{self.port}/webhook"

    def load(self, pace: Pace, *, talking: float = PRESSING, seed: int = 1) -> Load:
        return Load(self.webhook, SECRET, pace, 1, seed, talking)


@contextlib.contextmanager
def serving(*programs: Program) -> Iterator[list[Server]]:
    """All of them, ready while the context is open. Raises RuntimeError when one is not, or when
    one ends by itself."""
    servers: list[Server] = []
    try:
        for program in programs:
            servers.append(_start(program))
        for server in servers:
            _wait_for(server)
        yield servers
        for server in servers:
            if (code := server.process.poll()) is not None:
                raise RuntimeError(f"{server.name} has ended with {code}")
    finally:
        for server in servers:
            server.process.kill()
        for server in servers:
            server.process.wait(20)


@contextlib.contextmanager
def comparing(name: str) -> Iterator[Server]:
    """One of `bench.servers`."""
    with serving(Program(name)) as [server]:
        yield server


@contextlib.contextmanager
def recording(database_url: str, api_port: int = 0) -> Iterator[Server]:
    """userreg with this database, and Telegram on `api_port`."""
    with serving(Program("userreg", database_url, api_port, is_userreg=True)) as [server]:
        yield server


def _start(program: Program) -> Server:
    port = free_port()
    process = subprocess.Popen(program.command(port), cwd=ROOT, env=program.environment(port))
    return Server(program.name, port, process)


def _wait_for(server: Server) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and server.process.poll() is None:
        with contextlib.suppress(OSError):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{server.port}/readyz", timeout=2).close()
                return
            except urllib.error.HTTPError as error:
                if error.code != 503:
                    return
        time.sleep(0.1)
    ended = server.process.poll()
    told = "is not ready" if ended is None else f"has ended with {ended}"
    raise RuntimeError(f"{server.name} {told}")


def one_round(server: Server, load: Load, postgres_url: str) -> tuple[Report, Used]:
    """What the load was like, and what it has used. Raises RuntimeError as `send` does."""
    before = asyncio.run(used(server.pid, postgres_url))
    report = send(server, load)
    return report, asyncio.run(used(server.pid, postgres_url)) - before


def send(server: Server, load: Load, on_progress: Progress = lambda what, part: None) -> Report:
    """Raises RuntimeError when an update was not answered 2xx, or none was sent."""
    report = run(load, on_progress)
    end_if_stopped(report)
    server.sent += report.sent
    if report.unanswered or report.unsent or not report.sent:
        raise RuntimeError(f"{server.name}: {report.as_json()}")
    return report


def end_if_stopped(report: Report) -> None:
    """A load ends early by a signal, and the measure with it."""
    if report.stopped_by is not None:
        sys.exit(128 + report.stopped_by)
