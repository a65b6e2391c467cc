"""Answers of the bot, whatever is asked: hints, greetings, hostile names, length, load."""

import asyncio

import pytest

from tests import updates
from tests.conftest import Ask, rows
from tests.running import Bot
from tests.stage import meet
from tests.updates import ANN, CID, GROUP, HOSTILE, SUPERGROUP
from userreg.models import Chat, Membership, User
from userreg.sandbox.api import BotApi
from userreg.sandbox.telegram import LocalTelegram


async def test_help_names_every_command(ask: Ask) -> None:
    answer = await ask(updates.message(ANN, text="/help"))
    assert all(f"/{c}" in answer for c in ("me", "whereami", "stats", "seen", "help"))


async def test_an_unknown_command_gets_a_hint_in_private_only(bot: Bot, ask: Ask, api) -> None:
    assert "I do not know that command" in await ask(updates.message(ANN, text="/dance"))
    await bot.tell(
        updates.message(ANN, GROUP, text="/dance"),
        updates.message(ANN, GROUP, text="/help@another_bot"),
        updates.message(ANN, text="hello there"),
    )
    assert "What you can ask" in await ask(updates.message(ANN, GROUP, text="/help@register_bot"))
    assert len(api.of("sendMessage")) == 2


async def test_added_to_a_group_it_says_what_it_remembers_and_what_is_missing(
    ask: Ask, telegram: LocalTelegram
) -> None:
    telegram.world.reads_everything = False
    answer = await ask(updates.my_chat_member("left", "member", GROUP))
    assert "I remember who is in this group" in answer
    assert "Privacy mode is on" in answer
    assert "not an administrator" in answer


async def test_added_as_administrator_nothing_is_missing(bot: Bot, ask: Ask, api) -> None:
    answer = await ask(updates.my_chat_member("left", "administrator", SUPERGROUP))
    assert "miss" not in answer
    await bot.tell(
        updates.my_chat_member("administrator", "member", SUPERGROUP),
        updates.my_chat_member("member", "left", SUPERGROUP),
        updates.my_chat_member("left", "administrator", updates.CHANNEL),
        updates.my_chat_member("kicked", "member", updates.private(ANN)),
    )
    await ask(updates.message(ANN, text="/help"))
    assert len(api.of("sendMessage")) == 2, "a demotion, a farewell, a channel want no greeting"


@pytest.mark.parametrize("command", ["/start", "/me", "/whereami", "/stats", "/seen @eve"])
async def test_hostile_names_come_back_as_plain_text(bot: Bot, ask: Ask, command: str) -> None:
    eve = {"id": 66, "is_bot": False, "first_name": HOSTILE, "username": "eve"}
    chat = GROUP | {"title": HOSTILE}
    await bot.tell(updates.message(eve, chat))

    answers = [
        await ask(updates.message(eve, text=command)),
        await ask(updates.message(eve, chat, text=command)),
    ]
    for answer in answers:
        assert "\u202e" not in answer
    shown = answers[1 if command in ("/stats", "/whereami") else 0]
    assert "<b>Eve</b> & </code> gnp.exe {name} @everyone" in shown


async def test_a_name_calls_nobody_and_covers_no_other_line(bot: Bot, api: BotApi) -> None:
    tower = ANN | {"first_name": "@victim /stop a" + "\u0301" * 60}
    await bot.tell(updates.message(tower, text="/start"))
    text = (await api.wait_for("sendMessage"))[0].parameters["text"]
    assert "@victim" not in text
    assert "/stop" not in text
    assert text.count("\u0301") == 3


async def test_no_answer_is_longer_than_telegram_allows(bot: Bot, ask: Ask) -> None:
    title = "&<>\"'" * 25
    for n in range(120):
        await Chat.update_or_create_many(
            [{"id": -n - 1, "type": "group", "title": title, "first_seen_at": _now()}]
        )
    await Membership.update_or_create_many(
        {"user_id": u, "chat_id": -n - 1, "first_seen_at": _now(), "last_seen_at": _now()}
        for n in range(120) for u in (ANN["id"], CID["id"])
    )  # fmt: skip
    await bot.tell(updates.message(CID))

    assert (await ask(updates.message(ANN, text="/me"))).count("•") == 8
    assert "in &<>" in await ask(updates.message(ANN, text="/seen @cid"))


async def test_an_update_that_aiogram_refuses_is_recorded_and_stays_unanswered(
    bot: Bot, ask: Ask, api: BotApi
) -> None:
    odd = updates.message(CID, text="/help")
    odd["message"]["via_bot"] = {"id": "no number"}
    await bot.tell(odd)

    assert "Hello" in await ask(updates.message(ANN, text="/start"))
    assert len(api.of("sendMessage")) == 1
    assert len(await rows(User)) == 2


async def test_the_bot_under_load_answers_everybody_once(
    bot: Bot, api: BotApi, telegram: LocalTelegram
) -> None:
    people = [ANN | {"id": n, "username": f"user{n}"} for n in range(1000, 1100)]
    for person in people:
        meet(telegram.world, person)
    talk = [updates.message(person, GROUP) for person in people for _ in range(10)]
    asked = [updates.message(person, text="/me") for person in people]
    await asyncio.gather(*(bot.post(update) for update in talk + asked))

    calls = await api.wait_for("sendMessage", len(people))
    assert sorted(int(c.parameters["chat_id"]) for c in calls) == list(range(1000, 1100))
    assert all("I know you in 1 chat" in call.text for call in calls)
    assert {m["messages"] for m in await rows(Membership)} == {10}


def _now():
    from datetime import UTC, datetime

    return datetime.now(UTC)
