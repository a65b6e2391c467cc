"""What Telegram says of whoever opens the pages within it."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import parse_qsl

from aiogram.utils.web_app import safe_parse_webapp_init_data

#: How old Telegram's word may be, and how far its clock and ours may differ.
FRESH: Final = timedelta(seconds=300)
_AHEAD: Final = timedelta(seconds=5)
_HASH: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Word:
    """Whose word it is, and its signature, which no other one has."""

    user_id: int
    signature: str


def read(init_data: str, token: str, now: datetime) -> Word | None:
    """None for what Telegram has not said to the bot of this token within the last five minutes."""
    try:
        signature = dict(parse_qsl(init_data)).get("hash", "")
        if not _HASH.fullmatch(signature):  # aiogram's helper would fail on what is not ASCII
            return None
        said = safe_parse_webapp_init_data(token, init_data)
    except ValueError:
        return None
    age = now - said.auth_date
    if said.user is None or not -_AHEAD <= age <= FRESH:
        return None
    return Word(said.user.id, signature)
