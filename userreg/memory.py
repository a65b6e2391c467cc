"""Answers that took the database long, kept for a while by this process."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, Final, TypeVar
from weakref import WeakKeyDictionary

from tortoise.backends.base.client import BaseDBAsyncClient

from userreg.models import User
from userreg.queries import read
from userreg.upsert import Row

T = TypeVar("T")

#: Seconds for which nearly all that is kept is kept.
SOON: Final = 600.0
#: Seconds that it takes the database to give an answer that is worth keeping.
LONG: Final = 0.05
#: Answers that are kept at once; the oldest are dropped.
MOST: Final = 1_000


class Memory:
    """One question at a time is put to the database, however many people ask: what takes long
    shall not take all the connections."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._asking = asyncio.Lock()
        self._kept: OrderedDict[Hashable, tuple[float, Any]] = OrderedDict()

    async def get(
        self, key: Hashable, ask: Callable[[], Awaitable[T]], lifetime: float = SOON
    ) -> T:
        """The answer to `key`, not older than `lifetime` seconds. What is quickly asked is not
        kept, unless it is for longer than usual; nor what `ask` raises."""
        async with self._asking:
            if (kept := self._kept.get(key)) and self._clock() - kept[0] < lifetime:
                answer: T = kept[1]
                return answer
            begun = self._clock()
            answer = await ask()
            if self._clock() - begun >= LONG or lifetime > SOON:
                self._keep(key, answer)
            return answer

    def _keep(self, key: Hashable, answer: Any) -> None:
        self._kept[key] = (self._clock(), answer)
        self._kept.move_to_end(key)
        while len(self._kept) > MOST:
            self._kept.popitem(last=False)


#: By connection: an answer is no answer for another database.
_memories: WeakKeyDictionary[BaseDBAsyncClient, Memory] = WeakKeyDictionary()


async def recall(sql: str, *values: Any, lifetime: float = SOON) -> list[Row]:
    """What `read` answers, or answered not long ago. Nobody may change the rows."""
    key = (sql, *(tuple(value) if isinstance(value, list) else value for value in values))
    memory = _memories.setdefault(User._choose_db(), Memory())
    return await memory.get(key, lambda: read(sql, *values), lifetime)
