"""A text that is ready to be filled: cut at its placeholders, and laid out for its direction."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Final, NamedTuple

from userreg.phrases.languages import Language
from userreg.phrases.markup import FSI, PDI, Label, Markup, escaped, one_line, unescaped
from userreg.phrases.shipped import PLACEHOLDER

RLM: Final = "\u200f"
_TAG: Final = r"<[^>]*>"
#: What runs from left to right within a line that does not: code, an address, a command with its
#: arguments, a username, a value. A tag is passed over.
_FOREIGN: Final = re.compile(
    rf"(?P<tag>(?!<code>|<pre>){_TAG})"
    r"|<(code|pre)>.*?</\2>|https?://[^\s<]+"
    r"|[/@](?:[A-Za-z0-9_]|\{\w+\})+(?: @?[A-Za-z0-9_]+)*"
    r"|\{\w+\}",
    re.DOTALL,
)


class _Slot(NamedTuple):
    """The place of a value; `is_bare` inside of a tag, where no mark may stand."""

    name: str
    is_bare: bool


class Template:
    """One text of one language."""

    def __init__(self, text: str, language: Language, *, is_plain: bool) -> None:
        self._language = language
        self._is_plain = is_plain
        if language.is_right_to_left:
            text = right_to_left(text)
        self._parts = [text] if "{" not in text else _cut(text)

    def fill(self, values: Mapping[str, object]) -> Markup:
        """Raises KeyError for a placeholder without a value."""
        show = self._plain if self._is_plain else self._escaped
        text = "".join(
            part if isinstance(part, str) else show(values[part.name], part.is_bare)
            for part in self._parts
        )
        return Label(text) if self._is_plain else Markup(text)

    def _escaped(self, value: object, is_bare: bool) -> str:
        if isinstance(value, Markup) and not isinstance(value, Label):
            return value
        return self._written(value) or escaped(str(value), isolated=not is_bare)

    def _plain(self, value: object, is_bare: bool) -> str:
        if isinstance(value, Label):
            return value
        if isinstance(value, Markup):
            return unescaped(value)
        return self._written(value) or one_line(str(value))

    def _written(self, value: object) -> str | None:
        """Numbers and dates as the language writes them."""
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return self._language.number(value)
        if isinstance(value, datetime):
            return self._language.moment(value)
        return self._language.day(value) if isinstance(value, date) else None


def right_to_left(text: str) -> str:
    """Each line begins with a mark that makes it run from right to left, whatever it begins with;
    what runs the other way is isolated, so that `/me` keeps its slash in front."""
    text = _FOREIGN.sub(lambda m: m[0] if m["tag"] else f"{FSI}{m[0]}{PDI}", text)
    return re.sub(r"(?m)^(?=.)", RLM, text)


def _cut(text: str) -> list[str | _Slot]:
    parts: list[str | _Slot] = []
    for piece in re.split(f"({_TAG})", text):
        cut = PLACEHOLDER.split(piece)
        for n, part in enumerate(cut):
            if n % 2:
                parts.append(_Slot(part, is_bare=piece.startswith("<")))
            elif part:
                parts.append(part)
    return parts
