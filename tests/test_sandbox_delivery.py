"""The local Telegram delivers as Telegram does: queues, retries, expiry, limits."""

import asyncio
import contextlib
import heapq
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from random import Random
from typing import Any

import pytest
from aiohttp import web

from userreg.sandbox.api import BotApi
from userreg.sandbox.clock import Clock
from userreg.sandbox.delivery import SECRET_HEADER, Backoff, Webhook
from userreg.sandbox.outbox import Outbox
from userreg.sandbox.telegram import LocalTelegram
from userreg.sandbox.world import BOT_ID, Update, World
from userreg.sandbox.world.bot_life import add_bot, change
from userreg.sandbox.world.chats import ADMINISTRATOR, MEMBER, MUTED
from userreg.sandbox.world.members import change as change_member
from userreg.sandbox.world.talk import write

NOW = 1_790_000_000.0
ANN, BOB, GROUP, SUPERGROUP = 101, 102, -100, -1001000000001
DAY = 24 * 3600


class TurnedClock(Clock):
    """Stands still until it is turned on."""

    __test__ = False

    def __init__(self) -> None:
        self.now = NOW
        self._numbers = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Event]] = []

    def time(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        awake = asyncio.Event()
        heapq.heappush(self._sleepers, (self.now + seconds, next(self._numbers), awake))
        if seconds <= 0:
            self.turn(0)
        await awake.wait()

    def turn(self, seconds: float) -> None:
        self.now += seconds
        while self._sleepers and self._sleepers[0][0] <= self.now:
            heapq.heappop(self._sleepers)[2].set()


class Webserver:
    """A bot that answers as it is told, and remembers what it got."""

    def __init__(self) -> None:
        self.answers: list[web.Response] = []
        self.got: list[tuple[dict[str, Any], Any]] = []
        self.in_flight = self.most_in_flight = 0
        self.held: asyncio.Event | None = None
        self._changed = asyncio.Condition()
        self.url = ""

    async def handle(self, request: web.Request) -> web.Response:
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        async with self._changed:
            self.got.append((await request.json(), request.headers))
            self._changed.notify_all()
        if self.held is not None:
            await self.held.wait()
        self.in_flight -= 1
        return self.answers.pop(0) if self.answers else web.Response()

    async def has_got(self, count: int) -> list[int]:
        """The update ids, as soon as there are so many."""
        async with asyncio.timeout(10), self._changed:
            await self._changed.wait_for(lambda: len(self.got) >= count)
        return [update["update_id"] for update, _ in self.got]


@pytest.fixture
async def bot() -> AsyncIterator[Webserver]:
    bot = Webserver()
    app = web.Application()
    app.router.add_post("/webhook", bot.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    bot.url = f"http://127.0.0.1:{runner.addresses[0][1]}/webhook"
    yield bot
    if bot.held is not None:
        bot.held.set()
    await runner.cleanup()


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
async def telegram(clock: TurnedClock, bot: Webserver) -> AsyncIterator[LocalTelegram]:
    async with LocalTelegram(World(), clock=clock).running() as telegram:
        telegram.set_webhook(Webhook(bot.url, "a-secret"))
        yield telegram


def says(telegram: LocalTelegram, person: int = ANN, chat: int | None = None) -> None:
    world = telegram.world
    telegram.do(write, world.chats[chat or person], world.people[person], "/start")


Next = Callable[[], Awaitable[dict[str, Any]]]


@pytest.fixture
async def attempt(telegram: LocalTelegram) -> AsyncIterator[Next]:
    """What the next attempt at a delivery came to."""
    with telegram.events.subscribed() as mailbox:

        async def next_attempt() -> dict[str, Any]:
            async with asyncio.timeout(10):
                while (event := await mailbox.get())["type"] != "delivery":
                    pass
            return event

        yield next_attempt


async def nothing_more(attempt: Next) -> None:
    """Nothing is tried, though there is time for it."""
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await attempt()


async def test_an_update_comes_with_its_secret_as_plain_ascii_json(
    telegram: LocalTelegram, bot: Webserver
) -> None:
    telegram.do(write, telegram.world.chats[ANN], telegram.world.people[ANN], "żółw 👩‍👩‍👧")
    await bot.has_got(1)
    update, headers = bot.got[0]
    assert update["message"]["text"] == "żółw 👩‍👩‍👧"
    assert headers[SECRET_HEADER] == "a-secret"
    assert headers["Content-Type"] == "application/json"
    await telegram.wait_until_delivered()


async def test_a_failed_update_comes_again_at_once_and_then_ever_later(
    telegram: LocalTelegram, bot: Webserver, clock: TurnedClock, attempt: Next
) -> None:
    bot.answers = [web.Response(status=500) for _ in range(9)]
    says(telegram)
    pauses = []
    for number in range(1, 10):
        event = await attempt()
        assert (event["attempt"], event["status"]) == (number, 500)
        pauses.append(event["retry_in"])
        clock.turn(event["retry_in"])
        clock.turn(2)  # while nothing succeeds, connections are opened seldom
    assert pauses[:7] == [0, 2, 4, 8, 16, 32, 64]
    assert all(60 <= pause <= 120 for pause in pauses[7:])
    assert (await attempt())["status"] == 200
    assert len(set(await bot.has_got(10))) == 1
    await telegram.wait_until_delivered()


@pytest.mark.parametrize(
    ("answer", "is_success"),
    [(web.HTTPOk, True), (web.HTTPCreated, True), (web.HTTPNoContent, True),
     (lambda: web.HTTPFound("/elsewhere"), False), (web.HTTPBadRequest, False),
     (web.HTTPUnauthorized, False), (web.HTTPServiceUnavailable, False)],
)  # fmt: skip
async def test_any_2xx_is_success_and_nothing_else(
    telegram: LocalTelegram, bot: Webserver, attempt: Next, answer: Any, is_success: bool
) -> None:
    made = answer()
    bot.answers = [web.Response(status=made.status, headers=dict(made.headers))]
    says(telegram)
    assert ((await attempt())["retry_in"] is None) is is_success


async def test_retry_after_is_obeyed(
    telegram: LocalTelegram, bot: Webserver, clock: TurnedClock, attempt: Next
) -> None:
    bot.answers = [web.Response(status=503, headers={"Retry-After": "7"})]
    says(telegram)
    assert (await attempt())["retry_in"] == 7
    clock.turn(6.9)
    assert len(bot.got) == 1
    clock.turn(0.2)
    assert (await attempt())["status"] == 200


async def test_a_failing_update_holds_up_its_own_queue_and_no_other(
    telegram: LocalTelegram, bot: Webserver, attempt: Next
) -> None:
    bot.answers = [web.Response(status=503, headers={"Retry-After": "600"})]
    says(telegram, ANN, GROUP)
    first = (await attempt())["update_id"]
    says(telegram, BOB, GROUP)
    says(telegram, BOB)
    assert (await attempt())["update_id"] == first + 2
    assert len(telegram.outbox) == 2


async def test_one_update_of_a_queue_is_in_flight_and_many_queues_side_by_side(
    telegram: LocalTelegram, bot: Webserver
) -> None:
    bot.held = asyncio.Event()
    for _ in range(3):
        says(telegram, ANN)
        says(telegram, BOB)
        says(telegram, ANN, GROUP)
    await bot.has_got(3)
    assert bot.most_in_flight == 3
    bot.held.set()
    ids = await bot.has_got(9)
    for queue in range(3):
        mine = [i for i in ids if (i - ids[0]) % 3 == queue % 3]
        assert mine == sorted(mine)
    await telegram.wait_until_delivered()


async def test_no_more_than_max_connections_are_in_flight(
    telegram: LocalTelegram, bot: Webserver
) -> None:
    telegram.set_webhook(Webhook(bot.url, "a-secret", max_connections=2))
    bot.held = asyncio.Event()
    for person in (101, 102, 104, 105):
        says(telegram, person)
    await bot.has_got(2)
    bot.held.set()
    await telegram.wait_until_delivered()
    assert bot.most_in_flight == 2
    assert len(bot.got) == 4


async def test_with_too_many_stuck_queues_nothing_new_is_begun(
    telegram: LocalTelegram, bot: Webserver, attempt: Next
) -> None:
    telegram.set_webhook(Webhook(bot.url, "a-secret", max_connections=1))
    bot.answers = [web.Response(status=503, headers={"Retry-After": "600"}) for _ in range(2)]
    for person in (101, 102, 104):
        says(telegram, person)
    assert {(await attempt())["status"], (await attempt())["status"]} == {503}
    await nothing_more(attempt)
    assert len(telegram.outbox) == 3
    assert len(bot.got) == 2


async def test_what_nobody_answered_for_a_day_is_lost(
    telegram: LocalTelegram, bot: Webserver, clock: TurnedClock, attempt: Next
) -> None:
    bot.answers = [web.Response(status=503, headers={"Retry-After": "3600"}) for _ in range(24)]
    says(telegram)
    for _ in range(24):
        assert (await attempt())["status"] == 503
        clock.turn(3600)
    await telegram.wait_until_delivered()
    assert len(bot.got) == 24
    assert len(telegram.outbox.lost) == 1


async def test_expiry_counts_from_the_event(clock: TurnedClock) -> None:
    outbox = Outbox()
    pressed = Update(1, int(NOW), False, 150, ("callback", ANN), {"update_id": 1}, ())
    outbox.put([pressed])
    assert outbox.first_of(pressed.queue, NOW + 149) is pressed
    assert outbox.first_of(pressed.queue, NOW + 150) is None
    assert not len(outbox)


async def test_an_update_of_more_than_64_kib_is_lost(
    telegram: LocalTelegram, bot: Webserver
) -> None:
    long = "x" * 64 * 1024
    telegram.do(write, telegram.world.chats[ANN], telegram.world.people[ANN], long)
    says(telegram)
    await telegram.wait_until_delivered()
    assert [update["message"]["text"] for update, _ in bot.got] == ["/start"]


async def test_kinds_that_are_off_by_default_come_when_they_are_named(
    telegram: LocalTelegram, bot: Webserver
) -> None:
    """And what does not come takes no update id."""
    world = telegram.world
    chat, cid = world.chats[SUPERGROUP], world.people[104]

    def mute_and_unmute() -> None:
        telegram.do(change_member, chat, cid, MEMBER, world.people[BOB])
        telegram.do(change_member, chat, cid, MUTED, world.people[BOB])

    says(telegram)
    mute_and_unmute()
    says(telegram)
    await telegram.wait_until_delivered()
    telegram.set_webhook(Webhook(bot.url, "a-secret", allowed_updates=["chat_member"]))
    mute_and_unmute()
    says(telegram)
    await telegram.wait_until_delivered()
    kinds = [sorted(update.keys() - {"update_id"})[0] for update, _ in bot.got]
    assert kinds == ["message", "message", "chat_member", "chat_member"]
    ids = [update["update_id"] for update, _ in bot.got]
    assert ids == list(range(ids[0], ids[0] + 4))


async def test_privacy_mode_hides_what_is_not_meant_for_the_bot(
    telegram: LocalTelegram, bot: Webserver
) -> None:
    world = telegram.world
    world.reads_everything = False
    chat, ann, bob = world.chats[SUPERGROUP], world.people[ANN], world.people[BOB]
    telegram.do(change, chat, bob, MEMBER)
    for text in ("hello", "/me", "/me@register_bot", "/me@other_bot", "/me@Register_Bot\nnow"):
        telegram.do(write, chat, ann, text)
    telegram.do(change, chat, bob, ADMINISTRATOR)
    telegram.do(write, chat, ann, "now it hears me")
    await telegram.wait_until_delivered()
    texts = [update["message"]["text"] for update, _ in bot.got if "message" in update]
    assert texts == ["/me", "/me@register_bot", "/me@Register_Bot\nnow", "now it hears me"]


async def test_of_a_chat_that_the_bot_is_not_in_it_hears_nothing(
    telegram: LocalTelegram, bot: Webserver
) -> None:
    world = telegram.world
    chat, ann = world.chats[GROUP], world.people[ANN]
    telegram.do(change, chat, ann, MEMBER)
    chat.statuses.pop(BOT_ID)
    telegram.do(write, chat, ann, "behind its back")
    telegram.do(add_bot, chat, ann)
    await telegram.wait_until_delivered()
    assert not any("behind" in json.dumps(update) for update, _ in bot.got)
    assert "my_chat_member" in bot.got[-1][0] or "my_chat_member" in bot.got[-2][0]


async def test_a_method_in_the_answer_is_carried_out(
    telegram: LocalTelegram, bot: Webserver
) -> None:
    replies = []

    async def remember(reply: dict[str, Any]) -> None:
        replies.append(reply)

    telegram.on_reply = remember
    bot.answers = [web.json_response({"method": "sendMessage", "chat_id": ANN, "text": "hi"})]
    says(telegram)
    await telegram.wait_until_delivered()
    assert replies == [{"method": "sendMessage", "chat_id": ANN, "text": "hi"}]


async def test_410_for_23_hours_ends_the_webhook(
    telegram: LocalTelegram, bot: Webserver, clock: TurnedClock, attempt: Next
) -> None:
    gone = {"Retry-After": "3600"}
    bot.answers = [web.Response(status=410, headers=gone) for _ in range(24)]
    says(telegram)
    for hour in range(24):
        await attempt()
        assert bool(telegram.webhook.url) is (hour < 23)
        clock.turn(3600)


async def test_what_waits_for_its_retry_is_not_sent_to_a_webhook_that_was_closed_meanwhile(
    telegram: LocalTelegram, bot: Webserver, clock: TurnedClock, attempt: Next
) -> None:
    bot.answers = [web.Response(status=503, headers={"Retry-After": "7"})]
    says(telegram)
    assert (await attempt())["status"] == 503
    telegram.webhook.url = ""
    clock.turn(8)
    await nothing_more(attempt)
    assert len(telegram.outbox) == 1


async def test_a_bot_that_is_away_is_retried_and_the_error_is_told(
    telegram: LocalTelegram, bot: Webserver, attempt: Next
) -> None:
    telegram.set_webhook(Webhook("http://127.0.0.1:1/webhook", "a-secret"))
    says(telegram)
    assert (await attempt())["status"] is None
    assert telegram.webhook.last_error_message is not None
    telegram.set_webhook(Webhook(bot.url, "a-secret"))
    await telegram.wait_until_delivered()


async def test_nothing_is_ever_sent_to_another_computer(
    telegram: LocalTelegram, attempt: Next
) -> None:
    telegram.set_webhook(Webhook("https://bot.example.org/webhook", "a-secret"))
    says(telegram)
    event = await attempt()
    assert event["status"] is None
    assert "this computer only" in event["error"]


async def test_the_switch_delivers_each_update_twice(
    telegram: LocalTelegram, bot: Webserver
) -> None:
    telegram.switches.twice = True
    says(telegram)
    says(telegram)
    await telegram.wait_until_delivered()
    ids = await bot.has_got(4)
    assert ids == [ids[0], ids[0], ids[0] + 1, ids[0] + 1]


async def test_the_switch_lets_queues_overtake_each_other_but_keeps_their_own_order(
    telegram: LocalTelegram, bot: Webserver, clock: TurnedClock
) -> None:
    telegram.switches.out_of_order = True
    people = [101, 102, 104, 105]
    for _ in range(5):
        for person in people:
            says(telegram, person)
    with contextlib.suppress(asyncio.CancelledError):
        while len(telegram.outbox):
            clock.turn(0.01)
            await asyncio.sleep(0)
    ids = await bot.has_got(20)
    assert ids != sorted(ids)
    for person in range(4):
        mine = [i for i in ids if (i - min(ids)) % 4 == person]
        assert mine == sorted(mine)


@pytest.mark.parametrize(
    "answer",
    [b'{"a":' * 100_000, b'{"method": 5}', b'{"method": "sendMessage"}', b"{", b"\xff\xfe",
     b'{"method": "setMyCommands", "commands": [], "scope": {"type": []}}',
     b'{"method": "sendMessage", "chat_id": 101, "text": "x", "reply_markup": '
     b'{"inline_keyboard": [[{"text": "a", "callback_data": "\\ud800"}]]}}'],
)  # fmt: skip
async def test_whatever_the_bot_answers_delivery_goes_on(
    telegram: LocalTelegram, bot: Webserver, answer: bytes
) -> None:
    BotApi(telegram)
    bot.answers = [web.Response(body=answer)]
    says(telegram, ANN)
    await telegram.wait_until_delivered()
    says(telegram, BOB)
    await telegram.wait_until_delivered()
    assert len(bot.got) == 2


async def test_what_telegram_ignores_in_an_answer_is_ignored(
    telegram: LocalTelegram, bot: Webserver
) -> None:
    api = BotApi(telegram)
    bot.answers = [web.json_response({"method": name}) for name in ("deleteWebhook", "getMe")]
    says(telegram)
    says(telegram)
    await telegram.wait_until_delivered()
    assert telegram.webhook.url
    assert not api.calls


async def test_a_long_outage_ends_no_delivery_and_retry_after_is_no_failure() -> None:
    backoff = Backoff(Random(1))
    assert [backoff.pause(None), backoff.pause(7), backoff.pause(0), backoff.pause(9999)] == [
        0, 7, 2, 3600,
    ]  # fmt: skip
    assert all(backoff.pause(None) <= 120 for _ in range(2000))


async def test_the_next_update_starts_anew_when_the_one_before_it_is_lost(
    telegram: LocalTelegram, bot: Webserver, clock: TurnedClock, attempt: Next
) -> None:
    bot.answers = [web.Response(status=503, headers={"Retry-After": "3600"}) for _ in range(25)]
    says(telegram)
    for _ in range(24):
        await attempt()
        clock.turn(3600)
    says(telegram)
    event = await attempt()
    assert (event["attempt"], event["status"]) == (1, 503)
