"""Long polling, for a computer without a public address. The same recording path as the webhook.

aiogram's own polling turns a whole batch into strict models and sticks when one update does not
fit; here each update stays the bytes it came as.
"""

import asyncio
import logging
from typing import Final

import msgspec
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiohttp import ClientError, ClientTimeout

from userreg.bot.client import ALLOWED_UPDATES
from userreg.bot.replies import Replies
from userreg.errors import NotCommitted, TelegramUnavailable, describe
from userreg.registry import Registry

logger = logging.getLogger(__name__)

#: Seconds that Telegram holds a request while there is nothing to tell.
POLL: Final = 25
_PAUSES: Final = (1, 2, 4, 8, 15)


class _Answer(msgspec.Struct):
    ok: bool
    result: list[msgspec.Raw] = []
    error_code: int = 0
    description: str = ""


class _Numbered(msgspec.Struct):
    update_id: int


_answers = msgspec.json.Decoder(_Answer)
_numbers = msgspec.json.Decoder(_Numbered)


async def poll(bot: Bot, registry: Registry, replies: Replies) -> None:
    """Fetch and record updates until cancelled. Raises `TelegramUnavailable` where Telegram
    refuses for good: a wrong token, or a webhook that is set."""
    offset, failures = 0, 0
    while True:
        try:
            batch = await _get_updates(bot, offset)
            if batch:
                await asyncio.gather(*(_receive(bytes(raw), registry, replies) for raw in batch))
                # Only a committed batch is confirmed: a lower offset makes Telegram send it again.
                offset = _numbers.decode(batch[-1]).update_id + 1
            failures = 0
        except (NotCommitted, ClientError, TimeoutError, msgspec.DecodeError) as error:
            pause = _PAUSES[min(failures, len(_PAUSES) - 1)]
            failures += 1
            logger.warning("polling again in %d s: %s", pause, describe(error))
            await asyncio.sleep(pause)


async def _get_updates(bot: Bot, offset: int) -> list[msgspec.Raw]:
    assert isinstance(bot.session, AiohttpSession)  # noqa: S101  our own create_bot made it
    session = await bot.session.create_session()
    parameters = {"offset": offset, "timeout": POLL, "allowed_updates": ALLOWED_UPDATES}
    url = bot.session.api.api_url(bot.token, "getUpdates")
    timeout = ClientTimeout(total=POLL + 10)
    async with session.post(url, json=parameters, timeout=timeout) as response:
        answer = _answers.decode(await response.read())
    if answer.ok:
        return answer.result
    if answer.error_code == 409 and "webhook" in answer.description:
        raise TelegramUnavailable(
            "Telegram does not answer polling while a webhook is set: run `userreg webhook "
            "delete`, or set WEBHOOK_URL to use the webhook."
        )
    if answer.error_code in (401, 404):
        raise TelegramUnavailable("Telegram does not know this bot: check BOT_TOKEN.")
    raise ClientError(f"{answer.error_code} {answer.description}")


async def _receive(raw: bytes, registry: Registry, replies: Replies) -> None:
    replies.follow(await registry.receive(raw), raw)
