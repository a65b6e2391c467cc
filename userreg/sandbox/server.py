"""The Bot API over HTTP."""

import contextlib
import logging
import re
from collections.abc import AsyncIterator
from typing import Any, Final

from aiohttp import web

from userreg.sandbox.api import BotApi
from userreg.sandbox.errors import ApiError, TooManyRequests
from userreg.sandbox.parameters import read_parameters

logger = logging.getLogger(__name__)

_HERE: Final = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?")
#: What Telegram accepts in one request, in bytes.
MAX_BODY: Final = 50 * 1024 * 1024


def create_app(api: BotApi) -> web.Application:
    """The Bot API at `/bot<token>/<method>`, the files at `/file/bot<token>/…`."""
    telegram = api.telegram
    app = web.Application(client_max_size=MAX_BODY)

    async def call(request: web.Request) -> web.Response:
        try:
            _check_token(telegram.token, request)
            parameters = await read_parameters(request)
            result = await api.call(request.match_info["method"], parameters)
        except ApiError as error:
            return _refusal(error)
        except web.HTTPRequestEntityTooLarge:
            return _refusal(ApiError(413, "Request Entity Too Large"))
        except Exception:
            logger.exception("the local Telegram failed")
            return _refusal(ApiError(500, "Internal Server Error"))
        return web.json_response({"ok": True, "result": result})

    async def download(request: web.Request) -> web.Response:
        upload = telegram.files.get(request.match_info["file_id"])
        is_known = request.match_info["token"] == telegram.token and is_addressed_here(request)
        if not is_known or upload is None:
            return _refusal(ApiError(404, "Not Found"))
        return web.Response(body=upload.content, content_type="application/octet-stream")

    app.router.add_route("*", "/bot{token}/{method}", call)
    app.router.add_get("/file/bot{token}/files/{file_id}", download)
    return app


def _check_token(token: str, request: web.Request) -> None:
    if _is_from_a_browser(request) or not is_addressed_here(request):
        raise ApiError(403, "Forbidden: the local Telegram answers to bots of this computer only")
    if request.method not in ("GET", "POST"):
        raise ApiError(405, "Method Not Allowed")
    if request.match_info["token"] != token:
        raise ApiError(401, "Unauthorized")


def _is_from_a_browser(request: web.Request) -> bool:
    """Which any web site could make ask; no bot sends these."""
    return "Origin" in request.headers or "Sec-Fetch-Site" in request.headers


def is_addressed_here(request: web.Request) -> bool:
    """By a name of this computer: another one could belong to a site that leads here."""
    return _HERE.fullmatch(request.host) is not None


def _refusal(error: ApiError) -> web.Response:
    body: dict[str, Any] = {
        "ok": False, "error_code": error.code, "description": error.description,
    }  # fmt: skip
    if error.parameters:
        body["parameters"] = error.parameters
    headers = {}
    if isinstance(error, TooManyRequests):
        headers["Retry-After"] = str(error.parameters["retry_after"])
    return web.json_response(body, status=error.code, headers=headers)


@contextlib.asynccontextmanager
async def serving(app: web.Application, host: str, port: int) -> AsyncIterator[str]:
    """Serve while the context is open; yields the address. Port 0 takes any that is free."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield f"http://{host}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
