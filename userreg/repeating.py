"""Work that is done again and again beside all other, and that may finish its turn at the end."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

#: Seconds for the last turn: a connection that is only half made, and given up, would stay open.
GRACE: Final = 0.5


@contextlib.asynccontextmanager
async def repeating(
    turn: Callable[[], Awaitable[None]], every: float, name: str
) -> AsyncIterator[None]:
    """A turn now, and one `every` so many seconds, while the context is open. `turn` answers for
    its own errors."""
    ending = asyncio.Event()

    async def go_on() -> None:
        while not ending.is_set():
            await turn()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(every):
                    await ending.wait()

    task = asyncio.create_task(go_on(), name=name)
    try:
        yield
    finally:
        ending.set()
        await asyncio.wait({task}, timeout=GRACE)
        task.cancel()
        await asyncio.wait({task})
