"""A usual batch in one round trip: `record_batch`, a function in the database (PostgreSQL).

Nearly always the updates are new, their chats have not moved, and the people are called as before
or are met for the first time. Then one call writes all and commits. Of any other batch the function
writes nothing and says so; it is written step by step (`batch`), to the same result.

The function is made from the models, and stands in the newest migration that changed it.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from userreg.database_url import Database
from userreg.db import WRITING, fetch_alone
from userreg.forgotten import VERSION
from userreg.models import (
    Chat,
    ClaimedUpdate,
    DailyActivity,
    KnownName,
    Membership,
    MembershipEvent,
    User,
)
from userreg.names import are_called_one_way, list_named, names_of
from userreg.record import Record
from userreg.upsert import Merge, Row, objects, upsert, upsert_statement

#: What the function is given, in this order; last comes the version of the list of the forgotten.
_GIVEN: Final[tuple[type[Record], ...]] = (
    ClaimedUpdate, Chat, User, Membership, MembershipEvent, DailyActivity,
)  # fmt: skip
_CALL: Final = "SELECT record_batch($1, $2, $3, $4, $5, $6, $7)"


async def record_batch(
    database: Database, rows: Mapping[type[Record], Sequence[Row]], version: str
) -> bool:
    """Write the rows, commit, and return True; or write nothing, as the batch is not a usual one.

    `version`: that of the list of the forgotten by which the rows were made.
    """
    if not are_called_one_way(rows.get(User, ())):
        return False
    documents = [_document(model, rows.get(model, ())) for model in _GIVEN]
    return bool(await fetch_alone(database, _CALL, *documents, version))


def _document(model: type[Record], rows: Sequence[Row]) -> str | None:
    if not rows:
        return None
    merged = model.merge_rows(rows)
    if model is User:
        for row in list_named(merged):
            row |= {f"known_{kind}": name for kind, name in names_of(row).items()}
    return upsert_statement(model, model.merge, "postgres").document(merged)


#: Undoes all that was written, and answers false.
_GIVE_UP: Final = "RAISE SQLSTATE 'UR001';"
_PEOPLE: Final = """json_to_recordset($3) AS e(id bigint, first_seen_at timestamptz,
                profile_at timestamptz, profile_update_id bigint, profile_is_dated boolean,
                known_name text, known_username text)"""
_IS_CALLED_AS_BEFORE: Final = """t.profile_at IS NULL OR excluded.first_name = t.first_name
                AND excluded.last_name IS NOT DISTINCT FROM t.last_name
                AND excluded.username IS NOT DISTINCT FROM t.username"""
_NAMES: Final = f"""SELECT e.id, n.kind, n.name, e.first_seen_at, e.profile_at, e.profile_update_id,
                   e.profile_is_dated
            FROM {_PEOPLE}, LATERAL (VALUES
                ('name', e.known_name), ('username', e.known_username)
            ) AS n(kind, name)
            WHERE e.id = ANY(to_name) AND n.name <> '' ORDER BY 1, 2, 3"""


def create_function() -> str:
    """SQL. No plan may scan or hash a table: it may have been empty when the plan was made."""
    return f"""
CREATE OR REPLACE FUNCTION record_batch(json, json, json, json, json, json, text) RETURNS boolean
LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    written int;
    has_moved boolean;
    to_name bigint[];
    usernames text[];
BEGIN
    PERFORM pg_advisory_xact_lock_shared({WRITING});
    IF {VERSION} <> $7 THEN
        RETURN false;
    END IF;

    IF $1 IS NOT NULL THEN
        {_upsert(ClaimedUpdate, 1, Merge(ClaimedUpdate.merge.key))};
        GET DIAGNOSTICS written = ROW_COUNT;
        IF written < json_array_length($1) THEN  -- one of them is a duplicate
            {_GIVE_UP}
        END IF;
    END IF;

    IF $2 IS NOT NULL THEN
        WITH chat AS ({_upsert(Chat, 2)} RETURNING migrated_to_id)
        SELECT bool_or(migrated_to_id IS NOT NULL) INTO has_moved FROM chat;
        IF has_moved THEN
            {_GIVE_UP}
        END IF;
    END IF;

    IF $3 IS NOT NULL THEN
        -- locked: whoever is being erased is nobody, or would come back without a name;
        -- and usernames are sorted as Python sorts them, for all lock them in one order
        SELECT array_agg(e.id), array_agg(DISTINCT e.known_username COLLATE "C")
            FILTER (WHERE e.known_username <> '')
        INTO to_name, usernames
        FROM {_PEOPLE} LEFT JOIN LATERAL (
            SELECT profile_at FROM users WHERE id = e.id FOR UPDATE
        ) AS t ON true
        WHERE t.profile_at IS NULL OR e.first_seen_at < t.profile_at;

        {_upsert(User, 3, only=_IS_CALLED_AS_BEFORE)};
        GET DIAGNOSTICS written = ROW_COUNT;
        IF written < json_array_length($3) THEN  -- somebody is called otherwise
            {_GIVE_UP}
        END IF;

        IF to_name IS NOT NULL THEN
            PERFORM pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest(usernames) AS name;
            {upsert(KnownName, KnownName.merge, "postgres", _NAMES)};
            IF (SELECT count(*) FROM known_names WHERE kind = 'username' AND name = ANY(usernames))
                > cardinality(usernames)
            THEN  -- somebody else bears one of these, or bore it
                {_GIVE_UP}
            END IF;
        END IF;
    END IF;

    IF $4 IS NOT NULL THEN
        {_upsert(Membership, 4)};
    END IF;
    IF $5 IS NOT NULL THEN
        {_upsert(MembershipEvent, 5)};
    END IF;
    IF $6 IS NOT NULL THEN
        {_upsert(DailyActivity, 6)};
    END IF;
    RETURN true;
EXCEPTION WHEN SQLSTATE 'UR001' THEN
    RETURN false;
END $$;
"""


def _upsert(
    model: type[Record], given: int, merge: Merge | None = None, only: str | None = None
) -> str:
    return upsert(model, merge or model.merge, "postgres", objects(model, f"${given}"), only)
