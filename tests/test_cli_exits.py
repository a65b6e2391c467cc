"""Commands that cannot do what they are asked: an exit code, one sentence; what each loads."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import clean_environment, userreg, userreg_anew
from tests.replayed import recording_fixture as recording_fixture
from userreg.sandbox.telegram import TOKEN


@pytest.mark.parametrize("arguments", [["migrate", "--check"], ["export-stats", "--json"]])
def test_looking_makes_no_database(tmp_path: Path, arguments: list[str]) -> None:
    assert userreg(*arguments).returncode == 6
    assert not (tmp_path / "userreg.sqlite3").exists()


def test_the_database_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    assert userreg("migrate").returncode == 0
    assert (tmp_path / "userreg.sqlite3").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["run"], 3),
        (["webhook", "info"], 3),
        (["replay"], 2),
        (["replay", "/no/such/file"], 2),
        (["dance"], 2),
        (["export-stats"], 2),
        (["export-stats", "--csv", "--json"], 2),
        (["migrate", "--check", "--downgrade"], 2),
        (["forget", "x"], 2),
        (["phrases", "show", "no.such"], 2),
        (["reconcile", "--chat", "99999999999999999999"], 2),
        (["reconcile", "--rate", "nan"], 2),
        (["sandbox", "load", "http://127.0.0.1:1/", "--seconds", "nan"], 2),
        (["sandbox", "load", "ftp://127.0.0.1/"], 2),
        (["--help"], 0),
        (["--version"], 0),
    ],
)
def test_exit_codes(arguments: list[str], code: int) -> None:
    ended = userreg_anew(*arguments)
    assert ended.returncode == code
    assert "Traceback" not in ended.stderr


UNMIGRATED = [["export-stats", "--json"], ["dead-letters", "list"], ["dead-letters", "replay"],
              ["dead-letters", "drop", "1", "--yes"], ["replay", "updates.jsonl"]]  # fmt: skip


@pytest.mark.parametrize("arguments", UNMIGRATED, ids=" ".join)
def test_a_database_that_is_not_migrated_is_exit_6_and_one_sentence(
    tmp_path: Path, recording: str, arguments: list[str]
) -> None:
    ended = userreg(*arguments, DATABASE_URL=f"sqlite://{tmp_path}/new.sqlite3")
    assert ended.returncode == 6
    assert ended.stderr.count("\n") == 1
    assert "run `userreg migrate` first" in ended.stderr


@pytest.mark.parametrize("arguments", [["migrate"], *UNMIGRATED], ids=" ".join)
def test_a_file_that_is_no_database_is_exit_4_and_one_sentence(
    recording: str, arguments: list[str]
) -> None:
    ended = userreg(*arguments, DATABASE_URL=f"sqlite://{recording}")
    assert ended.returncode == 4, ended.stderr
    assert ended.stderr.count("\n") == 1
    assert "file is not a database" in ended.stderr


@pytest.mark.parametrize("arguments", [["export-stats", "--json"], ["migrate", "--check"]])
def test_where_sqlite_cannot_write_beside_its_file_is_exit_4_and_no_hang(
    migrated_sqlite: Path, arguments: list[str]
) -> None:
    Path(f"{migrated_sqlite}-wal").mkdir()  # root may write into any folder
    ended = userreg(*arguments, DATABASE_URL=f"sqlite://{migrated_sqlite}")
    assert ended.returncode == 4, ended.stderr
    assert ended.stderr.count("\n") == 1
    assert "in a folder that can be written" in ended.stderr


def test_a_huge_id_and_a_broken_env_file_are_refused(tmp_path: Path) -> None:
    assert userreg("dead-letters", "drop", "9" * 30, "--yes").returncode == 2
    (tmp_path / ".env").write_bytes(b"BOT_TOKEN=\xff\xfe")
    ended = userreg("webhook", "info")
    assert (ended.returncode, ended.stderr.count("\n")) == (3, 1)


@pytest.mark.parametrize(
    "url",
    ["postgres://u:a[s3cret]b@127.0.0.1:1/db", "postgres://u:s3cret@℀host/d",
     "postgres://u:12?s3cret@h/db", "postgres://u:s3cret%40x@127.0.0.1:1/db"],
)  # fmt: skip
def test_no_part_of_a_password_is_shown(url: str) -> None:
    ended = userreg("export-stats", "--json", DATABASE_URL=url)
    assert ended.returncode in (3, 4)
    assert "s3cret" not in ended.stderr
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize("arguments", [["migrate", "--downgrade"], ["forget", "5"],
                                       ["dead-letters", "drop", "1"]], ids=" ".join)  # fmt: skip
def test_a_question_is_talk_and_no_data(migrated_sqlite: Path, arguments: list[str]) -> None:
    ended = userreg(*arguments, DATABASE_URL=f"sqlite://{migrated_sqlite}")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "Go on? [y/N]" in ended.stderr


@pytest.mark.parametrize(
    "command",
    ["export-stats --csv >/dev/full", "export-stats --csv >&-", "admins claim >/dev/full",
     "phrases list >/dev/full", "migrate --help >/dev/full"],
)  # fmt: skip
def test_an_output_that_takes_nothing_is_one_sentence(migrated_sqlite: Path, command: str) -> None:
    ended = subprocess.run(
        f"{sys.executable} -m userreg {command}", shell=True,
        env=clean_environment() | {"DATABASE_URL": f"sqlite://{migrated_sqlite}"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 1
    assert ended.stderr.startswith("Error: Standard output ")
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize("value", ["abc", "8080x", "1.5"])
def test_a_number_that_is_none_is_told_in_words_for_people(value: str) -> None:
    ended = userreg("migrate", PORT=value)
    assert ended.returncode == 3
    assert ended.stderr == "Error: PORT cannot be used: it should be a valid integer.\n"


def test_run_refuses_a_database_that_is_not_migrated(tmp_path: Path) -> None:
    new = f"sqlite://{tmp_path}/new.sqlite3"
    ended = userreg_anew("run", BOT_TOKEN=TOKEN, DATABASE_URL=new)
    assert ended.returncode == 6
    assert "run `userreg migrate` first" in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "unwanted"),
    [
        (["--help"], {"aiogram", "tortoise", "pydantic", "asyncpg", "aiohttp", "msgspec"}),
        (["migrate", "--help"], {"aiogram", "tortoise", "pydantic"}),
        (["export-stats", "--json"], {"aiogram", "aiohttp"}),
        (["export-stats", "--csv", "--what", "users"], {"aiogram", "aiohttp"}),
        (["forget", "5", "--yes"], {"aiogram", "aiohttp"}),
        (["export", "5"], {"aiogram", "aiohttp"}),
        (["maintain"], {"aiogram", "aiohttp"}),
        (["migrate"], {"aiogram", "aiohttp"}),
        (["migrate", "--check"], {"aiogram", "aiohttp"}),
        (["dead-letters", "list"], {"aiogram", "aiohttp"}),
        (["phrases", "--help"], {"aiogram", "tortoise", "pydantic", "babel"}),
        (["phrases", "edit", "me.id", "--locale", "uk", "--text", "{id}"], {"aiogram", "aiohttp"}),
        (["replay", "updates.jsonl"], {"aiogram"}),
    ],
)
def test_commands_load_no_more_than_they_need(
    migrated_sqlite: Path, recording: str, arguments: list[str], unwanted: set[str]
) -> None:
    code = (
        "import sys\nfrom userreg.cli import main\n"
        f"try: main({arguments!r}, prog_name='userreg')\nexcept SystemExit: pass\n"
        f"print('loaded:', *sorted({unwanted!r} & sys.modules.keys()), file=sys.stderr)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        cwd=Path(recording).parent,
        env=clean_environment()
        | {"DATABASE_URL": f"sqlite://{migrated_sqlite}", "BOT_TOKEN": TOKEN},
    )  # fmt: skip
    assert ended.stderr.splitlines()[-1] == "loaded:"
