"""The container image, built and run for real (make test-image).

With docker or podman, whichever works. IMAGE=name takes one that is built already;
IMAGE_BUILD_OPTIONS is added to the build, for a registry or a certificate of one's own.
"""

import json
import os
import shlex
import shutil
import subprocess
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.postgres import free_port
from tests.running import SECRET
from userreg.sandbox.telegram import TOKEN

pytestmark = pytest.mark.image
ROOT = Path(__file__).parent.parent
#: As compose.yaml does it.
LOCKED = ["--read-only", "--tmpfs=/tmp", "--cap-drop=ALL", "--security-opt=no-new-privileges"]
SETTINGS = {
    "BOT_TOKEN": TOKEN, "WEBHOOK_URL": "https://bot.example.org", "WEBHOOK_SECRET": SECRET,
    "TELEGRAM_API_URL": "http://127.0.0.1:1",
}  # fmt: skip


def _call(*command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)


@pytest.fixture(scope="module")
def engine() -> str:
    for name in ("docker", "podman"):
        if shutil.which(name) and _call(name, "info").returncode == 0:
            return name
    pytest.skip("there is neither a docker nor a podman that works")


@pytest.fixture(scope="module")
def image(engine: str) -> str:
    if given := os.environ.get("IMAGE"):
        return given
    options = shlex.split(os.environ.get("IMAGE_BUILD_OPTIONS", ""))
    if engine == "podman":
        options += ["--format=docker"]  # OCI's own has no HEALTHCHECK
    built = _call(engine, "build", *options, "--tag=userreg-test", str(ROOT))
    assert built.returncode == 0, built.stderr[-3000:]
    return "userreg-test"


Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(engine: str, image: str) -> Iterator[Run]:
    """`run(options, *command)`: in a container with SETTINGS and a volume at /data of its own."""
    volume = f"userreg-test-{uuid.uuid4().hex[:8]}"
    given = [f"--env={name}={value}" for name, value in SETTINGS.items()]

    def run(options: list[str], *command: str) -> "subprocess.CompletedProcess[str]":
        return _call(
            engine, "run", *LOCKED, *given, f"--volume={volume}:/data", *options, image, *command
        )

    yield run
    _call(engine, "volume", "rm", "--force", volume)


@pytest.fixture
def started(engine: str, run: Run) -> Iterator[Callable[..., str]]:
    """`started(options, *command)`: the same in the background; returns its name."""
    name = f"userreg-test-{uuid.uuid4().hex[:8]}"

    def start(options: list[str], *command: str) -> str:
        begun = run([f"--name={name}", "--detach", *options], *command)
        assert begun.returncode == 0, begun.stderr
        return name

    yield start
    _call(engine, "rm", "--force", name)


def _status(url: str, host: str | None = None) -> int:
    """0 when nothing answers."""
    request = urllib.request.Request(url, headers={"Host": host} if host else {})
    try:
        with urllib.request.urlopen(request, timeout=5) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def _wait_for(url: str, engine: str, name: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if _status(url) == 200:
            return
        time.sleep(0.2)
    logs = _call(engine, "logs", name)
    raise AssertionError(logs.stdout + logs.stderr)


def _end(engine: str, name: str) -> None:
    """SIGTERM ends it with 0 before the engine loses patience."""
    begun = time.monotonic()
    assert _call(engine, "stop", "--time=20", name).returncode == 0
    assert time.monotonic() - begun < 10
    state = json.loads(_call(engine, "inspect", name).stdout)[0]["State"]
    assert state["ExitCode"] == 0


def test_it_migrates_runs_tells_its_health_and_ends(
    engine: str, run: Run, started: Callable[..., str]
) -> None:
    migrated = run(["--rm"], "userreg", "migrate")
    assert "applied: 0_" in migrated.stdout, migrated.stderr
    port = free_port()
    name = started([f"--env=PORT={port}", f"--publish=127.0.0.1:{port}:{port}"])
    _wait_for(f"http://127.0.0.1:{port}/readyz", engine, name)
    assert _call(engine, "exec", name, "userreg", "healthcheck").stdout == "ready\n"
    written = _call(engine, "exec", name, "touch", "/app/x", "/venv/x", "/x")
    assert written.stderr.count("Read-only file system") == 3
    _end(engine, name)
    assert "userreg.app stopped" in _call(engine, "logs", name).stderr


def test_the_procfile_runs_in_it_for_platforms_that_prefer_the_image(run: Run) -> None:
    said = run(["--rm"], "sh", "-c", "cat /app/Procfile && python -m userreg migrate")
    assert said.returncode == 0, said.stderr
    assert said.stdout.startswith((ROOT / "Procfile").read_text() + "applied: 0_")


def test_nothing_is_in_it_that_nobody_needs(engine: str, image: str, run: Run) -> None:
    listed = run(["--rm"], "sh", "-c", "id -u; ls -A /app /venv/bin; ls -A /app/userreg")
    assert listed.stdout.startswith("10001\n")
    found = set(listed.stdout.split())
    assert {"userreg", "migrations", "cli", "phrases"} <= found
    assert not found & {".env", ".git", "tests", "bench", "pip", "pip3", "gcc"}
    config = json.loads(_call(engine, "image", "inspect", image).stdout)[0]["Config"]
    assert config["Cmd"] == ["userreg", "run"]
    assert not config.get("Entrypoint")
    assert config["StopSignal"] == "SIGTERM"


def test_it_checks_its_own_health(engine: str, image: str) -> None:
    config = json.loads(_call(engine, "image", "inspect", image).stdout)[0]
    check = config["Config"].get("Healthcheck") or config["Healthcheck"]
    assert check["Test"] == ["CMD", "userreg", "healthcheck"]


def test_the_demo_is_reached_from_this_computer_and_by_no_other_name(
    engine: str, started: Callable[..., str]
) -> None:
    page, bot = free_port(), free_port()
    name = started(
        [f"--publish=127.0.0.1:{page}:8765", f"--publish=127.0.0.1:{bot}:8766"],
        "userreg", "demo", "--host", "0.0.0.0", "--port", "8765",
    )  # fmt: skip
    _wait_for(f"http://127.0.0.1:{page}/", engine, name)
    assert _status(f"http://127.0.0.1:{page}/", host="evil.example") == 403
    _wait_for(f"http://127.0.0.1:{bot}/readyz", engine, name)
    _end(engine, name)
