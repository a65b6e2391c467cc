"""How things stand elsewhere, for /metrics: with Telegram, and with the dead letters.

Asked now and then, in the background: whoever looks at the metrics waits for nobody.
"""

import asyncio
import logging
from typing import Final

from aiogram import Bot
from aiogram.exceptions import ClientDecodeError, TelegramAPIError
from aiogram.methods import GetWebhookInfo

from userreg.db import translated_errors
from userreg.errors import DatabaseUnavailable
from userreg.gaps import count_dead_letters
from userreg.tally import Tally

logger = logging.getLogger(__name__)

#: Seconds between two questions, and for an answer.
EVERY: Final = 60.0
_PATIENCE: Final = 5


async def ask(bot: Bot, tally: Tally) -> None:
    """Once. What cannot be asked is not known."""
    try:
        await asyncio.gather(_ask_telegram(bot, tally), _ask_the_database(tally))
    except Exception:  # a fault of ours must not end the asking
        logger.exception("how things stand is not known")


async def _ask_telegram(bot: Bot, tally: Tally) -> None:
    try:
        info = await bot(GetWebhookInfo(), request_timeout=_PATIENCE)
    except (TelegramAPIError, ClientDecodeError):  # `userreg_telegram_up` says so
        tally.is_telegram_reached = False
        tally.pending_updates = tally.last_error_at = None
        return
    tally.is_telegram_reached = True
    tally.pending_updates = info.pending_update_count
    tally.last_error_at = info.last_error_date.timestamp() if info.last_error_date else None


async def _ask_the_database(tally: Tally) -> None:
    try:
        with translated_errors(OSError):  # a timeout is one
            tally.dead_letters = await count_dead_letters()
    except DatabaseUnavailable:  # /readyz says so
        tally.dead_letters = None
