"""`userreg doctor`: what is found, what it costs, how to mend it; no failure stops the rest."""

import asyncio
import json
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiogram.types import User, WebhookInfo

from tests import updates
from tests.conftest import SECRET, make_settings, userreg
from tests.stage import hand_made
from tests.updates import ANN, CHANNEL, GROUP, SUPERGROUP
from userreg.bot.client import ALLOWED_UPDATES
from userreg.bot.doctor import Known, judge
from userreg.decisions import Replica
from userreg.errors import CheckFailed, DatabaseUnavailable, SettingInvalid, TelegramUnavailable
from userreg.findings import Finding
from userreg.gaps import ChatWithoutRights
from userreg.sandbox.api import BotApi
from userreg.sandbox.delivery import Webhook
from userreg.sandbox.errors import ApiError
from userreg.sandbox.telegram import TOKEN, LocalTelegram

NOW = datetime(2026, 3, 2, 18, 40, tzinfo=UTC)
ADDRESS = "https://bot.example.org/webhook"
KEYED = {"security_key": "k" * 32}
POLLING = {"webhook_url": None, "webhook_secret": None}
WELL: dict[str, Any] = {
    "url": ADDRESS, "max_connections": 100, "allowed_updates": ALLOWED_UPDATES,
}  # fmt: skip
CHESS = ChatWithoutRights(-100, "group", "Chess", "member")
NEWS = ChatWithoutRights(-1002, "channel", "News", None)
WITHOUT = Known(0, {"group": 1}, (CHESS,))


def _judged(
    settings: dict[str, Any] | None = None,
    webhook: dict[str, Any] | TelegramUnavailable | None = None,
    known: Known | Exception | None = None,
    me: Exception | None = None,
    privacy: bool = False,
) -> dict[str, Finding]:
    """The findings by name, where all is well but for what is said."""
    bot = User(id=1, is_bot=True, first_name="Register", username="register_bot",
               can_read_all_group_messages=not privacy)  # fmt: skip
    told: Any = webhook
    if not isinstance(webhook, Exception):
        defaults = {"has_custom_certificate": False, "pending_update_count": 0}
        told = WebhookInfo(**(defaults | WELL | (webhook or {})))
    in_database: Any = known or Known()
    asked: Any = me or bot
    found = list(judge(make_settings(**KEYED | (settings or {})), asked, told, in_database, NOW))
    assert len({finding.name for finding in found}) == len(found)
    return {finding.name: finding for finding in found}


def test_a_registry_that_is_well_has_every_check_and_each_is_ok() -> None:
    found = _judged()
    assert {finding.level for finding in found.values()} == {"ok"}
    assert not any(finding.cost or finding.remedy for finding in found.values())
    assert list(found) == [
        "token", "webhook", "allowed_updates", "max_connections", "pending", "last_error",
        "last_synchronization_error", "secret", "security_key", "database", "schema",
        "dead_letters", "replicas", "privacy_mode", "administrator",
    ]  # fmt: skip


def _replica(name: str, seconds: int = 5, version: str = "0.1") -> Replica:
    """Seen so many seconds ago."""
    at = NOW - timedelta(seconds=seconds)
    return Replica(name=name, started_at=at, seen_at=at, version=version, mode="webhook")


def _without(*types: str) -> dict[str, Any]:
    return {"allowed_updates": [name for name in ALLOWED_UPDATES if name not in types]}


def _error(minutes: int, text: str = "Connection timed out") -> dict[str, Any]:
    return {"last_error_date": NOW - timedelta(minutes=minutes), "last_error_message": text}


def _trouble(minutes: int) -> dict[str, Any]:
    return {"last_synchronization_error_date": NOW - timedelta(minutes=minutes)}


#: What is wrong; the check, its level, and words that it finds, of the cost and of the remedy.
SICK: list[tuple[dict[str, Any], str, str, str, str, str]] = [
    ({"webhook": {"url": "", "allowed_updates": None, "max_connections": None}}, "webhook",
     "problem", f"none is set, instead of {ADDRESS}", "nothing reaches", "webhook set"),
    ({"webhook": {"url": "https://old.example/x"}}, "webhook", "problem",
     f"https://old.example/x is set, instead of {ADDRESS}", "nothing reaches", "webhook set"),
    ({"settings": POLLING, "webhook": {"allowed_updates": None, "max_connections": 1}}, "webhook",
     "problem", "WEBHOOK_URL is unset", "nothing is recorded", "webhook delete"),
    ({"webhook": _without("chat_member")}, "allowed_updates", "problem",
     "not asked for: chat_member", "all silent joins and leaves", "webhook set"),
    ({"webhook": {"allowed_updates": None}}, "allowed_updates", "problem", "chat_member",
     "silent joins", "webhook set"),
    ({"webhook": _without("edited_message")}, "allowed_updates", "warning", "edited_message",
     "`edited_message` updates", "webhook set"),
    ({"webhook": {"max_connections": 40}}, "max_connections", "warning", "40 instead of 100",
     "slowly", "webhook set"),
    ({"webhook": {"max_connections": None}}, "max_connections", "warning", "40 instead of 100",
     "slowly", "webhook set"),
    ({"webhook": {"pending_update_count": 101}}, "pending", "warning", "101 updates wait",
     "24 hours is lost", "/readyz"),
    ({"webhook": {"pending_update_count": 101, "url": ""}, "settings": POLLING}, "pending",
     "warning", "101", "lost", "userreg run"),
    ({"webhook": _error(59)}, "last_error", "warning", "59 min ago: Connection timed out",
     "come late", "/readyz"),
    ({"webhook": _trouble(59)}, "last_synchronization_error", "warning", "59 min ago", "late",
     "wait"),
    ({"settings": {"webhook_secret": None}}, "secret", "problem", "unset", "does not start",
     "openssl rand"),
    ({"settings": {"security_key": None}}, "security_key", "warning", "unset", "can try ids",
     "openssl rand"),
    ({"known": Known(replicas=(_replica("a:1"), _replica("b:1", version="0.2")))}, "replicas",
     "warning", "2 at work, version 0.1, 0.2", "who is to be forgotten", "restart the older"),
    ({"known": DatabaseUnavailable("The database cannot be reached.")}, "database", "problem",
     "cannot be reached", "nothing is recorded", "DATABASE_URL"),
    ({"known": CheckFailed("The database lacks 2 migration(s).")}, "schema", "problem",
     "lacks 2 migration(s)", "503", "userreg migrate"),
    ({"known": Known(dead_letters=3)}, "dead_letters", "warning", "3 could not be recorded",
     "not in the registry", "dead-letters list"),
    ({"known": WITHOUT}, "administrator", "warning", "not in 1 chat(s)", "silent joins",
     "Administrators"),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "name", "level", "found", "cost", "remedy"), SICK)
def test_each_finding_says_what_it_costs_and_how_to_mend_it(
    wrong: dict[str, Any], name: str, level: str, found: str, cost: str, remedy: str
) -> None:
    findings = _judged(**wrong)
    assert [f.name for f in findings.values() if f.level != "ok"] == [name]
    finding = findings[name]
    assert finding.level == level
    assert found in finding.found
    assert cost in finding.cost
    assert remedy in finding.remedy


#: What looks wrong and is not; the check and words that it says.
FINE: list[tuple[dict[str, Any], str, str]] = [
    ({"settings": POLLING, "webhook": {"url": "", "allowed_updates": None}}, "webhook", "polling"),
    ({"settings": POLLING, "webhook": {"url": ""}}, "secret", "needs none"),
    ({"webhook": {"allowed_updates": [*ALLOWED_UPDATES, "poll"]}}, "allowed_updates", "all"),
    ({"webhook": {"pending_update_count": 100}}, "pending", "100 updates wait"),
    ({"webhook": _error(61)}, "last_error", "61 min ago: Connection timed out"),
    ({"webhook": _error(60 * 24 * 3, "401 Unauthorized")}, "last_error", "3 days ago: 401"),
    ({"webhook": _error(61, "401 Unauthorized")}, "secret", "shows only as a 401"),
    ({"webhook": _trouble(150)}, "last_synchronization_error", "2 h ago"),
    (
        {"known": Known(replicas=(_replica("a:1"), _replica("b:1", seconds=31, version="0.2")))},
        "replicas",
        "1 at work, version 0.1; 1 ended without a word",
    ),
    ({"privacy": True}, "privacy_mode", "administrator of every group"),
]


@pytest.mark.parametrize(("harmless", "name", "words"), FINE)
def test_what_costs_nothing_is_told_as_ok(harmless: dict[str, Any], name: str, words: str) -> None:
    findings = _judged(**harmless)
    assert {finding.level for finding in findings.values()} == {"ok"}
    assert words in findings[name].found


def test_a_401_of_late_is_a_wrong_secret() -> None:
    finding = _judged(webhook=_error(5, "Wrong response from the webhook: 401"))["secret"]
    assert (finding.level, "webhook set" in finding.remedy) == ("problem", True)


def test_privacy_mode_costs_only_where_the_bot_is_no_administrator_of_a_group() -> None:
    finding = _judged(privacy=True, known=WITHOUT)["privacy_mode"]
    assert (finding.level, "in 1 group(s)" in finding.found) == ("warning", True)
    assert "no commands" in finding.cost
    assert "/setprivacy" in finding.remedy
    channel = Known(0, {"channel": 1}, (NEWS,))
    assert _judged(privacy=True, known=channel)["privacy_mode"].level == "ok"
    assert _judged(privacy=False, known=WITHOUT)["privacy_mode"].level == "ok"
    away = _judged(privacy=True, known=DatabaseUnavailable("Away."))
    assert away["privacy_mode"].level == "warning"


def test_chats_are_named_with_id_type_and_status_and_the_rest_counted() -> None:
    finding = _judged(known=Known(0, {"group": 4, "channel": 1}, (CHESS, NEWS)))["administrator"]
    assert "not in 5 chat(s)" in finding.found
    assert finding.details == (
        "-100 Chess (group, member)", "-1002 News (channel, status unknown)", "… and 3 more",
    )  # fmt: skip


def test_what_could_not_be_checked_is_never_told_as_ok() -> None:
    refused = TelegramUnavailable("Telegram does not know this bot: check BOT_TOKEN.")
    blind = _judged(me=refused, webhook=refused, known=DatabaseUnavailable("Away."))
    assert {name: finding.level for name, finding in blind.items()} == {
        "token": "problem", "secret": "ok", "security_key": "ok", "database": "problem",
    }  # fmt: skip
    assert "set it as BOT_TOKEN" in blind["token"].remedy
    only_webhook = _judged(webhook=TelegramUnavailable("Telegram refused the request: x"))
    assert (only_webhook["token"].level, only_webhook["webhook"].level) == ("ok", "problem")
    assert "last_error" not in only_webhook
    unset = _judged(me=SettingInvalid("BOT_TOKEN is not set."), webhook=refused)["token"]
    assert (unset.level, "/newbot" in unset.remedy) == ("problem", True)


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
