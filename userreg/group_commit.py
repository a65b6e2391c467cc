"""Many callers, one transaction: each waits for its own commit, nobody waits for a timer.

A writer takes what is pending (up to a cap), commits it, tells the callers, repeats. Under light
load a batch holds one item; under heavy load batches grow by themselves. Where one is held up, by
rows that somebody else has locked, say, the next one begins beside it. Knows no Telegram and no
database: only a function that commits a list, or raises and commits nothing.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from dataclasses import dataclass
from typing import Any, Final, Generic, Self, TypeVar

from userreg.errors import NotCommitted, describe

logger = logging.getLogger(__name__)

#: From a readable socket to `submit` it takes an HTTP server so many turns of the event loop.
_QUIET_TURNS: Final = 3

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Limits:
    """How much may wait, and for how long (seconds)."""

    #: Transactions at once; a second one begins when the first has taken longer than `patience`.
    writers: int = 1
    patience: float = 0.1
    #: Items of one transaction.
    batch: int = 500
    #: Two shifts: only half of those who wait are taken at once, so that the others are told and
    #: send again meanwhile. For a database that works beside this process, not within it.
    shifts: bool = False
    #: Items waiting; one more is refused at once.
    pending: int = 5_000
    #: How long a failing transaction is tried again before its callers are refused.
    retry: float = 0.6
    #: How long one transaction may take.
    commit: float = 4.0


class GroupCommit(Generic[Item, Result]):
    """Commits items in groups.

    `commit(items)` returns a result for each item, or raises and has committed nothing; cancelled,
    it ends soon. `is_content_error(error)` tells a bad item from a bad database.
    `set_aside(item, error)` makes of a bad item the one that is committed in its place.
    """

    def __init__(
        self,
        commit: Callable[[list[Item]], Coroutine[Any, Any, list[Result]]],
        set_aside: Callable[[Item, BaseException], Item],
        is_content_error: Callable[[BaseException], bool],
        limits: Limits | None = None,
    ) -> None:
        self._commit = commit
        self._set_aside = set_aside
        self._is_content_error = is_content_error
        self._limits = limits or Limits()
        self._pending: deque[tuple[Item, asyncio.Future[Result]]] = deque()
        self._wake = asyncio.Event()
        self._reliefs: set[asyncio.Task[None]] = set()
        self._open = False

    def __len__(self) -> int:
        """How many items wait for a transaction."""
        return len(self._pending)

    async def submit(self, item: Item) -> Result:
        """Wait until `item` is committed. Raises `NotCommitted` when it is not."""
        self.check_open()
        if len(self._pending) >= self._limits.pending:
            raise NotCommitted("Too many updates are waiting: send the update again.")
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._pending.append((item, future))
        self._wake.set()
        return await future

    def check_open(self) -> None:
        """Raises `NotCommitted` when nothing is accepted any more."""
        if not self._open:
            raise NotCommitted("The registry is closing: send the update again.")

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        """Accept items while the context is open; at its end commit what is still pending."""
        self._open = True
        writer = asyncio.create_task(self._write(), name="group commit")
        try:
            yield self
        finally:
            self.refuse()
            await writer
            await asyncio.gather(*self._reliefs)

    def refuse(self) -> None:
        """Accept nothing more; what is pending is still committed."""
        self._open = False
        self._wake.set()

    async def _write(self, until: asyncio.Event | None = None) -> None:
        """Batch by batch; as a relief until the one that was held up goes on."""
        size = 0
        while (self._open or self._pending) and not (until and until.is_set()):
            if not self._pending:
                self._wake.clear()
                await self._wake.wait()
                continue
            if not self._limits.shifts:
                await self._let_come()
            size = self._size(size)
            batch = [self._pending.popleft() for _ in range(size)]
            with self._relieved():
                await self._write_batch(batch)

    @contextlib.contextmanager
    def _relieved(self) -> Iterator[None]:
        """Should this take longer than usual, another writer goes on meanwhile."""
        is_over = asyncio.Event()
        loop = asyncio.get_running_loop()
        timer = loop.call_later(self._limits.patience, self._relieve, is_over)
        try:
            yield
        finally:
            timer.cancel()
            is_over.set()

    def _relieve(self, until: asyncio.Event) -> None:
        if 1 + len(self._reliefs) < self._limits.writers:
            relief = asyncio.create_task(self._write(until), name="group commit, relief")
            self._reliefs.add(relief)
            relief.add_done_callback(self._reliefs.discard)

    async def _write_batch(self, batch: list[tuple[Item, asyncio.Future[Result]]]) -> None:
        try:
            await self._settle(batch)
        except Exception as error:
            # Nobody who waits would fare better: all are told at once.
            self._refuse([*batch, *self._pending], error)
            self._pending.clear()

    def _size(self, of_the_last: int) -> int:
        """Of the next batch. Those of the last one are about to send again: half of them and of the
        others, or in the end all would wait for one batch, and nobody would be served meanwhile."""
        pending = len(self._pending)
        if self._limits.shifts:
            pending = min(pending, (pending + of_the_last + 1) // 2)
        return min(pending, self._limits.batch)

    async def _let_come(self) -> None:
        """Take in what has arrived but was not read yet: those who were just answered send again,
        and what is written together costs less. No timer: a few turns of the loop without news."""
        quiet = 0
        while quiet < _QUIET_TURNS and len(self._pending) < self._limits.batch:
            known = len(self._pending)
            await asyncio.sleep(0)
            quiet = quiet + 1 if len(self._pending) == known else 0

    async def _settle(self, batch: list[tuple[Item, asyncio.Future[Result]]]) -> None:
        """Commit the batch; where its content is to blame, halve it until the bad item is alone."""
        try:
            results = await self._commit_patiently([item for item, _ in batch])
        except Exception as error:
            if not self._is_content_error(error):
                raise
            if len(batch) == 1:
                await self._settle_bad(*batch[0], error)
            else:
                middle = len(batch) // 2
                await self._settle(batch[:middle])
                await self._settle(batch[middle:])
            return
        for (_, future), result in zip(batch, results, strict=True):
            if not future.done():
                future.set_result(result)

    async def _settle_bad(
        self, item: Item, future: asyncio.Future[Result], error: Exception
    ) -> None:
        try:
            results = await self._commit_patiently([self._set_aside(item, error)])
        except Exception as failure:
            if not self._is_content_error(failure):
                raise
            self._refuse([(item, future)], failure)
            return
        if not future.done():
            future.set_result(results[0])

    async def _commit_patiently(self, items: list[Item]) -> list[Result]:
        """Try again for a moment when the database fails: a restart or a fail-over may be short.

        Once in any case, for whoever lost a deadlock, which takes PostgreSQL a second to see.
        """
        give_up = asyncio.get_running_loop().time() + self._limits.retry
        pause, is_first = 0.02, True
        while True:
            try:
                return await self._commit_in_time(items)
            except Exception as error:
                late = asyncio.get_running_loop().time() + pause > give_up
                hopeless = isinstance(error, TimeoutError) or self._is_content_error(error)
                if hopeless or (late and not is_first):
                    raise
            await asyncio.sleep(pause)
            pause, is_first = pause * 2, False

    async def _commit_in_time(self, items: list[Item]) -> list[Result]:
        commit = asyncio.create_task(self._commit(items))
        await asyncio.wait({commit}, timeout=self._limits.commit)
        if commit.done() and not commit.cancelled():
            return commit.result()
        commit.cancel()
        await asyncio.wait({commit}, timeout=1)
        if commit.done() and not commit.cancelled() and commit.exception() is None:
            return commit.result()  # it got through while it was cancelled
        raise TimeoutError("the transaction took too long")

    def _refuse(
        self, items: list[tuple[Item, asyncio.Future[Result]]], error: BaseException
    ) -> None:
        waiting = [future for _, future in items if not future.done()]
        logger.error("nothing committed, %d updates refused: %s", len(waiting), describe(error))
        for future in waiting:
            future.set_exception(NotCommitted("The database did not commit the update."))
