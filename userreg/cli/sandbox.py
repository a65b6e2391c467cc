"""`userreg sandbox load`."""

import json
import sys
from typing import TYPE_CHECKING

import click

from userreg.cli import Amount
from userreg.errors import SettingInvalid, UserregError

if TYPE_CHECKING:
    from userreg.sandbox.load import Load
    from userreg.sandbox.load.report import Report

_MAX_SECONDS = 3600
#: A progress bar is drawn in so many steps.
_STEPS = 1000


@click.group()
def sandbox() -> None:
    """Try a bot without Telegram."""


@sandbox.command(short_help="Post a stream of updates to a webhook, and measure.")
@click.argument("url")
@click.option(
    "--secret", help="The webhook's secret token, if not WEBHOOK_SECRET. Empty: send none."
)
@click.option(
    "--rate",
    type=Amount(0.01, 100_000),
    help="Updates a second, however slowly they are answered. Without it, as fast as possible.",
)
@click.option(
    "--concurrency",
    type=click.IntRange(1, 2000),
    default=40,
    show_default=True,
    help="Connections at once; Telegram opens 40 unless told otherwise.",
)
@click.option("--seconds", type=Amount(0.1, _MAX_SECONDS), help="How long; usually 10.")
@click.option("--count", type=click.IntRange(1), help="How many updates, instead of how long.")
@click.option(
    "--processes",
    type=click.IntRange(1, 8),
    default=1,
    show_default=True,
    help="Senders that share the work; each has a crowd of its own.",
)
@click.option(
    "--seed",
    type=click.IntRange(0),
    default=1,
    show_default=True,
    help="Another one, other people and chats.",
)
@click.option(
    "--talking",
    type=Amount(0, 1),
    default=0.06,
    show_default=True,
    help="The share of updates that wants an answer: up to 0.03 buttons, the rest commands.",
)
@click.option("--anywhere", is_flag=True, help="The webhook may be on another computer.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def load(
    url: str, secret: str | None, rate: float | None, concurrency: int, seconds: float | None,
    count: int | None, processes: int, seed: int, talking: float, anywhere: bool, as_json: bool,
) -> None:  # fmt: skip
    """Post made-up updates to the webhook at URL, as a crowd of 10,000 in 300 chats makes them.

    What is answered 429, 502, 503 or 504, or not at all, is sent again, as Telegram does; for that
    it may take 30 seconds longer. The bot records the made-up people and chats: use a registry that
    nobody needs.
    """
    from userreg.sandbox.load import Load, is_here
    from userreg.sandbox.load.supply import Pace

    if seconds and count:
        raise click.UsageError("Say --seconds or --count, not both.")
    if processes > concurrency:
        raise click.UsageError("There have to be as many connections as processes, or more.")
    if not anywhere and not is_here(url):
        raise click.UsageError(
            "This is no address of this computer. Say --anywhere if the load is meant for it."
        )
    pace = Pace(seconds or (_MAX_SECONDS if count else 10), count, rate, concurrency)
    secret = _secret() if secret is None else secret
    _finish(_run(Load(url, secret, pace, processes, seed, talking)), as_json)


def _secret() -> str:
    from userreg.config import load_settings

    settings = load_settings()
    if settings.webhook_secret is None:
        raise SettingInvalid(
            "WEBHOOK_SECRET is not set: set it to that of the bot, or say it with --secret."
        )
    return settings.webhook_secrets[0]


def _run(load: "Load") -> "Report":
    from userreg.sandbox.load import run

    if not sys.stderr.isatty():
        return run(load)
    with click.progressbar(length=_STEPS, file=sys.stderr, show_eta=False) as bar:

        def show(doing: str, part: float) -> None:
            bar.label, bar.pos = doing, int(part * _STEPS)
            bar.render_progress()

        return run(load, show)


def _finish(report: "Report", as_json: bool) -> None:
    for line in [json.dumps(report.as_json())] if as_json else report.as_lines():
        click.echo(line)
    if report.stopped_by is not None:
        sys.exit(128 + report.stopped_by)
    if report.sent == 0:
        raise UserregError("Nothing was sent.")
    if report.unanswered or report.unsent:
        missed = [
            f"{report.unanswered} of {report.sent} updates were not answered 2xx",
            *([f"{report.unsent} were never sent"] if report.unsent else []),
        ]
        raise UserregError(f"In the end {', and '.join(missed)}.")
