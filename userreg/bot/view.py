"""What is shown in answer to a question: a text, the buttons below it, perhaps a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aiogram.types import BufferedInputFile, InlineKeyboardButton, InlineKeyboardMarkup, WebAppInfo

from userreg import phrases
from userreg.bot.asking import Asking
from userreg.bot.press import FIRST, Page
from userreg.phrases import Markup, say
from userreg.queries import Cursor, KnownMembership

#: Rows of a page.
PAGE: Final = 8
#: Characters of a name on a button.
_LABEL: Final = 28

Buttons = list[list[InlineKeyboardButton]]


@dataclass(frozen=True)
class View:
    """`is_notice`: nothing but a word to whoever asks; what was shown before stays. `picture` (PNG)
    and `document` are sent as a message of their own, with the text."""

    text: Markup
    buttons: Sequence[Sequence[InlineKeyboardButton]] = ()
    is_notice: bool = False
    picture: BufferedInputFile | None = None
    document: BufferedInputFile | None = None

    @property
    def keyboard(self) -> InlineKeyboardMarkup | None:
        rows = [list(row) for row in self.buttons if row]
        return InlineKeyboardMarkup(inline_keyboard=rows) if rows else None


def button(label: str, data: str) -> InlineKeyboardButton:
    """Buttons show no markup: what was escaped for a message is itself again."""
    return InlineKeyboardButton(text=phrases.unescaped(label), callback_data=data)


def link(label: str, url: str) -> InlineKeyboardButton:
    return InlineKeyboardButton(text=phrases.unescaped(label), url=url)


def web_app(label: str, url: str) -> InlineKeyboardButton:
    """Telegram has these in private chats only."""
    return InlineKeyboardButton(text=phrases.unescaped(label), web_app=WebAppInfo(url=url))


def refresh(asking: Asking, view: str) -> InlineKeyboardButton:
    """The same once more, as it is by then."""
    data = asking.press(view, word=asking.word, page=asking.page)
    return button(say("buttons.refresh"), data)


def back(asking: Asking, view: str) -> InlineKeyboardButton:
    return button(say("buttons.back"), asking.press(view))


def menu(asking: Asking) -> list[InlineKeyboardButton]:
    """The way home; groups have none."""
    if not asking.is_private:
        return []
    return [button(say("buttons.menu"), asking.press("menu", target=0))]


def named(text: str | None, otherwise: str, data: str) -> InlineKeyboardButton:
    """A button that bears a stranger's name."""
    shown = phrases.unescaped(phrases.name(text) or otherwise)
    cut = shown if len(shown) <= _LABEL else f"{shown[: _LABEL - 2]}…\u2069"
    return InlineKeyboardButton(text=cut, callback_data=data)


def in_pairs(buttons: Sequence[InlineKeyboardButton]) -> Buttons:
    return [list(buttons[n : n + 2]) for n in range(0, len(buttons), 2)]


def turn_pages(
    asking: Asking, view: str, items: Sequence[KnownMembership], total: int
) -> list[InlineKeyboardButton]:
    """The page before, where one is, the page after; nothing where one page is all."""
    last = -(-total // PAGE)
    if last <= 1 or not items:
        return []
    number = min(asking.page.number, last)
    before = Page(number - 1, _at(items[0], is_backwards=True)) if number > 2 else FIRST
    after = Page(number + 1, _at(items[-1]))
    here = say("buttons.page", number=number, last=last)
    row = [button(here, asking.press(view, page=asking.page))]
    if number > 1:
        row.insert(0, button("‹", asking.press(view, page=before)))
    if number < last:
        row.append(button("›", asking.press(view, page=after)))
    return row


def _at(item: KnownMembership, *, is_backwards: bool = False) -> Cursor:
    return Cursor(item.last_seen_at, item.chat_id, is_backwards)
