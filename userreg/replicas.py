"""Which processes are at work: each says so every few seconds, and takes itself off when it ends.

Nothing depends on it. When the database is away nobody is disturbed, and nobody is seen.
"""

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Final

from userreg import __version__
from userreg.database_url import Database
from userreg.db import ENGINE_ERRORS, write_transaction
from userreg.decisions import Replica
from userreg.errors import describe
from userreg.repeating import repeating
from userreg.sql import fetch

logger = logging.getLogger(__name__)

#: Seconds between two signs of life, and for one of them.
EVERY: Final = 10.0
_PATIENCE: Final = 5.0
_LEAVE: Final = 0.5
#: Who has said nothing for so long is gone, or stands still.
STALE: Final = timedelta(seconds=30)
#: And is not remembered after so long.
KEPT: Final = timedelta(days=1)
_SAY: Final = """
    INSERT INTO replicas (name, started_at, seen_at, version, mode) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (name) DO UPDATE SET started_at = excluded.started_at, seen_at = excluded.seen_at,
    version = excluded.version, mode = excluded.mode
"""
_AWAY: Final = (*ENGINE_ERRORS, OSError)  # a timeout is one


def name_of_this_process() -> str:
    return f"{socket.gethostname()[:64]}:{os.getpid()}"


def this_process(mode: str) -> Replica:
    """Named by its machine and its number there. `mode`: what it runs."""
    now, name = datetime.now(UTC), name_of_this_process()
    return Replica(name=name, started_at=now, seen_at=now, version=__version__, mode=mode)


def is_stale(replica: Replica, now: datetime) -> bool:
    """Whether it is gone, or stands still."""
    return now - replica.seen_at > STALE


@contextlib.asynccontextmanager
async def present(database: Database, me: Replica) -> AsyncIterator[None]:
    """This process is seen while the context is open."""
    try:
        async with repeating(_Heart(database, me).beat, EVERY, "heartbeat"):
            yield
    finally:
        try:
            async with asyncio.timeout(_LEAVE):
                await _write(database, "DELETE FROM replicas WHERE name = $1", me.name)
        except _AWAY as error:
            logger.info("still listed as a replica, for a day: %s", describe(error))


async def list_replicas() -> list[Replica]:
    """All that were seen within a day and did not take themselves off, by name."""
    return await Replica.all().order_by("name")


async def prune(database: Database, now: datetime) -> int:
    """Drop those who did not come back within a day; returns how many."""
    async with write_transaction(database) as db:
        gone = "DELETE FROM replicas WHERE seen_at < $1 RETURNING name"
        return len(await fetch(db, gone, now - KEPT))


class _Heart:
    """Says that a process is there; complains once for each time that the database is away."""

    def __init__(self, database: Database, me: Replica) -> None:
        self._database = database
        self._me = me
        self._is_well = True

    async def beat(self) -> None:
        me, now = self._me, datetime.now(UTC)
        try:
            async with asyncio.timeout(_PATIENCE):
                await _write(self._database, _SAY, me.name, me.started_at, now, me.version, me.mode)
            self._is_well = True
        except _AWAY as error:
            if self._is_well:
                logger.warning("not seen as a replica: %s", describe(error))
            self._is_well = False


async def _write(database: Database, sql: str, *values: object) -> None:
    async with write_transaction(database) as db:
        await fetch(db, sql, *values)
