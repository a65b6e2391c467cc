"""Sends a stock of updates to one webhook, over many connections, and measures what comes of it."""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from userreg.sandbox.load.report import Report
from userreg.sandbox.load.supply import Pace, Stock
from userreg.sandbox.load.wire import Answer, Connection, Target

#: Seconds for a request, as Telegram has it, and for opening a connection.
_TIMEOUT, _CONNECTING = 60.0, 10.0
#: What is asked to be sent again, by a balancer as well; whatever else is no success is final.
_RETRIED: Final = (429, 502, 503, 504)
#: How often one update is sent at most, and the longest pause before, in seconds.
_ATTEMPTS: Final = 6
_LONGEST_PAUSE: Final = 60.0
#: Seconds that updates which were begun have at the end; fewer if somebody stops the load.
_PATIENCE, _PATIENCE_WHEN_STOPPED = 30.0, 2.0
_STARVING: Final = 0.002


@dataclass(slots=True)
class _Job:
    """An update on its way; `due` is by the loop's clock."""

    request: bytes
    due: float
    attempts: int = 0


class Sender:
    """As many carriers as there may be connections: each brings one update at a time.

    An update that has to wait for its next attempt is nobody's; any carrier takes it then.
    """

    def __init__(self, target: Target, pace: Pace, stock: Stock) -> None:
        self._target, self._pace, self._stock = target, pace, stock
        self.report = Report()
        self._again: deque[_Job] = deque()
        self._pausing, self._is_closing = 0, False
        self._idle: list[asyncio.Future[None]] = []
        self._connections: set[Connection] = set()
        self._carriers: list[asyncio.Task[None]] = []
        self._begun_at = self._last_answer_at = self._held_up_at = 0.0
        self._loop = asyncio.get_running_loop()

    async def run(self) -> Report:
        """Until everything is sent or the time is over, and a little longer for the answers."""
        pace, cpu = self._pace, time.process_time()
        self._begun_at = self._last_answer_at = self._loop.time()
        self._carriers = [asyncio.create_task(self._carry()) for _ in range(pace.concurrency)]
        async with self._helped():
            await asyncio.wait(self._carriers, timeout=pace.seconds + _PATIENCE)
            self._give_up()
            await asyncio.gather(*self._carriers, return_exceptions=True)
        for connection in self._connections:
            connection.break_off(ConnectionAbortedError())
        self.report.seconds = self._last_answer_at - self._begun_at
        self.report.cpu_seconds = time.process_time() - cpu
        self.report.unsent = (pace.count or self.report.sent) - self.report.sent
        return self.report

    def stop(self) -> None:
        """Begin nothing more, and do not wait long."""
        self._close()
        self._loop.call_later(_PATIENCE_WHEN_STOPPED, self._give_up)

    @property
    def progress(self) -> float:
        """Between 0 and 1."""
        if self._pace.count is not None:
            return min(self.report.sent / self._pace.count, 1.0)
        return min((self._loop.time() - self._begun_at) / self._pace.seconds, 1.0)

    @contextlib.asynccontextmanager
    async def _helped(self) -> AsyncIterator[None]:
        helpers = [asyncio.create_task(self._watch())]
        if self._pace.rate is not None:
            helpers.append(asyncio.create_task(self._call_out(self._pace.rate)))
            # What was due in time is sent all the same.
            self._loop.call_later(self._pace.seconds + _PATIENCE / 2, self._close)
        else:
            self._loop.call_later(self._pace.seconds, self._close)
        try:
            yield
        finally:
            for helper in helpers:
                helper.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)

    async def _watch(self) -> None:
        """Breaks off what takes too long. A timer for each request would cost more."""
        while True:
            await asyncio.sleep(1)
            for connection in self._connections:
                if connection.is_awaited and connection.posted_at < self._loop.time() - _TIMEOUT:
                    connection.break_off(TimeoutError())

    def _close(self) -> None:
        self._is_closing = True
        self._wake(len(self._idle))

    def _give_up(self) -> None:
        for carrier in self._carriers:
            carrier.cancel()

    # Whose turn it is

    async def _next(self) -> _Job | None:
        """None when there is nothing more to do."""
        has_waited = False
        while not self._again:
            if self._has_begun_all():
                if not self._pausing:
                    self._wake(len(self._idle))
                    return None
            elif self._may_begin():
                if (update := self._stock.take()) is not None:
                    return self._begin(update, has_waited)
                self.report.starved += 1
                await asyncio.sleep(_STARVING)
                continue
            await self._until_woken()
            has_waited = True
        return self._again.popleft()

    def _has_begun_all(self) -> bool:
        is_sold_out = self._stock.is_over and not len(self._stock)
        return self._is_closing or is_sold_out or self.report.sent == self._pace.count

    def _may_begin(self) -> bool:
        """Whether the next is due. Where too much has failed, nothing new is begun."""
        now = self._loop.time()
        if self._pace.rate is not None and self._due(self.report.sent) > now:
            return False
        if self._pausing >= self._pace.concurrency:
            self._held_up_at = now
            return False
        return True

    def _due(self, number: int) -> float:
        """By the schedule, however slowly it is answered."""
        return self._begun_at + number / (self._pace.rate or 1)

    def _begin(self, update: bytes, has_waited: bool) -> _Job:
        now = due = self._loop.time()
        if self._pace.rate is not None:
            due = self._due(self.report.sent)
            if (has_waited or self._idle) and due > self._held_up_at:
                self.report.lateness.add(now - due)
            else:
                self.report.held_up += 1
        self.report.sent += 1
        return _Job(self._target.request(update), due)

    async def _call_out(self, rate: float) -> None:
        """Wakes a carrier for each update that becomes due; busy ones see for themselves."""
        called = 0
        while True:
            await asyncio.sleep(self._due(called) - self._loop.time())
            due = int((self._loop.time() - self._begun_at) * rate) + 1
            self._wake(due - called)
            called = max(called, due)

    async def _until_woken(self) -> None:
        self._idle.append(woken := self._loop.create_future())
        await woken

    def _wake(self, count: int) -> None:
        while count > 0 and self._idle:
            woken = self._idle.pop()
            if not woken.done():
                woken.set_result(None)
                count -= 1

    # On the way

    async def _carry(self) -> None:
        connection: Connection | None = None
        while (job := await self._next()) is not None:
            connection = await self._try(job, connection)

    async def _try(self, job: _Job, connection: Connection | None) -> Connection | None:
        """Returns the connection if it is of further use."""
        job.attempts += 1
        self.report.retries += job.attempts > 1
        try:
            if connection is None or not connection.is_open:
                connection = await self._connect(connection)
            answer = await connection.post(job.request)
        except OSError as error:
            self._fail(job, type(error).__name__)
            return connection
        except asyncio.CancelledError:
            self._fail(job, "given up")
            raise
        self._note(job, answer)
        return connection

    async def _connect(self, old: Connection | None) -> Connection:
        if old is not None:
            self._connections.discard(old)
        async with asyncio.timeout(_CONNECTING):
            connection = await self._target.connect()
        self._connections.add(connection)
        return connection

    def _note(self, job: _Job, answer: Answer) -> None:
        self.report.statuses[answer.status] += 1
        if answer.status in _RETRIED:
            self._retry(job, answer.retry_after)
        else:
            self.report.answered += 200 <= answer.status < 300
            self._settle(job)

    def _fail(self, job: _Job, reason: str) -> None:
        self.report.errors[reason] += 1
        self._retry(job, None)

    def _settle(self, job: _Job) -> None:
        self._last_answer_at = self._loop.time()
        self.report.latency.add(self._last_answer_at - job.due)

    def _retry(self, job: _Job, retry_after: float | None) -> None:
        """When the answer says; otherwise at once the first time, then after 2, 4, 8 … seconds."""
        if job.attempts == _ATTEMPTS:
            self._settle(job)
        elif (pause := _pause(job.attempts, retry_after)) == 0:
            self._again.append(job)
        else:
            self._pausing += 1
            self._loop.call_later(pause, self._end_pause, job)

    def _end_pause(self, job: _Job) -> None:
        self._pausing -= 1
        self._again.append(job)
        self._wake(1)


def _pause(attempts: int, retry_after: float | None) -> float:
    if retry_after is None:
        retry_after = 0.0 if attempts == 1 else 2.0 ** (attempts - 1)
    return min(retry_after, _LONGEST_PAUSE)
