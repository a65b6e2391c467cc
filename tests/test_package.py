"""What a user gets: the wheel, and `make run`."""

import asyncio
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

from aiohttp import ClientSession

from tests.conftest import clean_environment
from tests.demo import playing
from userreg.phrases import LANGUAGES

ROOT = Path(__file__).parent.parent


def test_the_wheel_holds_the_migrations_and_the_texts(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        archive.extractall(tmp_path / "installed")
    migrations = {p.name for p in (ROOT / "migrations/models").glob("*.py")}
    assert {f"userreg/_migrations/models/{name}" for name in migrations} <= names
    assert {f"userreg/phrases/{locale}.toml" for locale in LANGUAGES} <= names
    assert {"userreg/fonts/DejaVuSans.ttf", "userreg/fonts/LICENSE.DejaVu.txt"} <= names
    assert not any(name.startswith("tests") for name in names)

    migrated = subprocess.run(
        [sys.executable, "-m", "userreg", "migrate"], cwd=tmp_path, capture_output=True, text=True,
        env=clean_environment() | {"PYTHONPATH": str(tmp_path / "installed")}, check=False,
    )  # fmt: skip
    assert migrated.returncode == 0, migrated.stderr
    assert migrated.stdout.splitlines() == [f"applied: {name}" for name in sorted(migrations)]


async def test_make_run_without_a_token_plays_the_demo_and_leaves_nothing_behind(
    tmp_path: Path,
) -> None:
    """From the start to the first answered command in less than ten seconds, on a free machine."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    async with playing(
        "-m", "tests.local_run", folder=folder, DATABASE_URL="postgres://nowhere/x"
    ) as (process, page):
        async with ClientSession(page) as session:
            assert "Hello, " in await _answer_to_start(session)
        process.send_signal(signal.SIGINT)
        _, complaints = await asyncio.wait_for(process.communicate(), 20)
        assert (process.returncode, complaints) == (0, b"")
    assert await asyncio.to_thread(lambda: list(folder.iterdir())) == []


async def _answer_to_start(session: ClientSession) -> str:
    async with session.get("events") as events:
        async with session.post("deeds/write", json={"text": "/start"}) as response:
            assert response.status == 200, await response.text()
        async for line in events.content:
            if b'"sendMessage"' in line:
                break
    async with session.get("messages") as response:
        said: str = (await response.json())["messages"][-1]["text"]
    return said


def test_what_the_image_takes_is_let_in_and_nothing_else() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    copied = {
        name for line in lines if line.startswith("COPY ") and "--from" not in line
        for name in line.split()[1:-1]
    }  # fmt: skip
    ignore = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in ignore
    assert {line[1:] for line in ignore if line.startswith("!")} == copied
    assert all((ROOT / name).exists() for name in copied)
