"""`userreg doctor`: its exit code, in text and JSON; no failure stops the rest."""

import asyncio
import json
import subprocess
import time
from pathlib import Path

import pytest

from tests import updates
from tests.conftest import userreg
from tests.running import SECRET
from tests.stage import hand_made
from tests.updates import ANN, CHANNEL, GROUP, SUPERGROUP
from userreg.bot.client import ALLOWED_UPDATES
from userreg.sandbox.api import BotApi
from userreg.sandbox.delivery import Webhook
from userreg.sandbox.errors import ApiError
from userreg.sandbox.telegram import TOKEN, LocalTelegram

ADDRESS = "https://bot.example.org/webhook"


async def _run(command: str, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return await asyncio.to_thread(userreg, command, *arguments, **settings)


@pytest.fixture
def environment(database_url: str, api_url: str, telegram: LocalTelegram) -> dict[str, str]:
    """Settings with which all is well. The webhook is told of, and nothing is delivered to it."""
    telegram.webhook = Webhook(ADDRESS, SECRET, 100, ALLOWED_UPDATES)
    return {
        "BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": api_url, "DATABASE_URL": database_url,
        "WEBHOOK_URL": "https://bot.example.org", "WEBHOOK_SECRET": SECRET,
        "SECURITY_KEY": "k" * 32,
    }  # fmt: skip


async def _record(path: Path, environment: dict[str, str], *lines: object) -> None:
    await asyncio.to_thread(path.write_text, "\n".join(map(json.dumps, lines)))
    replayed = await _run("replay", str(path), **environment)
    assert replayed.returncode == 0, replayed.stderr


async def test_all_well_is_exit_0_in_text_and_json(
    environment: dict[str, str], tmp_path: Path
) -> None:
    await _record(
        tmp_path / "updates", environment,
        updates.my_chat_member("left", "administrator", SUPERGROUP),
        updates.my_chat_member("member", "left", CHANNEL),
        updates.message(ANN, GROUP, text="", migrate_to_chat_id=SUPERGROUP["id"]),
        updates.message(ANN),
    )  # fmt: skip
    told = await _run("doctor", **environment)
    assert (told.returncode, told.stderr) == (0, ""), told
    assert {line.split()[0] for line in told.stdout.splitlines()} == {"ok"}
    document = json.loads((await _run("doctor", "--json", **environment)).stdout)
    assert document["healthy"] is True
    assert len(document["findings"]) == len(told.stdout.splitlines()) == 15


async def test_what_is_wrong_is_exit_6_and_told_in_text_and_json(
    environment: dict[str, str], telegram: LocalTelegram, tmp_path: Path
) -> None:
    """Chats that the bot has left, or that have grown into another one, are no finding."""
    telegram.world.reads_everything = False
    telegram.outbox.put(hand_made(updates.message(ANN), time.time()) for _ in range(512))
    telegram.webhook = Webhook(
        ADDRESS, SECRET, 1, ["message"], last_error_date=int(time.time()) - 300,
        last_error_message="Wrong response from the webhook: 401 Unauthorized",
    )  # fmt: skip
    await _record(
        tmp_path / "updates", environment, [1],
        updates.my_chat_member("left", "member", SUPERGROUP),
        updates.my_chat_member("left", "administrator", CHANNEL),
        updates.message(ANN, GROUP),
        updates.my_chat_member("member", "kicked", CHANNEL | {"id": -1003, "title": "Gone"}),
        updates.message(ANN, GROUP | {"id": -7}, text="", migrate_to_chat_id=-1007),
    )  # fmt: skip
    told = await _run("doctor", **environment)
    assert told.returncode == 6
    names = ["allowed_updates", "max_connections", "pending", "last_error", "secret",
             "dead_letters", "privacy_mode", "administrator"]  # fmt: skip
    assert told.stderr == "Error: 8 of 15 checks found something.\n"
    lines = told.stdout.splitlines()
    assert [line.split()[1].rstrip(":") for line in lines if line[:2] in ("wa", "pr")] == names
    assert sum(line.startswith("         costs: ") for line in lines) == len(names)
    assert sum(line.startswith("         mend: ") for line in lines) == len(names)
    assert "warning  last_error: 5 min ago: Wrong response" in told.stdout
    assert "         - -1001000000001 Go (supergroup, member)" in lines
    assert "         - -100 Chess (group, status unknown)" in lines
    assert "Gone" not in told.stdout
    assert "         - -7 " not in told.stdout

    as_json = await _run("doctor", "--json", **environment)
    assert as_json.returncode == 6
    document = json.loads(as_json.stdout)
    assert document["healthy"] is False
    wrong = [finding for finding in document["findings"] if finding["level"] != "ok"]
    assert [finding["name"] for finding in wrong] == names
    assert all(finding["cost"] and finding["remedy"] for finding in wrong)


async def test_many_chats_are_bounded(environment: dict[str, str], tmp_path: Path) -> None:
    chats = (GROUP | {"id": -n, "title": f"Group {n}"} for n in range(1, 24))
    joined = [updates.my_chat_member("left", "member", chat) for chat in chats]
    await _record(tmp_path / "updates", environment, *joined)
    told = await _run("doctor", **environment)
    listed = [line for line in told.stdout.splitlines() if line.startswith("         - ")]
    assert len(listed) == 21
    assert listed[-1] == "         - … and 3 more"
    assert "not in 23 chat(s)" in told.stdout


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_no_title_moves_the_terminal_and_no_secret_is_shown(
    environment: dict[str, str], telegram: LocalTelegram, tmp_path: Path
) -> None:
    quoted = TOKEN.replace(":", "%3A")
    telegram.webhook = Webhook(
        f"https://x.org/{TOKEN}/{quoted}", last_error_date=int(time.time()),
        last_error_message=f"\x1b[2J{TOKEN}\r\nok  {SECRET}",
    )  # fmt: skip
    title = f"\x1b]0;x\x07\r\nok       token\u202e{SECRET}"
    chat = GROUP | {"title": title}
    joined = updates.my_chat_member("left", "member", chat)
    await _record(tmp_path / "updates", environment, joined)
    for arguments in ((), ("--json",)):
        told = await _run("doctor", *arguments, **environment)
        assert told.returncode == 6
        assert all(line.isprintable() for line in told.stdout.split("\n"))
        assert TOKEN.partition(":")[2] not in told.stdout + told.stderr
        assert SECRET not in told.stdout + told.stderr
        assert "[secret]" in told.stdout
    assert json.loads(told.stdout)["findings"][-1]["details"][0].startswith("-100 \x1b]0;x")


async def test_telegram_away_and_database_away_are_both_told_in_one_run() -> None:
    told = await _run(
        "doctor", BOT_TOKEN=TOKEN, TELEGRAM_API_URL="http://127.0.0.1:1",
        DATABASE_URL="postgres://u:s3cret@127.0.0.1:1/db",
    )  # fmt: skip
    assert told.returncode == 6
    assert "problem  token: Telegram cannot be reached at http://127.0.0.1:1" in told.stdout
    assert "problem  database: The database cannot be reached" in told.stdout
    assert "s3cret" not in told.stdout + told.stderr
    assert "Traceback" not in told.stderr


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_a_refused_call_stops_no_other_check(
    environment: dict[str, str], api: BotApi
) -> None:
    api.failures["getWebhookInfo"] = ApiError(400, "Bad Request: out of order")
    told = await _run("doctor", **environment)
    assert told.returncode == 6
    assert "ok       token: " in told.stdout
    assert "problem  webhook: Telegram refused the request: Bad Request: out of" in told.stdout
    assert "ok       schema: " in told.stdout


async def test_a_missing_token_and_a_missing_database_are_findings(
    api_url: str, tmp_path: Path
) -> None:
    told = await _run("doctor", TELEGRAM_API_URL=api_url, DATABASE_URL="sqlite://new.sqlite3")
    assert told.returncode == 6
    assert "problem  token: BOT_TOKEN is not set" in told.stdout
    assert "problem  schema: The database lacks" in told.stdout
    assert not (tmp_path / "new.sqlite3").exists()


async def test_settings_that_cannot_be_used_are_exit_3() -> None:
    told = await _run("doctor", BOT_TOKEN=TOKEN, WEBHOOK_SECRET="short")
    assert (told.returncode, told.stdout) == (3, "")
