"""The texts that the package ships, one file a language, and the format of the files.

Telegram HTML with `{name}` placeholders. A text that counts is a table of plural categories:
`members = { one = "{count} member", other = "{count} members" }`.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal, NamedTuple

from userreg.errors import UserregError
from userreg.phrases.languages import CATEGORIES, LANGUAGES

PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")
Kind = Literal[
    "message", "caption", "alert", "button", "command", "description", "short description", "page"
]
#: What the tables of these names hold.
_KINDS: Final[dict[str, Kind]] = {
    "commands": "command", "page": "page", "press": "alert", "throttle": "alert",
    "picture": "caption", "about.description": "description",
    "about.short_description": "short description", "export.caption": "caption",
    "file.caption": "caption", "export.in_private": "alert", "forget.in_private": "alert",
    "settings.administrators_only": "alert", "admin.not_allowed": "alert",
    "admin.no_picture": "alert", "file.sent": "alert", "file.begin": "alert",
    "file.too_large": "alert",
}  # fmt: skip
#: These are Telegram HTML; all others are plain text.
MARKED_UP: Final = ("message", "caption")


class Place(NamedTuple):
    """Where a text stands in a language; the category is "" where nothing is counted."""

    key: str
    category: str = ""

    def within(self, locale: str) -> str:
        """`me.chats in uk, form few`"""
        form = f", form {self.category}" if self.category else ""
        return f"{self.key} in {locale}{form}"


Texts = dict[Place, str]


@cache
def shipped(locale: str) -> Mapping[Place, str]:
    """The package's texts of a language, in the order of its file; none of another locale."""
    if locale not in LANGUAGES:
        return {}
    document = files(__package__).joinpath(f"{locale}.toml").read_text("utf-8")
    return texts_of(tomllib.loads(document))


def texts_of(table: Mapping[str, Any]) -> Texts:
    """The texts of a table that holds tables. Raises `UserregError`."""
    return dict(_flattened(table, ""))


def kind_of(key: str) -> Kind:
    """What the text is for, by its key or its table."""
    tables = key.split(".")[:-1]
    if "buttons" in tables or tables[:1] == ["button"]:
        return "button"
    return _KINDS.get(key) or _KINDS.get(tables[0] if tables else "", "message")


def placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


def keys() -> list[str]:
    """Every text's key, in the order of the English file."""
    return list(dict.fromkeys(place.key for place in shipped("en")))


def counts(key: str) -> bool:
    """Whether the text has plural forms."""
    return Place(key, "other") in shipped("en")


def wanted(key: str) -> set[str]:
    """The placeholders that the code fills, in whatever language. Raises KeyError."""
    return placeholders(shipped("en")[Place(key, "other" if counts(key) else "")])


def _flattened(table: Mapping[str, Any], path: str) -> Iterator[tuple[Place, str]]:
    for name, value in table.items():
        key = f"{path}.{name}" if path else name
        if isinstance(value, str) and path:
            yield Place(key), value
        elif not isinstance(value, dict):
            raise UserregError(f"{key} is no text: it has to be a string in a table.")
        elif value and value.keys() <= {*CATEGORIES} and path:
            yield from ((Place(key, category), _string(key, value[category])) for category in value)
        else:
            yield from _flattened(value, key)


def _string(key: str, value: object) -> str:
    if not isinstance(value, str):
        raise UserregError(f"{key} is no text: each of its plural forms has to be a string.")
    return value
