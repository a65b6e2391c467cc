"""The database: opening, closing, transactions that write, and whose fault an error is."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final, cast

import asyncpg
from tortoise import Tortoise
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection
from tortoise.exceptions import BaseORMException, IntegrityError

from userreg.connecting import is_pooled
from userreg.database_url import Database, parse_database_url
from userreg.errors import DatabaseUnavailable, NotCommitted, describe

#: Whoever writes holds this lock together with all others; who writes alone waits for them.
WRITING: Final = "7461, 1"
#: In this isolation each statement sees what was committed before it. And a process that stands
#: still in the middle of a transaction would hold up all others.
_BEGIN_ANY: Final = (
    "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL idle_in_transaction_session_timeout = '2s'"
)
_BEGIN: Final = f"{_BEGIN_ANY}; SET LOCAL enable_seqscan = off; SELECT pg_advisory_xact_lock"
_TOGETHER: Final = f"{_BEGIN}_shared({WRITING})"
_ALONE: Final = f"{_BEGIN}({WRITING})".replace("SELECT", "SET LOCAL lock_timeout = '2s'; SELECT")
_security_key: str | None = None


@contextlib.asynccontextmanager
async def open_database(database: Database) -> AsyncIterator[Database]:
    """Open the ORM for this process; everything is closed at the end.

    PostgreSQL may still be away: its connections open when they are first needed.
    """
    global _security_key  # the ORM's connections are the process's, too
    _security_key = database.security_key
    context = await Tortoise.init(config=database.tortoise_config(), _enable_global_fallback=True)
    try:
        if database.dialect == "sqlite":
            for name in (database.dialect, database.writer):
                await get_connection(name).create_connection(with_db=True)
        yield database
    finally:
        await context.close_connections()


def security_key() -> str | None:
    """What keys the hashes in the database that was opened last."""
    return _security_key


@contextlib.asynccontextmanager
async def write_transaction(
    database: Database, alone: bool = False
) -> AsyncIterator[BaseDBAsyncClient]:
    """One transaction on the writer's connection; commits at the end, rolls back on any error.

    `alone`: while no other one of these is open, in any process. Whatever it commits is seen by
    every one that begins later; keep it short.

    Cancelling it ends it at once, even when the server is silent. Tortoise's own context keeps the
    connection (or SQLite's lock) for ever when BEGIN fails, waits for a silent server to agree to
    a cancellation, and begins SQLite's transactions without the right to write.
    """
    client = get_connection(database.writer)
    context = cast(Any, client._in_transaction())
    async with cast(Any, client.acquire_connection()) as raw:
        if database.dialect == "postgres":
            context.client._connection = raw
            async with _postgres_transaction(raw, _ALONE if alone else _TOGETHER):
                yield context.client
        else:
            context.connection._connection = raw
            async with _sqlite_transaction(raw):
                yield context.connection


async def fetch_alone(database: Database, sql: str, *values: Any) -> Any:
    """PostgreSQL's answer to a statement that is a transaction by itself, its first value, by the
    writer's connection. Cancelling it ends it at once."""
    client = cast(Any, get_connection(database.writer))
    async with client.acquire_connection() as raw:
        if is_pooled(raw):  # who prepares a statement there may execute it on another connection
            async with _postgres_transaction(raw, _BEGIN_ANY):
                return await raw.fetchval(sql, *values)
        try:
            return await raw.fetchval(sql, *values)
        except asyncio.CancelledError:
            raw.terminate()
            raise


@contextlib.asynccontextmanager
async def _postgres_transaction(raw: Any, begin: str) -> AsyncIterator[None]:
    """No scans: a plan made for an empty table would be kept for a minute of growth."""
    try:
        await raw.execute(begin)
        yield
        await raw.execute("COMMIT")
    except asyncio.CancelledError:
        raw.terminate()
        raise
    except BaseException:
        with contextlib.suppress(asyncpg.InterfaceError):  # closed, and perhaps the pool's again
            await raw.execute("ROLLBACK")
        raise


@contextlib.asynccontextmanager
async def trying_lock(raw: Any, key: str) -> AsyncIterator[bool]:
    """Whether PostgreSQL's advisory lock could be had, until the context ends: it goes with its
    transaction, also behind PgBouncer. That one holds no row; and no snapshot, with which VACUUM
    could clean up nothing: in this isolation it ends with the statement after the lock's."""
    async with raw.transaction(isolation="read_committed"):
        is_had = bool(await raw.fetchval(f"SELECT pg_try_advisory_xact_lock({key})"))
        await raw.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        yield is_had


@contextlib.asynccontextmanager
async def _sqlite_transaction(raw: Any) -> AsyncIterator[None]:
    try:
        # Cancelled or not, its thread goes on with BEGIN: the rollback has to come after it.
        await raw.execute("BEGIN IMMEDIATE")
        yield
        await raw.commit()
    except BaseException:
        await raw.rollback()
        raise


async def ping(database: Database) -> None:
    """Raises `DatabaseUnavailable` when the database does not answer."""
    with translated_errors(OSError):
        await get_connection(database.dialect).execute_query("SELECT 1")


#: What the engines and the ORM raise.
ENGINE_ERRORS: Final = (
    sqlite3.Error, asyncpg.PostgresError, asyncpg.InterfaceError, BaseORMException,
)  # fmt: skip


#: What may keep somebody from their answer, for which nobody who asks can do anything: the database
#: does not answer, or does not take what is to be written. (A timeout is an OSError.)
FAULTS: Final = (*ENGINE_ERRORS, DatabaseUnavailable, NotCommitted, OSError)


@contextlib.contextmanager
def translated_errors(*also: type[Exception]) -> Iterator[None]:
    """Raises `DatabaseUnavailable`, in one sentence, for errors of the database and `also`."""
    try:
        yield
    except (*ENGINE_ERRORS, *also) as error:
        raise DatabaseUnavailable(
            f"The database cannot be reached or used ({describe(error)}): check DATABASE_URL, and "
            "that its server runs, or its file is a database in a folder that can be written."
        ) from error


def is_content_error(error: BaseException) -> bool:
    """Whether the rows are to blame, not the database.

    Only what names the content itself counts: data and integrity errors (SQLSTATE 22 and 23), and
    values that a driver cannot encode. Everything else (down, full, read-only, not migrated, too
    slow) may be mended by an operator, so the update is asked for again.
    """
    cause = error.__cause__ or (error.args[0] if error.args else None)
    for each in (error, cause):
        if (state := getattr(each, "sqlstate", None)) is not None:
            return str(state)[:2] in ("22", "23")
    if isinstance(error, (IntegrityError, sqlite3.IntegrityError)):
        return True
    # Both are ValueErrors, too: a bad certificate, a connection that is set up wrongly.
    if isinstance(error, (OSError, asyncpg.ClientConfigurationError)):
        return False
    return isinstance(error, (ValueError, ArithmeticError, TypeError, LookupError))


def __getattr__(name: str) -> Any:
    """`TORTOISE_ORM` for the aerich command, made only when it is asked for."""
    if name != "TORTOISE_ORM":
        raise AttributeError(name)
    from userreg.config import load_settings

    return parse_database_url(load_settings().database).tortoise_config()
