"""Who may do what in a chat, as Telegram tells."""

import asyncio
from collections.abc import AsyncIterator

import aiogram
import pytest

from tests import updates
from tests.running import make_settings
from tests.stage import get_to_know, put
from tests.updates import ANN, BOB, SUPERGROUP
from userreg.bot import roles
from userreg.bot.client import open_bot
from userreg.bot.roles import REMEMBERED, Roles
from userreg.sandbox.api import BotApi
from userreg.sandbox.errors import ApiError
from userreg.sandbox.telegram import LocalTelegram

GO, ANN_ID = SUPERGROUP["id"], ANN["id"]


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def of_chats(clock: Clock) -> Roles:
    return Roles(frozenset(), clock)


@pytest.fixture
async def client(telegram: LocalTelegram, api_url: str) -> AsyncIterator[aiogram.Bot]:
    for person in (ANN, BOB):
        get_to_know(telegram.world, updates.message(person, SUPERGROUP))
    async with open_bot(make_settings(telegram_api_url=api_url)) as client:
        yield client


def questions(api: BotApi) -> int:
    return len(api.of("getChatMember"))


@pytest.mark.parametrize(
    ("status", "may"),
    [("creator", True), ("administrator", True), ("member", False), ("restricted", False),
     ("restricted-", False), ("left", False), ("kicked", False)],
)  # fmt: skip
async def test_owners_and_administrators_administer_a_chat(
    client: aiogram.Bot, telegram: LocalTelegram, of_chats: Roles, status: str, may: bool
) -> None:
    put(telegram.world, GO, ANN, status)
    assert await of_chats.is_chat_administrator(client, GO, ANN_ID) is may


async def test_telegram_is_asked_again_after_five_minutes(
    client: aiogram.Bot, api: BotApi, telegram: LocalTelegram, of_chats: Roles, clock: Clock
) -> None:
    put(telegram.world, GO, ANN, "administrator")
    assert await of_chats.is_chat_administrator(client, GO, ANN_ID)
    put(telegram.world, GO, ANN, "member")
    clock.now = REMEMBERED - 1
    assert await of_chats.is_chat_administrator(client, GO, ANN_ID)
    assert questions(api) == 1

    clock.now = REMEMBERED
    assert not await of_chats.is_chat_administrator(client, GO, ANN_ID)
    assert questions(api) == 2


async def test_a_change_that_is_told_counts_at_once(
    client: aiogram.Bot, telegram: LocalTelegram, of_chats: Roles
) -> None:
    put(telegram.world, GO, ANN, "administrator")
    assert await of_chats.is_chat_administrator(client, GO, ANN_ID)
    put(telegram.world, GO, ANN, "member")
    of_chats.forget(GO, ANN_ID)
    assert not await of_chats.is_chat_administrator(client, GO, ANN_ID)


async def test_an_answer_from_before_a_change_is_not_remembered(
    client: aiogram.Bot, api: BotApi, telegram: LocalTelegram, of_chats: Roles
) -> None:
    put(telegram.world, GO, ANN, "administrator")
    api.held = asyncio.Event()
    asked = asyncio.create_task(of_chats.is_chat_administrator(client, GO, ANN_ID))
    await asyncio.sleep(0)
    of_chats.forget(GO, ANN_ID)
    api.held.set()
    assert await asked
    put(telegram.world, GO, ANN, "member")
    assert not await of_chats.is_chat_administrator(client, GO, ANN_ID)


async def test_many_presses_at_once_ask_once(
    client: aiogram.Bot, api: BotApi, telegram: LocalTelegram, of_chats: Roles
) -> None:
    put(telegram.world, GO, ANN, "creator")
    presses = (of_chats.is_chat_administrator(client, GO, ANN_ID) for _ in range(20))
    assert await asyncio.gather(*presses) == [True] * 20
    assert questions(api) == 1


@pytest.mark.parametrize(
    "trouble",
    [ApiError(400, "Bad Request: user not found"), ApiError(403, "Forbidden: bot was kicked"),
     ApiError(500, "Internal Server Error"), "no ChatMember", {"status": "administrator"}],
    ids=str,
)  # fmt: skip
async def test_where_telegram_does_not_tell_nobody_administers_and_it_is_asked_again(
    client: aiogram.Bot, api: BotApi, telegram: LocalTelegram, of_chats: Roles, trouble: object
) -> None:
    put(telegram.world, GO, ANN, "administrator")
    if isinstance(trouble, ApiError):
        api.failures["getChatMember"] = trouble
    else:
        api.answers["getChatMember"] = trouble
    assert not await of_chats.is_chat_administrator(client, GO, ANN_ID)

    api.failures.clear()
    api.answers.clear()
    assert await of_chats.is_chat_administrator(client, GO, ANN_ID)


async def test_a_question_that_failed_is_asked_again(
    client: aiogram.Bot, telegram: LocalTelegram, of_chats: Roles, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise ValueError("the answer is no text")

    put(telegram.world, GO, ANN, "administrator")
    with monkeypatch.context() as patch:
        patch.setattr(roles, "ask_about_member", fail)
        with pytest.raises(ValueError, match="no text"):
            await of_chats.is_chat_administrator(client, GO, ANN_ID)
    assert await of_chats.is_chat_administrator(client, GO, ANN_ID)


async def test_no_more_is_remembered_than_there_is_room_for(
    client: aiogram.Bot, api: BotApi, of_chats: Roles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roles, "MOST", 1)
    for person in (ANN, BOB, BOB, ANN):
        await of_chats.is_chat_administrator(client, GO, person["id"])
    assert questions(api) == 3
