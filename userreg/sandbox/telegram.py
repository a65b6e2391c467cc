"""A Telegram of one's own: a world, one bot in it, and everything between the two."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from random import Random
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from userreg.sandbox.clock import Clock
from userreg.sandbox.delivery import Webhook, WebhookDelivery
from userreg.sandbox.errors import ApiError
from userreg.sandbox.events import Events
from userreg.sandbox.flood import Flood
from userreg.sandbox.outbox import OFF_BY_DEFAULT, Outbox
from userreg.sandbox.parameters import Upload
from userreg.sandbox.signal import Signal
from userreg.sandbox.switches import Switches
from userreg.sandbox.world import BOT_ID, Chat, Json, Message, World

P = ParamSpec("P")
T = TypeVar("T")

#: Of the bot that everybody here knows. It opens nothing anywhere else.
TOKEN: Final = f"{BOT_ID}:AAE-this-is-no-real-token-of-a-bot-00"


@dataclass
class Query:
    """A pressed button, and what the bot answers."""

    at: float
    answer: Json | None = None


class LocalTelegram:
    """Whatever happens goes through `do`; what the bot says, through `say`."""

    def __init__(
        self, world: World, token: str = TOKEN, *, clock: Clock | None = None, seed: int = 0
    ) -> None:
        self.world, self.token = world, token
        self.clock = clock or Clock()
        self.events, self.switches, self.outbox = Events(), Switches(), Outbox()
        self.webhook = Webhook()
        self.flood = Flood()
        self.queries: dict[str, Query] = {}
        self.files: dict[str, Upload] = {}
        #: Names, descriptions and commands, by what they are, scope and language.
        self.profile: dict[tuple[str, str, str], Any] = {}
        #: A pressed button was answered, or the webhook has changed.
        self.changed = Signal()
        #: Gets what the bot says in its answer to an update.
        self.on_reply: Callable[[Json], Awaitable[None]] = _ignore
        self._random = Random(seed)  # noqa: S311  no secrets
        #: How often somebody has asked for updates.
        self.polls = 0
        world.allows = self._allows

    def _allows(self, kind: str) -> bool:
        wanted = self.webhook.allowed_updates
        return kind in wanted if wanted else kind not in OFF_BY_DEFAULT

    # What happens

    def do(self, deed: Callable[Concatenate[World, P], T], *args: P.args, **more: P.kwargs) -> T:
        """Something happens now; the updates that it makes are on their way."""
        self.world.now = max(self.world.now, int(self.clock.time()))
        result = deed(self.world, *args, **more)
        self.tell()
        return result

    def tell(self) -> None:
        """Send out what the world has made of everything so far."""
        updates, self.world.updates = self.world.updates, []
        for update in updates:
            kind = next(name for name in update.body if name != "update_id")
            self.events.publish(
                "update", update_id=update.update_id, kind=kind, body=update.body,
                at=self.clock.time(),
            )  # fmt: skip
        self.outbox.put(updates)
        for chat_id in self.world.touched:
            self.events.publish("changed", chat=chat_id)
        self.world.touched.clear()

    def say(self, chat: Chat, content: Json) -> Message:
        """The bot says something."""
        self.world.now = max(self.world.now, int(self.clock.time()))
        if chat.type == "channel":
            shown = {"sender_chat": self.world.show(chat)}
            message = self.world.remember(chat, None, content, shown)
        else:
            message = self.world.remember(chat, self.world.bot, content)
        message.is_of_the_bot = True
        self.tell()
        return message

    def new_query(self) -> tuple[str, Query]:
        """For a button that is pressed now; by its id the bot answers it."""
        query = Query(self.clock.time())
        query_id = str(len(self.queries) + 1)
        self.queries[query_id] = query
        return query_id, query

    # Delivery

    def set_webhook(self, webhook: Webhook) -> None:
        self.webhook.is_replaced = True
        self.webhook = webhook
        self.changed.notify()
        self.outbox.changed.notify()  # whoever polls is told

    async def wait_until_delivered(self) -> None:
        """Until nothing waits for the bot any more."""
        await self.outbox.changed.wait_until(lambda: not len(self.outbox))

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["LocalTelegram"]:
        """Deliver to the webhook, while there is one."""
        delivering = asyncio.create_task(self._deliver(), name="telegram")
        try:
            yield self
        finally:
            delivering.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await delivering

    async def _deliver(self) -> None:
        while True:
            await self.changed.wait_until(lambda: bool(self.webhook.url))
            webhook = self.webhook
            delivery = WebhookDelivery(
                self.outbox, webhook, events=self.events, switches=self.switches,
                clock=self.clock, random=self._random,
                on_reply=lambda reply: self.on_reply(reply), on_closed=self.changed.notify,
            )  # fmt: skip
            async with delivery.running():
                await self.changed.wait_until(webhook.is_over)

    # Polling

    async def poll(self, offset: int, limit: int, timeout: float) -> list[Json]:
        """The updates from `offset` on, at most `limit`; waits `timeout` seconds for the first.

        Whoever asks while another one waits ends the other's waiting.
        """
        if offset < 0:
            known = self.outbox.since(0, self.clock.time())
            offset = known[offset:][0].update_id if known[offset:] else 0
        self.outbox.confirm(offset)
        self.polls += 1
        mine = self.polls
        self.outbox.changed.notify()

        def is_over() -> bool:
            is_taken = self.polls != mine or bool(self.webhook.url)
            return is_taken or bool(self.outbox.since(offset, self.clock.time()))

        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self.outbox.changed.wait_until(is_over)
        if self.polls != mine:
            raise ApiError(
                409,
                "Conflict: terminated by other getUpdates request; make sure that only one bot "
                "instance is running",
            )
        if self.webhook.url:
            raise ApiError(409, "Conflict: terminated by setWebhook request")
        return [u.body for u in self.outbox.since(offset, self.clock.time())[:limit]]


async def _ignore(reply: Json) -> None:
    """Nobody listens."""
