"""`userreg webhook set | info | delete`."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from userreg.cli import prepare, run_async
from userreg.logs import printable, redact, redacted

if TYPE_CHECKING:
    from aiogram.types import WebhookInfo

    from userreg.config import Settings


@click.group()
def webhook() -> None:
    """Tell Telegram where to send updates."""


@webhook.command("set")
@click.option("--drop-pending", is_flag=True, help="Throw away the updates that are waiting.")
def set_(drop_pending: bool) -> None:
    """Point Telegram at WEBHOOK_URL + WEBHOOK_PATH, secret and update types included."""
    settings = _prepare()
    settings.webhook_address, settings.webhook_secrets  # noqa: B018  fail early
    run_async(_set(settings, drop_pending))


@webhook.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def info(as_json: bool) -> None:
    """Show what Telegram knows of the webhook."""
    found = run_async(_info(_prepare()))
    values = found.model_dump(exclude_none=True, exclude_defaults=True, mode="json")
    if as_json:
        click.echo(json.dumps(redacted(values)))
        return
    if not found.url:
        click.echo("No webhook is set.", err=True)
    for name, value in values.items():
        shown = ", ".join(value) if isinstance(value, list) else value
        if name.endswith("_date"):
            shown = datetime.fromtimestamp(value, UTC).isoformat(" ")
        click.echo(f"{name}: {printable(redact(str(shown)))}")


@webhook.command()
@click.option("--drop-pending", is_flag=True, help="Throw away the updates that are waiting.")
def delete(drop_pending: bool) -> None:
    """Stop the webhook; Telegram keeps what comes for up to 24 hours."""
    run_async(_delete(_prepare(), drop_pending))
    click.echo("The webhook is deleted.", err=True)


def _prepare() -> "Settings":
    """Fails early where there is no token, before anything slow is loaded."""
    settings = prepare()
    settings.token  # noqa: B018
    return settings


async def _set(settings: "Settings", drop_pending: bool) -> None:
    from userreg.bot.client import open_bot
    from userreg.bot.webhook_settings import set_webhook

    async with open_bot(settings) as bot:
        changed = await set_webhook(bot, settings, drop_pending=drop_pending)
    what = f"changed: {', '.join(changed)}" if changed else "nothing differed"
    click.echo(f"The webhook is {settings.webhook_address} ({what}).", err=True)


async def _info(settings: "Settings") -> "WebhookInfo":
    from userreg.bot.client import open_bot

    async with open_bot(settings) as bot:
        return await bot.get_webhook_info()


async def _delete(settings: "Settings", drop_pending: bool) -> None:
    from userreg.bot.client import open_bot

    async with open_bot(settings) as bot:
        await bot.delete_webhook(drop_pending_updates=drop_pending or None)
