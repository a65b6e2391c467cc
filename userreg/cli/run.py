"""`userreg run`."""

import logging
from typing import TYPE_CHECKING

import click

from userreg.cli import database_of, prepare, run_async, telling_sentry
from userreg.errors import DatabaseUnavailable, SettingInvalid

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable

    from userreg.app import Half
    from userreg.database_url import Database

logger = logging.getLogger(__name__)


@click.command(short_help="Run the bot, by webhook or by long polling.")
@click.option("--port", type=click.IntRange(0, 65535), help="Listen here instead of on PORT.")
@click.option(
    "--workers", type=click.IntRange(1, 100),
    help="Run so many processes that share the port; usually WEB_CONCURRENCY, else 1.",
)  # fmt: skip
@click.option("--migrate", "brings_up_to_date", is_flag=True, help="Run userreg migrate first.")
@click.option(
    "--only", type=click.Choice(["web", "bot"]),
    help="web: only the pages for administrators; bot: all but them. PostgreSQL only.",
)  # fmt: skip
def run(
    port: int | None, workers: int | None, brings_up_to_date: bool, only: "Half | None"
) -> None:
    """Run the bot: by webhook when WEBHOOK_URL is set, else by long polling."""
    settings = prepare()
    if port is not None:
        settings.port = port
    settings.token  # noqa: B018  fails early, before anything slow is loaded
    database = database_of(settings)
    if only is not None:
        _require_shareable(database)
    from userreg.workers import become_workers, claim_port, count_workers, shared_folder

    count = count_workers(workers, settings, database)
    run_async(_upgrade(database) if brings_up_to_date else _warn_of_unmigrated(database))
    from userreg.app import serve

    together = None
    if count > 1:
        settings.port = run_async(claim_port(settings))
        with shared_folder() as together:
            become_workers(count)
    with telling_sentry(settings):
        run_async(serve(settings, only, together), _fastest_loop())


def _require_shareable(database: "Database") -> None:
    if database.dialect == "sqlite":
        raise SettingInvalid(
            "--only makes two processes of the bot and its pages, and SQLite takes one that "
            "writes: set DATABASE_URL to a PostgreSQL database, or leave --only out."
        )


def _fastest_loop() -> "Callable[[], AbstractEventLoop] | None":
    """uvloop, for CPython, records a third more than asyncio's own (docs/performance.md)."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


async def _upgrade(database: "Database") -> None:
    from userreg.migrate import upgrade

    for name in await upgrade(database):
        logger.info("applied %s", name)


async def _warn_of_unmigrated(database: "Database") -> None:
    from userreg.migrate import require_migrated

    try:
        await require_migrated(database)
    except DatabaseUnavailable as error:
        logger.warning("%s Until then every update is answered 503.", error)
