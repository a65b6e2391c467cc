"""`userreg forget`."""

from typing import TYPE_CHECKING

import click

from userreg.cli import opened_registry, prepare, run_async

if TYPE_CHECKING:
    from userreg.config import Settings


@click.command()
@click.argument("user_id", type=click.IntRange(1, 2**52))
@click.option("--yes", is_flag=True, help="Do not ask.")
def forget(user_id: int, yes: bool) -> None:
    """Erase everything about the person with this USER_ID, for good."""
    if not yes:
        click.confirm(f"This erases {user_id} from every table. Go on?", abort=True)
    run_async(_forget(prepare(), user_id))
    click.echo(f"forgotten: {user_id}")


async def _forget(settings: "Settings", user_id: int) -> None:
    async with opened_registry(settings, bot_id=0) as registry:
        await registry.forget(user_id)
