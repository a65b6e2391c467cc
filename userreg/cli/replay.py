"""`userreg replay`."""

import asyncio
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING

import click

from userreg.cli import opened_registry, prepare, run_async
from userreg.errors import DatabaseUnavailable, NotAnUpdate, NotCommitted, SettingInvalid

if TYPE_CHECKING:
    from userreg.config import Settings
    from userreg.registry import Registry

#: Updates that are on their way at once.
_AT_ONCE = 500


@click.command(short_help="Record the updates in a file.")
@click.argument("file", type=click.File("rb"))
@click.option(
    "--bot-id", type=click.IntRange(1, 2**52), help="The bot that got them, if not BOT_TOKEN's."
)
def replay(file: IO[bytes], bot_id: int | None) -> None:
    """Record the updates in FILE, one JSON object a line; - reads standard input.

    Nothing is answered. An update that was recorded before, in the last 48 hours, is a duplicate.
    """
    counts = run_async(_replay(prepare(), file, bot_id))
    for outcome in ("recorded", "duplicate", "dead-lettered"):
        click.echo(f"{outcome}: {counts[outcome]}")


async def _replay(settings: "Settings", file: IO[bytes], bot_id: int | None) -> Counter[str]:
    if bot_id is None and settings.bot_token is None:
        raise SettingInvalid(
            "BOT_TOKEN is not set: set it, or say with --bot-id whose updates these are."
        )
    async with opened_registry(settings, bot_id) as registry:
        return await _receive_all(registry, file)


async def _receive_all(registry: "Registry", file: IO[bytes]) -> Counter[str]:
    counts: Counter[str] = Counter()
    size = file.seek(0, 2) if file.seekable() else 0
    if size:
        file.seek(0)
    hidden = not sys.stderr.isatty()
    clock = datetime.fromtimestamp(0, UTC)
    with click.progressbar(length=size, file=sys.stderr, hidden=hidden, label="Replaying") as bar:
        for lines in _portions(file):
            receiving = []
            for line in lines:
                clock = max(clock, _time_of(line) or clock)
                receiving.append(registry.receive(line.strip(), clock))
            try:
                receipts = await asyncio.gather(*receiving)
            except NotCommitted as error:
                raise DatabaseUnavailable(
                    f"The replay stopped after {counts.total()} updates: {error} Start it again; "
                    "what was recorded is not recorded twice."
                ) from error
            counts.update(receipt.outcome.value for receipt in receipts)
            bar.update(sum(map(len, lines)))
    return counts


def _time_of(line: bytes) -> datetime | None:
    """A recording keeps the order of arrival, so what has no date came after what stands above."""
    from userreg.decode import decode_update
    from userreg.telegram import date_of

    try:
        date = date_of(decode_update(line))
    except NotAnUpdate:
        return None
    return None if date is None else datetime.fromtimestamp(date, UTC)


def _portions(file: IO[bytes]) -> Iterator[list[bytes]]:
    portion: list[bytes] = []
    for line in file:
        line = line.removeprefix(b"\xef\xbb\xbf")  # as some editors begin a file
        if line.strip():
            portion.append(line)
        if len(portion) == _AT_ONCE:
            yield portion
            portion = []
    if portion:
        yield portion
