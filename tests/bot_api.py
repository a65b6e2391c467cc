"""aiogram speaks to the local Bot API. A test module imports the fixture:
`from tests.bot_api import bot_fixture as bot_fixture`."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramAPIError
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from userreg.sandbox.telegram import TOKEN

ANN, BOB, GROUP, SUPERGROUP, CHANNEL = 101, 102, -100, -1001000000001, -1001000000002
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000030000000208060000009d74661a0000000049454e44ae426082"
)


@pytest.fixture(name="bot")
async def bot_fixture(api_url: str) -> AsyncIterator[Bot]:
    session = AiohttpSession(api=TelegramAPIServer.from_base(api_url))
    async with Bot(TOKEN, session=session) as bot:
        yield bot


def same(found: Any, wanted: Any) -> bool:
    """Whether they say the same: aiogram's objects remember their bot, too."""
    return bool(found.model_dump() == wanted.model_dump())


def keyboard(*data: str) -> InlineKeyboardMarkup:
    row = [InlineKeyboardButton(text=each, callback_data=each) for each in data]
    return InlineKeyboardMarkup(inline_keyboard=[row])


async def refusal(request: Any) -> TelegramAPIError:
    with pytest.raises(TelegramAPIError) as refused:
        await request
    return refused.value
