"""What the bot answers to the local Telegram: a success, a failure that is retried, a method."""

from random import Random
from typing import Any

import pytest
from aiohttp import web

from tests.delivering import ANN, BOB, Next, TurnedClock, Webserver, nothing_more, says
from tests.delivering import attempt_fixture as attempt_fixture
from tests.delivering import bot_fixture as bot_fixture
from tests.delivering import clock_fixture as clock_fixture
from tests.delivering import telegram_fixture as telegram_fixture
from userreg.sandbox.api import BotApi
from userreg.sandbox.delivery import Backoff, Webhook
from userreg.sandbox.telegram import LocalTelegram


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
