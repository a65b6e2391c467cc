"""How the bot behaves: not too often, not too loud, and only where it is meant."""

import asyncio
from typing import Any

import pytest
from aiogram.exceptions import TelegramRetryAfter
from aiogram.methods import GetMe, SendMessage, TelegramMethod

from tests import updates
from tests.conftest import Ask, Talk, row, rows
from tests.running import Bot
from tests.updates import ANN, BOB, CHANNEL, CID, GROUP, SUPERGROUP
from userreg.bot import patience, throttle
from userreg.bot.patience import Patience
from userreg.bot.throttle import Buckets
from userreg.config import Settings
from userreg.models import Chat, DailyActivity
from userreg.sandbox.api import BotApi
from userreg.sandbox.errors import ApiError, TooManyRequests
from userreg.sandbox.telegram import LocalTelegram


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_gives_its_tokens_and_fills_up_with_time() -> None:
    clock = Clock()
    buckets = Buckets(10, clock)

    assert [buckets.take(1) for _ in range(12)] == [True] * 10 + [False] * 2
    assert buckets.take(2), "others have their own"
    assert buckets.tell_once(1)
    assert not buckets.tell_once(1)
    clock.now = 6.1
    assert [buckets.take(1) for _ in range(2)] == [True, False]
    assert buckets.tell_once(1), "it was answered in between"
    clock.now = 1_000
    assert sum(buckets.take(1) for _ in range(50)) == 10, "no more than a full one"


def test_buckets_of_many_people_take_no_more_room_than_some() -> None:
    buckets = Buckets(10, Clock())
    for user_id in range(throttle._KEPT + 500):
        buckets.take(user_id)
    assert len(buckets._buckets) == throttle._KEPT


@pytest.fixture
def settings(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    """Many questions a minute, unless the test says how few."""
    rate = getattr(request, "param", settings.commands_per_minute)
    return settings.model_copy(update={"commands_per_minute": rate})


few = pytest.mark.parametrize("settings", [3], indirect=True)


@few
async def test_too_many_commands_get_one_notice_then_silence_and_are_recorded_all_the_same(
    talk: Talk,
) -> None:
    ann, bob = talk(ANN), talk(BOB)
    for _ in range(3):
        assert (await ann.write("/start")).startswith("Hello")
    assert "lot of questions" in await ann.write("/start")
    for _ in range(4):
        await ann.write_in_vain("/me")
    assert (await bob.write("/start")).startswith("Hello")
    assert sum(row["messages"] for row in await rows(DailyActivity, user_id=ANN["id"])) == 8


@few
async def test_too_many_presses_are_answered_and_do_nothing(talk: Talk) -> None:
    ann = talk(ANN)
    await ann.write("/start")
    for label in ("Help", "Menu") * 6:
        assert await ann.press(label) is None
    assert "Not so fast" in (await ann.press("Help") or "")
    assert ann.text.startswith("Menu")


@few
async def test_a_group_is_not_flooded_by_the_questions_of_many(bot: Bot, api: BotApi) -> None:
    for n in range(10):
        await bot.tell(
            updates.message(ANN | {"id": 1000 + n, "username": None}, GROUP, text="/help")
        )
    await bot.tell(updates.message(ANN, text="/help"))
    calls = await api.wait_for("sendMessage", 7)
    assert [int(c.parameters["chat_id"]) for c in calls].count(GROUP["id"]) == 6


async def test_in_groups_it_speaks_without_a_sound_and_into_the_topic(
    bot: Bot, ask: Ask, api: BotApi, telegram: LocalTelegram
) -> None:
    telegram.world.chats[SUPERGROUP["id"]].topics[17] = "Openings"
    topic = {"message_thread_id": 17, "is_topic_message": True}
    for text in ("/help", "/me", "/stats", "/seen @cid", "/privacy", "/whereami"):
        await ask(updates.message(ANN, SUPERGROUP, text=text, **topic))
    for call in api.of("sendMessage"):
        assert call.parameters["disable_notification"] == "true"
        assert call.parameters["message_thread_id"] == "17"
    await ask(updates.message(ANN, text="/help"))
    assert api.of("sendMessage")[-1].parameters.get("disable_notification") != "true"


async def test_in_a_channel_it_says_where_it_is_and_how_many_and_nothing_else(
    bot: Bot, ask: Ask, api: BotApi
) -> None:
    await bot.tell(updates.my_chat_member("left", "administrator", CHANNEL))
    answer = await ask(updates.channel_post(text="/whereami"))
    assert answer.startswith("News\nType: channel\nId: -1001000000002")
    assert (await ask(updates.channel_post(text="/stats"))).startswith("News\n")
    for text in ("/me", "/start", "/seen @cid", "/forget", "/export", "/settings", "news"):
        await bot.tell(updates.channel_post(text=text))
    await ask(updates.message(ANN, text="/help"))
    assert len(api.of("sendMessage")) == 3


@pytest.mark.parametrize(
    ("command", "words"),
    [("/start", "Hello, no visible name!"), ("/me", "in the name of a chat"), ("/whereami", "Go\n"),
     ("/stats", "Go\n"), ("/export", "in private"), ("/forget", "in private"),
     ("/settings", "Settings"), ("/privacy", "What I keep")],
)  # fmt: skip
async def test_an_anonymous_administrator_is_answered_as_the_group(
    ask: Ask, command: str, words: str
) -> None:
    asked = updates.message(updates.ANONYMOUS, SUPERGROUP, text=command, sender_chat=SUPERGROUP)
    assert words in await ask(asked)


async def test_whoever_speaks_as_a_channel_is_nobody(ask: Ask) -> None:
    fake = {"id": 136817688, "is_bot": True, "first_name": "Channel", "username": "Channel_Bot"}
    for command, words in (("/me", "in the name of a chat"), ("/settings", "Only administrators")):
        asked = updates.message(fake, SUPERGROUP, text=command, sender_chat=CHANNEL)
        assert words in await ask(asked)


async def test_other_bots_commands_are_left_to_them(bot: Bot, ask: Ask, api: BotApi) -> None:
    await bot.tell(updates.message(ANN, GROUP, text="/stats@another_bot"))
    await ask(updates.message(ANN, GROUP, text="/stats@register_bot"))
    assert len(api.of("sendMessage")) == 1


async def test_told_to_wait_it_waits_and_says_it_again(ask: Ask, api: BotApi) -> None:
    api.failures["sendMessage"] = TooManyRequests(1)
    api.on_call = lambda call: api.failures.clear()
    asked = asyncio.get_running_loop().time()
    await ask(updates.message(ANN, text="/start"))
    calls = await api.wait_for("sendMessage", 2)
    assert [call.error is None for call in calls] == [False, True]
    assert asyncio.get_running_loop().time() - asked >= 1


@pytest.mark.parametrize(
    ("method", "retry_after", "tries"),
    [(SendMessage(chat_id=1, text="x"), 7, patience.TRIES),
     (SendMessage(chat_id=1, text="x"), 31, 1), (GetMe(), 7, 1)],
)  # fmt: skip
async def test_it_does_not_wait_for_ever(
    method: TelegramMethod[Any], retry_after: int, tries: int
) -> None:
    waited: list[float] = []
    asked: list[Any] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    async def refuse(bot: Any, method: Any) -> Any:
        asked.append(method)
        raise TelegramRetryAfter(method, "Too Many Requests", retry_after)

    with pytest.raises(TelegramRetryAfter):
        await Patience(sleep)(refuse, None, method)
    assert len(asked) == tries
    assert waited == [retry_after] * (tries - 1)


async def test_whoever_has_blocked_the_bot_is_recorded_and_nobody_else_waits(
    bot: Bot, api: BotApi
) -> None:
    api.failures["sendMessage"] = ApiError(403, "Forbidden: bot was blocked by the user")
    await bot.tell(updates.message(ANN, text="/start"))
    await api.wait_for("sendMessage")
    api.failures.clear()
    await bot.tell(updates.message(CID, text="/start"))
    await api.wait_for("sendMessage", 2)
    assert (await row(Chat, id=ANN["id"]))["bot_status"] == "kicked"


async def test_no_answer_waits_for_a_thread(
    bot: Bot, ask: Ask, api: BotApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """aiogram gives to one whatever is no coroutine, filters too."""

    async def refuse(work: Any, *_: Any) -> None:
        raise AssertionError(f"{work} runs in a thread")

    monkeypatch.setattr("aiogram.dispatcher.event.handler.asyncio.to_thread", refuse)
    assert await ask(updates.message(ANN, text="/me"))
    assert await ask(updates.message(ANN, text="/nothing"))
    assert await ask(updates.my_chat_member("left", "member", GROUP))
