"""Web apps: what Telegram hands to the page behind a button, signed with the bot's token."""

import hashlib
import hmac
import json
import secrets
from typing import Final
from urllib.parse import urlencode

from userreg.sandbox.telegram import LocalTelegram
from userreg.sandbox.world import Json, Person
from userreg.sandbox.world.people import user_json

#: The version of the Bot API's web apps that is played.
_VERSION: Final = "9.3"


def address_of_web_app(telegram: LocalTelegram, person: Person, url: str) -> str:
    """Where the button of `url` leads this person."""
    handed = {
        "tgWebAppData": urlencode(_init_data(telegram, person)), "tgWebAppVersion": _VERSION,
        "tgWebAppPlatform": "tdesktop", "tgWebAppThemeParams": "{}",
    }  # fmt: skip
    return f"{url}#{urlencode(handed)}"


def _init_data(telegram: LocalTelegram, person: Person) -> dict[str, str]:
    shown = {k: v for k, v in user_json(person, is_sender=True).items() if k != "is_bot"}
    user: Json = {"last_name": "", **shown, "allows_write_to_pm": True}
    return sign(
        telegram.token,
        {
            "query_id": secrets.token_urlsafe(18), "user": json.dumps(user, ensure_ascii=False),
            "auth_date": str(int(telegram.clock.time())),
        },
    )  # fmt: skip


def sign(token: str, fields: dict[str, str]) -> dict[str, str]:
    """With the `hash` that proves whose bot they are for. (`signature`, which proves the same to
    whoever has no token, only Telegram itself can make.)"""
    key = hmac.digest(b"WebAppData", token.encode(), hashlib.sha256)
    lines = "\n".join(f"{name}={fields[name]}" for name in sorted(fields))
    return fields | {"hash": hmac.new(key, lines.encode(), hashlib.sha256).hexdigest()}
