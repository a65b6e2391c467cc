"""`userreg admins`: list, add, remove, login-link, claim. All of them work while the bot runs."""

from typing import TYPE_CHECKING

import click

from userreg.cli import USER_ID, opened, prepare, run_async
from userreg.errors import UserregError

if TYPE_CHECKING:
    from userreg.administrators import AdministratorEntry
    from userreg.config import Settings


@click.group()
def admins() -> None:
    """Who administers the bot, beside those of ADMIN_IDS."""


@admins.command("list")
def list_() -> None:
    """Show them: id, since when, and who added them."""
    for one in run_async(_list(prepare())):
        click.echo(f"{one.user_id}\t{_since(one)}")


@admins.command()
@click.argument("user_id", type=USER_ID)
def add(user_id: int) -> None:
    """Make the person with this USER_ID an administrator, from now on."""
    added = run_async(_add(prepare(), user_id))
    click.echo(f"{'added' if added else 'an administrator already'}: {user_id}")


@admins.command()
@click.argument("user_id", type=USER_ID)
def remove(user_id: int) -> None:
    """Take the rights of an administrator from the person with this USER_ID, from now on."""
    removed = run_async(_remove(prepare(), user_id))
    click.echo(f"{'removed' if removed else 'no administrator'}: {user_id}")


@admins.command("login-link")
@click.argument("user_id", type=USER_ID)
def login_link(user_id: int) -> None:
    """Print a link that logs the administrator USER_ID in to the pages, once, within a minute."""
    settings = prepare()
    click.echo(run_async(_login_link(settings, user_id)))


@admins.command()
def claim() -> None:
    """Print a line that makes whoever sends it to the bot an administrator; it works once."""
    click.echo(f"/start {run_async(_make_code(prepare()))}")
    click.echo("Send this line to the bot in private, within 15 minutes.", err=True)


def _since(one: "AdministratorEntry") -> str:
    if one.added_at is None:
        return "by ADMIN_IDS"
    by = "the command line" if one.added_by_id is None else one.added_by_id
    return f"{one.added_at.isoformat(timespec='seconds')}\tby {by}"


async def _list(settings: "Settings") -> "list[AdministratorEntry]":
    from userreg import administrators

    async with opened(settings):
        return await administrators.list_administrators(settings.admin_ids)


async def _add(settings: "Settings", user_id: int) -> bool:
    from userreg import administrators

    async with opened(settings) as database:
        return await administrators.add(database, user_id, None)


async def _remove(settings: "Settings", user_id: int) -> bool:
    from userreg import administrators

    async with opened(settings) as database:
        return await administrators.remove(database, user_id, None, settings.admin_ids)


async def _make_code(settings: "Settings") -> str:
    from userreg import administrators

    async with opened(settings) as database:
        return await administrators.make_code(database)


async def _login_link(settings: "Settings", user_id: int) -> str:
    from userreg import administrators, sessions

    async with opened(settings) as database:
        if not await administrators.is_administrator(user_id, settings.admin_ids):
            raise UserregError(
                f"{user_id} is no administrator: run `userreg admins add {user_id}` first."
            )
        code = await sessions.make_link(database, user_id)
    return f"{settings.pages_address}/login?code={code}"
