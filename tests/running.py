"""The running bot, as Telegram reaches it."""

import asyncio
import json
from collections.abc import Callable
from inspect import isawaitable
from typing import Any

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer
from pytest_aiohttp.plugin import AiohttpClient

from tests.stage import get_to_know, hand_made
from userreg.app import REGISTRY, SERVER_OPTIONS, create_app
from userreg.bot.client import ALLOWED_UPDATES
from userreg.bot.webhook import SECRET_HEADER
from userreg.config import Settings
from userreg.sandbox.delivery import Webhook
from userreg.sandbox.telegram import TOKEN, LocalTelegram

SECRET = "a-webhook-secret-of-the-tests-0123456789"


def make_settings(**values: Any) -> Settings:
    defaults: dict[str, Any] = {
        "bot_token": TOKEN,
        "webhook_url": "https://bot.example.org",
        "webhook_secret": SECRET,
        "commands_per_minute": 1_000,  # a test may ask more than a person
    }
    return Settings(_env_file=None, **(defaults | values))


class Bot:
    """The running bot, as Telegram reaches it."""

    def __init__(self, client: TestClient[Any, Any], telegram: LocalTelegram) -> None:
        self.client = client
        self.telegram = telegram

    async def post(self, update: object, **headers: str) -> ClientResponse:
        """A request of whoever it may be."""
        body = update if isinstance(update, bytes) else json.dumps(update).encode()
        headers = {SECRET_HEADER: SECRET, **headers}
        return await self.client.post("/webhook", data=body, headers=headers)

    async def tell(self, *updates: dict[str, Any]) -> None:
        """Telegram delivers these, one after another; each has to be answered 200 at once."""
        telegram = self.telegram
        for update in updates:
            get_to_know(telegram.world, update)
            telegram.outbox.put([hand_made(update, telegram.clock.time())])
            async with asyncio.timeout(20):
                await telegram.outbox.changed.wait_until(
                    lambda: not len(telegram.outbox) or bool(telegram.webhook.last_error_message)
                )
            assert telegram.webhook.last_error_message is None, telegram.webhook.last_error_message
            assert not telegram.outbox.lost, telegram.outbox.lost

    async def has_worked_off(self, count: int) -> None:
        """So many who talk to the bot have their answers, or get none."""
        replies = self.client.app[REGISTRY].tally.replies
        await until(lambda: replies.total() >= count)


async def until(is_so: Callable[[], Any]) -> None:
    """What nothing tells of is looked at again and again. Raises TimeoutError."""
    async with asyncio.timeout(10):
        while not (await found if isawaitable(found := is_so()) else found):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def start_bot(
    settings: Settings, aiohttp_client: AiohttpClient, telegram: LocalTelegram
) -> Bot:
    server = TestServer(create_app(settings))
    await server.start_server(**SERVER_OPTIONS)
    url = str(server.make_url("/webhook"))
    telegram.set_webhook(Webhook(url, SECRET, 100, ALLOWED_UPDATES))
    return Bot(await aiohttp_client(server), telegram)
