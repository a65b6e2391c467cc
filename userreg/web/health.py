"""`/livez`: the process works. `/readyz`: it would accept updates now. Nothing more is told."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

from userreg import migrate
from userreg.database_url import Database
from userreg.db import ping
from userreg.errors import UserregError

#: Seconds for which an answer of the database stands.
_FRESH: Final = 1.0
_PING_TIMEOUT: Final = 2.0


@dataclass
class Health:
    """Whether this process can do its work."""

    database: Database
    is_draining: bool = False
    _is_migrated: bool = False
    _checked_at: float = field(default=-_FRESH)
    _reason: str | None = None

    async def reason_not_ready(self) -> str | None:
        """None when ready, else what is wrong in a word or two."""
        if self.is_draining:
            return "draining"
        if time.monotonic() - self._checked_at >= _FRESH:
            self._reason = await self._check()
            self._checked_at = time.monotonic()
        return self._reason

    async def _check(self) -> str | None:
        try:
            await asyncio.wait_for(ping(self.database), _PING_TIMEOUT)
            if not self._is_migrated and await migrate.pending(self.database):
                return "not migrated"
        except (UserregError, TimeoutError):
            return "database"
        self._is_migrated = True
        return None


def add_routes(app: web.Application, health: Health) -> None:
    async def livez(request: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def readyz(request: web.Request) -> web.Response:
        reason = await health.reason_not_ready()
        return web.Response(status=503 if reason else 200, text=f"{reason or 'ready'}\n")

    app.router.add_get("/livez", livez)
    app.router.add_get("/readyz", readyz)
