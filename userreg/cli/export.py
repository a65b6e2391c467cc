"""`userreg export-stats`."""

import contextlib
import json
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from userreg.cli import opened, prepare, run_async
from userreg.errors import UserregError

if TYPE_CHECKING:
    from userreg.config import Settings
    from userreg.upsert import Row


@click.command("export-stats")
@click.option("--csv", "kind", flag_value="csv", help="Write CSV, safe to open in a spreadsheet.")
@click.option("--json", "kind", flag_value="json", help="Write one JSON document.")
@click.option("-o", "--output", default="-", show_default=True, help="A file; - is stdout.")
@click.option(
    "--what",
    type=click.Choice(["summary", "users", "chats", "memberships", "activity"]),
    default="summary",
    show_default=True,
)
def export_stats(kind: str | None, output: str, what: str) -> None:
    """Export the registry's numbers, or one of its tables."""
    if kind is None:
        raise click.UsageError("Say --csv or --json.")
    settings = prepare()
    with _opened(output) as out:
        run_async(_export(settings, kind, what, out, show_progress=output != "-"))


@contextlib.contextmanager
def _opened(output: str) -> Iterator[TextIO]:
    if output == "-":
        sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]
        yield sys.stdout
        sys.stdout.flush()
        return
    from userreg.export import whole_file

    try:
        with whole_file(Path(output)) as file:
            yield file
    except OSError as error:
        raise UserregError(f"{output} cannot be written: {error.strerror}.") from error


async def _export(
    settings: "Settings", kind: str, what: str, out: TextIO, show_progress: bool
) -> None:
    from userreg import export, queries

    async with opened(settings):
        if what == "summary":
            summary = await export.summary()
            if kind == "json":
                out.write(json.dumps(summary) + "\n")
            else:
                await export.write_csv(_once(summary), list(summary), out)
            return
        total = await queries.count_rows(what) if show_progress else 0
        rows = _with_progress(queries.stream_rows(what), total, show_progress)
        if kind == "json":
            await export.write_json(rows, out)
        else:
            await export.write_csv(rows, queries.TABLES[what].columns, out)


async def _once(row: "Row") -> AsyncIterator["Row"]:
    yield row


async def _with_progress(
    rows: AsyncIterator["Row"], total: int, is_shown: bool
) -> AsyncIterator["Row"]:
    hidden = not is_shown or not sys.stderr.isatty()
    with click.progressbar(length=total, file=sys.stderr, hidden=hidden) as bar:
        async for row in rows:
            yield row
            bar.update(1)
