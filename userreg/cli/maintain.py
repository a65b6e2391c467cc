"""`userreg maintain`."""

from typing import TYPE_CHECKING

import click

from userreg.cli import opened, prepare, run_async

if TYPE_CHECKING:
    from userreg.config import Settings
    from userreg.maintenance import Dropped


@click.command()
def maintain() -> None:
    """Drop what has had its time, as the running bot does every hour.

    Claims of updates, dead letters, one-time codes, sessions of the pages, totals of single days,
    processes that are gone; and with RETENTION_DAYS people who were not seen for so long.
    """
    dropped = run_async(_maintain(prepare()))
    if dropped is None:
        click.echo("Another userreg is at it.", err=True)
        return
    click.echo(f"claims: {dropped.claims}\ndead letters: {dropped.dead_letters}")
    click.echo(f"codes: {dropped.codes}\nsessions: {dropped.sessions}")
    click.echo(f"totals: {dropped.totals}\nreplicas: {dropped.replicas}")
    click.echo(f"people: {dropped.people}")


async def _maintain(settings: "Settings") -> "Dropped | None":
    from userreg import maintenance

    async with opened(settings, patient=True) as database:
        return await maintenance.maintain(database, settings.retention_days, settings.admin_ids)
