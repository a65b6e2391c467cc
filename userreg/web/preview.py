"""A text as Telegram would show it, with example values in its placeholders."""

from datetime import UTC, date, datetime
from functools import lru_cache
from html.parser import HTMLParser
from typing import Final

from markupsafe import Markup as SafeHtml
from markupsafe import escape

from userreg.phrases import LANGUAGES, Markup, name, say, speaking
from userreg.phrases.languages import language, lineage
from userreg.phrases.shipped import MARKED_UP, Place, kind_of, placeholders
from userreg.phrases.template import Template

#: Telegram's tags as the page writes them. A link is shown and leads nowhere.
_SHOWN: Final = {
    **dict.fromkeys(("b", "strong"), "strong"), **dict.fromkeys(("i", "em"), "em"),
    **dict.fromkeys(("u", "ins"), "u"), **dict.fromkeys(("s", "strike", "del"), "s"),
    "code": "code", "pre": "pre", "blockquote": "blockquote", "tg-emoji": "span",
    **dict.fromkeys(("span", "tg-spoiler"), 'span class="spoiler"'), "a": 'span class="link"',
}  # fmt: skip
_AT: Final = datetime(2026, 11, 1, 10, 5, tzinfo=UTC)
_VALUES: Final[dict[str, object]] = {
    "name": name("Ann Example"), "chat": name("Chess club"), "title": "Chess club",
    "username": "ann_example", "contact": "@ann_example", "id": "4242", "at": _AT,
    "known": 120, "confirmed": 87, "day": 3, "week": 17, "month": 42, "amount": 12, "people": 17,
    "messages": 230, "days": 30, "of": 120, "most": 42, "sum": 230, "average": 7.5,
    "minutes": 5, "present": 118, "gone": 2, "unanswered": 1,
    "looked": 20_000, "found": 3, "number": 2, "first": 1, "last": 7, "rows": 100_000,
    "on": _AT.date(),
    "link": Markup('<a href="https://bot.example.org">https://bot.example.org</a>'),
}  # fmt: skip
#: Where a name stands for something else than in other texts.
_VALUES_OF: Final[dict[str, dict[str, object]]] = {
    "seen.held": {"month": _AT.date()},
    "report.day": {"day": _AT.date()},
    "picture.days": {"first": date(2026, 10, 3), "last": _AT.date()},
}
#: A language's plural forms show in these.
_PROBED: Final = (*range(1_200), 1_000_000, 2_000_000, 0.5, 1.5)


@lru_cache(256)
def numbers_of(locale: str, category: str) -> tuple[float, ...]:
    """Up to four numbers that want this plural form, the smallest first."""
    speech = language(locale)
    return tuple(n for n in _PROBED if speech.category(n) == category)[:4]


def preview(place: Place, locale: str, text: str) -> SafeHtml:
    """HTML for a page, of a text without faults; like Telegram, without space around it."""
    is_plain = kind_of(place.key) not in MARKED_UP
    with speaking(locale):
        values = {each: _example(each, place, locale) for each in placeholders(text)}
        filled = Template(text, language(locale), is_plain=is_plain).fill(values)
    if is_plain:
        return escape(str(filled).strip())
    painter = _Painter()
    painter.feed(filled.strip())
    painter.close()
    return SafeHtml("".join(painter.parts))  # noqa: S704 - each part is escaped or our own


def _example(placeholder: str, place: Place, locale: str) -> object:
    """A value as the bot could fill in; the placeholder's name where nobody has thought of one."""
    match placeholder:
        case "count":
            return next(iter(numbers_of(locale, place.category)), 5)
        case "language":
            return LANGUAGES[lineage(locale)[-1]]
        case "status" | "type" | "evidence":
            return say({"status": "status.member", "type": "type.group"}.get(
                placeholder, "evidence.announced"))  # fmt: skip
        case "field":
            return say("page.evidence")
        case "types":
            return say("stats.chats_of_type", type=say("type.group"), amount=12)
        case "periods":
            return say("report.periods", day=3, week=17, month=42)
        case "covered":
            return say("report.covered", known=120, confirmed=87)
    return {**_VALUES, **_VALUES_OF.get(place.key, {})}.get(placeholder, placeholder)


class _Painter(HTMLParser):
    """Writes only what it knows, whatever it reads."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SHOWN:
            self.parts.append(f"<{_SHOWN[tag]}>")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SHOWN:
            self.parts.append(f"</{_SHOWN[tag].split()[0]}>")

    def handle_data(self, data: str) -> None:
        self.parts.append(str(escape(data)))
