"""`userreg export-stats` as a user runs it: its output, whole or not at all."""

import asyncio
import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import updates
from tests.conftest import clean_environment, userreg
from tests.replayed import export
from tests.replayed import recording_fixture as recording_fixture
from tests.updates import ANN
from userreg.sandbox.telegram import TOKEN


def test_export_of_the_summary(database_url: str, recording: str) -> None:
    userreg("replay", recording, DATABASE_URL=database_url)
    summary = json.loads(export(database_url, "--json"))
    assert (summary["users"], summary["chats_group"], summary["memberships"]) == (3, 1, 2)
    table = list(csv.DictReader(io.StringIO(export(database_url, "--csv"))))
    assert table == [{name: str(value) for name, value in summary.items()}]


def test_export_of_every_table_on_an_empty_registry(database_url: str) -> None:
    for what in ("users", "chats", "memberships", "activity"):
        assert json.loads(export(database_url, "--json", "--what", what)) == []
        assert len(export(database_url, "--csv", "--what", what).splitlines()) == 1


def test_export_disarms_formulas_and_keeps_ids_numbers(database_url: str, recording: str) -> None:
    userreg("replay", recording, DATABASE_URL=database_url)
    users = list(csv.DictReader(io.StringIO(export(database_url, "--csv", "--what", "users"))))
    assert {user["first_name"] for user in users} == {"Ann", "'=1+1", "Cid"}
    assert "日本" in {user["last_name"] for user in users}
    memberships = export(database_url, "--csv", "--what", "memberships")
    assert next(csv.DictReader(io.StringIO(memberships)))["chat_id"] == "-100"


def test_export_to_a_file_is_whole_or_not_at_all(database_url: str, tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    path.write_text("before")
    broken = userreg("export-stats", "--json", "-o", str(path), DATABASE_URL="postgres://h:1/d")
    assert broken.returncode == 4
    assert path.read_text() == "before"

    export(database_url, "--json", "-o", str(path))
    assert json.loads(path.read_text())["users"] == 0
    assert [p.name for p in tmp_path.iterdir() if "out.json" in p.name] == ["out.json"]

    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    loop = userreg("export-stats", "--csv", "-o", str(tmp_path / "loop"), DATABASE_URL=database_url)
    assert (loop.returncode, loop.stderr.count("\n")) == (1, 1)

    nowhere = userreg("export-stats", "--csv", "-o", "/no/such/x.csv", DATABASE_URL=database_url)
    assert nowhere.returncode == 1
    assert nowhere.stderr == "Error: /no/such/x.csv cannot be written: No such file or directory.\n"


def test_export_replaces_no_link_and_no_device(database_url: str, tmp_path: Path) -> None:
    target, link, pipe = tmp_path / "target", tmp_path / "link", tmp_path / "pipe"
    target.write_text("before")
    target.chmod(0o640)
    link.symlink_to(target)
    export(database_url, "--json", "-o", str(link))
    assert link.is_symlink()
    assert json.loads(target.read_text())["users"] == 0
    assert target.stat().st_mode & 0o777 == 0o640

    os.mkfifo(pipe)
    with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE) as reading:
        export(database_url, "--json", "-o", str(pipe))
        assert reading.stdout
        assert json.loads(reading.stdout.read())["users"] == 0
    assert pipe.is_fifo()


@pytest.mark.parametrize("kind", ["--csv", "--json"])
def test_export_into_a_closed_pipe_is_quiet(database_url: str, tmp_path: Path, kind: str) -> None:
    many = tmp_path / "many.jsonl"  # more than a pipe holds
    people = (updates.message(ANN | {"id": n, "first_name": "x" * 64}) for n in range(1, 3000))
    many.write_text("\n".join(map(json.dumps, people)))
    userreg("replay", str(many), DATABASE_URL=database_url)
    ended = subprocess.run(
        f"{sys.executable} -m userreg export-stats {kind} --what users | head -1 >{os.devnull}",
        shell=True, env=clean_environment() | {"DATABASE_URL": database_url},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.stderr == ""


async def test_terminating_an_export_leaves_no_half_written_file(
    database_url: str, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe")
    replaying = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "userreg", "replay", str(tmp_path / "pipe"),
        env=clean_environment() | {"DATABASE_URL": database_url, "BOT_TOKEN": TOKEN},
        stderr=subprocess.PIPE,
    )  # fmt: skip
    with await asyncio.to_thread((tmp_path / "pipe").open, "w"):
        async with asyncio.timeout(30):
            replaying.terminate()
            assert await replaying.wait() == 143
    code = (
        "import os, signal; from userreg.cli import main; from userreg import export\n"
        "async def broken(*_): os.kill(os.getpid(), signal.SIGTERM)\n"
        "export.write_csv = broken\n"
        "main(['export-stats', '--csv', '--what', 'users', '-o', 'out.csv'])"
    )
    ended = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", code], capture_output=True, check=False,
        env=clean_environment() | {"DATABASE_URL": database_url}, cwd=tmp_path,
    )  # fmt: skip
    assert ended.returncode == 143, ended.stderr
    assert await asyncio.to_thread(lambda: list(tmp_path.glob("*out.csv*"))) == []
