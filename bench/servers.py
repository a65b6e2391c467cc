"""The servers that userreg is compared with: `python -m bench.servers NAME PORT [DATABASE_URL]`."""

import asyncio
import gc
import hmac
import sys
from typing import Any, Final

from aiohttp import web

SECRET: Final = "a-webhook-secret-of-the-benchmark-0123456789"
SECRET_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"
TOKEN: Final = "4242424242:AAE-this-is-no-real-token-of-a-bot-00"


def nothing() -> web.Application:
    """The ceiling: compares the secret, reads the body, answers 200."""

    async def handle(request: web.Request) -> web.Response:
        given = request.headers.get(SECRET_HEADER, "").encode()
        if not hmac.compare_digest(given, SECRET.encode()):
            return web.Response(status=401)
        await request.read()
        return web.Response()

    app = web.Application()
    app.router.add_post("/webhook", handle)
    return app


def dispatcher(record: Any = None) -> web.Application:
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
        dispatcher, Bot(TOKEN), handle_in_background=False, secret_token=SECRET
    )
    app = web.Application()
    handler.register(app, "/webhook")
    return app


def naive(database_url: str) -> web.Application:
    """The peer that most people would write: the ORM's own `update_or_create`, three times."""
    from tortoise import Tortoise

    from bench import naive_models as models

    async def record(update: Any) -> None:
        event = update.event
        user = getattr(event, "from_user", None)
        chat = getattr(event, "chat", None) or getattr(getattr(event, "message", 0), "chat", None)
        if user is None or chat is None:
            return
        names = {"first_name": user.first_name, "username": user.username}
        await models.User.update_or_create(names, id=user.id)
        await models.Chat.update_or_create({"type": chat.type, "title": chat.title}, id=chat.id)
        await models.Membership.update_or_create(
            {"last_update_id": update.update_id}, user_id=user.id, chat_id=chat.id
        )

    async def connect(app: web.Application) -> Any:
        url = database_url.replace("postgres://", "asyncpg://", 1)
        await Tortoise.init(
            db_url=url, modules={"models": ["bench.naive_models"]}, _enable_global_fallback=True
        )
        await Tortoise.generate_schemas()
        yield
        await Tortoise.close_connections()

    app = dispatcher(record)
    app.cleanup_ctx.append(connect)
    return app


def answers() -> web.Application:
    """Telegram's side for the bot's answers: whatever is sent is taken."""

    async def take(request: web.Request) -> web.Response:
        chat = {"id": 1, "type": "private"}
        return web.json_response(
            {"ok": True, "result": {"message_id": 1, "date": 0, "chat": chat, "text": "x"}}
        )

    app = web.Application()
    app.router.add_post("/{rest:.*}", take)
    return app


def main() -> None:
    name, port, *more = sys.argv[1:]
    app = {"nothing": nothing, "dispatcher": dispatcher, "naive": naive, "answers": answers}[name](
        *more
    )
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)  # as userreg does
    web.run_app(
        app, host="127.0.0.1", port=int(port), access_log=None, print=None,
        loop=asyncio.new_event_loop(),
    )  # fmt: skip


if __name__ == "__main__":
    main()
