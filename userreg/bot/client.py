"""The connection to Telegram's Bot API."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any, Final

import msgspec
from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.enums import ParseMode
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramUnauthorizedError,
)
from aiogram.methods.base import TelegramMethod, TelegramType
from aiogram.types import InputFile
from aiohttp.payload import BytesPayload

from userreg.config import Settings
from userreg.errors import TelegramUnavailable

#: Seconds for one request to the Bot API.
REQUEST_TIMEOUT: Final = 15.0
#: `chat_member` and `message_reaction` are off unless they are named; the registry lives on the
#: first. Not asked for: what tells of nobody (counts, polls), what is none of the registry's
#: business (the messages of business accounts and guests), and what needs an answer that it has
#: not (payments, inline queries). All of them are recorded if they come.
ALLOWED_UPDATES: Final = [
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "callback_query",
    "my_chat_member",
    "chat_member",
    "chat_join_request",
    "message_reaction",
    "chat_boost",
    "removed_chat_boost",
]


class JsonSession(AiohttpSession):
    """Requests as JSON, which the Bot API takes as well: a form costs a third of the whole request,
    for each value is quoted by itself. Only files need one."""

    def build_form_data(self, bot: Bot, method: TelegramMethod[TelegramType]) -> Any:
        files: dict[str, InputFile] = {}
        values = self.prepare_value(
            method.model_dump(warnings=False, exclude_none=True), bot, files, _dumps_json=False
        )
        if files:
            return super().build_form_data(bot, method)
        return BytesPayload(msgspec.json.encode(values), content_type="application/json")


def create_bot(settings: Settings, timeout: float = REQUEST_TIMEOUT) -> Bot:
    """A bot for the Bot API server of the settings. Raises `SettingInvalid` without a token."""
    api = TelegramAPIServer.from_base(settings.telegram_api_url)
    return Bot(
        settings.token,
        session=JsonSession(api=api, timeout=timeout),
        default=DefaultBotProperties(parse_mode=ParseMode.HTML, link_preview_is_disabled=True),
    )


@contextlib.asynccontextmanager
async def open_bot(settings: Settings, timeout: float = REQUEST_TIMEOUT) -> AsyncIterator[Bot]:
    """A bot for a few calls, of so many seconds each.

    Raises `TelegramUnavailable` when one of them fails.
    """
    bot = create_bot(settings, timeout)
    try:
        yield bot
    except TelegramNetworkError as error:
        raise TelegramUnavailable(
            f"Telegram cannot be reached at {settings.telegram_api_url}: check the network."
        ) from error
    except ClientDecodeError as error:
        raise TelegramUnavailable(
            f"{settings.telegram_api_url} answers, but not as a Bot API server: "
            "check TELEGRAM_API_URL."
        ) from error
    except (TelegramUnauthorizedError, TelegramNotFound) as error:
        raise TelegramUnavailable("Telegram does not know this bot: check BOT_TOKEN.") from error
    except TelegramAPIError as error:
        raise TelegramUnavailable(f"Telegram refused the request: {error.message}") from error
    finally:
        await bot.session.close()
