"""The first step of a batch: claim its updates, write its chats, lock its people.

What is locked here stays as it is until the commit: no other replica counts one of these updates,
moves one of these chats or renames one of these people meanwhile. All lock in this order. And it
sees whether somebody has been forgotten since the batch was made.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from tortoise.backends.base.client import BaseDBAsyncClient

from userreg.forgotten import VERSION, ListChanged
from userreg.migrated_chats import MOVES
from userreg.models import Chat, ClaimedUpdate, User
from userreg.names import PROFILES
from userreg.sql import fetch, fetch_rows
from userreg.upsert import Merge, Row, Statement, upsert_statement

#: And a row of nothing, where the list of the forgotten is not of the version $2.
_MOVES: Final = f"{MOVES} UNION ALL SELECT NULL, NULL, NULL WHERE {VERSION} <> $2"
_NO_DUPLICATES: Final = "NOT EXISTS (SELECT 1 FROM duplicates)"


@dataclass(frozen=True)
class Claimed:
    """`duplicates`: update ids that were claimed before. If there are any, nothing but the claims
    of the others has been written. `moved`: those of the chats that have migrated. `people`: what
    those who were known have been called until now."""

    duplicates: set[int]
    moved: list[Row]
    people: list[Row]


async def claim(
    claims: Sequence[Row],
    chats: Sequence[Row],
    people: Sequence[Row],
    db: BaseDBAsyncClient,
    version: str = "",
) -> Claimed:
    """Claim the updates and, when none of them is a duplicate, write the chats, lock the people.

    Raises `ListChanged` unless `version` is that of the list of the forgotten.
    """
    if db.capabilities.dialect == "postgres":
        return await _claim_in_one_round_trip(claims, chats, people, db, version)
    new = {row["update_id"] for row in await ClaimedUpdate.insert_new(claims, db)}
    if duplicates := {row["update_id"] for row in claims} - new:
        return Claimed(duplicates, [], [])
    await Chat.update_or_create_many(chats, db)
    moved = await fetch(db, _MOVES, sorted({chat["id"] for chat in chats}), version)
    if moved and moved[-1]["id"] is None:
        raise ListChanged
    return Claimed(set(), moved, await fetch(db, PROFILES, sorted({p["id"] for p in people})))


async def _claim_in_one_round_trip(
    claims: Sequence[Row],
    chats: Sequence[Row],
    people: Sequence[Row],
    db: BaseDBAsyncClient,
    version: str,
) -> Claimed:
    """New people get an empty row: what is not there cannot be locked, and another replica may be
    about to write the same person. Whom it has just written is looked up once more."""
    sql, *statements = _statement()
    first_seen = {p["id"]: {"id": p["id"], "first_seen_at": p["first_seen_at"]} for p in people}
    ids = sorted(first_seen)
    rows = (
        ClaimedUpdate.merge_rows(claims), Chat.merge_rows(chats), [first_seen[id_] for id_ in ids],
    )  # fmt: skip
    documents = [s.document(of_table) for s, of_table in zip(statements, rows, strict=True)]
    told: dict[str, list[Row]] = {"duplicate": [], "chat": [], "newcomer": [], "person": []}
    for row in await fetch_rows(db, sql, [*documents, ids, version]):
        if row["told"] == "other list":
            raise ListChanged
        told[row["told"]].append(row)
    duplicates = {row["id"] for row in told["duplicate"]}
    found = {row["id"] for row in (*told["newcomer"], *told["person"])}
    if not duplicates and len(found) < len(ids):
        told["person"] += await fetch(db, PROFILES, [id_ for id_ in ids if id_ not in found])
    return Claimed(duplicates, told["chat"], told["person"])


@lru_cache(maxsize=1)
def _statement() -> tuple[str, Statement, Statement, Statement]:
    """The branches of the UNION are carried out one after another, and with each its CTE."""
    claims = upsert_statement(ClaimedUpdate, Merge(ClaimedUpdate.merge.key), "postgres")
    chats = upsert_statement(Chat, Chat.merge, "postgres", _NO_DUPLICATES)
    people = upsert_statement(User, Merge(User.merge.key), "postgres", _NO_DUPLICATES)
    profiles = PROFILES.replace("$1", "$4").replace("WHERE", f"WHERE {_NO_DUPLICATES} AND")
    sql = f"""
        WITH claimed AS ({claims.sql} RETURNING update_id),
        duplicates AS (
            SELECT update_id FROM json_to_recordset($1::json) AS e(update_id bigint)
            WHERE update_id NOT IN (SELECT update_id FROM claimed)
        ),
        written_chats AS ({chats.sql.replace("$1", "$2")}),
        newcomers AS ({people.sql.replace("$1", "$3")} RETURNING id),
        profiles AS ({profiles})
        SELECT 'duplicate' AS told, update_id AS id, NULL::bigint AS migrated_to_id,
               NULL::timestamptz AS migrated_at, NULL AS first_name, NULL AS last_name,
               NULL AS username, NULL::timestamptz AS profile_at, NULL::bigint AS profile_update_id,
               NULL::bool AS profile_is_dated FROM duplicates
        UNION ALL
        SELECT 'chat', id, migrated_to_id, migrated_at, NULL, NULL, NULL, NULL, NULL, NULL
        FROM written_chats WHERE migrated_to_id IS NOT NULL
        UNION ALL
        SELECT 'newcomer', id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM newcomers
        UNION ALL
        SELECT 'person', id, NULL, NULL, first_name, last_name, username, profile_at,
               profile_update_id, profile_is_dated FROM profiles
        UNION ALL
        SELECT 'other list', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
        WHERE {VERSION} <> $5
    """
    return sql, claims, chats, people
