"""What has to be done from time to time: dropping what has had its time.

Everything goes in portions, with time between them for those who record.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Final, cast

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection

from userreg import replicas, totals
from userreg.database_url import Database
from userreg.db import trying_lock, write_transaction
from userreg.decisions import OneTimeCode, Session
from userreg.forgetting import erase, lock
from userreg.models import ClaimedUpdate, DeadLetter
from userreg.process_lock import lock_file
from userreg.sql import fetch

#: Telegram re-sends for 24 hours; claims are kept twice as long.
CLAIMS_KEPT: Final = timedelta(hours=48)
DEAD_LETTERS_KEPT: Final = timedelta(days=7)
#: The last of some claims after $1 that were made before $2.
_OLDEST_CLAIMS: Final = """
    SELECT max(id) AS last FROM (
        SELECT id, at FROM claimed_updates WHERE id > $1 ORDER BY id LIMIT 1000
    ) AS oldest WHERE at < $2
"""
_PEOPLE: Final = "SELECT id FROM users WHERE id > $1 ORDER BY id LIMIT 500"
_ERASED_AT_ONCE: Final = 20
#: Those of these people of whom there has been no sign since $2, and no news. (Counted for each:
#: for NOT EXISTS a planner may read all memberships.)
_UNSEEN: Final = """
    SELECT u.id FROM users u WHERE u.id = ANY($1::bigint[])
    AND coalesce(u.last_seen_at, u.first_seen_at, u.profile_at) < $2
    AND NOT EXISTS (SELECT 1 FROM administrators a WHERE a.user_id = u.id)
    AND (
        SELECT count(*) FROM memberships m WHERE m.user_id = u.id
        AND (m.status_at >= $2 OR m.last_seen_at >= $2 OR m.first_seen_at >= $2)
    ) = 0
"""
_BEFORE_ALL: Final = -(2**62)
#: How many times as long as a portion takes nothing is done.
_REST: Final = 4
_ALONE: Final = "7461, 2"


@dataclass
class Dropped:
    """How many of each."""

    claims: int = 0
    dead_letters: int = 0
    codes: int = 0
    sessions: int = 0
    totals: int = 0
    replicas: int = 0
    people: int = 0


async def maintain(
    database: Database, retention_days: int | None = None, spared: Collection[int] = ()
) -> Dropped | None:
    """Drop claims, dead letters, codes and totals of single days that have had their time, and
    people who were not seen for `retention_days`, but for administrators and those `spared`.

    None when somebody else is at it, in this process or in another one.
    """
    async with _only_one(database) as is_free:
        if not is_free:
            return None
        now, dropped = datetime.now(UTC), Dropped()
        await _prune_claims(database, now - CLAIMS_KEPT, dropped)
        await _prune_the_rest(database, now, dropped)
        dropped.replicas = await replicas.prune(database, now)
        if retention_days is not None:
            before = now - timedelta(days=retention_days)
            await _erase_unseen(database, before, spared, dropped)
        return dropped


@contextlib.asynccontextmanager
async def _only_one(database: Database) -> AsyncIterator[bool]:
    """False when another one is running."""
    if database.dialect == "sqlite":
        with contextlib.ExitStack() as stack:
            try:
                path = Path(f"{database.path.resolve()}.maintenance.lock")
                is_free = bool(stack.enter_context(lock_file(path)))
            except BlockingIOError:
                is_free = False
            yield is_free
        return
    client = cast(Any, get_connection(database.writer))
    async with client.acquire_connection() as raw, trying_lock(raw, _ALONE) as is_free:
        yield is_free


async def _prune_claims(database: Database, before: datetime, dropped: Dropped) -> None:
    async def portion(db: BaseDBAsyncClient, first: int) -> int | None:
        last: int | None = (await fetch(db, _OLDEST_CLAIMS, first, before))[0]["last"]
        if last is not None:
            oldest = ClaimedUpdate.filter(id__gt=first, id__lte=last).using_db(db)
            dropped.claims += await oldest.delete()
        return last

    await _in_portions(database, portion)


async def _prune_the_rest(database: Database, now: datetime, dropped: Dropped) -> None:
    async with write_transaction(database) as db:
        letters = DeadLetter.filter(buried_at__lt=now - DEAD_LETTERS_KEPT).using_db(db)
        dropped.dead_letters = await letters.delete()
        dropped.codes = await OneTimeCode.filter(expires_at__lt=now).using_db(db).delete()
        dropped.sessions = await Session.filter(expires_at__lt=now).using_db(db).delete()
        dropped.totals = await totals.prune(db, now.date() - timedelta(days=totals.DAYS_KEPT))


async def _erase_unseen(
    database: Database, before: datetime, spared: Collection[int], dropped: Dropped
) -> None:
    """Without a hash: they become known again when they are seen again."""

    unseen: list[int] = []

    async def look(db: BaseDBAsyncClient, first: int) -> int | None:
        ids = [row["id"] for row in await fetch(db, _PEOPLE, first)]
        unseen.extend(one for one in await _unseen(ids, before, db) if one not in spared)
        return ids[-1] if ids else None

    await _in_portions(database, look)
    left = iter(unseen)

    async def erase_some(db: BaseDBAsyncClient, _: int) -> int | None:
        if some := list(islice(left, _ERASED_AT_ONCE)):
            await lock(some, db)
            some_still = await _unseen(some, before, db)  # as nobody writes about them now
            await erase(some_still, db)
            dropped.people += len(some_still)
        return some[-1] if some else None

    await _in_portions(database, erase_some)


async def _unseen(ids: list[int], before: datetime, db: BaseDBAsyncClient) -> list[int]:
    return [row["id"] for row in await fetch(db, _UNSEEN, ids, before)] if ids else []


async def _in_portions(
    database: Database, portion: Callable[[BaseDBAsyncClient, int], Awaitable[int | None]]
) -> None:
    """`portion` is given the last id of the one before it, and returns its own last."""
    clock = asyncio.get_running_loop().time
    last: int | None = _BEFORE_ALL
    while last is not None:
        begun = clock()
        async with write_transaction(database) as db:
            last = await portion(db, last)
        await asyncio.sleep(_REST * (clock() - begun))
