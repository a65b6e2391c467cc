"""`userreg reconcile`."""

import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from userreg.cli import Amount, opened_registry, prepare, run_async
from userreg.errors import DatabaseUnavailable, NotCommitted

if TYPE_CHECKING:
    from userreg.config import Settings


@click.command()
@click.option("--chat", type=click.IntRange(-(2**52), -1), help="Only this chat, by its id.")
@click.option(
    "--older-than", type=click.IntRange(0, 3650), default=7, show_default=True, metavar="DAYS",
    help="Ask again about members confirmed longer ago than this.",
)  # fmt: skip
@click.option(
    "--rate", type=Amount(0, 1000, min_open=True), default=20, show_default=True,
    help="Questions a second, at most.",
)  # fmt: skip
def reconcile(chat: int | None, older_than: int, rate: float) -> None:
    """Ask Telegram about members whom it has not confirmed lately.

    Works in chats that the bot administers. Stopped, it goes on where it was when it is started
    again; a member about whom Telegram does not answer stays as known.
    """
    before = datetime.now(UTC) - timedelta(days=older_than)
    counts = run_async(_reconcile(prepare(), chat, before, rate))
    for outcome in ("present", "gone", "unanswered"):
        click.echo(f"{outcome}: {counts[outcome]}")


async def _reconcile(
    settings: "Settings", chat_id: int | None, before: datetime, rate: float
) -> Counter[str]:
    from userreg import gaps
    from userreg.bot.client import open_bot
    from userreg.bot.reconcile import Reconciler, require_administrator
    from userreg.bot.refusals import Refusals
    from userreg.db import translated_errors

    async with opened_registry(settings) as registry, open_bot(settings) as bot:
        bot.session.middleware(Refusals(registry))
        with translated_errors(OSError):
            if chat_id is not None:
                await require_administrator(chat_id)
            to_ask = await gaps.count_to_ask(before, chat_id)
            total, hidden = sum(to_ask.values()), not sys.stderr.isatty()
            with click.progressbar(length=total, file=sys.stderr, hidden=hidden) as bar:
                reconciler = Reconciler(bot, registry, rate, lambda: bar.update(1))
                try:
                    await reconciler.run(list(to_ask), before)
                except NotCommitted as error:
                    raise DatabaseUnavailable(f"{error} Start it again to go on.") from error
        return reconciler.counts
