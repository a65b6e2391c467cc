"""How fast all memberships are exported, beside PostgreSQL's own COPY."""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

import asyncpg

from bench.measure import memory_mb
from bench.page import ROOT

_COMMAND: Final = ("-m", "userreg", "export-stats", "--what", "memberships", "--csv", "-o")


async def measure_export(url: str) -> list[str]:
    """Lines of the page."""
    copied, rows = await _copy(url)
    with tempfile.TemporaryDirectory() as folder:
        seconds, peak = _export(url, Path(folder) / "memberships.csv")
    return [
        "| | rows | seconds | rows/s | share of COPY | memory at most, MB |",
        "|---|---:|---:|---:|---:|---:|",
        f"| `COPY memberships TO STDOUT` | {rows} | {copied:.1f} | {rows / copied:.0f} | 1.00 | |",
        f"| `export-stats --what memberships --csv` | {rows} | {seconds:.1f} | "
        f"{rows / seconds:.0f} | {copied / seconds:.2f} | {peak:.0f} |",
    ]


async def _copy(url: str) -> tuple[float, int]:
    """Seconds, and how many rows there are. What comes is thrown away."""

    async def sink(data: bytes) -> None: ...

    connection = await asyncpg.connect(url)
    try:
        begun = time.monotonic()
        status = await connection.copy_from_table("memberships", output=sink, format="csv")
        return time.monotonic() - begun, int(status.split()[1])
    finally:
        await connection.close()


def _export(url: str, path: Path) -> tuple[float, float]:
    """Seconds, and the process's memory in MB when it was largest."""
    begun, peak = time.monotonic(), 0.0
    process = subprocess.Popen(
        [sys.executable, *_COMMAND, str(path)], cwd=ROOT, env=os.environ | {"DATABASE_URL": url}
    )
    while process.poll() is None:
        with contextlib.suppress(OSError, IndexError):  # it has just ended
            peak = max(peak, memory_mb(process.pid, "VmHWM"))
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
    seconds = time.monotonic() - begun
    if process.returncode:
        raise RuntimeError(f"the export has failed with exit code {process.returncode}")
    return seconds, peak
