"""All texts by key, with languages side by side."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from userreg.phrases import LANGUAGES, spoken
from userreg.phrases.checks import faults_of
from userreg.phrases.languages import is_known, language
from userreg.phrases.review import is_edited, list_current
from userreg.phrases.shipped import counts, keys
from userreg.phrases.versions import Text
from userreg.web.lists import words_of
from userreg.web.pages import render

MARKS: Final = ("edited", "faulty")


@dataclass(frozen=True)
class Cell:
    """A text in one language, by plural form. A region's kind of a language may lack it."""

    locale: str
    texts: Mapping[str, str]
    is_edited: bool
    is_faulty: bool

    def has(self, mark: str) -> bool:
        return {"edited": self.is_edited, "faulty": self.is_faulty}[mark]


@dataclass(frozen=True)
class Row:
    key: str
    cells: list[Cell]

    @property
    def table(self) -> str:
        return _table(self.key)

    def holds(self, words: str) -> bool:
        """Whether each of the words is in the key or in a text, in whatever case."""
        texts = [text for cell in self.cells for text in cell.texts.values()]
        hay = "\n".join([self.key, *texts]).casefold()
        return all(word in hay for word in words.casefold().split())

    def has(self, mark: str) -> bool:
        return any(cell.has(mark) for cell in self.cells)


async def show(request: web.Request) -> web.Response:
    """`?locale=uk&locale=ar&table=start&search=WORDS&mark=edited`."""
    current = await list_current()
    # Hundreds of texts: whoever waits for the bot need not wait for these.
    return await asyncio.to_thread(_show, request, current)


def _show(request: web.Request, current: list[Text]) -> web.Response:
    locales, words = _locales(request), words_of(request)
    table, mark = request.query.get("table"), request.query.get("mark")
    rows = [
        row
        for row in _rows(current, locales)
        if (not table or row.table == table)
        and (mark not in MARKS or row.has(mark))
        and row.holds(words)
    ]
    return render(
        request, "phrases",
        rows=rows, locales=locales, every=dict.fromkeys([*LANGUAGES, *_regions(current)]),
        tables=dict.fromkeys(map(_table, keys())), table=table, marks=MARKS, mark=mark, words=words,
    )  # fmt: skip


def _table(key: str) -> str:
    return key.partition(".")[0]


def _locales(request: web.Request) -> list[str]:
    """Those that are asked for; else English beside the reader's language, or beside another."""
    asked = [code for code in request.query.getall("locale", ()) if is_known(code)]
    other = next(code for code in (spoken(), *LANGUAGES) if code != "en")
    return list(dict.fromkeys(asked))[:8] or ["en", other]


def _regions(current: Iterable[Text]) -> list[str]:
    return [text.locale for text in current if is_known(text.locale)]


def _rows(current: Iterable[Text], locales: list[str]) -> list[Row]:
    kept: dict[tuple[str, str], list[Text]] = {}
    for text in current:
        kept.setdefault((text.key, text.locale), []).append(text)
    return [
        Row(key, [_cell(key, locale, kept.get((key, locale), [])) for locale in locales])
        for key in keys()
    ]


def _cell(key: str, locale: str, texts: list[Text]) -> Cell:
    edited = [text for text in texts if is_edited(text)]
    wants = language(locale).categories if counts(key) else ("",)
    lacks = {*wants} - {text.category for text in texts}
    # What is shipped is sound, and there is much of it.
    is_faulty = any(faults_of(text.place, locale, text.text) for text in edited)
    may_lack = locale not in LANGUAGES and len(lacks) == len(wants)
    forms = {text.category: text.text for text in texts}
    return Cell(locale, forms, bool(edited), is_faulty or (bool(lacks) and not may_lack))
