"""`userreg healthcheck`: whether the bot on this computer would accept updates."""

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.conftest import clean_environment, userreg, userreg_anew
from tests.postgres import free_port
from tests.process import running, terminate


async def test_a_ready_bot_is_healthy_and_one_that_stops_is_not(
    migrated_sqlite: Path, tmp_path: Path
) -> None:
    async with running(f"sqlite://{migrated_sqlite}") as program:
        port = program.url.rpartition(":")[2]
        healthy = await asyncio.to_thread(userreg, "healthcheck", HOST="0.0.0.0", PORT=port)
        assert (healthy.returncode, healthy.stdout, healthy.stderr) == (0, "ready\n", "")
        terminate(program)
        while (asked := await _check(port)).returncode == 0:
            pass
        assert (asked.returncode, asked.stderr) == (1, "Error: Not ready: draining.\n")


async def _check(port: str) -> "subprocess.CompletedProcess[str]":
    return await asyncio.to_thread(userreg, "healthcheck", "--port", port)


def test_where_nothing_listens_it_says_so() -> None:
    asked = userreg("healthcheck", PORT=str(port := free_port()))
    assert asked.returncode == 1
    assert asked.stderr.startswith(f"Error: Nothing answers at 127.0.0.1, port {port}: ")
    assert len(asked.stderr.splitlines()) == 1


async def test_something_else_at_the_port_is_not_healthy() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"SSH-2.0-OpenSSH_9\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1") as server:
        asked = await _check(str(server.sockets[0].getsockname()[1]))
    assert asked.returncode == 1
    assert "Traceback" not in asked.stderr


def test_a_wrong_port_is_wrong_usage_and_a_wrong_setting_one_sentence() -> None:
    assert userreg("healthcheck", "--port", "http").returncode == 2
    for wrong in ("http", "0", "65536"):
        asked = userreg("healthcheck", PORT=wrong)
        assert asked.returncode == 3
        assert (
            asked.stderr == "Error: PORT cannot be used: it should be a number from 1 to 65535.\n"
        )


def test_it_loads_next_to_nothing() -> None:
    """It runs every few seconds, for as long as the container lives."""
    assert userreg_anew("healthcheck", PORT=str(free_port())).returncode == 1
    loaded: Any = subprocess.run(
        [sys.executable, "-c", "import sys; from userreg.cli import main, healthcheck\n"
         "try: main(['healthcheck', '--port', '1'])\n"
         "except SystemExit: print(*sys.modules)"],
        env=clean_environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    modules = set(loaded.stdout.split())
    assert "http.client" in modules
    assert not modules & {
        "aiogram",
        "aiohttp",
        "tortoise",
        "asyncpg",
        "pydantic",
        "pydantic_settings",
    }
