"""How a list is narrowed, sorted and turned: all of it is in the address, so that every page of it
can be kept."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from userreg import lists
from userreg.browse import Listed, Place
from userreg.errors import TooLarge
from userreg.filters import CHATS, MEMBERSHIPS, USERS, Field, Filter, read
from userreg.phrases import say
from userreg.web.pages import render

#: Of a person, a chat or a row: as large as an id may be.
_ID: Final = re.compile(r"-?[0-9]{1,16}")


def place_of(request: web.Request) -> Place:
    """`?after=KEY` or `?before=KEY`; the beginning for whatever else is said."""
    for name in ("after", "before"):
        if (key := id_of(request, name)) is not None:
            return Place(key, is_backwards=name == "before")
    return Place()


def id_of(request: web.Request, name: str) -> int | None:
    """What the address says under this name; None for what is no id."""
    value = request.query.get(name, "")
    return int(value) if _ID.fullmatch(value) else None


def words_of(request: web.Request) -> str:
    """What is searched for."""
    return request.query.get("search", "").replace("\0", "").strip()[:256]


@dataclass(frozen=True)
class Kind:
    """A list that there is: what it can be narrowed to and how it can be sorted, first as it is by
    itself."""

    fields: tuple[Field, ...]
    list: lists.List
    sorts: tuple[str, ...]


KINDS: Final = {
    "users": Kind(USERS, lists.list_users, ("newest", "oldest")),
    "chats": Kind(CHATS, lists.list_chats, ("newest", "oldest", "known")),
    "memberships": Kind(MEMBERSHIPS, lists.list_memberships, ("newest", "oldest", *lists.SORTS)),
}


@dataclass(frozen=True)
class View:
    """A list as an address asks for it."""

    name: str
    filter: Filter
    sort: str
    place: Place

    @property
    def kind(self) -> Kind:
        return KINDS[self.name]

    @property
    def is_plain(self) -> bool:
        """Whether nothing was asked for."""
        return not self.filter.given and self.sort == self.kind.sorts[0]

    @property
    def narrowing(self) -> str:
        """The filter as a part of an address."""
        return urlencode(self.filter.given)

    @property
    def query(self) -> str:
        """What stands before the place in the address of another page."""
        asked = dict(self.filter.given)
        if self.sort != self.kind.sorts[0]:
            asked["sort"] = self.sort
        return f"{urlencode(asked)}&" if asked else ""

    def problems(self) -> Iterator[str]:
        """What was not understood or cannot be done, a sentence each."""
        for field in self.kind.fields:
            if field.name in self.filter.unclear:
                yield say(f"page.unclear_{field.kind}", field=say(f"page.{field.name}"))
        if self.sort not in self.kind.sorts:
            yield say("page.unclear_choice", field=say("page.sort"))
        elif self.sort in lists.SORTS and not {"chat_id", "user_id"} & self.filter.given.keys():
            yield say("page.sort_needs_id")


def view_of(request: web.Request, name: str) -> View:
    """`?status=left&sort=oldest&after=KEY`. Where something is searched for, nothing else is."""
    kind, asked = KINDS[name], {} if words_of(request) else request.query
    sort = asked.get("sort") or kind.sorts[0]
    return View(name, read(kind.fields, asked), sort, place_of(request))


async def show_list(
    request: web.Request, name: str, found: Listed | None = None
) -> web.Response:  # fmt: skip
    """The page of a list; `found` is what was found in it by a search instead."""
    view = view_of(request, name)
    problems, listed = list(view.problems()), found or Listed([])
    if not problems and found is None:
        try:
            listed = await _ask(view)
        except TooLarge as error:
            problems = [say("page.sort_too_large", rows=error.rows)]
    return render(
        request, name, 400 if problems else 200,
        listed=listed, view=view, problems=problems, words=words_of(request),
    )  # fmt: skip


async def _ask(view: View) -> Listed:
    if view.sort == "known":
        return await lists.list_largest_chats(view.place, view.filter)
    if view.sort in lists.SORTS:
        return await lists.list_sorted(view.place, view.filter, view.sort)
    return await view.kind.list(view.place, view.filter, view.sort == "oldest")
