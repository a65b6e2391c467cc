"""The languages: their plural categories, numbers, dates and direction, by CLDR's tables."""

import re
from datetime import UTC, date, datetime
from functools import cached_property, lru_cache
from typing import Final

from babel import Locale, UnknownLocaleError
from babel.dates import format_skeleton
from babel.numbers import format_decimal

#: The languages that the package speaks, as each calls itself.
LANGUAGES: Final = {
    "en": "English",
    "uk": "Українська",
    "ru": "Русский",
    "es": "Español",
    "ar": "العربية",
}
#: Plural categories, in CLDR's order; the one of a text that counts nothing is "".
CATEGORIES: Final = ("zero", "one", "two", "few", "many", "other")
_CODE: Final = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{4}))?(?:[-_]([A-Za-z]{2}|\d{3}))?")
#: Numbers that show which categories stand for one number alone.
_PROBED: Final = 1_200


@lru_cache(1024)
def canonical(code: str) -> str | None:
    """`pt-BR` of `pt_br`; None of what is no code of a language."""
    found = _CODE.fullmatch(code)
    if not found:
        return None
    language, script, region = found.groups()
    parts = (language.lower(), script and script.title(), region and region.upper())
    return "-".join(part for part in parts if part)


def lineage(code: str) -> list[str]:
    """The locale and its parents: `pt-BR`, `pt`."""
    parts = code.split("-")
    return ["-".join(parts[:n]) for n in range(len(parts), 0, -1)]


def is_known(code: str) -> bool:
    """Whether a text may be in this locale: one of our languages, or a region's kind of it."""
    if canonical(code) != code or lineage(code)[-1] not in LANGUAGES:
        return False
    try:
        Locale.parse(code, sep="-")
    except (UnknownLocaleError, ValueError):
        return False
    return True


class Language:
    """How one locale counts, writes numbers (in latin digits) and dates (in UTC)."""

    def __init__(self, code: str) -> None:
        self.code = code
        self._locale = Locale.parse(code, sep="-")
        self.is_right_to_left = self._locale.text_direction == "rtl"
        self._group = self._locale.number_symbols["latn"]["group"]
        self._moment = self._locale.datetime_formats["medium"]

    @cached_property
    def categories(self) -> tuple[str, ...]:
        """The plural categories that the locale has, in CLDR's order."""
        tags = {*self._locale.plural_form.tags, "other"}
        return tuple(category for category in CATEGORIES if category in tags)

    @cached_property
    def exact_categories(self) -> frozenset[str]:
        """Those that stand for one number alone, so that a text need not show it."""
        numbers = [self.category(number) for number in range(_PROBED)]
        return frozenset(c for c in self.categories if numbers.count(c) == 1)

    def category(self, count: float) -> str:
        return str(self._locale.plural_form(count))

    def number(self, value: float) -> str:
        if isinstance(value, int):
            return f"{value:,}".replace(",", self._group)
        if abs(value) < 1e15:
            return format_decimal(value, locale=self._locale, numbering_system="latn")
        return str(value)

    def moment(self, value: datetime) -> str:
        """A time, to the minute; `Nov 1, 2026, 10:05 UTC`."""
        value = value.astimezone(UTC)
        time = format_skeleton("Hm", value, locale=self._locale)
        day = self.day(value.date())
        return f"{self._moment.replace('{0}', time).replace('{1}', day)} UTC"

    def day(self, value: date) -> str:
        return _skeleton("yMMMd", value, self._locale)

    def month(self, value: date) -> str:
        """`November 2026`."""
        return _skeleton("yMMMM", value, self._locale)


@lru_cache(1024)
def _skeleton(skeleton: str, value: date, locale: Locale) -> str:
    return str(format_skeleton(skeleton, value, locale=locale))


@lru_cache(64)
def language(code: str) -> Language:
    """Raises babel's `UnknownLocaleError`, or ValueError; never for what `is_known`."""
    return Language(code)
