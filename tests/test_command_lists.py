"""The lists of commands that Telegram shows, set in the release step."""

import asyncio
import json
from typing import Any

from tests.conftest import userreg
from tests.updates import ANN
from userreg.config import Settings
from userreg.database_url import parse_database_url
from userreg.db import open_database
from userreg.phrases import LANGUAGES, store
from userreg.sandbox.api import BotApi
from userreg.sandbox.telegram import TOKEN, LocalTelegram


def _environment(settings: Settings) -> dict[str, str]:
    return {
        "BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": settings.telegram_api_url,
        "DATABASE_URL": settings.database, "ADMIN_IDS": str(ANN["id"]),
    }  # fmt: skip


async def _run(settings: Settings) -> Any:
    return await asyncio.to_thread(userreg, "commands", "set", **_environment(settings))


def _known(telegram: LocalTelegram, scope: dict[str, Any], language: str) -> dict[str, str]:
    found = telegram.profile["commands", json.dumps(scope, sort_keys=True), language]
    return {one["command"]: one["description"] for one in found}


async def test_commands_are_told_by_place_and_language_and_only_once(
    settings: Settings, api: BotApi, telegram: LocalTelegram
) -> None:
    first = await _run(settings)
    assert first.returncode == 0, first.stderr
    for scope in ("all_private_chats", "all_group_chats", "all_chat_administrators", "chat"):
        assert first.stdout.count(f"set: {scope} ") == 1 + len(LANGUAGES)
    assert "set: description default\n" in first.stdout
    in_private = _known(telegram, {"type": "all_private_chats"}, "")
    assert list(in_private)[:2] == ["start", "me"]
    assert "admin" not in in_private
    in_groups = _known(telegram, {"type": "all_group_chats"}, "en")
    assert not {"start", "export", "forget", "settings"} & in_groups.keys()
    assert "settings" in _known(telegram, {"type": "all_chat_administrators"}, "en")
    assert "admin" in _known(telegram, {"type": "chat", "chat_id": ANN["id"]}, "en")
    told = {code: _known(telegram, {"type": "all_private_chats"}, code)["me"] for code in LANGUAGES}
    assert len(set(told.values())) == len(LANGUAGES)

    saved = parse_database_url(settings.database)
    async with open_database(saved):
        await store.save("commands.me", "es", "", "Lo que sabes", None, saved)
    edited = await _run(settings)
    assert edited.stdout.splitlines() == [
        f"set: {scope} es"
        for scope in ("all_private_chats", "all_group_chats", "all_chat_administrators", "chat")
    ]
    assert _known(telegram, {"type": "all_private_chats"}, "es")["me"] == "Lo que sabes"

    changes = len(api.of("setMyCommands"))
    again = await _run(settings)
    assert again.stdout == ""
    assert "knows them all" in again.stderr
    assert len(api.of("setMyCommands")) == changes


async def test_telegram_that_cannot_be_reached_is_one_sentence(settings: Settings) -> None:
    broken = settings.model_copy(update={"telegram_api_url": "http://127.0.0.1:9"})
    result = await _run(broken)
    assert result.returncode == 5
    assert "Telegram cannot be reached" in result.stderr
