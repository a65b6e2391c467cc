"""A file that one process locks; the system unlocks it when the process ends, however it ends."""

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from userreg.database_url import Database
from userreg.errors import DatabaseUnavailable, SettingInvalid


def lock_file(path: Path) -> IO[bytes]:
    """Lock `path` until the file returned is closed. Raises `BlockingIOError`."""
    try:
        file = path.open("ab")
    except OSError as error:
        raise DatabaseUnavailable(
            f"The database's lock {path} cannot be written: {error.strerror}."
        ) from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise
    return file


@contextlib.contextmanager
def sole_writer(database: Database) -> Iterator[None]:
    """SQLite has one writing process; a second one is refused. PostgreSQL takes any number."""
    if database.dialect != "sqlite":
        yield
        return
    try:
        file = lock_file(Path(f"{database.path.resolve()}.lock"))
    except BlockingIOError:
        raise SettingInvalid(
            f"Another userreg process is writing to {database.path}: stop it first, or set "
            "DATABASE_URL to a PostgreSQL database, which takes several."
        ) from None
    with file:
        yield
