"""The local Telegram delivers as Telegram does: what comes, in which order, how much at once."""

import asyncio
import json

from aiohttp import web

from tests.delivering import (
    ANN,
    BOB,
    GROUP,
    NOW,
    SUPERGROUP,
    Next,
    TurnedClock,
    Webserver,
    nothing_more,
    says,
)
from tests.delivering import attempt_fixture as attempt_fixture
from tests.delivering import bot_fixture as bot_fixture
from tests.delivering import clock_fixture as clock_fixture
from tests.delivering import telegram_fixture as telegram_fixture
from userreg.sandbox.delivery import SECRET_HEADER, Webhook
from userreg.sandbox.outbox import Outbox
from userreg.sandbox.telegram import LocalTelegram
from userreg.sandbox.world import BOT_ID, Update
from userreg.sandbox.world.bot_life import add_bot, change
from userreg.sandbox.world.chats import ADMINISTRATOR, MEMBER, MUTED
from userreg.sandbox.world.members import change as change_member
from userreg.sandbox.world.talk import write


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
    while len(telegram.outbox):
        clock.turn(0.01)
        await asyncio.sleep(0)
    ids = await bot.has_got(20)
    assert ids != sorted(ids)
    for person in range(4):
        mine = [i for i in ids if (i - min(ids)) % 4 == person]
        assert mine == sorted(mine)
