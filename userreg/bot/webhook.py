"""The webhook: aiogram's aiohttp handler, made to keep the registry's promise.

`SimpleRequestHandler` as it is answers before the work, takes an empty secret for an open door,
fails on a secret that is not ASCII, and answers 500 to content. This one answers 200 after the
commit (or when the update is a duplicate or put aside), 401 to a wrong secret, 503 when the update
has to be sent again, and never 5xx because of what is in it.
"""

import hmac
from collections.abc import Sequence
from typing import Final

from aiogram import Bot, Dispatcher
from aiogram.webhook.aiohttp_server import SimpleRequestHandler
from aiohttp import web

from userreg.bot.replies import Replies
from userreg.errors import NotCommitted
from userreg.registry import Registry

SECRET_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  a name, no secret
#: Telegram builds updates in a buffer of 64 KiB; four times that is no update any more.
MAX_BODY: Final = 256 * 1024


class WebhookHandler(SimpleRequestHandler):
    """Records each update, then leaves it to `replies` where somebody waits for an answer."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        bot: Bot,
        *,
        registry: Registry,
        replies: Replies,
        secrets: Sequence[str],
    ) -> None:
        if not all(secrets) or not secrets:
            raise ValueError("a webhook without a secret is open to everybody")
        super().__init__(dispatcher, bot, handle_in_background=False, secret_token=secrets[0])
        self._registry = registry
        self._replies = replies
        self._secrets = [secret.encode() for secret in secrets]

    def verify_secret(self, telegram_secret_token: str, bot: Bot) -> bool:
        """Compares bytes in constant time, with every secret: the new one and the old one."""
        given = telegram_secret_token.encode("utf-8", "surrogateescape")
        return any([hmac.compare_digest(given, secret) for secret in self._secrets])  # noqa: C419

    async def handle(self, request: web.Request) -> web.Response:
        if not self.verify_secret(request.headers.get(SECRET_HEADER, ""), self.bot):
            self._registry.tally.updates["unauthorized"] += 1
            return web.Response(status=401, text="Unauthorized")
        if "Content-Encoding" in request.headers:
            return web.Response(status=415, text="Updates come uncompressed.")
        raw = await request.read()
        try:
            receipt = await self._registry.receive(raw)
        except NotCommitted as error:
            retry_after = {"Retry-After": str(error.retry_after)}
            return web.Response(status=503, text=str(error), headers=retry_after)
        self._replies.follow(receipt, raw)
        return web.Response()

    __call__ = handle

    async def close(self) -> None:
        """Answers may still be on their way: whoever opened the bot closes its session."""
