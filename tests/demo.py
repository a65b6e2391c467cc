"""`userreg demo` in a process of its own."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from tests.conftest import clean_environment

DEMO = ("-m", "userreg", "demo")


@contextlib.asynccontextmanager
async def playing(
    *arguments: str, folder: Path, **environment: str
) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """The process and the address of its page, while the context is open; its temporary files
    are in `folder`. Ended as Ctrl-C would, unless it has ended."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, *(arguments or DEMO), cwd=folder.parent,
        env=clean_environment() | {"TMPDIR": str(folder)} | environment,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(60):
            url = await _address_of_the_page(process)
        yield process, url
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
            await asyncio.wait_for(process.communicate(), 20)
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def _address_of_the_page(process: asyncio.subprocess.Process) -> str:
    assert process.stdout
    assert process.stderr
    url = ""
    while line := (await process.stdout.readline()).decode():
        if line.split()[:2] == ["Chat", "page"]:
            url = line.split()[2]
        if line.startswith("Ctrl-C"):
            return url
    raise AssertionError((await process.stderr.read()).decode())
