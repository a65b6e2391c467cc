"""`userreg release`."""

import click

from userreg.cli import commands, database, prepare, webhook


@click.command(short_help="What a new version needs before it runs; the Procfile's release step.")
@click.pass_context
def release(ctx: click.Context) -> None:
    """Migrate, then tell Telegram the webhook, where WEBHOOK_URL is set, and the commands.

    Nothing changes when it is repeated.
    """
    settings = prepare()
    settings.token  # noqa: B018  fails early, before anything is changed
    if settings.webhook_url is not None:
        settings.webhook_secrets  # noqa: B018
    ctx.invoke(database.migrate)
    if settings.webhook_url is not None:
        ctx.invoke(webhook.set_)
    else:
        click.echo("WEBHOOK_URL is not set: the bot polls Telegram.", err=True)
    ctx.invoke(commands.set_)
