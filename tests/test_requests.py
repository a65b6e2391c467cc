"""What the bot asks of the Bot API, and how: JSON, and a form where a file goes along."""

import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from aiogram import Bot
from aiogram.enums import ParseMode
from aiogram.types import BufferedInputFile, InlineKeyboardButton, InlineKeyboardMarkup
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from tests.running import make_settings
from userreg.bot.client import create_bot
from userreg.sandbox.server import serving

_SENT = {"message_id": 1, "date": 1, "chat": {"id": 5, "type": "private"}, "text": "x"}
_KEYBOARD = InlineKeyboardMarkup(
    inline_keyboard=[[InlineKeyboardButton(text="Menu", callback_data="menu")]]
)


class Requests(list[tuple[str, Any]]):
    """The kind and the content of each."""

    async def take(self, request: web.Request) -> web.Response:
        if request.content_type == "application/json":
            content = await request.json()
        else:
            content = {name: _read(value) for name, value in (await request.post()).items()}
        self.append((request.content_type, content))
        is_message = "/send" in request.path
        return web.json_response({"ok": True, "result": _SENT if is_message else True})


def _read(value: Any) -> Any:
    """A file is closed when its request ends."""
    return (value.filename, value.file.read()) if isinstance(value, web.FileField) else value


@pytest.fixture
def requests() -> Requests:
    return Requests()


@pytest.fixture
async def asking(requests: Requests) -> AsyncIterator[Bot]:
    app = web.Application()
    app.router.add_post("/{rest:.*}", requests.take)
    async with serving(app, "127.0.0.1", 0) as url:
        bot = create_bot(make_settings(telegram_api_url=url))
        yield bot
        await bot.session.close()


async def test_a_request_is_json_with_the_bots_defaults_and_without_what_is_not_said(
    asking: Bot, requests: Requests
) -> None:
    await asking.send_message(5, "<b>Ann</b>", reply_markup=_KEYBOARD, disable_notification=False)

    ((kind, content),) = requests
    assert kind == "application/json"
    assert content.pop("disable_web_page_preview", True), "its name of before, which aiogram adds"
    assert content == {
        "chat_id": 5,
        "text": "<b>Ann</b>",
        "parse_mode": ParseMode.HTML,
        "link_preview_options": {"is_disabled": True},
        "disable_notification": False,
        "reply_markup": {"inline_keyboard": [[{"text": "Menu", "callback_data": "menu"}]]},
    }


async def test_a_file_goes_along_in_a_form(asking: Bot, requests: Requests) -> None:
    picture = BufferedInputFile(b"PNG", "growth.png")
    await asking.send_photo(5, picture, caption="Growth", reply_markup=_KEYBOARD)

    ((kind, content),) = requests
    assert kind == "multipart/form-data"
    assert content[content["photo"].removeprefix("attach://")] == ("growth.png", b"PNG")
    assert content["caption"] == "Growth"


async def test_times_are_unix_times(asking: Bot, requests: Requests) -> None:
    """As the Bot API wants them; JSON has none."""
    await asking.ban_chat_member(-1, 5, until_date=timedelta(days=1))
    assert int(requests[0][1]["until_date"]) > time.time()


@given(text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
async def test_any_text_arrives_as_it_is(asking: Bot, requests: Requests, text: str) -> None:
    requests.clear()
    await asking.send_message(5, text)
    assert requests[0][1]["text"] == text
