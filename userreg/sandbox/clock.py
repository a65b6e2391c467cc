"""The time of a local Telegram: the computer's, or one that a test turns on."""

import asyncio
import time


class Clock:
    """The computer's own clock."""

    def time(self) -> float:
        """Unix seconds."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
