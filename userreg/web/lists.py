"""How a list is turned: the place is in the address, so that every page of it can be kept."""

import re
from typing import Final

from aiohttp import web

from userreg.browse import Place

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
