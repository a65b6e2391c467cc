"""Logging in to the pages: a link that works once, or a word of Telegram's, then a session that
every replica knows.

No passwords: whoever has the account on Telegram has the way in. The database holds digests only.
"""

import hashlib
import hmac
import secrets
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Final

from tortoise.backends.base.client import BaseDBAsyncClient

from userreg import administrators, audit
from userreg.database_url import Database
from userreg.db import write_transaction
from userreg.decisions import OneTimeCode, Session
from userreg.sql import fetch

#: How long a link works, and a session: without a look, and at most.
LINK: Final = timedelta(seconds=60)
IDLE: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=12)
_PURPOSE: Final = "login"
_WORD: Final = "mini_app"
#: A look is noted so often at most.
_NOTED: Final = timedelta(minutes=1)
_USE_UP: Final = """
    DELETE FROM one_time_codes WHERE digest = $1 AND purpose = $2 AND expires_at > $3
    RETURNING user_id
"""

_REMEMBER: Final = """
    INSERT INTO one_time_codes (digest, purpose, user_id, expires_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (digest) DO NOTHING RETURNING digest
"""


async def make_link(database: Database, user_id: int) -> str:
    """The code of a link that logs this administrator in, once, within a minute."""
    code = secrets.token_urlsafe(32)
    async with write_transaction(database) as db:
        await OneTimeCode.create(
            using_db=db, digest=_digest(code), purpose=_PURPOSE, user_id=user_id,
            expires_at=datetime.now(UTC) + LINK,
        )  # fmt: skip
    return code


async def log_in(database: Database, code: str, admin_ids: Collection[int]) -> str | None:
    """What the browser is to keep; None for a code that is unknown, expired or used, and for
    whoever is administrator no more."""
    now = datetime.now(UTC)
    async with write_transaction(database) as db:
        used = await fetch(db, _USE_UP, _digest(code), _PURPOSE, now)
        if not used:
            return None
        user_id = int(used[0]["user_id"])
        if not await administrators.is_administrator(user_id, admin_ids):
            return None
        return await _begin(db, user_id, now)


async def log_in_once(
    database: Database, user_id: int, proof: str, lifetime: timedelta, admin_ids: Collection[int]
) -> str | None:
    """The same for whoever is proven to be this person, by a proof that is good only now, and only
    once: it is remembered for `lifetime`."""
    now = datetime.now(UTC)
    if not await administrators.is_administrator(user_id, admin_ids):
        return None
    async with write_transaction(database) as db:
        values = (_digest(proof), _WORD, user_id, now + lifetime)
        if not await fetch(db, _REMEMBER, *values):
            return None
        return await _begin(db, user_id, now, "mini app")


async def _begin(
    db: BaseDBAsyncClient, user_id: int, now: datetime, detail: str | None = None
) -> str:
    token = secrets.token_urlsafe(32)
    await Session.create(
        using_db=db, digest=_digest(token), user_id=user_id, created_at=now, seen_at=now,
        expires_at=now + LONGEST,
    )  # fmt: skip
    await audit.note(db, "login", actor_id=user_id, detail=detail)
    return token


async def find_administrator(
    database: Database, token: str, admin_ids: Collection[int]
) -> int | None:
    """Whose session this is; None when it has ended, or they are administrator no more."""
    session = await Session.get_or_none(digest=_digest(token))
    now = datetime.now(UTC)
    if session is None or now >= min(session.expires_at, session.seen_at + IDLE):
        return None
    if not await administrators.is_administrator(session.user_id, admin_ids):
        return None
    if now - session.seen_at > _NOTED:
        async with write_transaction(database) as db:
            await Session.filter(digest=session.digest).using_db(db).update(seen_at=now)
    return int(session.user_id)


async def log_out(database: Database, token: str) -> None:
    async with write_transaction(database) as db:
        await Session.filter(digest=_digest(token)).using_db(db).delete()


def form_token(token: str) -> str:
    """What every form of a login holds, so that no other site can make one."""
    return hmac.new(token.encode(), b"form", hashlib.sha256).hexdigest()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
