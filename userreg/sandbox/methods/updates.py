"""How the bot gets its updates."""

import re
from typing import Any, Final
from urllib.parse import urlsplit

from userreg.sandbox.delivery import HERE, Webhook
from userreg.sandbox.errors import ApiError, BadRequest
from userreg.sandbox.parameters import Parameters
from userreg.sandbox.telegram import LocalTelegram

_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{1,256}")
_PORTS: Final = {443, 80, 88, 8443}


async def get_updates(telegram: LocalTelegram, p: Parameters) -> Any:
    if telegram.webhook.url:
        raise ApiError(
            409,
            "Conflict: can't use getUpdates method while webhook is active; "
            "use deleteWebhook to delete the webhook first",
        )
    if "allowed_updates" in p.values:
        telegram.webhook.allowed_updates = _allowed_updates(p)
    limit = min(max(p.integer("limit", 100), 1), 100)
    timeout = min(max(p.integer("timeout"), 0), 50)
    return await telegram.poll(p.integer("offset"), limit, timeout)


async def set_webhook(telegram: LocalTelegram, p: Parameters) -> Any:
    if not (url := p.text("url")):
        return await delete_webhook(telegram, p)
    _check_url(url)
    secret = p.text("secret_token")
    if secret and not _SECRET.fullmatch(secret):
        raise BadRequest("secret token contains unallowed characters")
    if p.flag("drop_pending_updates"):
        telegram.outbox.clear()
    # What is not said stays as it was.
    named = "allowed_updates" in p.values
    allowed = _allowed_updates(p) if named else telegram.webhook.allowed_updates
    connections = min(max(p.integer("max_connections") or 40, 1), 100)
    telegram.set_webhook(Webhook(url, secret, connections, allowed))
    return True


def _check_url(url: str) -> None:
    """As a Bot API server of one's own does, this one goes without TLS on its own computer."""
    try:
        parts = urlsplit(url)
        port = parts.port or 443
    except ValueError:
        raise BadRequest("bad webhook: invalid webhook URL specified") from None
    if parts.hostname in HERE and parts.scheme == "http":
        return
    if parts.scheme != "https" or not parts.hostname:
        raise BadRequest("bad webhook: An HTTPS URL must be provided for webhook")
    if port not in _PORTS:
        raise BadRequest("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")


def _allowed_updates(p: Parameters) -> list[str]:
    allowed = p.json("allowed_updates") or []
    if not isinstance(allowed, list):
        raise BadRequest("expected an Array of allowed updates")
    return [str(kind) for kind in allowed]


async def delete_webhook(telegram: LocalTelegram, p: Parameters) -> Any:
    if p.flag("drop_pending_updates"):
        telegram.outbox.clear()
    telegram.set_webhook(Webhook(allowed_updates=telegram.webhook.allowed_updates))
    return True


async def get_webhook_info(telegram: LocalTelegram, p: Parameters) -> Any:
    webhook = telegram.webhook
    info: dict[str, Any] = {
        "url": webhook.url, "has_custom_certificate": False,
        "pending_update_count": len(telegram.outbox),
    }  # fmt: skip
    if webhook.url:
        info["max_connections"] = webhook.max_connections
    if webhook.allowed_updates:
        info["allowed_updates"] = webhook.allowed_updates
    if webhook.last_error_date is not None:
        info["last_error_date"] = webhook.last_error_date
        info["last_error_message"] = webhook.last_error_message
    return info


METHODS: Final = {
    "getUpdates": get_updates,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
}
