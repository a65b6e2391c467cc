"""Where each page is."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final
from weakref import WeakValueDictionary

from aiohttp import web

from userreg.web import (
    chats,
    doctor,
    downloads,
    letters,
    login,
    memberships,
    overview,
    people,
    phrase_list,
    phrases,
    trail,
)
from userreg.web.doctor import DOCTOR, Doctor
from userreg.web.downloads import DOWNLOADS
from userreg.web.guard import create_guard
from userreg.web.pages import PAGES, Pages
from userreg.web.reconciling import RECONCILING, Reconciling

#: The few files that the pages want, as they are sent; read once.
_STATIC: Final = Path(__file__).parent / "static"
_KINDS: Final = {".css": "text/css", ".svg": "image/svg+xml", ".js": "text/javascript"}


def _serve_static() -> Callable[[web.Request], Awaitable[web.Response]]:
    files = {p.name: (p.read_bytes(), _KINDS[p.suffix]) for p in _STATIC.iterdir()}

    async def serve(request: web.Request) -> web.Response:
        if (found := files.get(request.match_info["name"])) is None:
            raise web.HTTPNotFound
        return web.Response(body=found[0], content_type=found[1], charset="utf-8")

    return serve


def create_pages(pages: Pages) -> web.Application:
    app = web.Application(middlewares=[create_guard()])
    app[PAGES] = pages
    app[DOWNLOADS] = WeakValueDictionary()
    app[DOCTOR] = Doctor(pages.doctor)
    app[RECONCILING] = Reconciling(pages.reconcile, pages.database)
    app.on_shutdown.extend([app[DOCTOR].stop, app[RECONCILING].stop])
    app.add_routes(
        [
            web.get("/login", login.show),
            web.post("/login", login.log_in),
            web.get("/login/app", login.show_mini_app),
            web.post("/login/app", login.log_in_from_telegram),
            web.post("/logout", login.log_out),
            web.get("", overview.show),
            web.get("/", overview.show),
            web.get("/charts/{kind}.{look}.svg", overview.chart),
            web.get("/users", people.show_list),
            web.get("/users/{id:[0-9]{1,16}}", people.show),
            web.post("/users/{id:[0-9]{1,16}}/forget", people.forget),
            web.post("/{list:users|chats|memberships}/download", downloads.send),
            web.get("/chats", chats.show_list),
            web.get("/chats/{id:-?[0-9]{1,16}}", chats.show),
            web.get("/memberships", memberships.show_list),
            web.post("/chats/{id:-[0-9]{1,16}}/reconcile", chats.reconcile),
            web.get("/phrases", phrase_list.show),
            web.get(r"/phrases/{key:[\w.]{1,64}}", phrases.show),
            web.post(r"/phrases/{key:[\w.]{1,64}}", phrases.submit),
            web.post(r"/phrases/{key:[\w.]{1,64}}/undo", phrases.undo),
            web.get("/doctor", doctor.show),
            web.get("/letters", letters.show),
            web.post("/letters/{id:[0-9]{1,16}}/{deed:replay|drop}", letters.act),
            web.get("/audit", trail.show),
            web.get("/static/{name}", _serve_static()),
        ]
    )
    return app
