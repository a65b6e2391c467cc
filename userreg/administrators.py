"""Who administers the bot: those of the setting ADMIN_IDS, and whom these and the command line add.

Each change is written to the audit, in the same transaction.
"""

import hashlib
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from tortoise.backends.base.client import BaseDBAsyncClient

from userreg import audit
from userreg.database_url import Database
from userreg.db import write_transaction
from userreg.decisions import Administrator, OneTimeCode
from userreg.errors import AdministratorFixed
from userreg.forgotten import find_hash
from userreg.sql import fetch

#: How long a code works.
CODE_LIFETIME: Final = timedelta(minutes=15)
_PURPOSE: Final = "administrator"
#: What Telegram lets follow `/start`.
_CODE: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_ADD: Final = """
    INSERT INTO administrators (user_id, added_by_id, added_at) VALUES ($1, $2, $3)
    ON CONFLICT (user_id) DO NOTHING RETURNING user_id
"""
#: Of two who come at once one waits for the other, and finds nothing.
_USE_UP: Final = """
    DELETE FROM one_time_codes WHERE digest = $1 AND purpose = $2 AND expires_at > $3
    RETURNING digest
"""


@dataclass(frozen=True)
class AdministratorEntry:
    """`added_at` None: by ADMIN_IDS. `added_by_id` None: by ADMIN_IDS, or by the command line."""

    user_id: int
    added_by_id: int | None
    added_at: datetime | None


async def is_administrator(user_id: int, admin_ids: Collection[int]) -> bool:
    return user_id in admin_ids or await Administrator.exists(user_id=user_id)


async def list_administrators(admin_ids: Collection[int]) -> list[AdministratorEntry]:
    """Those of ADMIN_IDS first, in the order of their ids, then the others as they were added."""
    added = await Administrator.all().order_by("added_at", "user_id")
    return [AdministratorEntry(user_id, None, None) for user_id in sorted(admin_ids)] + [
        AdministratorEntry(one.user_id, one.added_by_id, one.added_at)
        for one in added
        if one.user_id not in admin_ids
    ]


async def add(database: Database, user_id: int, by_id: int | None) -> bool:
    """Make somebody an administrator, whether they are known or not; False if they are one already
    (or only by ADMIN_IDS: then they stay one when they are taken out of it)."""
    async with write_transaction(database) as db:
        return await _add(db, user_id, by_id, "admins.add")


async def remove(
    database: Database, user_id: int, by_id: int | None, admin_ids: Collection[int]
) -> bool:
    """False for somebody who is no administrator. Raises `AdministratorFixed`."""
    if user_id in admin_ids:
        raise AdministratorFixed(
            f"{user_id} administers the bot by the setting ADMIN_IDS: take the id out of there "
            "and restart the bot."
        )
    async with write_transaction(database) as db:
        removed = await Administrator.filter(user_id=user_id).using_db(db).delete()
        if removed:
            await audit.note(db, "admins.remove", actor_id=by_id, subject_id=user_id)
        return bool(removed)


async def make_code(database: Database, lifetime: timedelta = CODE_LIFETIME) -> str:
    """A code of 192 random bits that makes one person an administrator; its digest is kept."""
    code, now = secrets.token_urlsafe(24), datetime.now(UTC)
    async with write_transaction(database) as db:
        await OneTimeCode.filter(expires_at__lte=now).using_db(db).delete()
        await OneTimeCode.create(
            using_db=db, digest=_digest(code), purpose=_PURPOSE, expires_at=now + lifetime
        )
        await audit.note(db, "admins.code")
    return code


async def claim(database: Database, code: str, user_id: int) -> bool:
    """Make whoever sends a code an administrator. False for a code that is unknown, expired or
    used: the same whichever it is."""
    if not _CODE.fullmatch(code):
        return False
    now = datetime.now(UTC)
    async with write_transaction(database) as db:
        if await find_hash(user_id, db):
            return False
        if not await fetch(db, _USE_UP, _digest(code), _PURPOSE, now):
            return False
        await _add(db, user_id, None, "admins.claim")
        return True


async def _add(db: BaseDBAsyncClient, user_id: int, by_id: int | None, action: str) -> bool:
    if await find_hash(user_id, db):
        return False  # nothing is stored about the forgotten
    if by_id is not None and await find_hash(by_id, db):
        by_id = None
    added = bool(await fetch(db, _ADD, user_id, by_id, datetime.now(UTC)))
    if added:
        actor_id = user_id if action == "admins.claim" else by_id
        await audit.note(db, action, actor_id=actor_id, subject_id=user_id)
    return added


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
