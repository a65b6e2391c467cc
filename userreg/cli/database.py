"""`userreg migrate`."""

import click

from userreg.cli import database_of, prepare, run_async
from userreg.errors import CheckFailed


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; exit 6 when something is missing.")
@click.option("--downgrade", is_flag=True, help="Undo the newest version, with its data.")
@click.option("--yes", is_flag=True, help="Do not ask before data is lost.")
def migrate(check: bool, downgrade: bool, yes: bool) -> None:
    """Bring the database's schema up to date. Safe to start several times at once."""
    if check and downgrade:
        raise click.UsageError("Say --check or --downgrade, not both.")
    database = database_of(prepare())
    from userreg import migrate as migrations

    if check:
        missing = run_async(migrations.pending(database))
        drifted = run_async(migrations.drift())
        for version in missing:
            click.echo(f"pending: {version}")
        for statement in drifted:
            click.echo(f"drifted: {statement}")
        if missing or drifted:
            raise CheckFailed(
                "The schema is not up to date: run `userreg migrate`."
                if missing
                else "The models have changed without a migration: run `make migration NAME=…`."
            )
        click.echo("The schema is up to date.", err=True)
        return
    if downgrade and not yes:
        click.confirm(
            "This drops tables or columns with what is in them. Go on?", abort=True, err=True
        )
    work = migrations.downgrade if downgrade else migrations.upgrade
    for version in (done := run_async(work(database))):
        click.echo(f"{'undone' if downgrade else 'applied'}: {version}")
    if not done:
        click.echo("The schema is up to date.", err=True)
