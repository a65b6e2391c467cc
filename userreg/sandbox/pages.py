"""The chat page, and what it asks for.

It makes people do things, so it answers only to itself: requests from other sites are refused, and
nothing but its own files is run or shown.
"""

import contextlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
from aiohttp import web

from userreg.errors import UserregError
from userreg.sandbox.deed import Deed, NotPossible
from userreg.sandbox.deeds import perform
from userreg.sandbox.server import is_addressed_here
from userreg.sandbox.telegram import LocalTelegram
from userreg.sandbox.trouble import Trouble
from userreg.sandbox.views import show_members, show_messages, show_state
from userreg.sandbox.world import BOT_ID, Chat, Json, Person

#: The rows that the registry holds of a person and a chat, by table. Raises `UserregError` while
#: the database is away.
Rows = Callable[[int, int], Awaitable[Json]]

T = TypeVar("T")

_FILES: Final = Path(__file__).parent / "page"
_TYPES: Final = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_PNG: Final = b"\x89PNG\r\n\x1a\n"


class _Given(msgspec.Struct):
    """Who does it, where, and with what."""

    person: int | None = None
    chat: int | None = None
    target: int | None = None
    text: str | None = None
    topic: int | None = None
    message_id: int | None = None
    data: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    username: str | None = None


class _Turned(msgspec.Struct):
    """A switch, on or off."""

    on: bool


@dataclass(frozen=True)
class ChatPage:
    """The routes of the page of one Telegram."""

    telegram: LocalTelegram
    trouble: Trouble
    rows: Rows

    def add_routes(self, app: web.Application) -> None:
        app.middlewares.append(_guard)
        app.router.add_get("/", _file("index.html"))
        for path in _FILES.iterdir():
            if path.suffix in _TYPES:
                app.router.add_get(f"/{path.name}", _file(path.name))
        app.router.add_get("/state", self.state)
        app.router.add_get("/messages", self.messages)
        app.router.add_get("/members", self.members)
        app.router.add_get("/rows", self.rows_of)
        app.router.add_get("/events", self.events)
        app.router.add_get("/files/{file_id}", self.file)
        app.router.add_post("/deeds/{name}", self.deed)
        app.router.add_post("/switches/{name}", self.switch)

    async def state(self, request: web.Request) -> web.Response:
        person = self._person(request.query.get("person"))
        return _json(show_state(self.telegram, person, self.trouble.show()))

    async def messages(self, request: web.Request) -> web.Response:
        person = self._person(request.query.get("person"))
        chat = self._chat(request.query.get("chat"), person)
        return _json(show_messages(self.telegram.world, chat, person))

    async def members(self, request: web.Request) -> web.Response:
        chat = self._chat(request.query.get("chat"), self._person(None))
        return _json(show_members(self.telegram.world, chat))

    async def rows_of(self, request: web.Request) -> web.Response:
        person = self._person(request.query.get("person"))
        chat = self._chat(request.query.get("chat"), person)
        try:
            return _json(await self.rows(person.id, chat.id))
        except UserregError as error:
            return _json({"error": str(error)}, status=503)

    async def file(self, request: web.Request) -> web.Response:
        """Whatever it is, it is shown as a picture or not at all."""
        upload = self.telegram.files.get(request.match_info["file_id"])
        if upload is None:
            raise web.HTTPNotFound
        if upload.content.startswith(_PNG):
            return web.Response(body=upload.content, content_type="image/png")
        headers = {"Content-Disposition": "attachment"}
        return web.Response(
            body=upload.content, content_type="application/octet-stream", headers=headers
        )

    async def deed(self, request: web.Request) -> web.Response:
        given = await _body(request, _Given)
        person = self._person(given.person)
        deed = Deed(
            self.telegram, person, self._chat(given.chat, person),
            target=self.telegram.world.people.get(given.target or 0),
            text=given.text or "", topic_id=given.topic, message_id=given.message_id,
            data=given.data or "", first_name=given.first_name or "",
            last_name=given.last_name or "", username=given.username or "",
        )  # fmt: skip
        try:
            return _json(await perform(request.match_info["name"], deed))
        except NotPossible as error:
            return _json({"error": str(error)}, status=400)

    async def switch(self, request: web.Request) -> web.Response:
        given = await _body(request, _Turned)
        try:
            await self.trouble.turn(request.match_info["name"], given.on)
        except KeyError:
            return _json({"error": "There is no such switch."}, status=400)
        except UserregError as error:
            return _json({"error": str(error)}, status=503)
        return _json({})

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events, for as long as somebody listens."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"} | _HEADERS)
        await response.prepare(request)
        with (
            self.telegram.events.subscribed() as mailbox,
            contextlib.suppress(ConnectionError),  # the page was closed
        ):
            await response.write(b": hello\n\n")
            while True:
                event = await mailbox.get()
                await response.write(b"data: " + json.dumps(event).encode() + b"\n\n")
        return response

    def _person(self, value: Any) -> Person:
        """The one with this id, or the first of all."""
        people = self.telegram.world.people
        found = people.get(_integer(value))
        first = next(p for p in people.values() if p.id != BOT_ID)
        return found if found is not None and found.id != BOT_ID else first

    def _chat(self, value: Any, person: Person) -> Chat:
        """The one with this id, or the private chat of the person, who sees no other's."""
        chats = self.telegram.world.chats
        chat = chats.get(_integer(value))
        return chat if chat is not None and chat.type != "private" else chats[person.id]


@web.middleware
async def _guard(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Neither another site nor another name of this computer gets in. The Bot API has a guard of
    its own."""
    if request.path.startswith(("/bot", "/file/")):
        return await handler(request)
    try:
        if not _is_from_here(request):
            raise web.HTTPForbidden(text="This page answers to itself alone.\n")
        response = await handler(request)
    except web.HTTPException as error:
        error.headers.update(_HEADERS)
        raise
    if not response.prepared:
        response.headers.update(_HEADERS)
    return response


def _is_from_here(request: web.Request) -> bool:
    if not is_addressed_here(request):
        return False
    if request.method == "GET":
        return True
    origin = request.headers.get("Origin", f"http://{request.host}")
    return origin == f"http://{request.host}" and request.content_type == "application/json"


def _file(name: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Read once, whatever encoding this computer prefers."""
    path = _FILES / name
    content, type_ = path.read_bytes(), _TYPES[path.suffix]

    async def serve(request: web.Request) -> web.Response:
        return web.Response(body=content, content_type=type_, charset="utf-8")

    return serve


def _integer(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        return 0


async def _body(request: web.Request, type_: type[T]) -> T:
    try:
        return msgspec.json.decode(await request.read(), type=type_)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise web.HTTPBadRequest(text=f"{error}\n") from None


def _json(values: Json, status: int = 200) -> web.Response:
    return web.json_response(values, status=status, dumps=_dumps)


def _dumps(values: Any) -> str:
    """Times and days as text."""
    return json.dumps(values, default=str)
