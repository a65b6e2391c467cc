"""`userreg forget`."""

from typing import TYPE_CHECKING

import click

from userreg.cli import USER_ID, opened, prepare, run_async

if TYPE_CHECKING:
    from userreg.config import Settings


@click.command()
@click.argument("user_id", type=USER_ID)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--undo", is_flag=True, help="Let the person become known again.")
def forget(user_id: int, yes: bool, undo: bool) -> None:
    """Erase everything about the person with this USER_ID, for good.

    What is told of them later is counted, and not stored. The bot may run meanwhile.
    """
    if undo:
        was_forgotten = run_async(_remember_again(prepare(), user_id))
        click.echo(f"{'remembered again' if was_forgotten else 'was not forgotten'}: {user_id}")
        return
    if not yes:
        click.confirm(f"This erases {user_id} from every table. Go on?", abort=True, err=True)
    run_async(_forget(prepare(), user_id))
    click.echo(f"forgotten: {user_id}")


async def _forget(settings: "Settings", user_id: int) -> None:
    from userreg import audit, forgetting
    from userreg.db import write_transaction

    async with opened(settings, patient=True) as database:
        await forgetting.forget(database, user_id)
        async with write_transaction(database) as db:
            await audit.note(db, "forget", subject_id=user_id)


async def _remember_again(settings: "Settings", user_id: int) -> bool:
    from userreg import audit, forgotten
    from userreg.db import write_transaction

    async with opened(settings) as database:
        if not await forgotten.is_forgotten(database, user_id):
            return False
        await forgotten.take_off_the_list(database, user_id)
        async with write_transaction(database) as db:
            await audit.note(db, "remember", subject_id=user_id)
    return True
