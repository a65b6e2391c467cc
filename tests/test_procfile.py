"""The Procfile as a platform runs it: the release step, then the web process; app.json."""

import asyncio
import json
import os
import re
import secrets
import ssl
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientError, ClientSession

from tests import updates
from tests.conftest import clean_environment
from tests.postgres import Postgres, free_port
from tests.stage import get_to_know, hand_made
from userreg.config import Settings
from userreg.database_url import parse_database_url
from userreg.db import open_database
from userreg.models import Membership
from userreg.sandbox.telegram import TOKEN, LocalTelegram

pytestmark = pytest.mark.ship

ROOT = Path(__file__).parent.parent
PROCFILE = dict(
    line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines() if line
)
APP = json.loads((ROOT / "app.json").read_text())


@pytest.fixture(params=["postgres", "sqlite"])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def fresh_database_url(engine: str, tmp_path: Path, postgres: Postgres) -> AsyncIterator[str]:
    """Without a single table; PostgreSQL only by TLS, as Heroku gives it."""
    if engine == "sqlite":
        yield f"sqlite://{tmp_path}/fresh.sqlite3"
        return
    await postgres.anew("fresh")
    server = await asyncio.start_server(_TlsOnly(postgres.port, tmp_path).accept, "127.0.0.1")
    port = server.sockets[0].getsockname()[1]
    yield f"postgres://postgres:secret@127.0.0.1:{port}/fresh?sslmode=require"
    server.close()


class _TlsOnly:
    """In front of a PostgreSQL: who does not ask for TLS is turned away."""

    _ASKS_FOR_TLS = bytes.fromhex("0000000804d2162f")

    def __init__(self, port: int, folder: Path) -> None:
        self.port = port
        key, certificate = folder / "key.pem", folder / "certificate.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-noenc", "-days", "1", "-subj",
             "/CN=nobody", "-keyout", str(key), "-out", str(certificate)],
            check=True, capture_output=True,
        )  # fmt: skip
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if await reader.read(8) != self._ASKS_FOR_TLS:
            writer.close()
            return
        writer.write(b"S")
        await writer.start_tls(self.context)
        there, to_there = await asyncio.open_connection("127.0.0.1", self.port)
        await asyncio.gather(_pass_on(reader, to_there), _pass_on(there, writer))


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while portion := await reader.read(65536):
            writer.write(portion)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What a platform has of the project: its files, and no .env."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    for name in ("Procfile", "migrations", "userreg"):
        (folder / name).symlink_to(ROOT / name)
    return folder


class Platform:
    """Starts process types of the Procfile in a checkout."""

    def __init__(self, checkout: Path, **settings: str) -> None:
        self.checkout = checkout
        self.port = free_port()
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        given = {k: v for k, v in clean_environment().items() if k != "PYTHONPATH"}
        self.environment = given | {"PATH": path, "PORT": str(self.port)} | settings

    async def start(self, process_type: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "honcho", "--no-colour", "start", process_type,
            cwd=self.checkout, env=self.environment,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip

    async def release(self) -> str:
        """What it printed; it has to end with 0."""
        process = await self.start("release")
        said = (await asyncio.wait_for(process.communicate(), 60))[0].decode()
        assert process.returncode == 0, said
        return said


async def test_the_procfile_releases_twice_serves_and_ends_within_ten_seconds(
    fresh_database_url: str, checkout: Path, api_url: str, telegram: LocalTelegram
) -> None:
    platform = Platform(
        checkout, BOT_TOKEN=TOKEN, TELEGRAM_API_URL=api_url, DATABASE_URL=fresh_database_url,
        WEBHOOK_SECRET=secrets.token_hex(32), SECURITY_KEY=secrets.token_hex(32),
    )  # fmt: skip
    url = f"http://127.0.0.1:{platform.port}"
    platform.environment["WEBHOOK_URL"] = url
    first = await platform.release()
    assert "applied: 0_" in first
    assert "changed: url" in first
    assert "set: " in first
    again = await platform.release()
    assert "The schema is up to date." in again
    assert "nothing differed" in again
    assert "Telegram knows them all." in again
    assert telegram.webhook.url == f"{url}/webhook"

    web = await platform.start("web")
    try:
        await _until_ready(url, web)
        update = updates.message(updates.ANN, updates.SUPERGROUP)
        get_to_know(telegram.world, update)
        telegram.outbox.put([hand_made(update, telegram.clock.time())])
        async with asyncio.timeout(10):
            await telegram.wait_until_delivered()
        begun = time.monotonic()
        web.terminate()
        said = (await asyncio.wait_for(web.communicate(), 10))[0].decode()
        assert time.monotonic() - begun < 10
    finally:
        if web.returncode is None:
            web.terminate()
            await web.communicate()
    assert "userreg.app stopped" in said
    assert web.returncode == 143, "honcho's own, for SIGTERM"
    async with open_database(parse_database_url(fresh_database_url)):
        assert await Membership.filter(user_id=updates.ANN["id"]).count() == 1


async def _until_ready(url: str, web: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(30), ClientSession() as session:
        while web.returncode is None:
            try:
                async with session.get(f"{url}/readyz") as response:
                    if response.status == 200:
                        return
            except ClientError:
                pass
            await asyncio.sleep(0.05)
    raise AssertionError((await web.communicate())[0].decode())


async def test_a_release_without_a_public_address_leaves_the_webhook_alone(
    checkout: Path, tmp_path: Path, api_url: str, telegram: LocalTelegram
) -> None:
    """It is known only after the first deploy, on Heroku."""
    said = await Platform(
        checkout, BOT_TOKEN=TOKEN, TELEGRAM_API_URL=api_url,
        DATABASE_URL=f"sqlite://{tmp_path}/fresh.sqlite3", WEBHOOK_URL="",
    ).release()  # fmt: skip
    assert "WEBHOOK_URL is not set: the bot polls Telegram." in said
    assert telegram.webhook.url == ""


def test_app_json_names_settings_and_process_types_that_exist() -> None:
    assert {name.lower() for name in APP["env"]} <= set(Settings.model_fields)
    assert set(APP["formation"]) <= set(PROCFILE)
    assert any(addon.startswith("heroku-postgresql") for addon in APP["addons"])


def test_the_secrets_that_heroku_generates_are_accepted() -> None:
    """64 hexadecimal characters."""
    generated = [name for name, entry in APP["env"].items() if entry.get("generator") == "secret"]
    assert generated == ["WEBHOOK_SECRET", "SECURITY_KEY"]
    values: dict[str, Any] = {name.lower(): secrets.token_hex(32) for name in generated}
    Settings(_env_file=None, **values)


def test_there_is_one_file_of_requirements_and_a_python_that_has_been_tried() -> None:
    """Heroku's buildpack refuses two package managers."""
    assert (ROOT / "requirements.txt").exists()
    others = ("uv.lock", "poetry.lock", "Pipfile", "Pipfile.lock", "runtime.txt")
    assert not [name for name in others if (ROOT / name).exists()]
    version = (ROOT / ".python-version").read_text().strip()
    assert f"Python :: {version}" in (ROOT / "pyproject.toml").read_text()
    assert re.fullmatch(r"3\.\d+", version)
