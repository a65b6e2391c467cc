"""`userreg dead-letters list | replay | drop`."""

import json
from collections import Counter
from typing import TYPE_CHECKING

import click

from userreg.cli import opened, opened_registry, prepare, run_async
from userreg.errors import DatabaseUnavailable, NotCommitted

if TYPE_CHECKING:
    from userreg.config import Settings


@click.group("dead-letters")
def dead_letters() -> None:
    """Updates that could not be recorded; kept for seven days."""


@dead_letters.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, body included.")
def list_(as_json: bool) -> None:
    """Show them, the oldest first."""
    run_async(_list(prepare(), as_json))


@dead_letters.command()
def replay() -> None:
    """Record them again, for example after an upgrade; those that succeed are dropped."""
    counts = run_async(_replay(prepare()))
    for outcome in ("recorded", "duplicate", "dead-lettered"):
        click.echo(f"{outcome}: {counts[outcome]}")


@dead_letters.command()
@click.argument("ids", nargs=-1, type=click.IntRange(1, 2**63 - 1))
@click.option("--all", "all_", is_flag=True, help="Drop every one.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def drop(ids: tuple[int, ...], all_: bool, yes: bool) -> None:
    """Drop those with these IDS, or --all of them, for good."""
    if bool(ids) == all_:
        raise click.UsageError("Name the ids to drop, or say --all; not both.")
    if not yes:
        click.confirm("They cannot be replayed after that. Go on?", abort=True, err=True)
    click.echo(f"dropped: {run_async(_drop(prepare(), list(ids) or None))}")


async def _list(settings: "Settings", as_json: bool) -> None:
    from userreg import queries

    async with opened(settings):
        async for letter in queries.stream_dead_letters():
            at = letter.buried_at.isoformat(timespec="seconds")
            if as_json:
                body = letter.body.decode("utf-8", "backslashreplace")
                fields = {"id": letter.id, "at": at, "error": letter.error, "size": letter.size}
                click.echo(json.dumps({**fields, "body": body}))
            else:
                click.echo(f"{letter.id}\t{at}\t{letter.size} bytes\t{ascii(letter.error)[1:-1]}")


async def _replay(settings: "Settings") -> Counter[str]:
    from userreg import queries

    counts: Counter[str] = Counter()
    async with opened_registry(settings) as registry:
        try:
            async for letter in queries.stream_dead_letters():
                counts[(await registry.replay_dead_letter(letter)).outcome.value] += 1
        except NotCommitted as error:
            raise DatabaseUnavailable(str(error)) from error
    return counts


async def _drop(settings: "Settings", ids: list[int] | None) -> int:
    async with opened_registry(settings, bot_id=0) as registry:
        return await registry.drop_dead_letters(ids)
