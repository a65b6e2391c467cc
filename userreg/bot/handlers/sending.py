"""How a view reaches its chat: sent as a message, or put in the place of the one it follows."""

from aiogram.enums import ChatType
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import Message

from userreg.bot.view import View
from userreg.phrases import lines

#: What Telegram says when there is nothing to change, or nothing left to change.
_THE_SAME = "message is not modified"
_GONE = ("message to edit not found", "message can't be edited", "message_id_invalid")


async def send(message: Message, view: View) -> None:
    """Into the chat and the topic of `message`; in groups without a sound."""
    quiet, text = message.chat.type != ChatType.PRIVATE, lines(view.text)
    if view.picture is not None:
        await message.answer_photo(
            view.picture, caption=text, reply_markup=view.keyboard, disable_notification=quiet
        )
    elif view.document is not None:
        await message.answer_document(
            view.document, caption=text, reply_markup=view.keyboard, disable_notification=quiet
        )
    else:
        await message.answer(text, reply_markup=view.keyboard, disable_notification=quiet)


async def replace(message: Message, view: View) -> None:
    """Change `message` into the view. Files come as a message of their own, and where there is no
    text to change, the text too."""
    if view.picture is not None or view.document is not None or message.text is None:
        await send(message, view)
        return
    try:
        await message.edit_text(lines(view.text), reply_markup=view.keyboard)
    except TelegramBadRequest as error:
        said = error.message.lower()
        if _THE_SAME in said:
            return
        if not any(words in said for words in _GONE):
            raise
        await send(message, view)
