"""Erasing people: everything that the registry holds about them, in every table.

Whoever wants to be forgotten is put on the list of the forgotten first: then nobody writes about
them any more, and everything can be erased at leisure.
"""

from collections.abc import Sequence
from typing import Final

from tortoise.backends.base.client import BaseDBAsyncClient

from userreg.database_url import Database
from userreg.db import write_transaction
from userreg.forgotten import make_hash, put_on_the_list
from userreg.mentions import ids_in
from userreg.models import DeadLetter
from userreg.sql import fetch

#: In the order in which those who record take their locks. The chats, so that none moves meanwhile
#: and takes the people along.
_LOCKS: Final = (
    "SELECT id FROM chats WHERE id IN (SELECT id FROM chats WHERE id = ANY($1::bigint[])"
    " UNION SELECT id FROM chats WHERE added_by_id = ANY($1::bigint[])"
    " UNION SELECT chat_id FROM memberships WHERE user_id = ANY($1::bigint[]))"
    " ORDER BY id FOR UPDATE",
    "SELECT id FROM users WHERE id = ANY($1::bigint[]) ORDER BY id FOR UPDATE",
)
#: Who was active in a chat has a membership there, or it is their private one.
_ERASURE: Final = (
    "DELETE FROM daily_activity WHERE (chat_id, user_id) IN "
    "(SELECT chat_id, user_id FROM memberships WHERE user_id = ANY($1::bigint[]))",
    "DELETE FROM daily_activity WHERE chat_id = ANY($1::bigint[]) AND user_id = ANY($1::bigint[])",
    "UPDATE chats SET added_by_id = NULL WHERE added_by_id = ANY($1::bigint[])",
    "DELETE FROM chats WHERE id = ANY($1::bigint[])",
    "DELETE FROM memberships WHERE user_id = ANY($1::bigint[])",
    "DELETE FROM membership_events WHERE user_id = ANY($1::bigint[])",
    "UPDATE membership_events SET actor_id = NULL WHERE actor_id = ANY($1::bigint[])",
    "DELETE FROM known_names WHERE user_id = ANY($1::bigint[])",
    "DELETE FROM users WHERE id = ANY($1::bigint[])",
    "DELETE FROM preferences WHERE id = ANY($1::bigint[])",
    "DELETE FROM administrators WHERE user_id = ANY($1::bigint[])",
    "UPDATE administrators SET added_by_id = NULL WHERE added_by_id = ANY($1::bigint[])",
    "DELETE FROM one_time_codes WHERE user_id = ANY($1::bigint[])",
    "DELETE FROM sessions WHERE user_id = ANY($1::bigint[])",
    "UPDATE phrases SET updated_by_id = NULL WHERE updated_by_id = ANY($1::bigint[])",
)
_AUDIT: Final = """
    SELECT id, actor_id, subject_id FROM audit WHERE actor_id = ANY($1::bigint[])
    UNION SELECT id, actor_id, subject_id FROM audit WHERE subject_id = ANY($1::bigint[])
"""
_ROLES: Final = ("actor_id", "subject_id")
#: Of two who are erased at once each may stand in the other's entries.
_LOCK_AUDIT: Final = "SELECT id FROM audit WHERE id = ANY($1::bigint[]) ORDER BY id FOR UPDATE"
_HIDE: Final = (
    "UPDATE audit SET actor_id = NULL, actor_hash = $2 WHERE actor_id = $1",
    "UPDATE audit SET subject_id = NULL, subject_hash = $2, detail = NULL WHERE subject_id = $1",
)
#: Those that hold these digits; whether they are a whole number is seen then.
_LETTERS: Final = {
    "postgres": "SELECT id, body FROM dead_letters WHERE position($1::bytea IN body) > 0",
    "sqlite": "SELECT id, body FROM dead_letters WHERE instr(body, $1) > 0",
}


async def forget(database: Database, user_id: int) -> None:
    """Erase a person for good: what is told of them later is counted, and not stored.

    Should it fail on the way, nothing new is stored of them; to do it again erases the rest.
    """
    await put_on_the_list(database, user_id)
    async with write_transaction(database) as db:
        await lock([user_id], db)
        await erase([user_id], db)


async def lock(ids: Sequence[int], db: BaseDBAsyncClient) -> None:
    """Keep everybody from writing about these people until the commit."""
    for sql in _LOCKS:
        await fetch(db, sql, list(ids))


async def erase(ids: Sequence[int], db: BaseDBAsyncClient) -> None:
    """Everything about these people. They have to be locked."""
    if not ids:
        return
    for sql in _ERASURE:
        await fetch(db, sql, list(ids))
    for user_id in ids:
        if letters := await list_letters(user_id, db):
            await DeadLetter.filter(id__in=letters).using_db(db).delete()
    await _leave_no_id_in_the_audit(frozenset(ids), db)


async def list_letters(user_id: int, db: BaseDBAsyncClient) -> list[int]:
    """The dead letters that name this person, by their ids."""
    sql = _LETTERS[db.capabilities.dialect]
    found = await fetch(db, sql, str(user_id).encode())
    return [row["id"] for row in found if user_id in ids_in(bytes(row["body"]))]


async def _leave_no_id_in_the_audit(ids: frozenset[int], db: BaseDBAsyncClient) -> None:
    # Found before they are locked: in the order of its ids SQL would rather read all of it.
    entries = await fetch(db, _AUDIT, list(ids))
    await fetch(db, _LOCK_AUDIT, [row["id"] for row in entries])
    for user_id in sorted(ids & {row[role] for row in entries for role in _ROLES}):
        hash_ = await make_hash(user_id, db)
        for sql in _HIDE:
            await fetch(db, sql, user_id, hash_)
