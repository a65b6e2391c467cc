"""Migrations: Aerich's files and history, run under a lock. The only place that knows Aerich.

One file a version holds both dialects; `make migration NAME=…` writes it without a database.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final

import asyncpg
from aerich import Command
from aerich.exceptions import DowngradeError, NotSupportError
from aerich.migrate import Migrate
from aerich.utils import get_formatted_compressed_data, get_models_describe
from tortoise import Tortoise
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext
from tortoise.exceptions import OperationalError
from tortoise.utils import get_schema_sql

from userreg.connecting import connect
from userreg.database_url import Database
from userreg.db import translated_errors, trying_lock
from userreg.errors import CheckFailed
from userreg.phrases.versions import seed
from userreg.process_lock import lock_file
from userreg.sqlite_scripts import keep_whole

logger = logging.getLogger(__name__)

APP: Final = "models"
#: Any constant will do, as long as every replica uses the same.
_LOCK_KEY: Final = str(0x7573_6572_7265_67)
#: Seconds until whoever waits for the lock tries again.
_LOOKS_AGAIN: Final = 0.1
_OFFLINE: Final = (
    Database("postgres", {"host": "192.0.2.1", "user": "none", "database": "none"}),
    Database("sqlite", {"file_path": ":memory:"}),
)


def migrations_dir() -> Path:
    """In a wheel the files lie inside the package, in a checkout beside it."""
    here = Path(__file__).resolve().parent
    packaged = here / "_migrations"
    return packaged if packaged.is_dir() else here.parent / "migrations"


def versions() -> list[str]:
    """All that there are, the oldest first."""
    return sorted(path.name for path in (migrations_dir() / APP).glob("[0-9]*.py"))


async def upgrade(database: Database) -> list[str]:
    """Bring the schema up to date, and the texts that the package ships; returns the versions
    applied. Safe to start many at once."""
    async with _lock(database):
        if database.dialect == "sqlite":
            with translated_errors(OSError):  # it will hold personal data: for its owner alone
                database.path.touch(mode=0o600)
        async with _aerich(database) as command:
            applied = await command.upgrade()
            await seed(database)
            return applied


async def downgrade(database: Database) -> list[str]:
    """Undo the newest version, its data included."""
    async with _lock(database), _aerich(database) as command:
        try:
            return await command.downgrade(-1, delete=False)
        except (DowngradeError, OperationalError) as error:
            raise CheckFailed("There is no migration to undo.") from error


async def pending(database: Database) -> list[str]:
    """The versions that the database does not have yet. Makes no SQLite file."""
    if database.dialect == "sqlite" and not database.path.exists():
        return versions()
    async with _aerich(database) as command:
        try:
            return await command.heads()
        except OperationalError:  # a database without Aerich's own table has none of them
            return await command.history()


async def require_migrated(database: Database) -> None:
    """Raises `CheckFailed` for a database that lacks a version."""
    if missing := await pending(database):
        raise CheckFailed(
            f"The database lacks {len(missing)} migration(s): run `userreg migrate` first."
        )


async def drift() -> list[str]:
    """SQL that the newest file lacks to make the models' schema; needs no database."""
    return (await _difference(_OFFLINE[0]))[0]


async def create(name: str) -> Path | None:
    """Write the next file, for both dialects; None when the models have not changed."""
    parts = {database.dialect: await _difference(database) for database in _OFFLINE}
    if not any(up for up, _ in parts.values()):
        return None
    folder = migrations_dir() / APP
    number = 1 + max((int(p.name.partition("_")[0]) for p in folder.glob("[0-9]*.py")), default=-1)
    async with _aerich(_OFFLINE[0], offline=True):
        state = get_formatted_compressed_data(get_models_describe(APP))
    path = folder / f"{number}_{datetime.now(UTC):%Y%m%d%H%M%S}_{name}.py"
    path.write_text(_file(parts, state))
    return path


@contextlib.asynccontextmanager
async def _aerich(database: Database, *, offline: bool = False) -> AsyncIterator[Command]:
    """Aerich in a context of its own, whatever the process has open."""
    config = database.patient.tortoise_config()  # a large table takes its time
    _forget_operations()
    async with TortoiseContext() as context:
        await context.init(config=config)
        command = Command(config, app=APP, location=str(migrations_dir()))
        with translated_errors(OSError):
            if database.dialect == "sqlite" and not offline:
                client = get_connection(database.dialect)
                keep_whole(client)
                # Aerich passes over a first error, and Tortoise then waits for that one's lock.
                await client.create_connection(with_db=True)
            await command.init(offline=offline)
            yield command


def _forget_operations() -> None:
    """Aerich keeps pending operations in class attributes and never clears them."""
    for name in ("upgrade_operators", "downgrade_operators", "_upgrade_fk_m2m_index_operators",
                 "_downgrade_fk_m2m_index_operators", "_upgrade_m2m", "_downgrade_m2m",
                 "_rename_fields", "_rename_models"):  # fmt: skip
        getattr(Migrate, name).clear()
    Migrate._last_version_content = None


@contextlib.asynccontextmanager
async def _lock(database: Database) -> AsyncIterator[None]:
    """One process migrates, the others wait for it."""
    if database.dialect == "sqlite":
        with await _lock_of(Path(f"{database.path}.migrate.lock")):
            yield
        return
    with translated_errors(OSError):
        connection = await connect(**_connect_arguments(database))
        try:
            async with _locked(connection):
                yield
        finally:
            await connection.close()


@contextlib.asynccontextmanager
async def _locked(connection: asyncpg.Connection) -> AsyncIterator[None]:
    """Whoever waits holds no transaction: all of them might be more than PgBouncer has
    connections."""
    while True:
        async with trying_lock(connection, _LOCK_KEY) as is_free:
            if is_free:
                yield
                return
        await asyncio.sleep(_LOOKS_AGAIN)


async def _lock_of(path: Path) -> IO[bytes]:
    while True:  # a wait that Ctrl-C can end
        try:
            return lock_file(path)
        except BlockingIOError:
            await asyncio.sleep(_LOOKS_AGAIN)


def _connect_arguments(database: Database) -> dict[str, Any]:
    names = ("host", "port", "user", "password", "database", "ssl", "timeout", "command_timeout",
             "statement_cache_size")  # fmt: skip
    credentials = database.patient.credentials
    return {name: credentials[name] for name in names if name in credentials}


async def _difference(database: Database) -> tuple[list[str], list[str]]:
    """The SQL that leads from the newest file to the models, and the SQL back."""
    async with _aerich(database, offline=True):
        old, new = Migrate._last_version_content, get_models_describe(APP)
        if old is None:
            return _from_nothing(database)
        try:
            Migrate.diff_models(old, new, no_input=True)
            Migrate.diff_models(new, old, False, no_input=True)
            Migrate._merge_operators()
            return list(Migrate.upgrade_operators), list(Migrate.downgrade_operators)
        except NotSupportError as error:  # SQLite alters no column
            return [f"-- rebuild the table by hand: {error}"], []
        finally:
            _forget_operations()


def _from_nothing(database: Database) -> tuple[list[str], list[str]]:
    sql = get_schema_sql(get_connection(database.dialect), safe=False)
    tables = [m._meta.db_table for m in (Tortoise.apps or {})[APP].values()]
    drops = [f'DROP TABLE IF EXISTS "{name}"' for name in sorted(tables) if name != "aerich"]
    # Aerich's own table stays when the first version is undone.
    sql = sql.replace('CREATE TABLE "aerich"', 'CREATE TABLE IF NOT EXISTS "aerich"')
    return [part.strip() for part in sql.split(";\n") if part.strip()], drops


def _file(parts: dict[str, tuple[list[str], list[str]]], state: str) -> str:
    text = "from tortoise import BaseDBAsyncClient\n\nRUN_IN_TRANSACTION = True\n"
    for title, index in (("UPGRADE", 0), ("DOWNGRADE", 1)):
        text += f"\n{title} = {{\n"
        for dialect, both in parts.items():
            text += f'    "{dialect}": """\n{_script(both[index], dialect)}    """,\n'
        text += "}\n"
    return f"{text}{_FUNCTIONS}MODELS_STATE = (\n    {state}\n)\n"


def _script(statements: list[str], dialect: str) -> str:
    # A script may be executed by hand, too; here its BEGIN and COMMIT are left out.
    if dialect == "sqlite":
        statements = ["BEGIN", *statements, "COMMIT"]
    return "".join(f"{statement.rstrip(';')};\n" for statement in statements)


_FUNCTIONS: Final = """

async def upgrade(db: BaseDBAsyncClient) -> str:
    return UPGRADE[_dialect(db)]


async def downgrade(db: BaseDBAsyncClient) -> str:
    return DOWNGRADE[_dialect(db)]


def _dialect(db: BaseDBAsyncClient | None) -> str:
    return "postgres" if db is None else db.capabilities.dialect  # Aerich may ask with None


"""


if __name__ == "__main__":
    import sys

    print(asyncio.run(create(sys.argv[1])) or "The models have not changed.")
