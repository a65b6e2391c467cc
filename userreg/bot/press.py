"""What a button says when it is pressed: all that its answer needs, within 64 bytes.

Nothing is kept in the process, so buttons outlive a restart, and every replica knows them. What is
in them proves nothing: clients can send anything, and rights are checked at each press.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from aiogram.filters.callback_data import CallbackData

from userreg.queries import Cursor

_LATEST: Final = 2**32
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Page:
    """A page of a list: its number, and where it begins (or, backwards, ends)."""

    number: int = 1
    cursor: Cursor | None = None


FIRST: Final = Page()


class Press(CallbackData, prefix="p"):
    """Numbers are written with 36 digits, so that two ids and a place in a list have room."""

    view: str
    owner: str
    target: str = ""
    word: str = ""
    number: str = ""
    at: str = ""
    chat: str = ""

    @classmethod
    def of(cls, view: str, owner_id: int, target_id: int, word: str, page: Page) -> "Press":
        cursor = page.cursor
        number = -page.number if cursor and cursor.is_backwards else page.number
        return cls(
            view=view, owner=short_id(owner_id), target=short_id(target_id) if target_id else "",
            word=word, number=short_id(number) if number != 1 else "",
            at=short_id(int(cursor.at.timestamp())) if cursor and cursor.at else "",
            chat=short_id(cursor.chat_id) if cursor else "",
        )  # fmt: skip

    @property
    def owner_id(self) -> int:
        return long_id(self.owner)

    @property
    def target_id(self) -> int:
        return long_id(self.target)

    @property
    def page(self) -> Page:
        number = long_id(self.number) or 1
        if not self.chat:
            return Page(abs(number))
        at = datetime.fromtimestamp(min(long_id(self.at), _LATEST), UTC) if self.at else None
        return Page(abs(number), Cursor(at, long_id(self.chat), is_backwards=number < 0))


def short_id(number: int) -> str:
    """An id with 36 digits."""
    if number < 0:
        return "-" + short_id(-number)
    head, last = divmod(number, 36)
    return (short_id(head) if head else "") + _DIGITS[last]


def long_id(text: str) -> int:
    """Raises ValueError for what no button of ours says; 0 where nothing is said."""
    number = int(text, 36) if text else 0
    if not -(2**52) <= number <= 2**52:
        raise ValueError("no id is as large")
    return number
