"""Answers that took the database long, kept for a while by this process."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, Final, TypeVar
from weakref import WeakKeyDictionary

T = TypeVar("T")

#: Seconds for which nearly everything is kept.
SOON: Final = 600.0
#: Answers that are kept at once; the oldest are dropped.
MOST: Final = 1_000


class Memory:
    """One question at a time is put to the database, however many people ask."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._asking = asyncio.Lock()
        self._kept: OrderedDict[Hashable, tuple[float, Any]] = OrderedDict()

    async def get(self, key: Hashable, lifetime: float, ask: Callable[[], Awaitable[T]]) -> T:
        """The answer to `key`, not older than `lifetime` seconds. What `ask` raises is not kept."""
        async with self._asking:
            if (kept := self._kept.get(key)) and self._clock() - kept[0] < lifetime:
                answer: T = kept[1]
                return answer
            answer = await ask()
            self._kept[key] = (self._clock(), answer)
            self._kept.move_to_end(key)
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
            return answer


_memories: WeakKeyDictionary[Any, Memory] = WeakKeyDictionary()


def memory_of(client: Any) -> Memory:
    """The memory of a connection to a database: it ends with it."""
    return _memories.setdefault(client, Memory())
