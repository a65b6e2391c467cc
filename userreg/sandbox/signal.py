"""Waiting for something to become true."""

import asyncio
from collections.abc import Callable


class Signal:
    """Wakes whoever waits, whenever something has changed. Of one event loop."""

    def __init__(self) -> None:
        self._changed = asyncio.Event()

    def notify(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def wait_until(self, is_true: Callable[[], bool]) -> None:
        """Looks again after each change."""
        while not is_true():
            await self._changed.wait()
