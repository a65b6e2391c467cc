"""`userreg commands`."""

from typing import TYPE_CHECKING

import click

from userreg.cli import opened, prepare, run_async

if TYPE_CHECKING:
    from userreg.config import Settings


@click.group()
def commands() -> None:
    """The commands that Telegram shows in its menus."""


@commands.command("set")
def set_() -> None:
    """Tell Telegram the commands, by place and language, and what the bot is; only what differs."""
    settings = prepare()
    settings.token  # noqa: B018  fails early, before anything slow is loaded
    changed = run_async(_set(settings))
    for name in changed:
        click.echo(f"set: {name}")
    if not changed:
        click.echo("Telegram knows them all.", err=True)


async def _set(settings: "Settings") -> list[str]:
    from userreg.administrators import list_administrators
    from userreg.bot.client import open_bot
    from userreg.bot.command_lists import set_commands
    from userreg.bot.patience import Patience
    from userreg.phrases import require_spoken, speaking_by_default
    from userreg.phrases.watch import refresh

    language = require_spoken(settings.default_language)
    async with opened(settings), open_bot(settings) as bot:
        await refresh()
        bot.session.middleware(Patience())
        listed = await list_administrators(settings.admin_ids)
        with speaking_by_default(language):
            return await set_commands(bot, [entry.user_id for entry in listed])
