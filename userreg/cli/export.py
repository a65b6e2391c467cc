"""`userreg export-stats`, `userreg export`."""

import contextlib
import json
import sys
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from userreg.cli import USER_ID, discard_output, opened, prepare, run_async
from userreg.errors import UserregError

if TYPE_CHECKING:
    from userreg.config import Settings


@click.command("export-stats")
@click.option("--csv", "as_csv", is_flag=True, help="Write CSV, safe to open in a spreadsheet.")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON document.")
@click.option("-o", "--output", default="-", show_default=True, help="A file; - is stdout.")
@click.option(
    "--what",
    type=click.Choice(
        ["summary", "users", "chats", "memberships", "activity", "events", "names", "coverage"]
    ),
    default="summary",
    show_default=True,
    help="The numbers, one of the tables, or how far the registry covers each chat.",
)
def export_stats(as_csv: bool, as_json: bool, output: str, what: str) -> None:
    """Export the registry's numbers, or one of its tables."""
    if as_csv == as_json:
        raise click.UsageError("Say --csv or --json.")
    settings = prepare()
    with opened_output(output) as out:
        run_async(_export(settings, as_json, what, out, show_progress=output != "-"))


@click.command()
@click.argument("user_id", type=USER_ID)
@click.option("-o", "--output", default="-", show_default=True, help="A file; - is stdout.")
def export(user_id: int, output: str) -> None:
    """Export everything about the person with this USER_ID, as one JSON document."""
    settings = prepare()
    with opened_output(output) as out:
        json.dump(run_async(_about(settings, user_id)), out, ensure_ascii=False, indent=2)
        out.write("\n")


@contextlib.contextmanager
def opened_output(output: str) -> Iterator[TextIO]:
    """A file that appears complete or not at all; - is stdout. Raises `UserregError`."""
    from userreg.export import whole_file

    try:
        if output == "-":
            yield _standard_output()
            sys.stdout.flush()
        else:
            with whole_file(Path(output)) as file:
                yield file
    except BrokenPipeError:
        raise
    except OSError as error:
        if output == "-":
            discard_output()
        shown = "Standard output" if output == "-" else output
        raise UserregError(f"{shown} cannot be written: {error.strerror}.") from error


def _standard_output() -> TextIO:
    if not isinstance(sys.stdout, TextIOWrapper):
        raise UserregError("Standard output is closed: name a file with -o.")
    sys.stdout.reconfigure(encoding="utf-8", newline="")
    return sys.stdout


async def _export(
    settings: "Settings", as_json: bool, what: str, out: TextIO, show_progress: bool
) -> None:
    from userreg import export, tables

    write = export.write_json if as_json else export.write_csv
    is_shown = show_progress and what in tables.TABLES and sys.stderr.isatty()
    async with opened(settings, patient=True):
        total = await tables.count_rows(what) if is_shown else 0
        with click.progressbar(length=total, file=sys.stderr, hidden=not is_shown) as bar:
            await write(what, out, bar.update)


async def _about(settings: "Settings", user_id: int) -> dict[str, Any]:
    from userreg import audit, dossier
    from userreg.db import write_transaction

    async with opened(settings, patient=True) as database:
        async with write_transaction(database) as db:
            await audit.note(db, "export", subject_id=user_id)
        return await dossier.everything_about(user_id)
