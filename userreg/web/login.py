"""The way in and out. A link shows a button, so that a preview of the link does not use it up."""

from typing import Final

from aiohttp import web

from userreg import sessions
from userreg.phrases import say
from userreg.web.guard import COOKIE
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
