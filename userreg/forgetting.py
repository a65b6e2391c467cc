"""Erasing people: everything that the registry holds about them, in every table.

Whoever wants to be forgotten is put on the list of the forgotten first: then nobody writes about
them any more, and everything can be erased at leisure.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from tortoise.backends.base.client import BaseDBAsyncClient

from userreg.database_url import Database
from userreg.db import write_transaction
from userreg.decisions import AuditEntry
from userreg.forgotten import make_hash, put_on_the_list
from userreg.mentions import Mentions
from userreg.models import DeadLetter
from userreg.sql import fetch
from userreg.upsert import Row

#: In the order in which those who record take their locks. The chats, so that none moves meanwhile
#: and takes the people along.
_LOCKS: Final = (
    "SELECT id FROM chats WHERE id IN (SELECT id FROM chats WHERE id = ANY($1::bigint[])"
    " UNION SELECT id FROM chats WHERE added_by_id = ANY($1::bigint[])"
    " UNION SELECT chat_id FROM memberships WHERE user_id = ANY($1::bigint[]))"
    " ORDER BY id FOR UPDATE",
    "SELECT id FROM users WHERE id = ANY($1::bigint[]) ORDER BY id FOR UPDATE",
)
_NAMES: Final = """
    SELECT name FROM known_names WHERE user_id = ANY($1::bigint[])
    UNION SELECT lower(username) FROM users WHERE id = ANY($1::bigint[]) AND username IS NOT NULL
    UNION SELECT trim(first_name || ' ' || coalesce(last_name, '')) FROM users
    WHERE id = ANY($1::bigint[])
"""
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
    SELECT id, actor_id, subject_id FROM audit
    WHERE actor_id = ANY($1::bigint[]) OR subject_id = ANY($1::bigint[]) ORDER BY id
"""
#: A few texts at once, after the row $1: whom they name is seen here.
_LETTERS: Final = "SELECT id, body AS text FROM dead_letters WHERE id > $1 ORDER BY id LIMIT 20"
_DETAILS: Final = """
    SELECT id, detail AS text FROM audit WHERE id > $1 AND detail IS NOT NULL ORDER BY id LIMIT 500
"""


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
    mentions = await mentions_of(ids, db)
    for sql in _ERASURE:
        await fetch(db, sql, list(ids))
    if letters := await list_letters(mentions, db):
        await DeadLetter.filter(id__in=letters).using_db(db).delete()
    await _leave_no_name_in_the_audit(frozenset(ids), mentions, db)


async def mentions_of(ids: Sequence[int], db: BaseDBAsyncClient) -> Mentions:
    """Ids and names of these people, those that they bore once included."""
    return Mentions(ids, [row["name"] for row in await fetch(db, _NAMES, list(ids))])


async def list_letters(mentions: Mentions, db: BaseDBAsyncClient) -> list[int]:
    """The dead letters that name one of these people, by their ids."""
    return [letter async for letter in _naming(mentions, _LETTERS, db)]


async def _leave_no_name_in_the_audit(
    ids: frozenset[int], mentions: Mentions, db: BaseDBAsyncClient
) -> None:
    async for entry in _naming(mentions, _DETAILS, db):
        await AuditEntry.filter(id=entry).using_db(db).update(detail=None)
    for row in await fetch(db, _AUDIT, list(ids)):
        hidden = {
            column: value
            for role in ("actor", "subject")
            if row[f"{role}_id"] in ids
            for column, value in (await _hidden(role, row, db)).items()
        }
        await AuditEntry.filter(id=row["id"]).using_db(db).update(**hidden)


async def _hidden(role: str, row: Row, db: BaseDBAsyncClient) -> dict[str, str | None]:
    return {f"{role}_id": None, f"{role}_hash": await make_hash(row[f"{role}_id"], db)}


async def _naming(mentions: Mentions, sql: str, db: BaseDBAsyncClient) -> AsyncIterator[int]:
    """The ids of the rows whose text names one of these people."""
    last = 0
    while page := await fetch(db, sql, last):
        for row in page:
            if mentions.are_in(row["text"]):
                yield row["id"]
        last = page[-1]["id"]
