"""A registry after a year, in a few minutes: `await fill(url, size)`.

Its people and chats are those of the local Telegram's crowd, so a load of that crowd meets rows
that are there already, wherever they lie. PostgreSQL makes nearly all rows itself.
"""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from os import environ
from typing import Final

import asyncpg

from bench.page import ROOT
from bench.running import TOKEN
from userreg.sandbox.world.crowd_people import draw_people, draw_room, first_person_id

#: The seed of the crowd.
SEED: Final = 1
_BOT_ID: Final = int(TOKEN.partition(":")[0])
#: No triggers; what is lost in a crash is filled again.
_SETTINGS: Final = """
    SET session_replication_role = replica; SET synchronous_commit = off;
    SET work_mem = '256MB'; SET maintenance_work_mem = '512MB'; SET timezone = 'UTC';
    SELECT setseed(0.5);
"""
#: What is kept of a primary key, a unique constraint or an index, and how it is made again.
_INDEXES: Final = """
    SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS drop,
           format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname,
                  pg_get_constraintdef(oid)) AS make
    FROM pg_constraint
    WHERE contype IN ('p', 'u') AND conrelid = ANY($1::text[]::regclass[])
    UNION ALL
    SELECT format('DROP INDEX %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
    FROM pg_index WHERE indrelid = ANY($1::text[]::regclass[])
    AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)
"""
TABLES: Final = (
    "users", "known_names", "chats", "memberships", "membership_events", "daily_activity",
    "claimed_updates",
)  # fmt: skip
_CROWD: Final = """
    CREATE TEMP TABLE people (
        id bigint, first_name text, last_name text, username text, is_premium bool, language text
    );
    CREATE TEMP TABLE rooms (
        number bigint, id bigint, type text, title text, username text, owner_id bigint,
        size bigint, shift float8
    );
"""
#: Accounts met in the course of a year, in no order; one in twenty is only known by name.
_USERS: Final = """
    INSERT INTO users (id, first_name, last_name, username, is_bot, is_premium, is_gone,
                       profile_at, profile_update_id, profile_is_dated, language_code,
                       language_at, language_update_id, language_is_dated, first_seen_at,
                       last_seen_at)
    SELECT id, first_name, last_name, username, false, is_premium, false, seen, update_id, true,
           language, CASE WHEN language IS NOT NULL THEN seen END,
           CASE WHEN language IS NOT NULL THEN update_id END, true, met,
           CASE WHEN random() < 0.95 THEN seen END
    FROM (
        SELECT *, met + (now() - met) * random() AS seen, 1 + floor(random() * 1e9) AS update_id
        FROM (SELECT *, now() - interval '1 year' * random() AS met FROM people) AS met
        ORDER BY random()
    ) AS seen
"""
#: One in ten was called otherwise before.
_NAMES: Final = """
    INSERT INTO known_names (user_id, kind, name, first_at, last_at, last_update_id, last_is_dated)
    SELECT id, kind, name, first_seen_at, profile_at, profile_update_id, true
    FROM users, LATERAL (VALUES
        ('name', trim(first_name || ' ' || coalesce(last_name, ''))),
        ('username', lower(username)),
        ('name', CASE WHEN id % 10 = 0 THEN 'Formerly ' || first_name END)
    ) AS known (kind, name) WHERE name IS NOT NULL
"""
#: Those of many, then a private one with everybody.
_CHATS: Final = """
    INSERT INTO chats (id, type, title, username, is_forum, profile_at, profile_update_id,
                       first_seen_at, last_seen_at, bot_status, bot_is_member, bot_status_at,
                       bot_status_update_id, added_by_id, added_at, added_update_id, member_count,
                       member_count_at)
    SELECT id, type, title, username, false, now() - interval '1 hour' * random(), 1,
           now() - interval '1 year', now() - interval '1 hour' * random(), 'administrator', true,
           now() - interval '1 year', 1, owner_id, now() - interval '1 year', 1, size * 4 / 5,
           now() - interval '1 day'
    FROM rooms ORDER BY random();
    INSERT INTO chats (id, type, is_forum, profile_at, profile_update_id, first_seen_at,
                       last_seen_at)
    SELECT id, 'private', false, profile_at, profile_update_id, first_seen_at, last_seen_at
    FROM users
"""
#: `Roster` of the crowd in SQL. Who comes first is active on more days, with three messages on
#: each; who never wrote is known by what Telegram told. They lie as they came: in no order.
_MEMBERSHIPS: Final = """
    INSERT INTO memberships (user_id, chat_id, status, is_member, evidence, is_carried_over,
                             status_at, status_update_id, joined_at, left_at, first_seen_at,
                             last_seen_at, messages)
    SELECT user_id, chat_id, CASE WHEN is_told THEN status END,
           CASE WHEN is_told THEN status NOT IN ('left', 'kicked') END,
           CASE WHEN is_told THEN CASE WHEN chance < 0.5 THEN 'confirmed' ELSE 'announced' END END,
           CASE WHEN is_told THEN false END, CASE WHEN is_told THEN told END,
           CASE WHEN is_told THEN 1 + floor(random() * 1e9) END, CASE WHEN is_told THEN met END,
           CASE WHEN is_told AND status IN ('left', 'kicked') THEN told END, met,
           CASE WHEN days > 0 THEN seen END, days * 3
    FROM (
        SELECT *, met + (seen - met) * random() AS told, chance < 0.7 OR days = 0 AS is_told,
               CASE WHEN user_id = owner_id THEN 'creator' WHEN chance < 0.56 THEN 'member'
                    WHEN chance < 0.6 THEN 'restricted' WHEN chance < 0.64 THEN 'kicked'
                    WHEN chance < 0.72 THEN 'left' ELSE 'member' END AS status
        FROM (
            SELECT *, seen - interval '1 day' * (days + (365 - days) * random() ^ 3) AS met
            FROM (
                SELECT *, now() - interval '1 day' * (365 - days) * random() ^ 3 AS seen
                FROM (
                    SELECT r.id AS chat_id, owner_id, random() AS chance,
                           $1 + rank + floor(($2 - size) * (part * sqrt(part)))::bigint AS user_id,
                           least(364, floor((30 + 30000 / (number + 1)) / (rank + 1.0) + random()))
                           AS days
                    FROM rooms r, generate_series(0, size - 1) AS rank,
                         LATERAL (SELECT (rank + shift) / size AS part) AS part
                ) AS active
            ) AS seen
        ) AS met
    ) AS told ORDER BY random()
"""
#: The days before somebody was last seen, each with three messages.
_ACTIVITY: Final = """
    INSERT INTO daily_activity (chat_id, user_id, day, messages)
    SELECT chat_id, user_id, last_seen_at::date - days, 3
    FROM memberships, generate_series(0, messages::int / 3 - 1) AS days
    ORDER BY 3
"""
_EVENTS: Final = """
    INSERT INTO membership_events (chat_id, user_id, at, update_id, old_status, new_status,
                                   was_member, is_member, evidence, actor_id, via_join_request,
                                   via_chat_folder_invite_link, is_carried_over)
    SELECT chat_id, user_id, at, row_number() OVER (ORDER BY at), old, new, old <> 'left',
           old = 'left', evidence, user_id, false, false, false
    FROM memberships, LATERAL (VALUES
        (joined_at, 'left', CASE WHEN is_member THEN status ELSE 'member' END),
        (left_at, 'member', status)
    ) AS steps (at, old, new) WHERE at IS NOT NULL ORDER BY at
"""
#: Of the 48 hours up to now.
_CLAIMS: Final = """
    INSERT INTO claimed_updates (bot_id, update_id, at)
    SELECT $1, n, now() - interval '48 hours' * (1 - n / $2::float8)
    FROM generate_series(1, $2::bigint) AS n
"""


@dataclass(frozen=True)
class Size:
    """How many people and chats there are, and how many updates came in the last 48 hours."""

    people: int
    chats: int
    claims: int

    @classmethod
    def scaled(cls, scale: float) -> "Size":
        """1: a million people in 100,000 chats, with about 10 million memberships."""
        return cls(*(max(round(n * scale), 10) for n in (1_000_000, 100_000, 3_500_000)))


def migrate(url: str) -> None:
    command = [sys.executable, "-m", "userreg", "migrate"]
    subprocess.run(
        command, check=True, cwd=ROOT, env=environ | {"DATABASE_URL": url}, capture_output=True
    )


async def fill(url: str, size: Size) -> None:
    """Migrate an empty database and fill it."""
    await asyncio.to_thread(migrate, url)
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(_SETTINGS)
        await _copy_crowd(connection, size)
        async with _without_indexes(connection):
            await _make_rows(connection, size)
        await _count_totals(url)
        await connection.execute("VACUUM ANALYZE")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()


async def _count_totals(url: str) -> None:
    """What the triggers would have kept."""
    from tortoise.transactions import in_transaction

    from userreg.database_url import parse_database_url
    from userreg.db import open_database
    from userreg.totals import recount

    database = parse_database_url(f"{url}?command_timeout=3600")
    async with open_database(database), in_transaction(database.dialect) as db:
        await recount(db)


async def _copy_crowd(connection: asyncpg.Connection, size: Size) -> None:
    await connection.execute(_CROWD)
    await connection.copy_records_to_table("people", records=_people(size))
    await connection.copy_records_to_table("rooms", records=_rooms(size))
    await connection.execute("ANALYZE people, rooms")


def _people(size: Size) -> Iterator[tuple[object, ...]]:
    for number in range(size.people):
        person = draw_people(SEED)[number]
        p = person.profile
        yield (
            person.id, p.first_name, p.last_name, p.username, p.is_premium, person.language_code,
        )  # fmt: skip


def _rooms(size: Size) -> Iterator[tuple[object, ...]]:
    everybody = draw_people(SEED)
    for number in range(size.chats):
        room = draw_room(SEED, everybody, size.people, number)
        chat, roster = room.chat, room.roster
        yield (
            number, chat.id, chat.type, chat.title, chat.username, room.owner.id, len(roster),
            roster.shift,
        )  # fmt: skip


async def _make_rows(connection: asyncpg.Connection, size: Size) -> None:
    for statement in (_USERS, _NAMES, _CHATS):
        await connection.execute(statement)
    await connection.execute(_MEMBERSHIPS, first_person_id(SEED), size.people)
    for statement in (_ACTIVITY, _EVENTS):
        await connection.execute(statement)
    await connection.execute(_CLAIMS, _BOT_ID, size.claims)


@asynccontextmanager
async def _without_indexes(connection: asyncpg.Connection) -> AsyncIterator[None]:
    """They are made at the end, which is many times faster."""
    indexes = await connection.fetch(_INDEXES, TABLES)
    for index in indexes:
        await connection.execute(index["drop"])
    yield
    for index in indexes:
        await connection.execute(index["make"])
