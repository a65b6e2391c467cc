"""/privacy, /export and /forget, as people use them."""

import json
from typing import Any

import pytest

from tests import updates
from tests.conftest import Talk, everything, rows
from tests.running import Bot
from tests.updates import ANN, BOB, CID, GROUP, SUPERGROUP
from userreg.config import Settings
from userreg.models import User
from userreg.sandbox.api import BotApi
from userreg.sandbox.telegram import LocalTelegram


@pytest.fixture
def settings(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    return settings.model_copy(update=getattr(request, "param", {}))


@pytest.mark.parametrize(
    ("settings", "words"),
    [({}, ["until you have it erased.", "whoever runs this bot"]),
     ({"retention_days": 400, "operator_contact": "<b>@ops</b>"},
      ["I have not seen you for 400 days", "Whom to ask: <b>@ops</b>"])],
    indirect=["settings"],
)  # fmt: skip
async def test_privacy_says_what_is_kept_how_long_and_whom_to_ask(
    talk: Talk, words: list[str]
) -> None:
    for place in (None, GROUP):
        text = await talk(ANN, place).write("/privacy")
        assert "What I keep about you" in text
        assert all(word in text for word in words)


async def test_export_sends_everything_about_the_asker_as_a_file_and_nobody_else(
    bot: Bot, talk: Talk, telegram: LocalTelegram
) -> None:
    await bot.tell(updates.message(ANN, SUPERGROUP), updates.message(CID, SUPERGROUP))
    ann = talk(ANN)
    await ann.write("/export")
    document = ann.message.content["document"]
    assert document["file_name"] == f"userreg-{ANN['id']}.json"
    content = telegram.files[document["file_id"]].content.decode()
    about = json.loads(content)
    assert about["user"]["first_name"] == "Ann"
    assert "Go" in content
    assert "Cid" not in content
    assert str(CID["id"]) not in content


async def test_export_and_forget_are_for_private_chats(talk: Talk) -> None:
    ann = talk(ANN, GROUP)
    assert "in private" in await ann.write("/export")
    assert "in private" in await ann.write("/forget")
    assert ann.labels == []


async def test_forget_asks_once_and_may_be_left(talk: Talk) -> None:
    ann = talk(ANN)
    await ann.write("/forget")
    assert ann.text.startswith("Erase everything about you?")
    await ann.press("Back")
    assert ann.text.startswith("What I keep about you")
    assert await rows(User, id=ANN["id"])


async def _found(needles: list[str]) -> list[str]:
    """Where in the whole database one of these is to be read."""
    tables: dict[str, list[dict[str, Any]]] = await everything()
    return [
        f"{table}.{column}: {value}"
        for table, found in tables.items()
        for row in found
        for column, value in row.items()
        if value is not None
        for needle in needles
        if needle in (value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value))
    ]


async def test_whoever_is_forgotten_stays_so_until_they_want_otherwise(
    bot: Bot, talk: Talk, api: BotApi
) -> None:
    eve = {"id": 7_070_707_070, "is_bot": False, "first_name": "Evelina", "username": "evelina_e",
           "language_code": "en"}  # fmt: skip
    await bot.tell(updates.message(eve, GROUP), updates.message(BOB, GROUP))
    evelina = talk(eve)
    await evelina.write("/settings")
    await evelina.press("Hide me from /seen")
    await evelina.write("/language")
    old, choice = evelina.message, evelina.data_of("Українська")
    await evelina.write("/forget")
    assert await evelina.press("Yes, erase everything") is None
    assert evelina.text == "Done: everything about you is erased, and you stay forgotten."
    needles = [str(eve["id"]), "Evelina", "evelina_e"]
    assert await _found(needles) == []

    for command in ("/start", "/me", "/export", "/forget", "/settings", "/privacy"):
        assert "I keep nothing about you" in await evelina.write(command), command
    await evelina.send(choice, old)
    assert "I keep nothing about you" in old.content["text"]
    await bot.tell(
        updates.message(eve, GROUP), updates.chat_member(eve, "left", "member", actor=BOB)
    )
    assert await _found(needles) == []
    assert len(await rows(User, id=BOB["id"])) == 1

    await evelina.write("/me")
    await evelina.press("Remember me again")
    assert "Welcome back" in evelina.text
    assert (await evelina.write("/me")).startswith("Evelina\nId: 7070707070")
