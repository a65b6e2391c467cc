"""What a list's filter matches, as a file. It is sent as it is read, portion by portion: neither a
place among the pages nor a transaction lasts as long as it does."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator
from typing import Final
from weakref import WeakValueDictionary

from aiohttp import web

from userreg import audit, export, lists, sessions
from userreg.db import ENGINE_ERRORS, write_transaction
from userreg.errors import UserregError, describe
from userreg.phrases import say
from userreg.upsert import Row
from userreg.web.lists import View, view_of
from userreg.web.pages import TOKEN, USER_ID, pages_of, render

logger = logging.getLogger(__name__)

#: Downloads at once of all administrators together, in one process.
AT_ONCE: Final = 2
#: Seconds in which a browser has to take the next part.
_PATIENCE: Final = 60.0
_FORMATS: Final = {
    "csv": ("text/csv", export.csv_of_list), "json": ("application/json", export.json_of_list),
}  # fmt: skip


class Download(web.StreamResponse):
    """Sends its parts when it is sent itself, when the page that made it has ended."""

    def __init__(self, name: str, content_type: str, parts: AsyncGenerator[str, None]) -> None:
        super().__init__(headers={"Content-Disposition": f'attachment; filename="{name}"'})
        self.content_type, self.charset = content_type, "utf-8"
        self.is_over = False
        self._parts = parts

    async def write_eof(self, data: bytes = b"") -> None:
        """A download that fails is cut off, so that nobody takes it for a whole one."""
        try:
            async with contextlib.aclosing(self._parts) as parts:
                async for part in parts:
                    async with asyncio.timeout(_PATIENCE):
                        await self.write(part.encode())
            await super().write_eof(data)
        except (*ENGINE_ERRORS, UserregError, OSError) as error:  # a timeout is one
            logger.warning("a download was cut off: %s", describe(error))
            raise ConnectionError from error
        finally:
            self.is_over = True


#: By administrator; one that was never sent, and never will be, drops out by itself.
DOWNLOADS: Final = web.AppKey("DOWNLOADS", WeakValueDictionary[int, Download])


async def send(request: web.Request) -> web.StreamResponse:
    """`/admin/memberships/download?status=left`, with `form=csv`, or json, in the form."""
    view = view_of(request, request.match_info["list"])
    form = str((await request.post()).get("form", ""))
    if form not in _FORMATS or list(view.problems()):
        return render(request, "nothing", 400)
    downloads, user_id = request.config_dict[DOWNLOADS], request[USER_ID]
    running = {id_ for id_, download in downloads.items() if not download.is_over}
    if user_id in running or len(running) >= AT_ONCE:
        why = "page.downloading" if user_id in running else "page.busy"
        return render(request, "trouble", 409, why=say(why))
    content_type, make = _FORMATS[form]
    parts = make(view.name, _portions(request, view))
    downloads[user_id] = download = Download(f"{view.name}.{form}", content_type, parts)
    await _note(request, view, form)
    return download


async def _portions(request: web.Request, view: View) -> AsyncGenerator[list[Row], None]:
    """As long as whoever asks for them is an administrator."""
    pages = pages_of(request)
    async with contextlib.aclosing(lists.stream(view.kind.list, view.filter)) as portions:
        async for rows in portions:
            admin_ids = pages.settings.admin_ids
            if not await sessions.find_administrator(pages.database, request[TOKEN], admin_ids):
                raise Revoked("who asked for it is logged in no more")
            yield rows


class Revoked(UserregError):
    """Nobody is to be sent any more of it."""


async def _note(request: web.Request, view: View, form: str) -> None:
    """A person is the entry's subject, and not named in its detail, which outlives them."""
    asked = [f"{name}={text}" for name, text in view.filter.given.items() if name != "user_id"]
    async with write_transaction(pages_of(request).database) as db:
        await audit.note(
            db, "pages.download", actor_id=request[USER_ID],
            subject_id=view.filter.find("user_id"),
            detail=" ".join([f"{view.name}.{form}", *asked]),
        )  # fmt: skip
