"""A file that one process locks; the system unlocks it when the process ends, however it ends."""

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from userreg.db import Database
from userreg.errors import SettingInvalid


def lock_file(path: Path, wait: bool) -> IO[bytes]:
    """Lock `path` until the file returned is closed. Raises `BlockingIOError` unless it waits."""
    file = path.open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
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
        file = lock_file(Path(f"{database.path}.lock"), wait=False)
    except BlockingIOError:
        raise SettingInvalid(
            f"Another userreg process is writing to {database.path}: stop it first, or set "
            "DATABASE_URL to a PostgreSQL database, which takes several."
        ) from None
    with file:
        yield
