"""The rows of the table: which program each of them is, and that program as a running server."""

import contextlib
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.postgres import free_port
from userreg.sandbox.load import Load
from userreg.sandbox.load.supply import Pace

ROOT: Final = Path(__file__).parent.parent
SECRET: Final = "a-webhook-secret-of-the-benchmark-0123456789"
TOKEN: Final = "4242424242:AAE-this-is-no-real-token-of-a-bot-00"
#: Seconds that a server may take to start, among others and on a machine that is busy.
_PATIENCE: Final = 180.0
#: PostgreSQL as one runs it.
DURABLE: Final = dict.fromkeys(
    ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"), "on"
)


@dataclass(frozen=True)
class Row:
    """What stands in the table; where it stores; the share of its updates that talk to the bot."""

    title: str
    engine: str | None = None
    talking: float = 0.0


USERREG: Final = {
    "postgres": Row("(d) userreg, PostgreSQL", "postgres"),
    "talking": Row("(d) userreg, PostgreSQL, 6 % commands and buttons", "postgres", 0.06),
    "sqlite": Row("(e) userreg, SQLite", "sqlite"),
}
ROWS: Final = {
    "nothing": Row("(a) aiohttp, secret and body"),
    "dispatcher": Row("(b) aiogram's handler and dispatcher, no database"),
    "naive": Row("(c) aiogram and Tortoise's `update_or_create` × 3, PostgreSQL", "postgres"),
    "one_statement": Row(
        "(c2) aiogram and one upsert statement per update, PostgreSQL", "postgres"
    ),
    **USERREG,
    "django": Row("(f) aiogram and Django's `aupdate_or_create` × 3, PostgreSQL", "postgres"),
}
DJANGO: Final = "django"


@dataclass(frozen=True)
class Program:
    """What is to be started: `userreg run`, unless `servers.py` has a server of that name.

    `api_port` is where the bot's answers go; `python` has what the program imports.
    """

    name: str
    database_url: str = ""
    api_port: int = 0
    python: str = sys.executable

    def command(self, port: int) -> list[str]:
        if self.name == "answers":
            return ["bench.servers", self.name, str(port)]
        if self.name not in ROWS or self.name in USERREG:
            return ["userreg", "run", "--migrate"]
        has_database = ROWS[self.name].engine is not None
        return ["bench.servers", self.name, str(port), *([self.database_url] * has_database)]

    def environment(self, port: int) -> dict[str, str]:
        return os.environ | {
            "BOT_TOKEN": TOKEN, "WEBHOOK_URL": "https://bot.example.org", "WEBHOOK_SECRET": SECRET,
            "TELEGRAM_API_URL": f"http://127.0.0.1:{self.api_port}",
            "DATABASE_URL": self.database_url, "HOST": "127.0.0.1", "PORT": str(port),
            "LOG_LEVEL": "ERROR",
        }  # fmt: skip


@dataclass
class Server:
    """A program that runs, and how many updates it was sent."""

    name: str
    port: int
    process: subprocess.Popen[bytes]
    sent: int = 0

    @property
    def pid(self) -> int:
        return self.process.pid

    def load(self, pace: Pace, *, talking: float = 0.0, seed: int = 1) -> Load:
        return Load(f"http://127.0.0.1:{self.port}/webhook", SECRET, pace, 1, seed, talking)


@contextlib.contextmanager
def serving(*programs: Program) -> Iterator[list[Server]]:
    """All of them, ready while the context is open. Raises RuntimeError when one is not."""
    servers: list[Server] = []
    try:
        for program in programs:
            servers.append(_start(program))
        for server in servers:
            _wait_for(server)
        yield servers
    finally:
        for server in servers:
            server.process.terminate()
        for server in servers:
            server.process.wait(20)


def _start(program: Program) -> Server:
    port = free_port()
    command = [program.python, "-m", *program.command(port)]
    process = subprocess.Popen(command, cwd=ROOT, env=program.environment(port))
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
