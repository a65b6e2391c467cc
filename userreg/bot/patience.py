"""What Telegram says of its limits is obeyed: wait as long as it asks, then say it again."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from aiogram import Bot
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.exceptions import TelegramRetryAfter
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType

logger = logging.getLogger(__name__)

TRIES: Final = 3
#: Seconds; who is asked to wait longer gives up, for by then nobody waits for the answer.
LONGEST: Final = 30
#: Answers that wait at once; the others of a chat that is flooded are given up, so that those of
#: other chats go on.
WAITING: Final = 2


class Patience(BaseRequestMiddleware):
    """Only for answers, which come after the commit: nothing that is recorded waits here."""

    def __init__(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._sleep = sleep
        self._waiting = asyncio.Semaphore(WAITING)

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        is_question = method.__api_method__.startswith("get")  # whoever asks knows what to do
        for _ in range(0 if is_question else TRIES - 1):
            try:
                return await make_request(bot, method)
            except TelegramRetryAfter as error:
                if error.retry_after > LONGEST or self._waiting.locked():
                    raise
                logger.warning("%s waits %d s", method.__api_method__, error.retry_after)
                async with self._waiting:
                    await self._sleep(error.retry_after)
        return await make_request(bot, method)
