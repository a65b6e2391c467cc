"""The way in and out. A link shows a button, so that a preview of the link does not use it up.
Within Telegram its word is enough, once."""

from datetime import UTC, datetime
from typing import Final

from aiohttp import web

from userreg import sessions
from userreg.phrases import say
from userreg.web import mini_app
from userreg.web.guard import COOKIE, POLICY
from userreg.web.pages import TOKEN, go_to, pages_of, render

_KEPT: Final = int(sessions.LONGEST.total_seconds())


async def show(request: web.Request) -> web.Response:
    """`/admin/login?code=…`."""
    return render(request, "login", login_code=request.query.get("code") or None, refused=None)


async def log_in(request: web.Request) -> web.StreamResponse:
    pages = pages_of(request)
    code = str((await request.post()).get("code", ""))
    token = await sessions.log_in(pages.database, code, pages.settings.admin_ids)
    if token is None:
        return render(request, "login", 403, login_code=None, refused=say("page.link_is_over"))
    return _enter(token)


async def show_mini_app(request: web.Request) -> web.Response:
    """What the bot's button opens within Telegram: the one page that needs a script, for Telegram
    says who opens it in a part of the address that no browser sends."""
    response = render(request, "mini_app")
    response.headers["Content-Security-Policy"] = f"{POLICY}; script-src 'self'"
    return response


async def log_in_from_telegram(request: web.Request) -> web.StreamResponse:
    pages, now = pages_of(request), datetime.now(UTC)
    said = str((await request.post()).get("init_data", ""))
    token, word = None, mini_app.read(said, pages.settings.token, now)
    if word is not None:
        token = await sessions.log_in_once(
            pages.database, word.user_id, word.signature, 2 * mini_app.FRESH,
            pages.settings.admin_ids,
        )  # fmt: skip
    if token is None:
        return render(request, "login", 403, login_code=None, refused=say("page.word_is_over"))
    return _enter(token)


def _enter(token: str) -> web.Response:
    response = go_to("/")
    response.set_cookie(
        COOKIE, token, max_age=_KEPT, path="/", secure=True, httponly=True, samesite="Lax"
    )
    return response


async def log_out(request: web.Request) -> web.StreamResponse:
    await sessions.log_out(pages_of(request).database, request[TOKEN])
    response = go_to("/login")
    response.del_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="Lax")
    return response
