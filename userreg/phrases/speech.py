"""Saying a text in the language that is being spoken, or in the next best one that has it."""

import contextlib
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from datetime import date
from typing import Final

from userreg.errors import SettingInvalid
from userreg.phrases.languages import LANGUAGES, canonical, language, lineage
from userreg.phrases.markup import Markup
from userreg.phrases.shipped import MARKED_UP, Place, Texts, kind_of, shipped
from userreg.phrases.template import Template

ENGLISH: Final = "en"
#: None: the default language.
_spoken: ContextVar[str | None] = ContextVar("spoken", default=None)


class _Voice:
    """The texts of one locale: as edited, else as shipped."""

    def __init__(self, locale: str, edited: Mapping[Place, str]) -> None:
        self._language = language(locale)
        self._texts = {**shipped(locale), **edited}
        self._templates: dict[Place, Template] = {}
        self.month = self._language.month

    def find(self, key: str, count: int | None) -> Template | None:
        category = "" if count is None else self._language.category(count)
        place = Place(key, category)
        template = self._templates.get(place)
        if template is None and (text := self._texts.get(place)) is not None:
            is_plain = kind_of(key) not in MARKED_UP
            template = Template(text, self._language, is_plain=is_plain)
            self._templates[place] = template
        return template


class _Speech:
    """What this process says: the edits that it knows, and who speaks after whom."""

    def __init__(self, default: str, edits: Mapping[str, Texts]) -> None:
        self.default = default
        self.edits = edits
        self._chains: dict[str, tuple[_Voice, ...]] = {}

    def speaks(self, locale: str) -> bool:
        return locale in LANGUAGES or locale in self.edits

    def chain(self, locale: str) -> tuple[_Voice, ...]:
        """The locale, its parents, the default language, English as it is shipped."""
        chain = self._chains.get(locale)
        if chain is not None:
            return chain
        # Only what is spoken is kept: whatever others ask for must not fill the memory.
        spoken = [code for code in lineage(locale) if self.speaks(code)] or [self.default]
        if spoken[0] not in self._chains:
            wanted = dict.fromkeys([*spoken, self.default])
            voices = tuple(_Voice(code, self.edits.get(code, {})) for code in wanted)
            self._chains[spoken[0]] = (*voices, _Voice(ENGLISH, {}))
        return self._chains[spoken[0]]


_speech = _Speech(ENGLISH, {})


def say(key: str, count: int | None = None, /, **values: object) -> Markup:
    """The text of `key` with its placeholders filled; `count` chooses the plural form.

    Plain text (a `Label`) for buttons, commands and pages, Telegram HTML for everything else.
    Raises KeyError for a key or a placeholder that does not exist: a fault of the caller.
    """
    if count is not None:
        values["count"] = count
    for voice in _speech.chain(_spoken.get() or _speech.default):
        template = voice.find(key, count)
        if template is not None:
            return template.fill(values)
    raise KeyError(key)


def month(value: date) -> str:
    """A value for a placeholder: the month, without its day."""
    return _speech.chain(spoken())[0].month(value)


@contextlib.contextmanager
def speaking(locale: str) -> Iterator[None]:
    """Within the context everything is said in this language."""
    token = _spoken.set(locale)
    try:
        yield
    finally:
        _spoken.reset(token)


def spoken() -> str:
    """The language that is being spoken."""
    return _spoken.get() or _speech.default


def choose_language(*wanted: str | None) -> str:
    """The first of these languages that is spoken here, else the default; `pt-br` may be `pt`."""
    for code in wanted:
        for locale in lineage(canonical(code or "") or ""):
            if _speech.speaks(locale):
                return locale
    return _speech.default


@contextlib.contextmanager
def speaking_by_default(locale: str) -> Iterator[None]:
    """Within the context this is the language of those who want none, for the whole process."""
    global _speech
    before = _speech.default
    _speech = _Speech(locale, _speech.edits)
    try:
        yield
    finally:
        _speech = _Speech(before, _speech.edits)


def require_spoken(locale: str) -> str:
    """The setting DEFAULT_LANGUAGE as a locale of ours. Raises `SettingInvalid`."""
    found = canonical(locale)
    if found not in LANGUAGES:
        known = ", ".join(LANGUAGES)
        raise SettingInvalid(f"DEFAULT_LANGUAGE is none of the languages spoken here: {known}.")
    return found


def use_edits(edits: Mapping[str, Texts]) -> None:
    """From now on say these texts, by locale, instead of the shipped ones. They are sound."""
    global _speech
    _speech = _Speech(_speech.default, edits)
