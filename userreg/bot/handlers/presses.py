"""The buttons: each asks for a view again, with the rights that whoever presses it has by now."""

import html
import logging

from aiogram import Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import CallbackQuery, Message

from userreg.bot.asking import NOBODY, Asking, Parts
from userreg.bot.handlers.sending import replace
from userreg.bot.press import Press
from userreg.bot.views import VIEWS
from userreg.phrases import choose_language, say, speaking

logger = logging.getLogger(__name__)


def create_router() -> Router:
    router = Router(name="presses")
    router.callback_query.register(press)
    return router


async def press(query: CallbackQuery, parts: Parts) -> None:
    """Always answers the query, or the button would go on turning; with words only where nothing
    else is to be seen."""
    language = choose_language(query.from_user.language_code)
    said: str | None = None
    try:
        with speaking(language):
            said = await _pressed(query, parts)
    finally:
        try:
            text = None if said is None else html.unescape(said)
            await query.answer(text, show_alert=said is not None)
        except TelegramBadRequest as error:
            logger.info("a pressed button was not answered: %s", error.message)


async def _pressed(query: CallbackQuery, parts: Parts) -> str | None:
    """Show what was asked for; returns what is to be said instead."""
    if not isinstance(query.message, Message):
        return say("press.too_old")
    try:
        pressed = Press.unpack(query.data or "")
        asking = Asking.of_press(query, query.message, pressed, parts)
        show = VIEWS[pressed.view]
    except (ValueError, TypeError, LookupError):  # of another version, or made up
        return say("press.unknown")
    if asking.owner_id not in (NOBODY, query.from_user.id):
        return say("press.not_yours")
    with speaking(await asking.language()):
        view = await show(asking)
        if view.is_notice:
            return view.text
        await replace(query.message, view)
    return None
