"""Setting the webhook: what the operator's settings say against what Telegram says."""

from typing import Final

from aiogram import Bot
from aiogram.types import WebhookInfo

from userreg.bot.client import ALLOWED_UPDATES
from userreg.config import Settings

#: Updates that Telegram may deliver at once, its most.
MAX_CONNECTIONS: Final = 100


async def set_webhook(bot: Bot, settings: Settings, *, drop_pending: bool = False) -> list[str]:
    """Set the webhook as the settings say; returns the names of what was different.

    Telegram never tells which secret it has, so it is told in any case: the same values change
    nothing there.
    """
    differences = _differences(await bot.get_webhook_info(), settings)
    await bot.set_webhook(
        settings.webhook_address,
        secret_token=settings.webhook_secrets[0],
        allowed_updates=ALLOWED_UPDATES,
        max_connections=MAX_CONNECTIONS,
        drop_pending_updates=drop_pending or None,
    )
    return differences


def _differences(info: WebhookInfo, settings: Settings) -> list[str]:
    differences = []
    if info.url != settings.webhook_address:
        differences.append("url")
    if set(info.allowed_updates or ()) != set(ALLOWED_UPDATES):
        differences.append("allowed_updates")
    if (info.max_connections or 0) != MAX_CONNECTIONS:
        differences.append("max_connections")
    return differences
