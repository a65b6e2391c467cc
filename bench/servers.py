"""The servers that userreg is compared with: `python -m bench.servers NAME PORT [DATABASE_URL]`.

They take BOT_TOKEN and WEBHOOK_SECRET from the environment. All run on uvloop, as userreg does, but
the one that the others are compared with, which is aiohttp as it comes."""

import asyncio
import gc
import hmac
import os
import sys
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import uvloop
from aiohttp import web

SECRET_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"
#: How many of the bot's answers are remembered.
_REMEMBERED: Final = 100_000
_SENT: Final = {
    "message_id": 1, "date": 0, "chat": {"id": 1, "type": "private"}, "text": "x",
}  # fmt: skip
#: What is answered to all but messages; of another kind, it would be an error for the bot.
_RESULTS: Final[dict[str, Any]] = {
    "answerCallbackQuery": True, "getChatAdministrators": [], "getChatMemberCount": 42,
}  # fmt: skip


def nothing() -> web.Application:
    """The ceiling: compares the secret, reads the body, answers 200."""
    secret = os.environ["WEBHOOK_SECRET"].encode()

    async def handle(request: web.Request) -> web.Response:
        given = request.headers.get(SECRET_HEADER, "").encode()
        if not hmac.compare_digest(given, secret):
            return web.Response(status=401)
        await request.read()
        return web.Response()

    app = web.Application()
    app.router.add_post("/webhook", handle)
    return app


def dispatcher(record: Callable[[Any], Awaitable[object]] | None = None) -> web.Application:
    """aiogram's handler and dispatcher, with six commands and an outer middleware that may record
    each update."""
    from aiogram import Bot, Dispatcher
    from aiogram.filters import Command
    from aiogram.webhook.aiohttp_server import SimpleRequestHandler

    async def ignore(*_: Any) -> None: ...

    async def middleware(handler: Any, event: Any, data: dict[str, Any]) -> Any:
        if record is not None:
            await record(event)
        return await handler(event, data)

    dispatcher = Dispatcher()
    dispatcher.update.outer_middleware(middleware)
    for command in ("start", "help", "me", "whereami", "stats", "seen"):
        dispatcher.message.register(ignore, Command(command))
    handler = SimpleRequestHandler(
        dispatcher, Bot(os.environ["BOT_TOKEN"]), handle_in_background=False,
        secret_token=os.environ["WEBHOOK_SECRET"],
    )  # fmt: skip
    app = web.Application()
    handler.register(app, "/webhook")
    return app


def answers() -> web.Application:
    """Telegram's side for the bot's answers: whatever is sent is taken.

    `GET /arrivals` tells of each message since it was asked last: the monotonic time at which its
    request arrived, and to which chat it goes.
    """
    arrived: deque[tuple[float, int]] = deque(maxlen=_REMEMBERED)

    async def take(request: web.Request) -> web.Response:
        at = time.monotonic()
        asked = request.path.rpartition("/")[2]
        if asked == "sendMessage":
            arrived.append((at, int(str((await _values(request))["chat_id"]))))
        return web.json_response({"ok": True, "result": _RESULTS.get(asked, _SENT)})

    async def tell(request: web.Request) -> web.Response:
        told = list(arrived)
        arrived.clear()
        return web.json_response(told)

    app = web.Application()
    app.router.add_get("/arrivals", tell)
    app.router.add_post("/{rest:.*}", take)
    return app


async def _values(request: web.Request) -> Mapping[str, Any]:
    is_json = request.content_type == "application/json"
    return await (request.json() if is_json else request.post())


def main() -> None:
    name, port, *more = sys.argv[1:]
    app = _create(name, *more)
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)  # as userreg does
    web.run_app(
        app, host="127.0.0.1", port=int(port), access_log=None, print=None,
        loop=asyncio.new_event_loop() if name == "nothing" else uvloop.new_event_loop(),
    )  # fmt: skip


def _create(name: str, *database_url: str) -> web.Application:
    if database_url:
        from bench import peers

        return peers.PEERS[name](*database_url)
    servers = {"nothing": nothing, "dispatcher": dispatcher, "answers": answers}
    return servers[name.removesuffix("_uvloop")]()


if __name__ == "__main__":
    main()
