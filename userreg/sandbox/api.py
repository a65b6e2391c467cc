"""What the bot asks of the Bot API, and what it is told."""

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from userreg.sandbox.errors import ApiError
from userreg.sandbox.methods import METHODS
from userreg.sandbox.parameters import Parameters, as_text
from userreg.sandbox.signal import Signal
from userreg.sandbox.telegram import LocalTelegram
from userreg.sandbox.world import Json
from userreg.sandbox.world.entities import parse_html

logger = logging.getLogger(__name__)

#: Seconds that a slow Bot API takes for each answer.
_SLOW: Final = 3.0
_NEVER_IN_A_REPLY: Final = ("get", "setwebhook", "deletewebhook", "close", "logout")
#: How many calls are remembered.
_REMEMBERED: Final = 10_000
#: How much of a value is shown to whoever looks on, in characters.
_SHOWN: Final = 200


@dataclass(frozen=True)
class Call:
    """A request of the bot. `error` is what it was told instead of a result."""

    method: str
    parameters: dict[str, str]
    error: ApiError | None = None
    at: float = field(default_factory=time.monotonic)

    @property
    def text(self) -> str:
        """What a person reads: the text without its markup."""
        return parse_html(self.parameters["text"])[0]


class BotApi:
    """The bot's requests to one Telegram.

    For tests: `calls` is all that the bot asked for; by method, `failures` says what to refuse and
    `answers` what to say instead of the truth; `on_call` is called before each answer goes out, and
    while `held` is not set nothing is answered.
    """

    def __init__(self, telegram: LocalTelegram) -> None:
        self.telegram = telegram
        self.calls: deque[Call] = deque(maxlen=_REMEMBERED)
        self.failures: dict[str, ApiError] = {}
        self.answers: dict[str, Any] = {}
        self.on_call: Callable[[Call], None] | None = None
        self.held: asyncio.Event | None = None
        self._called = Signal()
        telegram.on_reply = self._on_reply

    async def call(self, method: str, parameters: Parameters) -> Any:
        """The result of a method. Raises `ApiError`."""
        if self.held is not None:
            await self.held.wait()
        begun = time.perf_counter()
        try:
            result = await self._call(method, parameters)
        except ApiError as error:
            self._note(method, parameters, begun, error)
            raise
        self._note(method, parameters, begun)
        if self.telegram.switches.slow:
            await self._dawdle()
        return result

    async def _dawdle(self) -> None:
        """For a while, or until the switch is turned off."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_SLOW):
                await self.telegram.changed.wait_until(lambda: not self.telegram.switches.slow)

    async def _call(self, method: str, parameters: Parameters) -> Any:
        if error := self.failures.get(method):
            raise error
        if method in self.answers:
            return self.answers[method]
        if (known := METHODS.get(method.lower())) is None:
            raise ApiError(404, "Not Found: method not found")
        return await known(self.telegram, parameters)

    def _note(
        self, method: str, parameters: Parameters, begun: float, error: ApiError | None = None
    ) -> None:
        self.calls.append(Call(method, parameters.values, error))
        self._called.notify()
        if self.on_call is not None:
            self.on_call(self.calls[-1])
        self.telegram.events.publish(
            "call", method=method, ok=error is None, error=error and error.description,
            parameters={name: value[:_SHOWN] for name, value in parameters.values.items()},
            ms=round((time.perf_counter() - begun) * 1000, 1),
        )  # fmt: skip

    async def _on_reply(self, reply: Json) -> None:
        """The bot answered an update with a method; it does not learn what came of it."""
        method = str(reply.pop("method"))
        if method.lower().startswith(_NEVER_IN_A_REPLY):
            return
        try:
            await self.call(method, Parameters(as_text(reply)))
        except ApiError as error:
            logger.info("%s in an answer: %s", method, error.description)
        except Exception:
            logger.exception("%s in an answer failed", method)

    def of(self, method: str) -> list[Call]:
        """The calls of one method."""
        return [call for call in self.calls if call.method == method]

    async def wait_for(self, method: str, count: int = 1) -> list[Call]:
        """The calls of `method`, as soon as there are `count` of them. Raises TimeoutError."""
        async with asyncio.timeout(10):
            await self._called.wait_until(lambda: len(self.of(method)) >= count)
        return self.of(method)
