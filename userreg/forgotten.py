"""Who is forgotten, and what is left of an update without them.

Of a forgotten person the database keeps a keyed hash. A replica keeps the hashes in memory with the
version of the list that they are of, and every batch compares that version within its transaction:
whoever changes the list writes alone (`write_transaction`), so no batch goes by an old one.
"""

import hmac
import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from msgspec.structs import replace
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection
from tortoise.expressions import F

from userreg.database_url import Database
from userreg.db import security_key, write_transaction
from userreg.decisions import Forgotten, Key
from userreg.facts import ChatExists, ChatSeen, Fact, UserSeen
from userreg.mentions import ids_in
from userreg.sql import fetch
from userreg.upsert import Row

#: The version of the list: another text after each change. Nobody has been forgotten: none.
VERSION: Final = "coalesce((SELECT value FROM keys WHERE name = 'forgotten'), '')"
_NEW_VERSION: Final = """
    INSERT INTO keys (name, value) VALUES ('forgotten', $1)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value
"""
_KEEP_KEY: Final = """
    INSERT INTO keys (name, value) VALUES ('security', $1) ON CONFLICT (name) DO NOTHING
"""
_LOCK: Final = "SELECT id FROM forgotten WHERE hash = ANY($1::text[]) ORDER BY id FOR UPDATE"


class ListChanged(Exception):
    """Somebody has been forgotten, or is remembered again: the batch has to begin anew."""


class ForgottenPeople:
    """The forgotten of one version of the list; nobody, where it is the first."""

    def __init__(
        self, version: str = "", keys: Sequence[str] = (), hashes: Iterable[str] = ()
    ) -> None:
        self.version = version
        self._keys = keys
        self._hashes = frozenset(hashes)
        self.find = lru_cache(maxsize=2**14)(self._find)

    def __bool__(self) -> bool:
        return bool(self._hashes)

    def _find(self, user_id: int) -> str | None:
        """The hash of somebody who is forgotten; None of anybody else."""
        if user_id <= 0:
            return None
        hashes = (hash_of(user_id, key) for key in self._keys)
        return next((one for one in hashes if one in self._hashes), None)

    def leave_out(self, facts: Iterable[Fact]) -> tuple[list[Fact], set[str]]:
        """The facts about everybody else, and the hashes of those who were left out of them."""
        kept: list[Fact] = []
        met: set[str] = set()
        for fact in facts:
            actor_id = getattr(fact, "actor_id", None)
            if (found := self.find(_subject_of(fact))) is not None:
                met.add(found)
            elif actor_id is not None and (found := self.find(actor_id)) is not None:
                met.add(found)
                kept.append(replace(fact, actor_id=None))
            else:
                kept.append(fact)
        return kept, met

    def leave_out_rows(self, rows: list[Row]) -> list[Row]:
        """The same of rows that are about a `user_id`."""
        if not self:
            return rows
        kept = [row for row in rows if self.find(row["user_id"]) is None]
        acts = [row for row in kept if row.get("actor_id") and self.find(row["actor_id"])]
        for row in acts:
            row["actor_id"] = None
        return kept

    def named_in(self, body: bytes) -> set[str]:
        """The hashes of those whose ids stand in these bytes, as whole numbers."""
        return {found for number in ids_in(body) if (found := self._find(number)) is not None}


def _subject_of(fact: Fact) -> int:
    """Whom the fact is about; a private chat has its person's id."""
    if isinstance(fact, UserSeen):
        return fact.user.id
    if isinstance(fact, ChatSeen | ChatExists):
        return fact.chat.id
    for name in ("user_id", "chat_id"):
        if (subject := getattr(fact, name, None)) is not None:
            return int(subject)
    return 0  # a group that has moved


def hash_of(user_id: int, key: str) -> str:
    return hmac.digest(key.encode(), str(user_id).encode(), "sha256").hex()


async def read_forgotten(database: Database) -> ForgottenPeople:
    """The list as it is now."""
    async with write_transaction(database) as db:  # nobody changes it meanwhile
        version = (await fetch(db, f"SELECT {VERSION} AS version"))[0]["version"]
        hashes = await Forgotten.all().using_db(db).values_list("hash", flat=True)
        return ForgottenPeople(version, await _keys(db), [str(one) for one in hashes])


async def is_forgotten(database: Database, user_id: int) -> bool:
    return await find_hash(user_id, get_connection(database.dialect)) is not None


async def find_hash(user_id: int, db: BaseDBAsyncClient) -> str | None:
    """The hash by which this person is forgotten; None of anybody else."""
    if not (keys := await _keys(db)):
        return None
    hashes = [hash_of(user_id, key) for key in keys]
    found = await Forgotten.filter(hash__in=hashes).using_db(db).first()
    return found.hash if found else None


async def make_hash(user_id: int, db: BaseDBAsyncClient) -> str:
    """A hash of the present key; of one that the registry makes and keeps, where none is set."""
    if (key := security_key()) is None:
        await fetch(db, _KEEP_KEY, secrets.token_urlsafe(48))
        key = (await Key.get(name="security", using_db=db)).value
    return hash_of(user_id, key)


async def put_on_the_list(database: Database, user_id: int) -> None:
    """From here on no replica stores anything about this person."""
    async with write_transaction(database, alone=True) as db:
        if await find_hash(user_id, db) is None:
            one = Forgotten(hash=await make_hash(user_id, db), at=datetime.now(UTC))
            await one.save(using_db=db)
            await fetch(db, _NEW_VERSION, secrets.token_hex(16))


async def take_off_the_list(database: Database, user_id: int) -> None:
    async with write_transaction(database, alone=True) as db:
        if (found := await find_hash(user_id, db)) is not None:
            await Forgotten.filter(hash=found).using_db(db).delete()
            await fetch(db, _NEW_VERSION, secrets.token_hex(16))


async def count_updates(met: Iterable[str], db: BaseDBAsyncClient) -> None:
    """One more update for each time that a hash stands here."""
    if not (counts := Counter(met)):
        return
    await fetch(db, _LOCK, sorted(counts))  # all replicas in one order
    for times in sorted(set(counts.values())):
        hashes = [one for one, count in counts.items() if count == times]
        named = Forgotten.filter(hash__in=hashes).using_db(db)
        await named.update(updates=F("updates") + times)


async def _keys(db: BaseDBAsyncClient) -> list[str]:
    """All keys that hashes may have been made with: that of the setting, and that which is kept."""
    kept = await Key.filter(name="security").using_db(db).values_list("value", flat=True)
    found = [security_key(), *kept]
    return [str(key) for key in found if key is not None]
