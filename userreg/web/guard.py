"""What stands before every page: who may see it, from where a form may come, and how much at once.

Nothing here is asked of the recording lane, and nothing here can hold it up.
"""

import asyncio
import hmac
import logging
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Middleware

from userreg import preferences, queries, sessions
from userreg.db import FAULTS
from userreg.errors import describe
from userreg.phrases import choose_language, say, speaking
from userreg.web.pages import ROOT, TOKEN, USER_ID, Handler, pages_of, render

logger = logging.getLogger(__name__)

#: Of this name a browser takes only what came over TLS, or from this computer, for this host.
COOKIE: Final = "__Host-userreg"
#: Pages that are made at once; whoever comes on top is asked to come again.
AT_ONCE: Final = 8
#: Pictures beside them: an overview has five, and all but one wait for the first one's numbers.
PICTURES_AT_ONCE: Final = 40
#: Bytes of a form, and seconds that it may take to arrive.
_BODY: Final = 64 * 1024
_PATIENCE: Final = 10.0
_STATIC: Final = f"{ROOT}/static/"
_PICTURES: Final = f"{ROOT}/charts/"
#: Nothing but our own style, pictures and forms; no script at all.
POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}  # fmt: skip


def create_guard() -> Middleware:
    pages, pictures = asyncio.Semaphore(AT_ONCE), asyncio.Semaphore(PICTURES_AT_ONCE)

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        with speaking(choose_language(*_accepted(request))):
            request = request.clone(client_max_size=_BODY)
            response: web.StreamResponse
            try:
                await _read_form(request)
                busy = pictures if request.path.startswith(_PICTURES) else pages
                if request.path.startswith(_STATIC):
                    response = await handler(request)
                elif busy.locked():
                    response = _trouble(request, 503, "busy")
                else:
                    async with busy:
                        response = await _let_in(request, handler)
            except web.HTTPException as error:
                _secured(error)
                raise
            except FAULTS as error:
                logger.warning("a page failed: %s", describe(error))
                response = _trouble(request, 503, "no_database")
            except Exception:
                logger.exception("a page failed")
                response = _trouble(request, 500, "fault")
        return _secured(response)

    return guard


def _secured(response: web.StreamResponse) -> web.StreamResponse:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def _trouble(request: web.Request, status: int, why: str) -> web.Response:
    """A page that says what is wrong, and asks nobody to make it."""
    response = render(request, "trouble", status, why=say(f"page.{why}"))
    if status == 503:
        response.headers["Retry-After"] = "1"
    return response


async def _read_form(request: web.Request) -> None:
    """Before anybody has to wait for it, whoever sends it and however slowly."""
    if request.method in ("GET", "HEAD"):
        return
    if not _is_from_here(request):
        raise web.HTTPForbidden(text=say("page.foreign_form"))
    is_form = request.content_type == "application/x-www-form-urlencoded"
    if not is_form or (request.charset or "utf-8").lower() != "utf-8":
        raise web.HTTPUnsupportedMediaType
    try:
        async with asyncio.timeout(_PATIENCE):
            await request.post()
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    except ValueError:  # no text
        raise web.HTTPBadRequest from None


async def _let_in(request: web.Request, handler: Handler) -> web.StreamResponse:
    if request.path.startswith(f"{ROOT}/login"):
        return await handler(request)
    pages, token = pages_of(request), request.cookies.get(COOKIE, "")
    user_id = await sessions.find_administrator(pages.database, token, pages.settings.admin_ids)
    if user_id is None:
        return render(request, "login", 401, login_code=None, refused=None)
    request[USER_ID], request[TOKEN] = user_id, token
    await _check_form(request, token)
    user = await queries.find_user(user_id)
    chosen = await preferences.find_language(user_id)
    with speaking(choose_language(chosen, user.language_code if user else None)):
        try:
            return await handler(request)
        except web.HTTPNotFound:
            return render(request, "nothing", 404)


async def _check_form(request: web.Request, token: str) -> None:
    if request.method in ("GET", "HEAD"):
        return
    given = str((await request.post()).get("form_token", ""))
    if not hmac.compare_digest(given.encode(), sessions.form_token(token).encode()):
        raise web.HTTPForbidden(text=say("page.form_expired"))


def _is_from_here(request: web.Request) -> bool:
    """Browsers say from where a form comes. A proxy may change the scheme, never the host."""
    site = request.headers.get("Sec-Fetch-Site")
    _, scheme, origin = request.headers.get("Origin", "").partition("://")
    return bool(scheme) and origin == request.host and site in (None, "same-origin")


def _accepted(request: web.Request) -> list[str]:
    """The languages that the browser wants, the first ones."""
    wanted = request.headers.get("Accept-Language", "")
    return [part.partition(";")[0].strip() for part in wanted.split(",")[:5]]
