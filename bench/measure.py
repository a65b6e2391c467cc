"""What processes and PostgreSQL have used, read before and after a round. Linux only."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg

_OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Used:
    """CPU seconds of a process, and of PostgreSQL; bytes of WAL and rows written, these about: a
    connection tells its own with delay."""

    server: float = 0.0
    postgres: float = 0.0
    wal: float = 0.0
    rows: float = 0.0

    def __sub__(self, before: "Used") -> "Used":
        return Used(
            self.server - before.server, self.postgres - before.postgres,
            self.wal - before.wal, self.rows - before.rows,
        )  # fmt: skip


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def memory_mb(pid: int, which: str = "VmRSS") -> float:
    """`VmRSS`: now; `VmHWM`: at most so far."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition(f"{which}:")[2].split()[0]) / 1024


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def tree_cpu_seconds(pid: int) -> float:
    """Of a process and its children, those that have ended included."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ended = (int(fields[13]) + int(fields[14])) / _TICK
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    used = ended + cpu_seconds(pid)
    for child in map(int, children):
        with contextlib.suppress(OSError):  # it has just ended
            used += cpu_seconds(child)
    return used


async def used(pid: int, url: str) -> Used:
    """By this process with its children, and by the whole server of that database, up to now."""
    async with _connected(url) as connection:
        wal = await connection.fetchval("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn")
        rows = await connection.fetchval(
            "SELECT sum(tup_inserted + tup_updated) FROM pg_stat_database"
        )
        postmaster = _parent(connection.get_server_pid())
        return Used(tree_cpu_seconds(pid), tree_cpu_seconds(postmaster), float(wal), float(rows))


async def rows_written(url: str) -> int:
    """Inserted and updated in this database. Waits until all other connections to it have ended:
    only then is everything counted."""
    return await _counted(url, "tup_inserted + tup_updated")


async def deadlocks(url: str) -> int:
    """In this database, counted in the same way."""
    return await _counted(url, "deadlocks")


async def _counted(url: str, what: str) -> int:
    async with _connected(url) as connection:
        while await connection.fetchval(_OTHERS):  # noqa: ASYNC110  PostgreSQL tells nobody
            await asyncio.sleep(0.05)
        counted = f"SELECT {what} FROM pg_stat_database WHERE datname = current_database()"
        return int(await connection.fetchval(counted))


async def version(url: str) -> str:
    """Like 18.1."""
    async with _connected(url) as connection:
        return str(await connection.fetchval("SHOW server_version")).split()[0]


async def create_database(url: str, name: str) -> None:
    async with _connected(url) as connection:
        await connection.execute(f'CREATE DATABASE "{name}"')


@contextlib.asynccontextmanager
async def _connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()
