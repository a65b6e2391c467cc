"""The local Telegram delivers to a bot that answers as it is told, by a clock that is turned. A
test module imports all four fixtures: `from tests.delivering import bot_fixture as bot_fixture`."""

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from userreg.sandbox.clock import Clock
from userreg.sandbox.delivery import Webhook
from userreg.sandbox.telegram import LocalTelegram
from userreg.sandbox.world import World
from userreg.sandbox.world.talk import write

NOW = 1_790_000_000.0
ANN, BOB, GROUP, SUPERGROUP = 101, 102, -100, -1001000000001


class TurnedClock(Clock):
    """Stands still until it is turned on."""

    def __init__(self) -> None:
        self.now = NOW
        self._numbers = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Event]] = []

    def time(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        awake = asyncio.Event()
        heapq.heappush(self._sleepers, (self.now + seconds, next(self._numbers), awake))
        if seconds <= 0:
            self.turn(0)
        await awake.wait()

    def turn(self, seconds: float) -> None:
        self.now += seconds
        while self._sleepers and self._sleepers[0][0] <= self.now:
            heapq.heappop(self._sleepers)[2].set()


class Webserver:
    """A bot that answers as it is told, and remembers what it got."""

    def __init__(self) -> None:
        self.answers: list[web.Response] = []
        self.got: list[tuple[dict[str, Any], Any]] = []
        self.in_flight = self.most_in_flight = 0
        self.held: asyncio.Event | None = None
        self._changed = asyncio.Condition()
        self.url = ""

    async def handle(self, request: web.Request) -> web.Response:
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        async with self._changed:
            self.got.append((await request.json(), request.headers))
            self._changed.notify_all()
        if self.held is not None:
            await self.held.wait()
        self.in_flight -= 1
        return self.answers.pop(0) if self.answers else web.Response()

    async def has_got(self, count: int) -> list[int]:
        """The update ids, as soon as there are so many."""
        async with asyncio.timeout(10), self._changed:
            await self._changed.wait_for(lambda: len(self.got) >= count)
        return [update["update_id"] for update, _ in self.got]


@pytest.fixture(name="bot")
async def bot_fixture() -> AsyncIterator[Webserver]:
    bot = Webserver()
    app = web.Application()
    app.router.add_post("/webhook", bot.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    bot.url = f"http://127.0.0.1:{runner.addresses[0][1]}/webhook"
    yield bot
    if bot.held is not None:
        bot.held.set()
    await runner.cleanup()


@pytest.fixture(name="clock")
def clock_fixture() -> TurnedClock:
    return TurnedClock()


@pytest.fixture(name="telegram")
async def telegram_fixture(clock: TurnedClock, bot: Webserver) -> AsyncIterator[LocalTelegram]:
    async with LocalTelegram(World(), clock=clock).running() as telegram:
        telegram.set_webhook(Webhook(bot.url, "a-secret"))
        yield telegram


def says(telegram: LocalTelegram, person: int = ANN, chat: int | None = None) -> None:
    world = telegram.world
    telegram.do(write, world.chats[chat or person], world.people[person], "/start")


Next = Callable[[], Awaitable[dict[str, Any]]]


@pytest.fixture(name="attempt")
async def attempt_fixture(telegram: LocalTelegram) -> AsyncIterator[Next]:
    """What the next attempt at a delivery came to."""
    with telegram.events.subscribed() as mailbox:

        async def next_attempt() -> dict[str, Any]:
            async with asyncio.timeout(10):
                while (event := await mailbox.get())["type"] != "delivery":
                    pass
            return event

        yield next_attempt


async def nothing_more(attempt: Next) -> None:
    """Nothing is tried, though there is time for it."""
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await attempt()
