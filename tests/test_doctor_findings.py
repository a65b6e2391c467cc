"""What the doctor finds, what it costs, how to mend it; what is well is not complained of."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiogram.types import User, WebhookInfo

from tests.running import make_settings
from userreg.bot.client import ALLOWED_UPDATES
from userreg.bot.doctor import Known, judge
from userreg.decisions import Replica
from userreg.errors import CheckFailed, DatabaseUnavailable, SettingInvalid, TelegramUnavailable
from userreg.findings import Finding
from userreg.gaps import ChatWithoutRights

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
