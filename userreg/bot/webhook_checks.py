"""What Telegram says of the webhook, against what the settings say."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import unquote

from aiogram.types import WebhookInfo

from userreg.bot.client import ALLOWED_UPDATES
from userreg.bot.webhook_settings import MAX_CONNECTIONS
from userreg.config import Settings
from userreg.findings import Finding

#: So many waiting updates are more than a burst.
MANY_PENDING: Final = 100
#: Telegram keeps the last error for ever; only a young one says that something is wrong now.
YOUNG: Final = timedelta(hours=1)
_SET_WEBHOOK: Final = "run `userreg webhook set`"
#: What nobody has asked for by name, Telegram does not send.
_OFF_BY_DEFAULT: Final = {"chat_member", "message_reaction", "message_reaction_count"}
_COSTS: Final = {
    "message": "everything that people write, and announced joins and leaves",
    "chat_member": "all silent joins and leaves, bans and promotions",
    "my_chat_member": "when the bot is added, promoted, removed or blocked",
    "channel_post": "posts, and with them the channels that the bot is in already",
    "callback_query": "people who only press buttons",
}
_VITAL: Final = {"message", "chat_member", "my_chat_member"}


def check_webhook(info: WebhookInfo, settings: Settings, now: datetime) -> Iterator[Finding]:
    yield check_url(info, settings)
    if info.url and settings.webhook_url:
        yield check_allowed_updates(info)
        yield check_max_connections(info)
    yield check_pending(info, settings)
    yield check_last_error(info, now)
    yield check_synchronization(info, now)


def check_url(info: WebhookInfo, settings: Settings) -> Finding:
    shown = unquote(info.url)  # so that the redaction sees a token in it as it is
    if settings.webhook_url is None:
        if not info.url:
            return Finding("webhook", "ok", "none is set, as long polling needs it")
        return Finding(
            "webhook", "problem", f"{shown} is set, but WEBHOOK_URL is unset: long polling",
            "Telegram gives long polling nothing while a webhook is set: nothing is recorded",
            "run `userreg webhook delete`, or set WEBHOOK_URL",
        )  # fmt: skip
    if info.url == settings.webhook_address:
        return Finding("webhook", "ok", shown)
    found = f"{shown} is set" if info.url else "none is set"
    return Finding(
        "webhook", "problem", f"{found}, instead of {settings.webhook_address}",
        "nothing reaches this bot; Telegram throws updates away after 24 hours", _SET_WEBHOOK,
    )  # fmt: skip


def check_allowed_updates(info: WebhookInfo) -> Finding:
    wanted = list(ALLOWED_UPDATES)
    asked = set(info.allowed_updates or set(wanted) - _OFF_BY_DEFAULT)
    missing = [name for name in wanted if name not in asked]
    if not missing:
        return Finding("allowed_updates", "ok", f"all {len(wanted)} types are asked for")
    costs = [_COSTS.get(name, f"what `{name}` updates tell") for name in missing]
    return Finding(
        "allowed_updates", "problem" if _VITAL.intersection(missing) else "warning",
        f"not asked for: {', '.join(missing)}", "; ".join(costs), _SET_WEBHOOK,
    )  # fmt: skip


def check_max_connections(info: WebhookInfo) -> Finding:
    found = info.max_connections or 40  # Telegram's default
    if found >= MAX_CONNECTIONS:
        return Finding("max_connections", "ok", str(found))
    return Finding(
        "max_connections", "warning", f"{found} instead of {MAX_CONNECTIONS}",
        "a burst of updates reaches the registry more slowly than it could", _SET_WEBHOOK,
    )  # fmt: skip


def check_pending(info: WebhookInfo, settings: Settings) -> Finding:
    count = info.pending_update_count
    if count <= MANY_PENDING:
        return Finding("pending", "ok", f"{count} updates wait")
    look = "see last_error, and GET /readyz" if settings.webhook_url else "start `userreg run`"
    return Finding(
        "pending", "warning", f"{count} updates wait (more than {MANY_PENDING})",
        "the registry is behind; what waits longer than 24 hours is lost",
        f"{look}; never drop them: they are recorded when the bot is well",
    )  # fmt: skip


def check_last_error(info: WebhookInfo, now: datetime) -> Finding:
    if info.last_error_date is None:
        return Finding("last_error", "ok", "none")
    found = f"{_ago(info.last_error_date, now)}: {info.last_error_message}"
    if not _is_young(info.last_error_date, now):
        return Finding("last_error", "ok", found)
    return Finding(
        "last_error", "warning", found,
        "updates come late, and are lost when this lasts for 24 hours",
        "look at the bot's log and at GET /readyz, through the public address",
    )  # fmt: skip


def check_synchronization(info: WebhookInfo, now: datetime) -> Finding:
    at = info.last_synchronization_error_date
    if at is None:
        return Finding("last_synchronization_error", "ok", "none")
    if not _is_young(at, now):
        return Finding("last_synchronization_error", "ok", _ago(at, now))
    return Finding(
        "last_synchronization_error", "warning", _ago(at, now),
        "updates may come late: the Bot API server had trouble with Telegram's data centres",
        "wait, it is Telegram's; with a server of your own (TELEGRAM_API_URL), look at its log",
    )  # fmt: skip


def check_secret(settings: Settings, info: WebhookInfo | None, now: datetime) -> Finding:
    if settings.webhook_url is None:
        return Finding("secret", "ok", "long polling needs none")
    if settings.webhook_secret is None:
        return Finding(
            "secret", "problem", "WEBHOOK_SECRET is unset",
            "the bot does not start: without a secret anybody could post made-up updates",
            "set WEBHOOK_SECRET to the output of `openssl rand -hex 32`, "
            f"restart, and {_SET_WEBHOOK}",
        )  # fmt: skip
    if info and _is_young(info.last_error_date, now) and "401" in (info.last_error_message or ""):
        return Finding(
            "secret", "problem", "Telegram was answered 401: it knows another secret",
            "every update is refused, and lost after 24 hours",
            f"{_SET_WEBHOOK} with the settings that the bot runs with",
        )  # fmt: skip
    return Finding(
        "secret", "ok",
        "set; whether Telegram knows the same shows only as a 401 in its last error",
    )  # fmt: skip


def _is_young(at: datetime | None, now: datetime) -> bool:
    return at is not None and now - at < YOUNG


def _ago(at: datetime, now: datetime) -> str:
    minutes = max(0, int((now - at).total_seconds())) // 60
    for size, unit in ((1440, "days"), (60, "h"), (1, "min")):
        if minutes >= 2 * size:
            return f"{minutes // size} {unit} ago"
    return "just now"
