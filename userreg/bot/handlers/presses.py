"""The buttons: each asks for a view again, with the rights that whoever presses it has by now."""

import logging

from aiogram import Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import CallbackQuery, Message

from userreg.bot.asking import NOBODY, Asking, Parts, language_of
from userreg.bot.handlers.sending import replace
from userreg.bot.press import Press
from userreg.bot.views import VIEWS
from userreg.db import FAULTS
from userreg.errors import describe
from userreg.phrases import choose_language, say, speaking, unescaped

logger = logging.getLogger(__name__)


def create_router() -> Router:
    router = Router(name="presses")
    router.callback_query.register(press)
    return router


async def press(query: CallbackQuery, parts: Parts) -> None:
    """Always answers the query, or the button would go on turning; with words only where nothing
    else is to be seen."""
    said: str | None = None
    try:
        with speaking(await _language(query)):
            said = await _pressed(query, parts)
    except FAULTS as error:
        logger.warning("a button could not be answered: %s", describe(error))
        with speaking(choose_language(query.from_user.language_code)):
            said = say("press.failed")
    finally:
        try:
            text = None if said is None else unescaped(said)
            await query.answer(text, show_alert=said is not None)
        except TelegramBadRequest as error:
            logger.info("a pressed button was not answered: %s", error.message)


def _shown_below(message: Message) -> set[str | None]:
    """What its buttons say, as Telegram has kept it."""
    keyboard = message.reply_markup
    rows = keyboard.inline_keyboard if keyboard else []
    return {button.callback_data for row in rows for button in row if button.callback_data}


async def _pressed(query: CallbackQuery, parts: Parts) -> str | None:
    """Show what was asked for; returns what is to be said instead."""
    if not isinstance(query.message, Message):
        return say("press.too_old")
    if query.data not in _shown_below(query.message):  # clients can send anything
        return say("press.unknown")
    try:
        pressed = Press.unpack(query.data or "")
        asking = Asking.of_press(query, query.message, pressed, parts)
        show = VIEWS[pressed.view]
    except (ValueError, TypeError, LookupError):  # of another version, or made up
        return say("press.unknown")
    if asking.owner_id not in (NOBODY, query.from_user.id):
        return say("press.not_yours")
    view = await show(asking)
    if view.is_notice:
        return view.text
    await replace(query.message, view)
    return None


async def _language(query: CallbackQuery) -> str:
    chat_id = query.message.chat.id if query.message else query.from_user.id
    return await language_of(chat_id, query.from_user)
