"""The database: what `DATABASE_URL` means, opening, closing, and transactions that write."""

import asyncio
import contextlib
import sqlite3
import ssl
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import parse_qsl, unquote, urlsplit

import asyncpg
from tortoise import Tortoise
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection
from tortoise.exceptions import BaseORMException, IntegrityError

from userreg.errors import DatabaseUnavailable, SettingInvalid

#: Seconds to wait for a connection, and for one statement.
CONNECT_TIMEOUT: Final = 3.0
COMMAND_TIMEOUT: Final = 5.0
#: Transactions of one process at once, on PostgreSQL; one more for what is rare.
WRITERS: Final = 2
_SSL_MODES: Final = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_SWITCH: Final = dict.fromkeys(("true", "1", "on", "yes"), True) | dict.fromkeys(
    ("false", "0", "off", "no"), False
)


@dataclass(frozen=True)
class Database:
    """A database by its address. `dialect` is `postgres` or `sqlite`."""

    dialect: str
    credentials: dict[str, Any]

    @property
    def path(self) -> Path:
        """SQLite's file."""
        return Path(self.credentials["file_path"])

    @property
    def patient(self) -> "Database":
        """The same, with an hour for one statement."""
        patience = {"command_timeout": 3600.0} if self.dialect == "postgres" else {}
        return replace(self, credentials=self.credentials | patience)

    @property
    def writer(self) -> str:
        """The connections that the registry alone uses, so that no slow read delays a commit."""
        return f"{self.dialect}_writer"

    def tortoise_config(self) -> dict[str, Any]:
        # Tortoise caches SQL by connection name, so the names differ between the dialects.
        engine = "asyncpg" if self.dialect == "postgres" else "sqlite"
        backend = f"tortoise.backends.{engine}"
        few = {"minsize": 1, "maxsize": WRITERS + 1} if self.dialect == "postgres" else {}
        return {
            "connections": {
                self.dialect: {"engine": backend, "credentials": self.credentials},
                self.writer: {"engine": backend, "credentials": self.credentials | few},
            },
            "apps": {
                "models": {
                    "models": ["userreg.models", "aerich.models"],
                    "default_connection": self.dialect,
                }
            },
            "use_tz": True,
            "timezone": "UTC",
        }


def parse_database_url(url: str) -> Database:
    """Read a database address. Raises `SettingInvalid`, without showing the password."""
    if url.startswith("sqlite:"):
        return _sqlite(url)
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme, _host(parts.netloc), parts.port
    except ValueError:
        raise SettingInvalid(
            "DATABASE_URL is no address: percent-encode special characters in the password."
        ) from None
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if scheme not in ("postgres", "postgresql"):
        raise SettingInvalid(
            "DATABASE_URL has to begin with postgres://, postgresql:// or sqlite://"
            + (f", not {scheme}://." if scheme else ".")
        )
    credentials = {
        "host": host or options.pop("host", "") or None,
        "port": port or int(_number(options, "port", 5432, 1, 65535)),
        "user": unquote(parts.username) if parts.username else options.pop("user", "") or None,
        "password": unquote(parts.password) if parts.password else None,
        "database": unquote(parts.path.lstrip("/")) or options.pop("dbname", "") or None,
        "ssl": _ssl(options),
        "timeout": _number(options, "connect_timeout", CONNECT_TIMEOUT, 0.01),
        "command_timeout": _number(options, "command_timeout", COMMAND_TIMEOUT, 0.01),
        "application_name": options.pop("application_name", "userreg"),
        "maxsize": int(_number(options, "maxsize", 5, 1, 1000)),
        "reset": _leave_as_it_is,
        "max_cacheable_statement_size": 0,  # the largest ones are those worth keeping prepared
    }
    if _switch(options, "pgbouncer", False) or "statement_cache_size" in options:
        credentials["statement_cache_size"] = int(_number(options, "statement_cache_size", 0, 0))
    _refuse_unknown(options)
    return Database("postgres", credentials)


async def _leave_as_it_is(connection: object) -> None:
    """No RESET ALL at each release, which is one more round trip: there is nothing to reset."""


def _host(netloc: str) -> str:
    """The host as it is written: `urlsplit` would make small letters of a socket's folder."""
    host = netloc.rpartition("@")[2]
    if host.startswith("["):
        return host[1 : host.index("]")]
    return unquote(host.partition(":")[0])


def _sqlite(url: str) -> Database:
    address, _, query = url.partition("?")
    path = unquote(address.removeprefix("sqlite://"))
    if path in ("", ":memory:") or "\0" in path or Path(path).is_dir():
        raise SettingInvalid("DATABASE_URL names no file: write sqlite://userreg.sqlite3.")
    if not Path(path).absolute().parent.is_dir():
        raise SettingInvalid(f"DATABASE_URL: the folder of {path} does not exist; create it.")
    _refuse_unknown(dict(parse_qsl(query)))
    # FULL: a commit is on the disk before it is answered, also when the power goes.
    pragmas = {"journal_mode": "WAL", "synchronous": "FULL", "busy_timeout": 2000}
    return Database("sqlite", {"file_path": path, **pragmas})


def _ssl(options: dict[str, str]) -> Any:
    """libpq's sslmode, or the `ssl=true|false` of other tools, as asyncpg takes it."""
    mode, root = options.pop("sslmode", ""), options.pop("sslrootcert", "")
    if options.get("ssl"):
        switched = "require" if _switch(options, "ssl", True) else "disable"
        mode = mode or switched
    options.pop("ssl", None)
    if mode and mode not in _SSL_MODES:
        raise SettingInvalid(f"DATABASE_URL: sslmode has to be one of {', '.join(_SSL_MODES)}.")
    if not root or mode not in ("verify-ca", "verify-full"):
        return mode or "prefer"
    try:
        context = ssl.create_default_context(cafile=root)
    except OSError:
        raise SettingInvalid(f"DATABASE_URL: cannot read sslrootcert {root}.") from None
    context.check_hostname = mode == "verify-full"
    return context


def _number(
    options: dict[str, str], name: str, default: float, least: float, most: float = 86_400
) -> float:
    value = options.pop(name, "")
    with contextlib.suppress(ValueError):
        number = float(value) if value else default
        if least <= number <= most:
            return number
    raise SettingInvalid(f"DATABASE_URL: {name} has to be a number from {least:g} to {most:g}.")


def _switch(options: dict[str, str], name: str, default: bool) -> bool:
    value = options.pop(name, "")
    if not value:
        return default
    if value.lower() not in _SWITCH:
        raise SettingInvalid(f"DATABASE_URL: {name} has to be true or false.")
    return _SWITCH[value.lower()]


def _refuse_unknown(options: dict[str, str]) -> None:
    if options:
        name = sorted(options)[0]  # which may be part of a password with a ? in it
        shown = name if name.replace("_", "").isalpha() else "after the ?"
        raise SettingInvalid(f"DATABASE_URL: unknown option {shown}; remove it.")


@contextlib.asynccontextmanager
async def open_database(database: Database) -> AsyncIterator[Database]:
    """Open the ORM for this process; everything is closed at the end.

    PostgreSQL may still be away: its connections open when they are first needed.
    """
    context = await Tortoise.init(config=database.tortoise_config(), _enable_global_fallback=True)
    try:
        if database.dialect == "sqlite":
            for name in (database.dialect, database.writer):
                await get_connection(name).create_connection(with_db=True)
        yield database
    finally:
        await context.close_connections()


@contextlib.asynccontextmanager
async def write_transaction(database: Database) -> AsyncIterator[BaseDBAsyncClient]:
    """One transaction on the writer's connection; commits at the end, rolls back on any error.

    Cancelling it ends it at once, even when the server is silent. Tortoise's own context keeps the
    connection (or SQLite's lock) for ever when BEGIN fails, waits for a silent server to agree to
    a cancellation, and begins SQLite's transactions without the right to write.
    """
    client = get_connection(database.writer)
    context = cast(Any, client._in_transaction())
    async with cast(Any, client.acquire_connection()) as raw:
        if database.dialect == "postgres":
            context.client._connection = raw
            async with _postgres_transaction(raw):
                yield context.client
        else:
            context.connection._connection = raw
            async with _sqlite_transaction(raw):
                yield context.connection


@contextlib.asynccontextmanager
async def _postgres_transaction(raw: Any) -> AsyncIterator[None]:
    """No scans: a plan made for an empty table would be kept for a minute of growth."""
    try:
        await raw.execute("BEGIN; SET LOCAL enable_seqscan = off")
        yield
        await raw.execute("COMMIT")
    except asyncio.CancelledError:
        raw.terminate()
        raise
    except BaseException:
        if not raw.is_closed():
            await raw.execute("ROLLBACK")
        raise


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


@contextlib.contextmanager
def translated_errors(*also: type[Exception]) -> Iterator[None]:
    """Raises `DatabaseUnavailable`, in one sentence, for errors of the database and `also`."""
    try:
        yield
    except (*ENGINE_ERRORS, *also) as error:
        raise DatabaseUnavailable(
            f"The database cannot be reached or used ({describe(error)}): check DATABASE_URL "
            "and that the server runs."
        ) from error


def describe(error: BaseException) -> str:
    """An error in a few words: its kind and first line."""
    text = str(error).strip().partition("\n")[0]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


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
