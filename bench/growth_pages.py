"""How long the administrators' pages take in a large registry, over HTTP, rendering included."""

import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Final
from urllib.parse import quote

from aiohttp import ClientSession, web

from bench.fill import SEED, Size
from bench.running import SECRET, TOKEN
from userreg import sessions
from userreg.config import Settings
from userreg.database_url import Database, parse_database_url
from userreg.db import open_database
from userreg.findings import Diagnosis
from userreg.lists import FEW
from userreg.registry import Registry
from userreg.sandbox.server import serving
from userreg.sandbox.world.crowd_people import Room, draw_people, draw_room
from userreg.sandbox.world.people import Person
from userreg.web.guard import COOKIE
from userreg.web.pages import ROOT, Pages
from userreg.web.routes import create_pages

#: How often each page is asked for, each time at another place.
_OFTEN: Final = 60


#: Rare is what makes a page look as far as it may; the last one looks everybody up besides.
_NARROWED: Final = {
    "memberships, anywhere": "", "memberships, many match": "is_member=yes",
    "memberships, nobody matches": "active_since=2099-01-01",
    "memberships, nobody matches in other tables": "type=supergroup&language=xx&is_blocked=no",
}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """A page by its name, the milliseconds that 95 of 100 may take, and addresses of it."""

    name: str
    target: int
    paths: list[str]


async def measure_pages(url: str, size: Size) -> list[str]:
    """Lines of the page."""
    lines = ["| page | target | p50 | p95 | first ms |", "|---|---:|---:|---:|---:|"]
    async with _logged_in(url) as browser:
        for asked in _pages(size):
            times = [await _time(browser, path) for path in asked.paths]
            first, times = times[0], sorted(times[1:])
            p95 = times[max(round(len(times) * 0.95) - 1, 0)]
            lines.append(
                f"| {asked.name} | {asked.target} | {statistics.median(times):.1f} | {p95:.1f} |"
                f" {first:.1f} |"
            )
    return lines


@asynccontextmanager
async def _logged_in(url: str) -> AsyncIterator[ClientSession]:
    """A browser whose addresses begin after the pages' own."""
    database = parse_database_url(f"{url}?command_timeout=60")
    async with (
        open_database(database),
        serving(_create_app(database), "127.0.0.1", 0) as address,
    ):
        token = await sessions.log_in(database, await sessions.make_link(database, 1), {1})
        headers = {"Cookie": f"{COOKIE}={token}"}
        async with ClientSession(f"{address}{ROOT}/", headers=headers) as browser:
            yield browser


def _create_app(database: Database) -> web.Application:
    settings = Settings(
        _env_file=None, bot_token=TOKEN, webhook_secret=SECRET, admin_ids=frozenset({1})
    )
    app = web.Application()
    pages = Pages(Registry(database, 0), database, settings, _examine, _reconcile)
    app.add_subapp(ROOT, create_pages(pages))
    return app


async def _examine() -> Diagnosis:
    """Nothing: Telegram is not asked here."""
    return Diagnosis(datetime.now(UTC), (), None)


async def _reconcile(chat_id: int, advance: Callable[[], None]) -> Counter[str]:
    """Nor here."""
    return Counter()


def _pages(size: Size) -> Iterator[Asked]:
    random, people = Random(SEED), draw_people(SEED)
    drawn = [people[random.randrange(size.people)] for _ in range(_OFTEN)]
    rooms = [_room(size, random.randrange(size.chats)) for _ in range(_OFTEN)]
    largest, ids = _room(size, 0).chat.id, [person.id for person in drawn]
    yield Asked("overview", 300, [""] * _OFTEN)
    for kind in ("growth", "activity", "joins"):
        yield Asked(f"picture of {kind}", 1000, [f"charts/{kind}.light.svg"] * 10)
    yield Asked("people, the first page", 100, ["users"] * _OFTEN)
    yield Asked("people, anywhere", 100, list(_turned("users", ids)))
    usernames = [f"@{person.profile.username or 'nobody'}" for person in drawn]
    yield Asked("people by username", 50, list(_searched("users", usernames)))
    names = [person.profile.first_name for person in drawn]
    yield Asked("people by name", 50, list(_searched("users", names)))
    yield Asked("people by id", 50, list(_searched("users", map(str, ids))))
    yield Asked("a person", 100, [f"users/{id_}" for id_ in ids])
    yield Asked("chats, the first page", 100, ["chats"] * _OFTEN)
    yield Asked("chats, anywhere", 100, list(_turned("chats", [r.chat.id for r in rooms])))
    titles = [str(room.chat.title) for room in rooms]
    yield Asked("chats by title", 300, list(_searched("chats", titles)))
    yield Asked("a chat", 100, [f"chats/{room.chat.id}" for room in rooms])
    yield Asked("the largest chat", 100, [f"chats/{largest}"] * _OFTEN)
    yield Asked("the largest chat, anywhere", 100, list(_turned(f"chats/{largest}", ids)))
    yield from _memberships(size, drawn, rooms)
    yield Asked("dead letters", 100, ["letters"] * _OFTEN)
    yield Asked("audit, the first page", 100, ["audit"] * _OFTEN)
    yield Asked("audit, anywhere", 100, list(_turned("audit", range(1, _OFTEN * 5, 5))))


def _memberships(size: Size, drawn: list[Person], rooms: list[Room]) -> Iterator[Asked]:
    """By nothing, by what many have and by what nobody has, at any place."""
    places = [number * size.people * 10 // _OFTEN for number in range(_OFTEN)]
    for name, asked in _NARROWED.items():
        yield Asked(name, 100, [f"{path}&{asked}" for path in _turned("memberships", places)])
    ids = [person.id for person in drawn]
    for name, page in (("people", "users"), ("chats", "chats")):
        keys = ids if page == "users" else [room.chat.id for room in rooms]
        paths = [f"{path}&active_since=2099-01-01" for path in _turned(page, keys)]
        yield Asked(f"{name}, nobody matches", 100, paths)
    of = f"memberships?chat_id={_room(size, 0).chat.id}"
    paths = [f"{of}&status=creator&{('after', 'before')[n % 2]}={id_}" for n, id_ in enumerate(ids)]
    yield Asked("memberships of the largest chat, one matches", 100, paths)
    few = [room.chat.id for room in rooms if len(room.roster) <= FEW]
    paths = [f"memberships?chat_id={id_}&sort=last_seen" for id_ in few]
    yield Asked("memberships of a chat, sorted", 100, paths)
    yield Asked("memberships of somebody", 100, [f"memberships?user_id={id_}" for id_ in ids])
    yield Asked("chats by size", 100, ["chats?sort=known"] * _OFTEN)


def _turned(page: str, keys: list[int] | range) -> Iterator[str]:
    for number, key in enumerate(keys):
        yield f"{page}?{('after', 'before')[number % 2]}={key}"


def _searched(page: str, words: Iterable[str]) -> Iterator[str]:
    for each in words:
        yield f"{page}?search={quote(each)}"


def _room(size: Size, number: int) -> Room:
    return draw_room(SEED, draw_people(SEED), size.people, number)


async def _time(browser: ClientSession, path: str) -> float:
    """Milliseconds. Raises RuntimeError when it is not shown."""
    begun = time.perf_counter()
    async with browser.get(path) as response:
        await response.read()
        if response.status != 200:
            raise RuntimeError(f"/{path} was answered {response.status}")
    return (time.perf_counter() - begun) * 1000
