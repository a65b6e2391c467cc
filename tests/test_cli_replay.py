"""Commands that write, as a user runs them: updates replayed, dead letters, somebody forgotten."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

from tests import updates
from tests.conftest import clean_environment, everything, userreg
from tests.replayed import LINES, export
from tests.replayed import recording_fixture as recording_fixture
from tests.updates import ANN, BOB, GROUP
from userreg.database_url import parse_database_url
from userreg.db import open_database
from userreg.sandbox.telegram import TOKEN


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
    users = json.loads(export(database_url, "--json", "--what", "users"))
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
    assert "--bot-id" in unknown.stderr

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
