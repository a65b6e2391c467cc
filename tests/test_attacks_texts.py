"""No name and no edited text becomes a link, markup or what Telegram refuses; everybody is answered
in their language, and the commands are told as they were edited."""

import asyncio

import pytest

from tests import updates
from tests.ada import few
from tests.ada import settings_fixture as settings_fixture
from tests.conftest import Talk, userreg
from tests.running import Bot
from tests.stage import meet
from tests.updates import ANN, GROUP
from userreg import phrases
from userreg.config import Settings
from userreg.phrases.checks import faults_of
from userreg.phrases.shipped import Place
from userreg.sandbox.api import BotApi
from userreg.sandbox.errors import TooManyRequests
from userreg.sandbox.telegram import TOKEN, LocalTelegram
from userreg.sandbox.world.entities import find_entities, parse_html

# ---- texts and names


@pytest.mark.parametrize(
    ("key", "text"),
    [("export.caption", "x" * 1025), ("press.not_yours", "x" * 201),
     ("press.not_yours", "<b>Not yours</b>"), ("about.short_description", "x" * 121),
     ("about.description", "x" * 513), ("about.description", "<b>x</b> &amp; y"),
     ("help.unknown_command", "&#xD800;"),
     ("help.unknown_command", '<tg-emoji emoji-id="x">x</tg-emoji>')],
)  # fmt: skip
def test_no_edit_passes_that_telegram_refuses_or_shows_as_markup(key: str, text: str) -> None:
    assert faults_of(Place(key), "en", text)


@pytest.mark.parametrize("called", ["#spam", "evil.com"])
def test_a_name_is_no_hashtag_and_no_link(called: str) -> None:
    """Telegram makes links of hashtags and of bare addresses in what a bot sends."""
    text = parse_html(phrases.name(called) or "")[0]
    assert not find_entities(text)
    assert called not in text, "nothing keeps Telegram from making a link of it"


async def test_a_button_shows_no_tags(bot: Bot, talk: Talk) -> None:
    await bot.tell(updates.message(ANN, GROUP | {"title": "\u2800"}))
    ann = talk(ANN)
    await ann.write("/me")
    assert not [label for label in ann.labels if "<" in label], ann.labels


# ---- languages


@few
async def test_the_notice_is_in_the_language_of_whoever_asks(bot: Bot, talk: Talk) -> None:
    uma = ANN | {"id": 3001, "language_code": "uk", "username": None}
    meet(bot.telegram.world, uma)
    ann = talk(uma)
    text = ""
    for _ in range(11):
        text = await ann.write("/help")
    assert "questions" not in text, text


async def test_alerts_are_in_the_language_that_was_chosen(bot: Bot, talk: Talk) -> None:
    ann = talk(ANN)
    await ann.write("/language")
    await ann.press("Українська")
    said = await ann.send("p:nowhere:2t:::::") or ""
    assert "do not know this button" not in said, said


async def test_who_chose_a_language_hears_it_in_a_group_that_chose_none(
    bot: Bot, talk: Talk
) -> None:
    ann = talk(ANN)
    await ann.write("/language")
    await ann.press("Українська")
    assert "What you can ask" not in await talk(ANN, GROUP).write("/help")


# ---- the release step


def _environment(settings: Settings, **more: str) -> dict[str, str]:
    return {
        "BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": settings.telegram_api_url,
        "DATABASE_URL": settings.database, **more,
    }  # fmt: skip


def _told(telegram: LocalTelegram, language: str) -> dict[str, str]:
    key = "commands", '{"type": "all_private_chats"}', language
    return {one["command"]: one["description"] for one in telegram.profile[key]}


async def test_commands_are_told_as_they_were_edited(
    settings: Settings, telegram: LocalTelegram, api_url: str
) -> None:
    env = _environment(settings)
    for line in (
        ("phrases", "edit", "commands.me", "--locale", "en", "--text", "All about you"),
        ("commands", "set"),
    ):
        done = await asyncio.to_thread(userreg, *line, **env)
        assert done.returncode == 0, done.stderr
    assert _told(telegram, "en")["me"] == "All about you"


async def test_whose_language_is_not_spoken_gets_the_default_language(
    settings: Settings, telegram: LocalTelegram, api_url: str
) -> None:
    env = _environment(settings, DEFAULT_LANGUAGE="uk")
    done = await asyncio.to_thread(userreg, "commands", "set", **env)
    assert done.returncode == 0, done.stderr
    assert _told(telegram, "")["me"] == _told(telegram, "uk")["me"]


async def test_a_release_does_not_fail_for_one_429(
    settings: Settings, api: BotApi, api_url: str
) -> None:
    api.failures["setMyCommands"] = TooManyRequests(1)
    api.on_call = lambda call: api.failures.pop("setMyCommands", None) if call.error else None
    done = await asyncio.to_thread(userreg, "commands", "set", **_environment(settings))
    assert done.returncode == 0, done.stderr
