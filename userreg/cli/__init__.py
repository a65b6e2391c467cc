"""The command line: parse, one call, print. Data goes to stdout, talk to stderr.

Everything slow is imported inside the commands, so that `--help` answers at once and commands that
only need the database never load aiogram.
"""

import asyncio
import contextlib
import errno
import math
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

import click

from userreg import __version__
from userreg.errors import UserregError
from userreg.logs import printable, redact

if TYPE_CHECKING:
    from userreg.config import Settings
    from userreg.database_url import Database
    from userreg.registry import Registry

T = TypeVar("T")

#: What a full or broken disk says to whoever writes.
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


class _Id(click.IntRange):
    """An id of a person, with a sentence for what is none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            return int(super().convert(value, param, ctx))
        except click.BadParameter:
            self.fail(
                f"{value!r} is no id of a person, which is a number like 123456789; /me tells "
                "everybody theirs.", param, ctx,
            )  # fmt: skip


USER_ID = _Id(1, 2**52)


class Amount(click.FloatRange):
    """Without NaN, which click finds in every range."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        number = float(super().convert(value, param, ctx))
        if math.isnan(number):
            self.fail(f"{value!r} is no number.", param, ctx)
        return number


class _Program(click.Group):
    """Turns our errors into one sentence and their exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except UserregError as error:
            sentence = printable(redact(" ".join(str(error).split())))
            click.echo(f"Error: {sentence}", err=True)
            ctx.exit(error.exit_code)
        except BrokenPipeError:  # whoever read has read enough
            discard_output()
            ctx.exit(1)
        except OSError as error:
            if error.errno not in _NO_ROOM:
                raise
            discard_output()
            click.echo(f"Error: Standard output cannot be written: {error.strerror}.", err=True)
            ctx.exit(1)
        except KeyboardInterrupt:
            click.echo("Interrupted.", err=True)
            ctx.exit(130)


def _version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if not value:
        return
    from importlib.metadata import version

    libraries = ", ".join(
        f"{name} {version(name)}" for name in ("aiogram", "aiohttp", "tortoise-orm", "asyncpg")
    )
    python = ".".join(map(str, sys.version_info[:3]))
    click.echo(f"userreg {__version__} (Python {python}, {libraries})")
    ctx.exit()


@click.group(
    cls=_Program,
    epilog="Exit codes: 0 done, 1 failed, 2 wrong usage, 3 a setting is missing or wrong, 4 the "
    "database cannot be reached, 5 Telegram cannot be reached or refuses, 6 a check found "
    "something, 130 interrupted, 143 terminated.",
)
@click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=_version,
    help="Show the versions of userreg and what it runs on.",
)  # fmt: skip
def main() -> None:
    """A registry of Telegram users, chats and memberships.

    Settings come from the environment, or from .env in this folder: see .env.example.
    """
    # As an exception it closes what is open and leaves no half-written file.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def discard_output() -> None:
    """Let nothing that is still buffered for stdout fail once more when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def prepare() -> "Settings":
    """The settings, with logging set up as they say. Raises `SettingInvalid`."""
    from userreg.config import load_settings
    from userreg.logs import configure_logging

    settings = load_settings()
    configure_logging(settings.log_level, settings.log_format, settings.secrets)
    return settings


@contextlib.contextmanager
def telling_sentry(settings: "Settings") -> Iterator[None]:
    """Errors are told while the context is open, where SENTRY_DSN is set. Raises
    `SettingInvalid`."""
    if settings.sentry_dsn is None:
        yield
        return
    from userreg import sentry
    from userreg.replicas import name_of_this_process

    sentry.start(settings, name_of_this_process())
    try:
        yield
    finally:
        sentry.stop()


def database_of(settings: "Settings") -> "Database":
    from userreg.database_url import parse_database_url

    return parse_database_url(settings.database, settings.hash_key)


@contextlib.asynccontextmanager
async def opened(settings: "Settings", patient: bool = False) -> AsyncIterator["Database"]:
    """The database, open and migrated; `patient` for statements that read a whole table.
    Raises `DatabaseUnavailable` and `CheckFailed`."""
    from userreg.db import open_database, ping, translated_errors
    from userreg.migrate import require_migrated

    database = database_of(settings)
    await require_migrated(database)
    async with open_database(database.patient if patient else database):
        await ping(database)
        with translated_errors(TimeoutError):  # any other OSError is the output's from here on
            yield database


@contextlib.asynccontextmanager
async def opened_registry(
    settings: "Settings", bot_id: int | None = None
) -> AsyncIterator["Registry"]:
    """The registry, ready to record; on SQLite nobody else may be writing.

    Updates are claimed for their bot, so without `bot_id` the token has to say which one it is.
    """
    if bot_id is None:
        bot_id = settings.bot_id
    from userreg.process_lock import sole_writer
    from userreg.registry import Registry

    with sole_writer(database_of(settings)):
        async with opened(settings) as db, Registry(db, bot_id).running() as registry:
            yield registry


def run_async(
    work: Coroutine[Any, Any, T],
    loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None,
) -> T:
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        return runner.run(work)


def _add_commands() -> None:
    from userreg.cli import (
        admins,
        commands,
        database,
        dead_letters,
        demo,
        doctor,
        export,
        forget,
        healthcheck,
        maintain,
        phrases,
        reconcile,
        release,
        replay,
        run,
        sandbox,
        webhook,
    )

    for command in (
        run.run,
        demo.demo,
        database.migrate,
        release.release,
        webhook.webhook,
        commands.commands,
        doctor.doctor,
        healthcheck.healthcheck,
        export.export,
        export.export_stats,
        replay.replay,
        dead_letters.dead_letters,
        forget.forget,
        admins.admins,
        maintain.maintain,
        reconcile.reconcile,
        phrases.phrases,
        sandbox.sandbox,
    ):
        main.add_command(command)


_add_commands()
