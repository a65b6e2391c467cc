"""Texts as TOML, in the format of the shipped files, to be edited elsewhere and brought back.

The texts of one language say which in a first line, `locale = "uk"`. Those of all languages stand
in one document, in tables that begin with the language: `[uk.start]`.
"""

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, Final

from userreg.errors import UserregError
from userreg.phrases.languages import canonical, is_known
from userreg.phrases.shipped import Texts, texts_of

_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n"}


def to_toml(languages: Mapping[str, Texts]) -> str:
    """One document. What a terminal would not show is escaped."""
    if len(languages) == 1:
        ((locale, texts),) = languages.items()
        return f'locale = "{locale}"\n' + "".join(_tables(texts, ""))
    parts = [part for locale, texts in languages.items() for part in _tables(texts, f"{locale}.")]
    return "".join(parts).lstrip("\n")


def from_toml(document: str, locale: str | None = None) -> dict[str, Texts]:
    """The texts by language. `locale` is for a file that does not say it, as the shipped ones.
    Raises `UserregError`."""
    try:
        tables: dict[str, Any] = tomllib.loads(document)
    except tomllib.TOMLDecodeError as error:
        raise UserregError(f"The file is not TOML: {error}.") from error
    said = tables.pop("locale", None)
    if locale or said:
        return {_known(locale or said): texts_of(tables)}
    if not tables or not all(is_known(name) and isinstance(t, dict) for name, t in tables.items()):
        raise UserregError('The file does not say its language: begin it with locale = "uk".')
    return {name: texts_of(table) for name, table in tables.items()}


def _known(code: object) -> str:
    locale = canonical(code) if isinstance(code, str) else None
    if locale is None or not is_known(locale):
        raise UserregError(f"{code} is no language of ours.")
    return locale


def _tables(texts: Texts, prefix: str) -> Iterator[str]:
    forms: dict[str, dict[str, dict[str, str]]] = {}
    for place, text in texts.items():
        table, _, name = place.key.rpartition(".")
        forms.setdefault(table, {}).setdefault(name, {})[place.category] = text
    for table, entries in forms.items():
        yield f"\n[{prefix}{table}]\n"
        yield from (f"{name} = {_value(by_form)}\n" for name, by_form in entries.items())


def _value(by_form: dict[str, str]) -> str:
    if "" in by_form:
        text = by_form[""]
        return _quoted(text) if "\n" not in text.strip("\n") else _block(text)
    return "{ " + ", ".join(f"{form} = {_quoted(t)}" for form, t in by_form.items()) + " }"


def _quoted(text: str) -> str:
    return '"' + "".join(_ESCAPES.get(c) or _shown(c) for c in text) + '"'


def _block(text: str) -> str:
    lines = ("".join(_ESCAPES.get(c) or _shown(c) for c in line) for line in text.split("\n"))
    return '"""\n' + "\n".join(lines) + '"""'


def _shown(character: str) -> str:
    if character.isprintable():
        return character
    number = ord(character)
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
