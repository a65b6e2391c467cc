"""The command line as a user runs it: a process, its output, its exit code."""

import asyncio
import csv
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import updates
from tests.conftest import clean_environment, everything, userreg, userreg_anew
from tests.updates import ANN, BOB, GROUP
from userreg.database_url import parse_database_url
from userreg.db import open_database
from userreg.sandbox.telegram import TOKEN

LINES = [
    updates.message(ANN, GROUP, date=1_000_000),
    updates.message(BOB | {"first_name": "=1+1", "last_name": "日本"}, GROUP, date=1_000_001),
    updates.callback(updates.CID),
]


@pytest.fixture
def recording(tmp_path: Path) -> str:
    path = tmp_path / "updates.jsonl"
    path.write_text("\n".join(map(json.dumps, LINES)) + "\n\nno json\n")
    return str(path)


def test_replay_reports_and_says_duplicate_the_second_time(
    database_url: str, recording: str
) -> None:
    first = userreg("replay", recording, DATABASE_URL=database_url)
    assert first.returncode == 0, first.stderr
    assert first.stdout == "recorded: 3\nduplicate: 0\ndead-lettered: 1\n"

    again = userreg("replay", recording, DATABASE_URL=database_url)
    assert again.stdout == "recorded: 0\nduplicate: 3\ndead-lettered: 1\n"


def test_replay_dates_a_button_press_by_what_came_before_it(
    database_url: str, recording: str
) -> None:
    userreg("replay", recording, DATABASE_URL=database_url)
    users = json.loads(_export(database_url, "--json", "--what", "users"))
    cid = next(user for user in users if user["id"] == updates.CID["id"])
    assert cid["first_seen_at"] == "1970-01-12T13:46:41+00:00"
    # Telegram delivers a press for 150 seconds: that old it may be, and no older
    assert cid["last_seen_at"] == "1970-01-12T13:44:11+00:00"


def test_replay_reads_standard_input(database_url: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "userreg", "replay", "-"], input=json.dumps(LINES[0]), text=True,
        env=clean_environment() | {"DATABASE_URL": database_url, "BOT_TOKEN": TOKEN},
        capture_output=True, check=True,
    )  # fmt: skip
    assert ended.stdout.startswith("recorded: 1\n")


def test_replay_has_to_know_whose_updates_they_are(database_url: str, recording: str) -> None:
    unknown = userreg("replay", recording, DATABASE_URL=database_url, BOT_TOKEN="")
    assert (unknown.returncode, unknown.stdout) == (3, "")

    userreg("replay", recording, DATABASE_URL=database_url)
    bot_id = TOKEN.partition(":")[0]
    named = ("--bot-id", bot_id)
    again = userreg("replay", recording, *named, DATABASE_URL=database_url, BOT_TOKEN="")
    assert again.stdout.startswith("recorded: 0\nduplicate: 3\n")


async def test_forget_erases_a_person_everywhere(database_url: str, tmp_path: Path) -> None:
    eve = {"id": 987_654_321, "is_bot": False, "first_name": "Evelyn", "username": "evelyn"}
    lines = [
        updates.message(eve, GROUP),
        updates.message(eve, text="/start"),
        updates.chat_member(ANN, "left", "member", actor=eve),
        updates.my_chat_member("left", "member", GROUP, actor=eve),
        updates.message(GROUP | {"id": "broken"}, GROUP, forward_from=eve),
        updates.message(BOB, GROUP),
    ]
    path = tmp_path / "eve.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    await asyncio.to_thread(userreg, "replay", str(path), DATABASE_URL=database_url)
    asked = await asyncio.to_thread(userreg, "forget", "987654321", DATABASE_URL=database_url)
    assert asked.returncode == 1, "asked, and nobody answered"
    async with open_database(parse_database_url(database_url)):
        assert "987654321" in repr(await everything())

    done = await asyncio.to_thread(
        userreg, "forget", "987654321", "--yes", DATABASE_URL=database_url
    )
    assert done.stdout == "forgotten: 987654321\n", done.stderr
    async with open_database(parse_database_url(database_url)):
        left = await everything()
    assert "987654321" not in repr(left)
    assert "velyn" not in repr(left)
    assert [user["id"] for user in left["users"]] == [ANN["id"], BOB["id"]]


@pytest.mark.parametrize("arguments", [["migrate", "--check"], ["export-stats", "--json"]])
def test_looking_makes_no_database(tmp_path: Path, arguments: list[str]) -> None:
    assert userreg(*arguments).returncode == 6
    assert not (tmp_path / "userreg.sqlite3").exists()


def test_the_database_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    assert userreg("migrate").returncode == 0
    assert (tmp_path / "userreg.sqlite3").stat().st_mode & 0o077 == 0


def _export(url: str, *arguments: str) -> str:
    ended = userreg("export-stats", *arguments, DATABASE_URL=url)
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr == ""
    return ended.stdout


def test_export_of_the_summary(database_url: str, recording: str) -> None:
    userreg("replay", recording, DATABASE_URL=database_url)
    summary = json.loads(_export(database_url, "--json"))
    assert (summary["users"], summary["chats_group"], summary["memberships"]) == (3, 1, 2)
    table = list(csv.DictReader(io.StringIO(_export(database_url, "--csv"))))
    assert table == [{name: str(value) for name, value in summary.items()}]


def test_export_of_every_table_on_an_empty_registry(database_url: str) -> None:
    for what in ("users", "chats", "memberships", "activity"):
        assert json.loads(_export(database_url, "--json", "--what", what)) == []
        assert len(_export(database_url, "--csv", "--what", what).splitlines()) == 1


def test_export_disarms_formulas_and_keeps_ids_numbers(database_url: str, recording: str) -> None:
    userreg("replay", recording, DATABASE_URL=database_url)
    users = list(csv.DictReader(io.StringIO(_export(database_url, "--csv", "--what", "users"))))
    assert {user["first_name"] for user in users} == {"Ann", "'=1+1", "Cid"}
    assert "日本" in {user["last_name"] for user in users}
    memberships = _export(database_url, "--csv", "--what", "memberships")
    assert next(csv.DictReader(io.StringIO(memberships)))["chat_id"] == "-100"


def test_export_to_a_file_is_whole_or_not_at_all(database_url: str, tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    path.write_text("before")
    broken = userreg("export-stats", "--json", "-o", str(path), DATABASE_URL="postgres://h:1/d")
    assert broken.returncode == 4
    assert path.read_text() == "before"

    _export(database_url, "--json", "-o", str(path))
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
    _export(database_url, "--json", "-o", str(link))
    assert link.is_symlink()
    assert json.loads(target.read_text())["users"] == 0
    assert target.stat().st_mode & 0o777 == 0o640

    os.mkfifo(pipe)
    with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE) as reading:
        _export(database_url, "--json", "-o", str(pipe))
        assert reading.stdout
        assert json.loads(reading.stdout.read())["users"] == 0
    assert pipe.is_fifo()


@pytest.mark.parametrize("target", [">/dev/full", ">&-"])
def test_export_to_an_output_that_takes_nothing_is_one_sentence(
    migrated_sqlite: Path, target: str
) -> None:
    ended = subprocess.run(
        f"{sys.executable} -m userreg export-stats --csv {target}", shell=True,
        env=clean_environment() | {"DATABASE_URL": f"sqlite://{migrated_sqlite}"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 1
    assert ended.stderr.startswith("Error: ")
    assert "Traceback" not in ended.stderr


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


def test_dead_letters_are_listed_replayed_and_dropped(database_url: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('[1]\n{"update_id": true}\n"\x1b[31m\\u001b[31mred"\n')
    userreg("replay", str(path), DATABASE_URL=database_url)

    listed = userreg("dead-letters", "list", DATABASE_URL=database_url).stdout.splitlines()
    assert len(listed) == 3
    assert "Expected `object`, got `array`" in listed[0]
    as_json = userreg("dead-letters", "list", "--json", DATABASE_URL=database_url).stdout
    letters = [json.loads(line) for line in as_json.splitlines()]
    assert letters[0]["body"] == "[1]"
    assert "\x1b" not in as_json

    replayed = userreg("dead-letters", "replay", DATABASE_URL=database_url)
    assert replayed.stdout == "recorded: 0\nduplicate: 0\ndead-lettered: 3\n"

    ids = str(letters[0]["id"])
    refused = userreg("dead-letters", "drop", ids, DATABASE_URL=database_url)
    assert refused.returncode == 1, "asked, and nobody answered"
    dropped = userreg("dead-letters", "drop", ids, "--yes", DATABASE_URL=database_url)
    assert dropped.stdout == "dropped: 1\n"
    dropped = userreg("dead-letters", "drop", "--all", "--yes", DATABASE_URL=database_url)
    assert dropped.stdout == "dropped: 2\n"
    assert userreg("dead-letters", "drop", DATABASE_URL=database_url).returncode == 2


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
    copy = shutil.copy(migrated_sqlite, Path(recording).parent / "copy.sqlite3")
    code = (
        "import sys\nfrom userreg.cli import main\n"
        f"try: main({arguments!r}, prog_name='userreg')\nexcept SystemExit: pass\n"
        f"print('loaded:', *sorted({unwanted!r} & sys.modules.keys()), file=sys.stderr)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        cwd=Path(recording).parent,
        env=clean_environment() | {"DATABASE_URL": f"sqlite://{copy}", "BOT_TOKEN": TOKEN},
    )  # fmt: skip
    assert ended.stderr.splitlines()[-1] == "loaded:"
