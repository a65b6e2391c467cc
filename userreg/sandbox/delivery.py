"""Delivery to a webhook, as Telegram's own server does it.

One update of a queue is in flight at a time, the queues side by side. Any 2xx is success; whatever
else, the first retry is at once, then after 2, 4, 8 … seconds, up to one or two minutes, or when
`Retry-After` says. A queue that fails waits; where too many wait, nothing new is begun.
"""

import asyncio
import contextlib
import itertools
import json
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final
from urllib.parse import urlsplit

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar

from userreg.sandbox.clock import Clock
from userreg.sandbox.events import Events
from userreg.sandbox.outbox import Outbox, Queue, serialize
from userreg.sandbox.signal import Signal
from userreg.sandbox.switches import Switches
from userreg.sandbox.world import Update

logger = logging.getLogger(__name__)

SECRET_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  a name, no secret
#: Seconds for one request.
TIMEOUT: Final = 60.0
#: Seconds after the last success when connections are opened one at a time, and how seldom.
_CAREFUL_AFTER: Final = 10.0
_CAREFUL_EVERY: Final = 2.0
#: A webhook that answers 410 for so long, in seconds, is closed.
_GONE_FOR: Final = 23 * 3600
#: How much of an answer is read, in bytes.
_MAX_REPLY: Final = 256 * 1024
#: Names of this computer.
HERE: Final = {"127.0.0.1", "localhost", "::1"}


@dataclass
class Webhook:
    """What setWebhook was told, and how it goes. Without an address there is none."""

    url: str = ""
    secret_token: str = ""
    max_connections: int = 40
    #: Empty: all kinds but those that are off by default.
    allowed_updates: list[str] = field(default_factory=list)
    last_error_date: int | None = None
    last_error_message: str | None = None
    #: Nothing more is sent to it.
    is_replaced: bool = False

    def is_over(self) -> bool:
        return self.is_replaced or not self.url


@dataclass(frozen=True)
class Attempt:
    """One request, and what came of it; without a status there was no answer."""

    status: int | None
    error: str | None = None
    milliseconds: float = 0
    retry_after: float | None = None
    reply: dict[str, Any] | None = None

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class Backoff:
    """How long one update waits after each failure, in seconds."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._next = 0.0

    def pause(self, retry_after: float | None) -> float:
        """At once, then 2, 4, 8 … up to one or two minutes; or as the bot says."""
        if retry_after:
            return min(retry_after, 3600)
        pause = self._next
        self._next = min(self._next * 2, self._random.uniform(60, 120)) if self._next else 2.0
        return pause


class WebhookDelivery:
    """Delivers what is in the outbox while `running`. `on_reply` gets a method in an answer."""

    def __init__(
        self,
        outbox: Outbox,
        webhook: Webhook,
        *,
        events: Events,
        switches: Switches,
        clock: Clock,
        random: Random,
        on_reply: Callable[[dict[str, Any]], Awaitable[None]],
        on_closed: Callable[[], None],
    ) -> None:
        self._outbox, self._webhook = outbox, webhook
        self._events, self._switches = events, switches
        self._clock, self._random = clock, random
        self._on_reply = on_reply
        self._on_closed = on_closed
        self._loaded: set[Queue] = set()
        self._in_flight = 0
        self._last_success = self._last_opened = clock.time()
        self._gone_since: float | None = None
        self._freed = Signal()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        timeout = ClientTimeout(total=TIMEOUT)
        async with ClientSession(
            timeout=timeout, headers=self._headers(), cookie_jar=DummyCookieJar()
        ) as session:
            loading = asyncio.create_task(self._load(session))
            try:
                yield
            finally:
                loading.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await loading

    def _headers(self) -> dict[str, str]:
        secret = self._webhook.secret_token
        headers = {"Content-Type": "application/json", "Accept-Encoding": "gzip"}
        return headers | ({SECRET_HEADER: secret} if secret else {})

    async def _load(self, session: ClientSession) -> None:
        """Twice as many queues as connections are worked on at most."""
        async with asyncio.TaskGroup() as group:
            while True:
                await self._outbox.changed.wait_until(lambda: bool(self._waiting()))
                for queue in self._waiting():
                    self._loaded.add(queue)
                    group.create_task(self._serve(session, queue))

    def _waiting(self) -> list[Queue]:
        if self._webhook.is_over():
            return []
        free = 2 * self._webhook.max_connections - len(self._loaded)
        return [queue for queue in self._outbox.queues() if queue not in self._loaded][:free]

    async def _serve(self, session: ClientSession, queue: Queue) -> None:
        """Until nothing of the queue waits any more. No error of ours stops the other queues."""
        try:
            while (update := self._first_of(queue)) is not None:
                await self._deliver(session, update)
        except Exception:
            logger.exception("a queue of updates is stuck until the next one comes")
        finally:
            self._loaded.discard(queue)
            self._outbox.changed.notify()

    def _first_of(self, queue: Queue) -> Update | None:
        is_over = self._webhook.is_over()
        return None if is_over else self._outbox.first_of(queue, self._clock.time())

    async def _deliver(self, session: ClientSession, update: Update) -> None:
        """Until it is answered, or too old."""
        backoff = Backoff(self._random)
        for number in itertools.count(1):
            if self._switches.out_of_order:
                await self._clock.sleep(self._random.uniform(0, 2))
            attempt = await self._try(session, update)
            if attempt.is_success:
                await self._succeed(session, update, attempt, number)
                return
            pause = backoff.pause(attempt.retry_after)
            self._tell(update, attempt, number, pause)
            if self._clock.time() + pause >= update.at + update.lifetime:
                self._outbox.lose(update)
                return
            await self._clock.sleep(pause)
            if self._first_of(update.queue) is not update:
                return

    async def _succeed(
        self, session: ClientSession, update: Update, attempt: Attempt, number: int
    ) -> None:
        self._tell(update, attempt, number)
        if self._switches.twice:  # as if the answer had been lost on its way
            self._tell(update, await self._try(session, update), number + 1)
        self._outbox.remove(update)
        if attempt.reply:
            await self._on_reply(attempt.reply)

    async def _try(self, session: ClientSession, update: Update) -> Attempt:
        async with self._connection():
            attempt = await self._post(session, update)
        self._note(attempt)
        return attempt

    def _tell(
        self, update: Update, attempt: Attempt, number: int, retry_in: float | None = None
    ) -> None:
        self._events.publish(
            "delivery", update_id=update.update_id, attempt=number, status=attempt.status,
            error=attempt.error, ms=round(attempt.milliseconds, 1), retry_in=retry_in,
        )  # fmt: skip

    @contextlib.asynccontextmanager
    async def _connection(self) -> AsyncIterator[None]:
        """One of at most `max_connections`; of only one, now and then, while nothing succeeds."""
        await self._freed.wait_until(lambda: self._in_flight < self._room())
        self._in_flight += 1
        try:
            if self._is_careful():
                await self._clock.sleep(self._last_opened + _CAREFUL_EVERY - self._clock.time())
            self._last_opened = self._clock.time()
            yield
        finally:
            self._in_flight -= 1
            self._freed.notify()

    def _room(self) -> int:
        return 1 if self._is_careful() else self._webhook.max_connections

    def _is_careful(self) -> bool:
        has_failed = self._webhook.last_error_date is not None
        return has_failed and self._clock.time() - self._last_success > _CAREFUL_AFTER

    async def _post(self, session: ClientSession, update: Update) -> Attempt:
        if urlsplit(self._webhook.url).hostname not in HERE:
            return Attempt(None, "Connection refused: this Telegram delivers to this computer only")
        begun = time.perf_counter()
        try:
            async with session.post(
                self._webhook.url, data=serialize(update), allow_redirects=False
            ) as response:
                body = await response.content.read(_MAX_REPLY)
        except TimeoutError:
            return Attempt(None, "Read timeout expired", _since(begun))
        except (ClientError, OSError, ValueError) as error:
            return Attempt(None, f"Connection failed: {type(error).__name__}", _since(begun))
        return _attempt(response.status, response.headers, body, _since(begun))

    def _note(self, attempt: Attempt) -> None:
        now = self._clock.time()
        if attempt.is_success:
            self._last_success = now
        else:
            self._webhook.last_error_date = int(now)
            self._webhook.last_error_message = attempt.error
        if attempt.status is None:
            return
        if attempt.status != 410:
            self._gone_since = None
        elif self._gone_since is None:
            self._gone_since = now
        elif now - self._gone_since >= _GONE_FOR:
            self._webhook.url = ""
            self._on_closed()


def _since(begun: float) -> float:
    return (time.perf_counter() - begun) * 1000


def _attempt(status: int, headers: Mapping[str, str], body: bytes, milliseconds: float) -> Attempt:
    if 200 <= status < 300:
        return Attempt(status, None, milliseconds, reply=_method_in(body))
    retry_after = headers.get("Retry-After", "")
    seconds = float(retry_after) if retry_after.isdecimal() else None
    return Attempt(status, f"Wrong response from the webhook: {status}", milliseconds, seconds)


def _method_in(body: bytes) -> dict[str, Any] | None:
    """A bot may answer an update with one method, and never learns what came of it."""
    try:
        reply = json.loads(body) if body.lstrip()[:1] == b"{" else None
    except (ValueError, RecursionError):
        return None
    return reply if isinstance(reply, dict) and isinstance(reply.get("method"), str) else None
