"""The real program in a process of its own, and a sender that behaves like Telegram."""

import asyncio
import contextlib
import json
import os
import time
from collections import Counter
from collections.abc import AsyncIterator
from multiprocessing.process import BaseProcess
from typing import IO, Any

from aiohttp import ClientError, ClientSession, ClientTimeout

from tests.conftest import clean_environment
from tests.forked import fork
from tests.postgres import free_port
from tests.running import SECRET
from userreg.bot.webhook import SECRET_HEADER
from userreg.sandbox.telegram import TOKEN

#: Settings with which updates are fetched.
POLLING = {"WEBHOOK_URL": "", "WEBHOOK_SECRET": ""}


class Program:
    """`userreg run`, and what it printed."""

    def __init__(self, port: int, process: BaseProcess, stderr: IO[bytes]) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.process = process
        self._log = asyncio.ensure_future(self._read(stderr))
        self.lines: list[str] = []
        self._said = asyncio.Condition()

    async def _read(self, stderr: IO[bytes]) -> None:
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        pipe, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, stderr)
        async for line in reader:
            async with self._said:
                self.lines.append(line.decode())
                self._said.notify_all()
        pipe.close()

    async def says(self, words: str) -> None:
        """Wait for a line with these words."""
        async with asyncio.timeout(20), self._said:
            await self._said.wait_for(lambda: any(words in line for line in self.lines))

    async def ended(self, within: float) -> int:
        """The exit code. Raises TimeoutError."""
        await asyncio.to_thread(self.process.join, within)
        if (code := self.process.exitcode) is None:
            raise TimeoutError
        await self._log
        return code

    async def wait_until_ready(self) -> None:
        deadline = time.monotonic() + 20
        async with ClientSession() as session:
            while time.monotonic() < deadline:
                with contextlib.suppress(ClientError):
                    async with session.get(f"{self.url}/readyz") as response:
                        if response.status == 200:
                            return
                if self.process.exitcode is not None:
                    break
                await asyncio.sleep(0.05)
        raise AssertionError("".join(self.lines))


@contextlib.asynccontextmanager
async def running(database_url: str, *arguments: str, **settings: str) -> AsyncIterator[Program]:
    """A program that accepts updates; killed at the end unless it has ended."""
    async with started(database_url, *arguments, **settings) as program:
        await program.wait_until_ready()
        yield program


@contextlib.asynccontextmanager
async def started(database_url: str, *arguments: str, **settings: str) -> AsyncIterator[Program]:
    """`userreg run` with these arguments."""
    port = int(settings.get("PORT") or free_port())
    environment = {
        "BOT_TOKEN": TOKEN, "WEBHOOK_URL": "https://bot.example.org", "WEBHOOK_SECRET": SECRET,
        "COMMANDS_PER_MINUTE": "1000",
        "TELEGRAM_API_URL": "http://127.0.0.1:1", "DATABASE_URL": database_url,
        "HOST": "127.0.0.1", "PORT": str(port),
    }  # fmt: skip
    read_end, write_end = os.pipe()
    stderr = os.fdopen(read_end, "rb")
    with os.fdopen(write_end, "wb") as write:
        whole = clean_environment() | environment | settings
        process = await asyncio.to_thread(fork, ("run", *arguments), whole, write, write)
    program = Program(port, process, stderr)
    try:
        yield program
    finally:
        process.kill()
        await program.ended(10)


class Sender:
    """Posts updates over `concurrency` connections and remembers what became of each."""

    def __init__(self, concurrency: int = 40) -> None:
        self.concurrency = concurrency
        self.statuses: Counter[int | str] = Counter()
        self.slowest = 0.0
        self.acknowledged: set[int] = set()
        self.retry_after: set[str] = set()
        self._awaited: tuple[int, asyncio.Event] | None = None

    async def has_acknowledged(self, count: int) -> None:
        """Wait until that many updates were answered 200."""
        self._awaited = (count, asyncio.Event())
        await self._awaited[1].wait()

    async def send(self, url: str, updates: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Post each update once; returns those that were not answered 200."""
        waiting = iter(updates)
        failed: list[dict[str, Any]] = []
        timeout = ClientTimeout(total=60)
        async with ClientSession(headers={SECRET_HEADER: SECRET}, timeout=timeout) as session:

            async def post_in_turn() -> None:
                for update in waiting:
                    if not await self._post(session, url, update):
                        failed.append(update)

            await asyncio.gather(*(post_in_turn() for _ in range(self.concurrency)))
        return failed

    async def _post(self, session: ClientSession, url: str, update: dict[str, Any]) -> bool:
        begun = time.monotonic()
        try:
            async with session.post(f"{url}/webhook", data=json.dumps(update)) as response:
                self.statuses[response.status] += 1
                if response.status == 200:
                    self.acknowledged.add(update["update_id"])
                    if self._awaited and len(self.acknowledged) >= self._awaited[0]:
                        self._awaited[1].set()
                elif response.status == 503:
                    self.retry_after.add(response.headers.get("Retry-After", ""))
                return response.status == 200
        except (ClientError, OSError) as error:
            self.statuses[type(error).__name__] += 1
            return False
        finally:
            self.slowest = max(self.slowest, time.monotonic() - begun)


def terminate(program: Program) -> None:
    program.process.terminate()
