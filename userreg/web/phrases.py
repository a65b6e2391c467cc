"""One text in one language: looked at, checked, said, taken back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from markupsafe import Markup as SafeHtml

from userreg import audit
from userreg.db import write_transaction
from userreg.errors import UserregError
from userreg.phrases import LANGUAGES, say, spoken, store
from userreg.phrases.checks import faults_of
from userreg.phrases.languages import is_known, language, lineage
from userreg.phrases.shipped import Place, counts, keys, kind_of, shipped, wanted
from userreg.phrases.versions import Text, list_of_key
from userreg.web.pages import USER_ID, go_to, pages_of, render
from userreg.web.preview import numbers_of, preview

#: What has become of a form, as the page says it.
_DONE: Final = ("saved", "same", "undone")


@dataclass(frozen=True)
class Form:
    """One plural form. `text` stands in the box, `version` is said when the page is made, `beside`
    is to compare with; the preview is there for a text without faults."""

    category: str
    numbers: tuple[float, ...]
    text: str
    version: int
    beside: str
    faults: list[str]
    preview: SafeHtml | None


class Page:
    """A text in one language, as the database has it now."""

    def __init__(self, key: str, locale: str, versions: list[Text]) -> None:
        self.key, self.locale = key, locale
        self.versions = versions
        self._newest = {(text.locale, text.category): text for text in versions}
        self.categories = language(locale).categories if counts(key) else ("",)

    def version(self, category: str) -> int:
        kept = self._newest.get((self.locale, category))
        return kept.version if kept else 0

    def text(self, category: str) -> str:
        """What is said, or would be if it were sound."""
        found = (self._own(locale, category) for locale in lineage(self.locale))
        return next((text for text in found if text is not None), "")

    def form(self, category: str, text: str, faults: list[str]) -> Form:
        place = Place(self.key, category)
        numbers = numbers_of(self.locale, category) if category else ()
        shown = None if faults else preview(place, self.locale, text)
        beside = self._beside(category)
        return Form(category, numbers, text, self.version(category), beside, faults, shown)

    def faults(self, category: str, text: str) -> list[str]:
        return faults_of(Place(self.key, category), self.locale, text)

    def history(self) -> list[Text]:
        """The newest first, form by form."""
        return [
            text
            for category in self.categories
            for text in reversed(self.versions)
            if (text.locale, text.category) == (self.locale, category)
        ]

    def _own(self, locale: str, category: str) -> str | None:
        kept = self._newest.get((locale, category))
        if kept and kept.version:
            return kept.text
        return shipped(locale).get(Place(self.key, category))

    def _beside(self, category: str) -> str:
        """The English text; beside that, the shipped one."""
        form = category if Place(self.key, category) in shipped("en") else "other"
        if self.locale == "en":
            return shipped("en")[Place(self.key, form)]
        return self._own("en", form) or ""


async def show(request: web.Request) -> web.Response:
    page = await _find(request)
    if page is None:
        return render(request, "nothing", 404)
    return _show(request, page, {})


async def submit(request: web.Request) -> web.StreamResponse:
    """Check what was typed, or say it from now on: all of its plural forms, or none."""
    page = await _find(request)
    if page is None:
        return render(request, "nothing", 404)
    form = await request.post()
    typed = {c: _lines(str(form.get(f"text.{c}", ""))) for c in page.categories}
    if form.get("deed") != "save":
        return _show(request, page, typed)
    stale = [c for c in page.categories if _is_stale(page, c, typed[c], form.get(f"version.{c}"))]
    if stale or any(page.faults(c, text) for c, text in typed.items()):
        return _show(request, page, typed, 422, say("page.not_saved"), stale)
    if all(page.text(c) == text for c, text in typed.items()):
        return _back(page, "same")
    texts = {Place(page.key, c): text for c, text in typed.items()}
    by_id, database = request[USER_ID], pages_of(request).database
    if not await store.save_all({page.locale: texts}, by_id, database):
        return _back(page, "same")
    await _note(request, page, "save")
    return _back(page, "saved")


async def undo(request: web.Request) -> web.StreamResponse:
    """Say an earlier version of a plural form again."""
    page = await _find(request)
    if page is None:
        return render(request, "nothing", 404)
    form = await request.post()
    number, category = str(form.get("version", "")), str(form.get("category", ""))
    version = int(number) if number.isascii() and number.isdecimal() and len(number) < 9 else -1
    by_id, database = request[USER_ID], pages_of(request).database
    try:
        done = await store.undo(page.key, page.locale, category, by_id, database, version)
    except UserregError as error:
        return _show(request, page, {}, 422, str(error))
    if done is None:
        return _back(page, "same")
    await _note(request, page, "undo")
    return _back(page, "undone")


async def _find(request: web.Request) -> Page | None:
    key, locale = request.match_info["key"], request.query.get("locale", spoken())
    if key not in keys() or not is_known(locale):
        return None
    return Page(key, locale, await list_of_key(key))


def _show(
    request: web.Request, page: Page, typed: Mapping[str, str], status: int = 200,
    refused: str | None = None, stale: list[str] | None = None,
) -> web.Response:  # fmt: skip
    forms = []
    for category in page.categories:
        text = typed.get(category, page.text(category))
        changed = [say("page.phrase_changed")] if category in (stale or ()) else []
        forms.append(page.form(category, text, [*changed, *page.faults(category, text)]))
    done = request.query.get("done")
    return render(
        request, "phrase", status,
        page=page, forms=forms, kind=kind_of(page.key), placeholders=sorted(wanted(page.key)),
        every=dict.fromkeys([*LANGUAGES, page.locale]), refused=refused,
        done=done if done in _DONE and refused is None and not typed else None,
    )  # fmt: skip


def _lines(text: str) -> str:
    """Browsers send lines as the web has them."""
    return text.replace("\r\n", "\n")


def _is_stale(page: Page, category: str, text: str, known: object) -> bool:
    """Whether somebody has said something else since the page was made, and it would be lost from
    sight."""
    return known != str(page.version(category)) and text != page.text(category)


def _back(page: Page, done: str) -> web.Response:
    return go_to(f"/phrases/{page.key}?locale={page.locale}&done={done}")


async def _note(request: web.Request, page: Page, deed: str) -> None:
    async with write_transaction(pages_of(request).database) as db:
        detail = f"{page.key} {page.locale}"
        await audit.note(db, f"phrases.{deed}", actor_id=request[USER_ID], detail=detail)
