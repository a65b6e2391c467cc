"""`userreg run`."""

import logging
from typing import TYPE_CHECKING

import click

from userreg.cli import database_of, prepare, run_async
from userreg.errors import DatabaseUnavailable

if TYPE_CHECKING:
    from userreg.db import Database

logger = logging.getLogger(__name__)


@click.command(short_help="Run the bot, by webhook or by long polling.")
@click.option("--port", type=click.IntRange(0, 65535), help="Listen here instead of on PORT.")
def run(port: int | None) -> None:
    """Run the bot: by webhook when WEBHOOK_URL is set, else by long polling."""
    settings = prepare()
    if port is not None:
        settings.port = port
    settings.token  # noqa: B018  fails early, before anything slow is loaded
    run_async(_refuse_unmigrated(database_of(settings)))
    from userreg.app import serve

    run_async(serve(settings))


async def _refuse_unmigrated(database: "Database") -> None:
    from userreg.migrate import require_migrated

    try:
        await require_migrated(database)
    except DatabaseUnavailable as error:
        logger.warning("%s Until then every update is answered 503.", error)
