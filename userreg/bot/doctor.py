"""What keeps the registry from learning what it could: what was found, what it costs, how to mend
it. A check that could not be made is not in the list; the finding that prevented it is."""

import asyncio
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, TypeVar

from aiogram.methods import GetMe, GetWebhookInfo, TelegramMethod
from aiogram.types import User, WebhookInfo

from userreg.bot.client import REQUEST_TIMEOUT, open_bot
from userreg.bot.running_checks import check_replicas, check_security_key
from userreg.bot.webhook_checks import check_secret, check_webhook
from userreg.config import Settings
from userreg.database_url import Database, parse_database_url
from userreg.db import open_database, ping, translated_errors
from userreg.decisions import Replica
from userreg.errors import CheckFailed, DatabaseUnavailable, SettingInvalid, UserregError
from userreg.findings import Diagnosis, Finding, Webhook
from userreg.gaps import (
    ChatWithoutRights,
    count_chats_without_rights,
    count_dead_letters,
    list_chats_without_rights,
)
from userreg.migrate import require_migrated
from userreg.replicas import list_replicas

T = TypeVar("T")
#: So many chats are named; the others are counted.
LISTED_CHATS: Final = 20
#: Seconds for Telegram, and for the database, where somebody waits for a page.
PATIENCE: Final = 5.0


@dataclass(frozen=True)
class Known:
    """What the database says. `without_rights` counts chats by type, `chats` names the first."""

    dead_letters: int = 0
    without_rights: dict[str, int] = field(default_factory=dict)
    chats: tuple[ChatWithoutRights, ...] = ()
    replicas: tuple[Replica, ...] = ()

    @property
    def groups_without_rights(self) -> int:
        return sum(n for type_, n in self.without_rights.items() if type_ != "channel")


async def examine(settings: Settings) -> Diagnosis:
    """Ask Telegram and the database at once; what fails is a finding, and the rest goes on."""
    return await _examine(settings, _open_and_read(settings), REQUEST_TIMEOUT)


async def examine_running(settings: Settings, database: Database) -> Diagnosis:
    """The same within a bot that runs, on its own connections, and in five seconds."""
    return await _examine(settings, _read_soon(database), PATIENCE)


async def _examine(
    settings: Settings, reading: Awaitable[Known | UserregError], patience: float
) -> Diagnosis:
    asked = _ask(settings, GetMe(), patience)
    looked_up = _ask(settings, GetWebhookInfo(), patience)
    me, webhook, known = await asyncio.gather(asked, looked_up, reading)
    now = datetime.now(UTC)
    return Diagnosis(now, tuple(judge(settings, me, webhook, known, now)), _health_of(webhook))


def _health_of(info: WebhookInfo | UserregError) -> Webhook | None:
    if isinstance(info, UserregError):
        return None
    return Webhook(info.pending_update_count, info.last_error_message, info.last_error_date)


def judge(
    settings: Settings,
    me: User | UserregError,
    webhook: WebhookInfo | UserregError,
    known: Known | UserregError,
    now: datetime,
) -> Iterator[Finding]:
    """The findings, in the order in which one would mend them."""
    yield check_token(me)
    if isinstance(webhook, WebhookInfo):
        yield from check_webhook(webhook, settings, now)
    elif not isinstance(me, UserregError):  # else it was the same error
        yield _telegram_failed("webhook", webhook)
    yield check_secret(settings, webhook if isinstance(webhook, WebhookInfo) else None, now)
    yield check_security_key(settings)
    yield from check_database(known)
    if isinstance(known, Known):
        yield check_replicas(known.replicas, now)
    if isinstance(me, User):
        yield check_privacy(me, known if isinstance(known, Known) else None)
    if isinstance(known, Known):
        yield check_administrator(known)


async def _ask(settings: Settings, method: TelegramMethod[T], patience: float) -> T | UserregError:
    try:
        async with open_bot(settings, patience) as bot:
            return await bot(method)
    except UserregError as error:
        return error


async def _open_and_read(settings: Settings) -> Known | UserregError:
    try:
        database = parse_database_url(settings.database)
        await require_migrated(database)
        async with open_database(database):
            return await _read(database)
    except UserregError as error:
        return error


async def _read_soon(database: Database) -> Known | UserregError:
    try:
        async with asyncio.timeout(PATIENCE):
            await require_migrated(database)
            return await _read(database)
    except TimeoutError:
        return DatabaseUnavailable(f"The database has not answered within {PATIENCE:g} seconds.")
    except UserregError as error:
        return error


async def _read(database: Database) -> Known:
    await ping(database)
    with translated_errors(OSError):
        return Known(
            await count_dead_letters(),
            await count_chats_without_rights(),
            tuple(await list_chats_without_rights(LISTED_CHATS)),
            tuple(await list_replicas()),
        )


def check_token(me: User | UserregError) -> Finding:
    if isinstance(me, User):
        return Finding("token", "ok", f"Telegram knows the bot: @{me.username}, id {me.id}")
    if isinstance(me, SettingInvalid):
        return Finding(
            "token", "problem", str(me),
            "the bot cannot run, and nothing that Telegram knows could be checked",
            "@BotFather: /newbot, or /token for a bot that is there; set it as BOT_TOKEN",
        )  # fmt: skip
    return _telegram_failed("token", me)


def _telegram_failed(name: str, error: UserregError) -> Finding:
    return Finding(
        name, "problem", str(error),
        "no answers, no long polling, and what Telegram knows could not be checked",
        "if the token is refused: @BotFather, /token, and set it as BOT_TOKEN; else look whether "
        "TELEGRAM_API_URL (default https://api.telegram.org) can be reached from here",
    )  # fmt: skip


def check_database(known: Known | UserregError) -> Iterator[Finding]:
    if isinstance(known, CheckFailed):
        yield Finding("database", "ok", "it answers")
        yield Finding(
            "schema", "problem", str(known),
            "nothing is recorded: every update is answered 503",
            "run `userreg migrate`, if DATABASE_URL names the database that is meant",
        )  # fmt: skip
    elif isinstance(known, UserregError):
        yield Finding(
            "database", "problem", str(known),
            "nothing is recorded, and lost after 24 hours; schema, dead letters and chats could "
            "not be checked",
            "start the database, or set DATABASE_URL to where it is",
        )  # fmt: skip
    else:
        yield Finding("database", "ok", "it answers")
        yield Finding("schema", "ok", "up to date")
        yield check_dead_letters(known.dead_letters)


def check_dead_letters(count: int) -> Finding:
    if not count:
        return Finding("dead_letters", "ok", "none")
    return Finding(
        "dead_letters", "warning", f"{count} could not be recorded",
        "what they tell is not in the registry; they are deleted after seven days",
        "run `userreg dead-letters list`; after an upgrade `userreg dead-letters replay`, or "
        "`userreg dead-letters drop ID` for what is no update",
    )  # fmt: skip


def check_privacy(me: User, known: Known | None) -> Finding:
    if me.can_read_all_group_messages:
        return Finding("privacy_mode", "ok", "off: the bot sees all messages")
    if known and not known.groups_without_rights:
        return Finding("privacy_mode", "ok", "on, but the bot is administrator of every group")
    where = f"in {known.groups_without_rights} group(s)" if known else "in groups (unknown which)"
    return Finding(
        "privacy_mode", "warning", f"on, {where} where the bot is no administrator",
        "all messages there that are no commands or replies to the bot: who only writes is "
        "never met, and activity is not counted",
        "@BotFather: /setprivacy, choose the bot, Disable; then remove it from these groups and "
        "add it again, or make it an administrator there",
    )  # fmt: skip


def check_administrator(known: Known) -> Finding:
    count = sum(known.without_rights.values())
    if not count:
        return Finding("administrator", "ok", "in every chat that the bot is known to be in")
    more = count - len(known.chats)
    details = [f"{c.id} {c.title or ''} ({c.type}, {c.bot_status or 'status unknown'})"
               for c in known.chats]  # fmt: skip
    return Finding(
        "administrator", "warning", f"not in {count} chat(s), as far as the database knows",
        "silent joins and leaves, bans and promotions there: Telegram tells them to "
        "administrators only",
        "in each: chat info, Edit, Administrators, Add, this bot (any one right will do); where "
        "it is one already, take its rights away and give them again",
        (*details, f"… and {more} more") if more > 0 else tuple(details),
    )  # fmt: skip
