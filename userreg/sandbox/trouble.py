"""The switches of the chat page: what networks and databases do by themselves, only more seldom."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from random import Random
from typing import Final

from userreg.sandbox.telegram import LocalTelegram
from userreg.sandbox.world.town_life import something_happens

#: For how long the database is taken away, in seconds.
AWAY: Final = 10.0
#: Between two things that happen by themselves, in seconds.
_LIFE_EVERY: Final = 3.0

#: Nobody can write to the database while the context is open.
Lock = Callable[[], AbstractAsyncContextManager[None]]
#: Begins when the context opens, and gives what then goes on.
Work = Callable[[], AbstractAsyncContextManager[Awaitable[None]]]


class Trouble:
    """Some switches Telegram obeys itself; two are work that goes on until it is turned off."""

    def __init__(self, telegram: LocalTelegram, lock: Lock, seed: int = 0) -> None:
        self._telegram = telegram
        self._lock = lock
        self._random = Random(seed)  # noqa: S311  no secrets
        self._works: dict[str, Work] = {
            "life": self._let_live, "database_away": self._take_the_database,
        }  # fmt: skip
        self._working: dict[str, asyncio.Task[None]] = {}

    def show(self) -> dict[str, bool]:
        """Every switch, and whether it is on."""
        return vars(self._telegram.switches) | {name: name in self._working for name in self._works}

    async def turn(self, name: str, on: bool) -> None:
        """It is so when this returns. Raises KeyError where there is no such switch, and what the
        lock raises."""
        if self.show()[name] == on:
            return
        if name not in self._works:
            setattr(self._telegram.switches, name, on)
            self._telegram.changed.notify()
            self._say(name, on)
        elif on:
            await self._begin(name)
        elif name != "database_away":  # which comes back by itself
            await self._end(name)

    async def _begin(self, name: str) -> None:
        begun = asyncio.Event()
        task = self._working[name] = asyncio.create_task(self._work(name, begun))
        await begun.wait()
        if task.done():
            task.result()

    async def _end(self, name: str) -> None:
        if task := self._working.get(name):
            task.cancel()
            await asyncio.wait({task})

    async def calm(self) -> None:
        """Turn everything off, the database included."""
        for name in self.show():
            await self._end(name)
            if name not in self._works:
                await self.turn(name, on=False)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Trouble"]:
        """The end of the context ends what is going on."""
        try:
            yield self
        finally:
            await self.calm()

    async def _work(self, name: str, begun: asyncio.Event) -> None:
        try:
            async with self._works[name]() as going_on:
                self._say(name, on=True)
                begun.set()
                await going_on
        finally:
            del self._working[name]
            self._say(name, on=False)
            asyncio.get_running_loop().call_soon(begun.set)

    @contextlib.asynccontextmanager
    async def _take_the_database(self) -> AsyncIterator[Awaitable[None]]:
        async with self._lock():
            yield asyncio.sleep(AWAY)

    @contextlib.asynccontextmanager
    async def _let_live(self) -> AsyncIterator[Awaitable[None]]:
        yield self._live()

    async def _live(self) -> None:
        while True:
            self._telegram.do(something_happens, self._random)
            await asyncio.sleep(_LIFE_EVERY)

    def _say(self, name: str, on: bool) -> None:
        self._telegram.events.publish("switch", name=name, on=on)
