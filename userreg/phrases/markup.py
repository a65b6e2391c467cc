"""Text on its way to a person: Telegram HTML, in which strangers' words are words and no more.

Values are escaped and isolated here, at the last step, so that no name can act as markup or turn
the line around.
"""

import html
import re
import unicodedata
from collections.abc import Iterable
from typing import Final

#: Telegram's limit for a message, in UTF-16 units after markup; ours counts the markup too.
MESSAGE_LENGTH: Final = 4096
NAME_LENGTH: Final = 64
#: What stands between them has a direction of its own, that of its first letter.
FSI, PDI = "\u2068", "\u2069"
#: Marks that change the direction of what follows them, far beyond a name's end.
BIDI: Final = dict.fromkeys(
    [*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C]
)
#: Letters and symbols that show nothing: fillers, the empty braille pattern, an object's place.
_BLANK: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0\ufffc")
#: Marks above and below one letter; more would cover the lines around it.
_MARKS: Final = re.compile(
    r"([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{3})"
    r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]+"
)
_TAG: Final = re.compile(r"<[^>]*>")


class Markup(str):
    """Text that is Telegram HTML already."""

    __slots__ = ()


class Label(Markup):
    """Plain text, for a button, a command's description or a page: places that know no markup.
    Inside of a message it is escaped like any other value."""

    __slots__ = ()


def name(text: str | None) -> Markup | None:
    """A stranger's name: one line, of bounded length, with a direction of its own."""
    visible = visible_line(text or "")
    if not visible:
        return None
    if len(visible) > NAME_LENGTH:
        visible = visible[: NAME_LENGTH - 1].rstrip() + "…"
    # A joiner of no width: a name like "@somebody", "/command", "#tag" or "site.com" calls nobody,
    # does nothing and leads nowhere.
    visible = re.sub(r"([@/#$]|(?<=\w)\.(?=\w))", "\\1\u2060", visible)
    return Markup(f"{FSI}{html.escape(visible)}{PDI}")


def lines(*parts: str | None) -> Markup:
    """Lines below each other; None leaves no line."""
    shown = (html.escape(part) if isinstance(part, Label) else part for part in parts)
    return Markup("\n".join(part for part in shown if part is not None))


def fitting(items: Iterable[str], room: int) -> list[str]:
    """The first of `items`, as many as have room (in UTF-16 units)."""
    kept: list[str] = []
    for item in items:
        room -= utf16_length(item) + 1
        if room < 0:
            break
        kept.append(item)
    return kept


def utf16_length(text: str) -> int:
    """As Telegram counts: an emoji is two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def escaped(text: str, *, isolated: bool = True) -> str:
    """One line of Telegram HTML that shows the text; with a direction of its own, if it may have
    another one than what is around it."""
    if text.isascii() and text.isprintable():
        return html.escape(text)
    shown = html.escape(one_line(text))
    return f"{FSI}{shown}{PDI}" if isolated and not shown.isascii() else shown


def unescaped(markup: str) -> str:
    """The plain text that Telegram would show."""
    if isinstance(markup, Label):
        return str(markup)
    return html.unescape(_TAG.sub("", markup))


def one_line(text: str) -> str:
    """Without what turns a line around, breaks it, or cannot be sent."""
    words = " ".join(text.translate(BIDI).split())
    kept = "".join(c for c in words if unicodedata.category(c) not in ("Cc", "Cs"))
    return " ".join(kept.split())


def visible_line(text: str) -> str:
    """One line without what cannot be seen; "" for a name that shows nothing at all."""
    text = "".join(c for c in one_line(text) if unicodedata.category(c) not in ("Co", "Cn"))
    seen = any(unicodedata.category(c)[0] not in "ZCM" and c not in _BLANK for c in text)
    return _MARKS.sub(r"\1", text) if seen else ""
