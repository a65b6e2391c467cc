"""The files of deploy/ are what the programs that they are for take. Where one is not installed,
its test is skipped."""

import subprocess
from pathlib import Path

import pytest

from tests.deployed import DEPLOY, HAProxy, Nginx, find
from userreg.config import Settings

PORTS = (18081, 18082, 18083)


def _checked(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def _program(name: str) -> str:
    if (path := find(name)) is None:
        pytest.skip(f"{name} is not installed")
    return path


def test_haproxy_takes_its_file() -> None:
    program, proxy = _program("haproxy"), HAProxy(PORTS)
    try:
        checked = _checked(program, "-c", "-f", str(proxy.config))
        assert checked.returncode == 0, checked.stderr
        assert "[WARNING]" not in checked.stderr
    finally:
        proxy.remove()


def test_nginx_takes_its_file() -> None:
    program, proxy = _program("nginx"), Nginx(PORTS)
    try:
        checked = _checked(program, "-t", "-e", "stderr", "-c", str(proxy.whole))
        assert checked.returncode == 0, checked.stderr
        assert "[warn]" not in checked.stderr
    finally:
        proxy.remove()


@pytest.mark.parametrize("name", ["userreg.service", "userreg@8081.service"])
def test_systemd_takes_the_unit_and_finds_it_tight(name: str, tmp_path: Path) -> None:
    program = _program("systemd-analyze")
    text = (DEPLOY / "userreg.service").read_text()
    unit = tmp_path / name.replace("8081", "")
    unit.write_text(text.replace("/opt/userreg/bin/userreg", "/bin/true"))
    verified = _checked(program, "verify", str(tmp_path / name))
    assert (verified.returncode, verified.stderr) == (0, "")
    exposed = _checked(program, "security", "--offline=true", "--threshold=15", str(unit))
    assert exposed.returncode == 0, exposed.stdout[-300:]


def test_compose_says_itself_where_its_database_is_whatever_stands_in_env() -> None:
    """What it leaves to .env would lead a bot in a container to half of another database."""
    said = (DEPLOY.parent / "compose.yaml").read_text()
    names = [name.upper() for name in Settings.model_fields if name.startswith("pg_")]
    assert len(names) == 5
    for name in (*names, "DATABASE_URL"):
        assert f"\n    {name}: " in said, name
