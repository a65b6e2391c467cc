"""Where everything is put together: the one composition root, and every lifecycle."""

import asyncio
import contextlib
import functools
import gc
import logging
import signal
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Final, Literal

from aiohttp import web

from userreg.bot import standing
from userreg.bot.asking import Parts
from userreg.bot.client import create_bot
from userreg.bot.dispatcher import create_dispatcher
from userreg.bot.doctor import examine_running
from userreg.bot.patience import Patience
from userreg.bot.polling import poll
from userreg.bot.reconcile import reconcile_chat
from userreg.bot.refusals import Refusals
from userreg.bot.replies import Replies
from userreg.bot.roles import Roles
from userreg.bot.webhook import MAX_BODY, WebhookHandler
from userreg.config import Settings
from userreg.database_url import Database, parse_database_url
from userreg.db import open_database
from userreg.errors import describe
from userreg.maintenance import maintain
from userreg.phrases import require_spoken, speaking_by_default
from userreg.phrases.watch import watching
from userreg.process_lock import sole_writer
from userreg.registry import Registry
from userreg.repeating import repeating
from userreg.replicas import present, this_process
from userreg.tally import Tally
from userreg.web import health
from userreg.web.metrics import Metrics, add_route
from userreg.web.pages import ROOT, Pages
from userreg.web.routes import create_pages

logger = logging.getLogger(__name__)

#: Seconds between telling the balancer that this process goes and closing the door.
LINGER: Final = 2.0
_MAINTAIN_EVERY: Final = 3600.0
#: aiohttp fails on a body that is not compressed as it says; ours are not compressed at all.
SERVER_OPTIONS: Final[dict[str, Any]] = {"access_log": None, "auto_decompress": False}

#: The pages alone, or all but the pages.
Half = Literal["web", "bot"]

HEALTH: Final = web.AppKey("HEALTH", health.Health)
REGISTRY: Final = web.AppKey("REGISTRY", Registry)
POLLING: Final = web.AppKey("POLLING", asyncio.Task[None])


def create_app(
    settings: Settings, only: Half | None = None, together: Path | None = None
) -> web.Application:
    """The whole bot as an aiohttp application, or one half of it. `together`: a folder of all
    workers that listen on one port, for their metrics. Raises `SettingInvalid`."""
    database = parse_database_url(settings.database, settings.hash_key)
    default_language = require_spoken(settings.default_language)
    registry = Registry(database, settings.bot_id)
    app = web.Application(client_max_size=MAX_BODY)
    app[REGISTRY] = registry
    app[HEALTH] = health.Health(database)
    health.add_routes(app, app[HEALTH])
    me = this_process(_mode(settings, only))
    metrics = Metrics(registry.tally, me.name, me.mode, together)
    if settings.metrics_token is not None:
        add_route(app, metrics, settings.metrics_token.get_secret_value())
    if only != "bot":
        doctor = functools.partial(examine_running, settings, database)
        reconcile = functools.partial(reconcile_chat, settings, registry)
        app.add_subapp(ROOT, create_pages(Pages(registry, database, settings, doctor, reconcile)))
    recording: AbstractAsyncContextManager[object] = registry.running()
    if only != "web":
        recording = _add_bot(app, registry, database, settings)

    async def run_parts(app: web.Application) -> AsyncIterator[None]:
        """Opened in this order, closed in reverse: the database goes last."""
        async with contextlib.AsyncExitStack() as stack:
            stack.enter_context(sole_writer(database))
            await stack.enter_async_context(open_database(database))
            stack.enter_context(speaking_by_default(default_language))
            await stack.enter_async_context(watching(database))
            await stack.enter_async_context(present(database, me))
            if settings.metrics_token is not None:
                await stack.enter_async_context(metrics.shared())
            await stack.enter_async_context(recording)
            yield

    app.cleanup_ctx.append(run_parts)
    return app


def _mode(settings: Settings, only: Half | None) -> str:
    if only == "web":
        return "pages"
    return "polling" if settings.webhook_url is None else "webhook"


def _add_bot(
    app: web.Application, registry: Registry, database: Database, settings: Settings
) -> AbstractAsyncContextManager[object]:
    """What Telegram reaches, or asks Telegram; it works while the context is open."""
    bot = create_bot(settings)
    parts = Parts(bot, registry, database, settings, Roles(settings.admin_ids))
    dispatcher = create_dispatcher(parts)
    replies = Replies(dispatcher, parts)
    bot.session.middleware(Patience())
    bot.session.middleware(Refusals(registry))
    if settings.webhook_url is not None:
        handler = WebhookHandler(
            dispatcher, bot, registry=registry, replies=replies, secrets=settings.webhook_secrets
        )
        handler.register(app, settings.webhook_path)

    @contextlib.asynccontextmanager
    async def working() -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(bot.session.close)
            await stack.enter_async_context(replies.running())
            await stack.enter_async_context(registry.running())
            tidying = functools.partial(_maintain, database, settings, registry.tally)
            await stack.enter_async_context(repeating(tidying, _MAINTAIN_EVERY, "maintenance"))
            if settings.metrics_token is not None:
                asking = functools.partial(standing.ask, bot, registry.tally)
                await stack.enter_async_context(repeating(asking, standing.EVERY, "standing"))
            if settings.webhook_url is None:
                app[POLLING] = await stack.enter_async_context(
                    _background(poll(bot, registry, replies), "polling")
                )
            yield

    return working()


async def serve(settings: Settings, only: Half | None = None, together: Path | None = None) -> None:
    """Run until SIGTERM or Ctrl-C, then drain: new updates are refused with 503, what was accepted
    is committed, answers go out, the database closes last. Raises `UserregError`."""
    stop = stop_signal()
    _spare_the_collector()
    async with listening(settings, only, together) as app:
        polling = app.get(POLLING)
        await _first_of(stop.wait(), polling)
        if polling is None:
            await _say_goodbye(app)
    logger.info("stopped")


def stop_signal() -> asyncio.Event:
    """Set by SIGTERM or Ctrl-C, from now on."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


@contextlib.asynccontextmanager
async def listening(
    settings: Settings, only: Half | None = None, together: Path | None = None
) -> AsyncIterator[web.Application]:
    """The bot, or half of it, while the context is open; `together` with other workers, who share
    the port. Raises `UserregError`."""
    app = create_app(settings, only, together)
    runner = web.AppRunner(app, shutdown_timeout=3, **SERVER_OPTIONS)
    await runner.setup()
    try:
        await _start_listening(runner, settings, only, shares_port=together is not None)
        yield app
    finally:
        await runner.cleanup()


def _spare_the_collector() -> None:
    """What is loaded by now stays; looking through it again and again costs a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


async def _start_listening(
    runner: web.AppRunner, settings: Settings, only: Half | None, shares_port: bool
) -> None:
    host, port = settings.host, settings.port
    try:
        await web.TCPSite(runner, host, port, backlog=1024, reuse_port=shares_port or None).start()
    except OSError as error:
        raise settings.cannot_listen(error) from error
    mode = "polling Telegram" if settings.webhook_url is None else settings.webhook_address
    if only == "web":
        mode = "only for the pages"
    logger.info("listening on %s:%d, %s", *runner.addresses[0][:2], mode)


async def _say_goodbye(app: web.Application) -> None:
    """Let a balancer see that this process goes before its connections are refused."""
    app[HEALTH].is_draining = True
    app[REGISTRY].refuse()
    await asyncio.sleep(LINGER)


async def _first_of(stop: Coroutine[Any, Any, Any], task: asyncio.Task[None] | None) -> None:
    """Wait for `stop`, or for the task to end, which it only does with an error."""
    stopping = asyncio.ensure_future(stop)
    waiting = {stopping} if task is None else {stopping, task}
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if task is not None and task.done():
        task.result()


async def _maintain(database: Database, settings: Settings, tally: Tally) -> None:
    """Whenever another replica is at it, this one need not be."""
    try:
        if await maintain(database, settings.retention_days, settings.admin_ids):
            tally.maintained_at = time.time()
    except Exception as error:
        logger.warning("not maintained, trying again in an hour: %s", describe(error))


@contextlib.asynccontextmanager
async def _background(
    work: Coroutine[Any, Any, None], name: str
) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(work, name=name)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait({task})
