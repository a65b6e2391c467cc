"""What a user gets: the wheel, and `make run`."""

import asyncio
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.conftest import clean_environment
from tests.process import free_port

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
    assert "userreg/phrases/en.toml" in names
    assert not any(name.startswith("tests") for name in names)

    migrated = subprocess.run(
        [sys.executable, "-m", "userreg", "migrate"], cwd=tmp_path, capture_output=True, text=True,
        env=clean_environment() | {"PYTHONPATH": str(tmp_path / "installed")}, check=False,
    )  # fmt: skip
    assert migrated.returncode == 0, migrated.stderr
    assert migrated.stdout.splitlines() == [f"applied: {name}" for name in sorted(migrations)]


async def test_make_run_without_a_token_answers_what_is_typed_and_leaves_nothing_behind(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "tmp"
    folder.mkdir()
    playing = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.local_run", cwd=tmp_path,
        env=clean_environment() | {"PORT": str(free_port()), "TMPDIR": str(folder)},
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert playing.stdin
    assert playing.stdout
    try:
        async with asyncio.timeout(30):
            playing.stdin.write(b"/start\n")
            while b"Hello, " not in (line := await playing.stdout.readline()):
                assert line, "it ended"
            playing.stdin.write(b"> hello\n> /whereami\n")
            while b"Chess club" not in await playing.stdout.readline():
                pass
            playing.send_signal(signal.SIGINT)
            assert await playing.wait() == 0
    finally:
        if playing.returncode is None:
            playing.kill()
    assert await asyncio.to_thread(lambda: list(folder.iterdir())) == []
