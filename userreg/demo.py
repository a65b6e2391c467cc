"""`userreg demo`: the real bot over real HTTP, in a Telegram that is played on this computer."""

import asyncio
import contextlib
import errno
import os
import secrets
import socket
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from aiohttp import web
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from userreg import sessions, totals
from userreg.app import REGISTRY, listening, stop_signal
from userreg.bot.client import open_bot
from userreg.bot.command_lists import set_commands
from userreg.bot.look_ups import ask_how_many, ask_who_administers
from userreg.bot.webhook_settings import set_webhook
from userreg.config import Settings
from userreg.database_url import Database, parse_database_url
from userreg.db import open_database, write_transaction
from userreg.dossier import list_rows_about
from userreg.errors import SettingInvalid
from userreg.migrate import pending, upgrade, versions
from userreg.registry import Registry
from userreg.sandbox.api import BotApi
from userreg.sandbox.outbox import serialize
from userreg.sandbox.pages import ChatPage
from userreg.sandbox.server import create_app, serving
from userreg.sandbox.telegram import TOKEN, LocalTelegram
from userreg.sandbox.trouble import Trouble
from userreg.sandbox.world import Chat, Update, World
from userreg.sandbox.world.town import build_town
from userreg.sandbox.world.town_names import ANN_ID
from userreg.web.pages import ROOT

_HOST: Final = "127.0.0.1"
#: Of the chat page, if nobody else has it.
_PORT: Final = 8765
#: Of the bot inside a container, which publishes it.
_BOT_PORT: Final = 8766
#: On the chat page's site.
_ENTRY: Final = "/pages"
#: Updates of the past that are recorded together.
_AT_ONCE: Final = 500
_INTRODUCTION: Final = """
userreg demo: a Telegram of your own with {people} people in {chats} chats, and the real bot in it.

  Chat page   {page}/
  Pages       {page}{entry}   what administrators see; it lets you in as Ann
  Bot         {webhook}
  Registry    {database}

Three things to try on the chat page:
  1. Write /start to the bot: you are Ann, who administers it, and all else is buttons.
  2. Open Chess on Tuesdays, write /whereami, ban a member, be that person (choose them under
     "You are"), and see the membership end.
  3. Take the database away for 10 s, write something, and see it arrive, once.

Ctrl-C ends it{end}.
"""


async def play(
    database_url: str | None,
    port: int | None,
    seed: int,
    say: Callable[[str], object],
    host: str = _HOST,
) -> None:
    """Until Ctrl-C or SIGTERM. Without an address in a SQLite that is gone afterwards, with one in
    an empty database. Listens on `host`, and answers only to names of this computer all the same.
    Raises `UserregError`."""
    stop = stop_signal()
    async with contextlib.AsyncExitStack() as stack:
        url = database_url or _temporary(stack)
        database = parse_database_url(url)
        if database_url:
            await _require_empty(database)
        await upgrade(database)
        world = build_town(seed, int(time.time()))
        past, world.updates = world.updates, []
        telegram = LocalTelegram(world, seed=seed)
        bot_port = _free_port(host, 0 if host == _HOST else _BOT_PORT)
        site = _telegram_at(telegram, database, host, port, seed, f"http://{_HOST}:{bot_port}")
        page, trouble = await stack.enter_async_context(site)
        settings = _settings(url, page, host, bot_port)
        registry = (await stack.enter_async_context(listening(settings)))[REGISTRY]
        await _remember(registry, past)
        await _introduce_the_bot(settings, registry, world)
        say(
            _INTRODUCTION.format(
                people=sum(not person.profile.is_bot for person in world.people.values()),
                chats=len(_public(world)), page=page, entry=_ENTRY,
                webhook=settings.webhook_address,
                database="the database that you named" if database_url else "a temporary SQLite",
                end="" if database_url else ", and leaves nothing behind",
            )
        )  # fmt: skip
        await stop.wait()
        await trouble.calm()  # the bot has to be able to finish


def _temporary(stack: contextlib.AsyncExitStack) -> str:
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="userreg-demo-"))
    return f"sqlite://{folder}/registry.sqlite3"


async def _require_empty(database: Database) -> None:
    """Nobody's registry is filled with invented people, or migrated on the way."""
    missing = await pending(database)
    if len(missing) == len(versions()):
        return
    async with open_database(database):
        if not missing and not (await totals.count_people()).total:
            return
    raise SettingInvalid("The demo fills an empty database, and this is a registry: name another.")


@contextlib.asynccontextmanager
async def _telegram_at(
    telegram: LocalTelegram,
    database: Database,
    host: str,
    port: int | None,
    seed: int,
    bot_url: str,
) -> AsyncIterator[tuple[str, Trouble]]:
    """Telegram, its chat page and its troubles, while the context is open; yields the address."""
    trouble = Trouble(telegram, lambda: nobody_writes(database), seed)
    site = create_app(BotApi(telegram))
    ChatPage(telegram, trouble, list_rows_about).add_routes(site)
    site.router.add_get(_ENTRY, _lead_in(database, bot_url))
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(telegram.running())
        await stack.enter_async_context(trouble.running())
        listens_on = _free_port(host, _PORT) if port is None else port
        try:
            address = await stack.enter_async_context(serving(site, host, listens_on))
        except OSError as error:
            reason = os.strerror(error.errno or errno.EADDRINUSE)
            raise SettingInvalid(f"Port {listens_on} cannot be listened on: {reason}.") from error
        yield f"http://{_HOST}:{address.rpartition(':')[2]}", trouble


def _lead_in(
    database: Database, bot_url: str
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """To the pages, as Ann: whoever sits at this computer may. Each time with a link of its own,
    for one that is printed would be too old when it is read."""

    async def lead(request: web.Request) -> web.StreamResponse:
        if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
            raise web.HTTPForbidden(text="Open this address yourself: no other site may.\n")
        code = await sessions.make_link(database, ANN_ID)
        raise web.HTTPSeeOther(f"{bot_url}{ROOT}/login?code={code}")

    return lead


def _free_port(host: str, usual: int) -> int:
    """Nobody asked for the usual port: if it is taken, any other does."""
    for port in (usual, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            return int(probe.getsockname()[1])
    raise SettingInvalid(f"No port of {host} can be listened on.")


class _OwnSettings(Settings):
    """What stands in the environment or in .env is for the real bot."""

    @property
    def mini_app_address(self) -> str:
        """The local Telegram opens what is on this computer without HTTPS, too."""
        return f"{self.pages_address}/login/app"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        *others: Any,
        **more: Any,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


def _settings(database_url: str, api_url: str, host: str, port: int) -> Settings:
    return _OwnSettings(
        bot_token=TOKEN, telegram_api_url=api_url, database_url=database_url,
        webhook_url=f"http://{_HOST}:{port}", webhook_secret=secrets.token_hex(32),
        host=host, port=port, admin_ids=frozenset({ANN_ID}),
        operator_contact="whoever sits at this computer",
    )  # fmt: skip


async def _remember(registry: Registry, past: Sequence[Update]) -> None:
    """What the bot has seen in the weeks before. Raises `NotCommitted`."""
    for first in range(0, len(past), _AT_ONCE):
        portion = past[first : first + _AT_ONCE]
        await asyncio.gather(
            *(registry.receive(serialize(u), datetime.fromtimestamp(u.at, UTC)) for u in portion)
        )


async def _introduce_the_bot(settings: Settings, registry: Registry, world: World) -> None:
    """Its webhook is set, and where it is administrator it has asked what administrators may."""
    async with open_bot(settings) as bot:
        await set_webhook(bot, settings)
        await set_commands(bot, settings.admin_ids)
        for chat in _public(world):
            if chat.watches:
                for ask in (ask_who_administers, ask_how_many):
                    await registry.record(await ask(bot, chat.id))


def _public(world: World) -> list[Chat]:
    chats = world.chats.values()
    return [c for c in chats if c.type != "private" and c.migrated_to_id is None]


@contextlib.asynccontextmanager
async def nobody_writes(database: Database) -> AsyncIterator[None]:
    """The table that every update goes through, or SQLite's one writer, is held."""
    async with write_transaction(database) as db:
        if database.dialect == "postgres":
            await db.execute_query("SET LOCAL idle_in_transaction_session_timeout = 0")
            await db.execute_query("LOCK TABLE claimed_updates IN ACCESS EXCLUSIVE MODE")
        yield
