"""Every text the bot says. `say(key, name=value …)` is the only way to a message.

The texts are Telegram HTML with `{name}` placeholders. Values are escaped and isolated here, at the
last step, so that no stranger's name can act as markup or turn the line around.
"""

import contextlib
import html
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Final

#: The languages that the package speaks, as each calls itself.
LANGUAGES: Final = {
    "en": "English",
    "uk": "Українська",
    "ru": "Русский",
    "es": "Español",
    "ar": "العربية",
}
_spoken: ContextVar[str] = ContextVar("spoken", default="en")
#: Telegram's limit for a message, in UTF-16 units after markup; ours counts the markup too.
MESSAGE_LENGTH: Final = 4096
NAME_LENGTH: Final = 64
_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")
#: Marks that change the direction of what follows them, far beyond a name's end.
_BIDI: Final = dict.fromkeys(
    [*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C]
)
#: Letters and symbols that show nothing: fillers, the empty braille pattern, an object's place.
_BLANK: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0\ufffc")
#: Marks above and below one letter; more would cover the lines around it.
_MARKS: Final = re.compile(
    r"([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{3})"
    r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]+"
)


class Markup(str):
    """Text that is Telegram HTML already."""

    __slots__ = ()


@contextlib.contextmanager
def speaking(locale: str) -> Iterator[None]:
    """Within the context everything is said in this language."""
    token = _spoken.set(locale)
    try:
        yield
    finally:
        _spoken.reset(token)


def say(key: str, count: int | None = None, /, **values: object) -> Markup:
    """The text of `key` with its placeholders filled; `count` chooses singular or plural.

    Raises KeyError for a key or a placeholder that does not exist: a fault of the caller.
    """
    if count is not None:
        key += ".one" if count == 1 else ".other"
        values["count"] = count
    return Markup(_PLACEHOLDER.sub(lambda m: _render(values[m[1]]), _texts()[key]))


def name(text: str | None) -> Markup | None:
    """A stranger's name: one line, of bounded length, with a direction of its own."""
    visible = _visible(text or "")
    if not visible:
        return None
    if len(visible) > NAME_LENGTH:
        visible = visible[: NAME_LENGTH - 1].rstrip() + "…"
    # A joiner of no width: a name like "@somebody" or "/command" calls nobody and does nothing.
    visible = re.sub(r"([@/])", "\\1\u2060", visible)
    return Markup(f"\u2068{html.escape(visible)}\u2069")


def lines(*parts: str | None) -> Markup:
    """Lines below each other; None leaves no line."""
    return Markup("\n".join(part for part in parts if part is not None))


def fitting(items: Iterable[str], room: int) -> list[str]:
    """The first of `items`, as many as have room (in UTF-16 units)."""
    kept: list[str] = []
    for item in items:
        room -= len(item.encode("utf-16-le")) // 2 + 1
        if room < 0:
            break
        kept.append(item)
    return kept


def _visible(text: str) -> str:
    """Without control and direction marks; "" for a name that shows nothing at all."""
    text = " ".join(text.translate(_BIDI).split())
    text = "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cs", "Co", "Cn"))
    seen = any(unicodedata.category(c)[0] not in "ZCM" and c not in _BLANK for c in text)
    return _MARKS.sub(r"\1", text) if seen else ""


def _render(value: object) -> str:
    if isinstance(value, Markup):
        return value
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    if isinstance(value, int):
        return f"{value:,}"
    return html.escape(str(value))


@cache
def _texts() -> dict[str, str]:
    tables = tomllib.loads(files(__package__).joinpath("en.toml").read_text("utf-8"))
    texts: dict[str, str] = {}
    for table, entries in tables.items():
        for key, value in entries.items():
            if isinstance(value, str):
                texts[f"{table}.{key}"] = value
            else:
                texts |= {f"{table}.{key}.{form}": text for form, text in value.items()}
    return texts
