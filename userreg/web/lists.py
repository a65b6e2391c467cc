"""How a list is turned: the place is in the address, so that every page of it can be kept."""

from typing import Final

from aiohttp import web

from userreg.browse import Place

_KEY: Final = 2**52


def place_of(request: web.Request) -> Place:
    """`?after=KEY` or `?before=KEY`; the beginning for whatever else is said."""
    for name in ("after", "before"):
        value = request.query.get(name, "")
        if value.lstrip("-").isascii() and value.lstrip("-").isdigit() and len(value) < 18:
            key = int(value)
            if abs(key) <= _KEY:
                return Place(key, is_backwards=name == "before")
    return Place()


def words_of(request: web.Request) -> str:
    """What is searched for."""
    return request.query.get("search", "").replace("\0", "").strip()[:256]
