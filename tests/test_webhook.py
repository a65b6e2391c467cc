"""The status policy, to the letter, over real HTTP."""

import asyncio
import gzip
import json

import pytest

from tests import updates
from tests.conftest import everything, row, rows
from tests.running import SECRET, Bot, make_settings, start_bot
from tests.updates import ANN, GROUP
from userreg.app import REGISTRY, create_app
from userreg.bot.webhook import SECRET_HEADER, WebhookHandler
from userreg.errors import SettingInvalid
from userreg.models import DeadLetter, Membership, User
from userreg.sandbox.api import BotApi
from userreg.sandbox.flood import Flood
from userreg.sandbox.telegram import LocalTelegram

VALID = json.dumps(updates.message(ANN, GROUP)).encode()


@pytest.mark.parametrize(
    "given", ["", "wrong", SECRET[:-1], SECRET + "x", SECRET.upper(), "пароль", "x" * 4000]
)
async def test_a_wrong_secret_is_refused_and_nothing_recorded(bot: Bot, given: str) -> None:
    response = await bot.post(VALID, **{SECRET_HEADER: given})

    assert response.status == 401
    assert (await everything())["users"] == []


async def test_a_missing_secret_is_refused(bot: Bot) -> None:
    assert (await bot.client.post("/webhook", data=VALID)).status == 401


async def test_a_secret_of_raw_bytes_is_refused(bot: Bot) -> None:
    reader, writer = await asyncio.open_connection(bot.client.host, bot.client.port)
    head = f"POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n{SECRET_HEADER}: "
    writer.write(head.encode() + b"\xff\xfe\x80" + b"\r\n\r\n{}")
    assert b" 401 " in await reader.readline()
    writer.close()


async def test_both_secrets_are_accepted_while_rotating(
    database_url: str, api_url: str, aiohttp_client, telegram: LocalTelegram
) -> None:
    old = "the-secret-before-this-one-0123456789"
    settings = make_settings(
        database_url=database_url, telegram_api_url=api_url, webhook_secret_old=old
    )
    bot = await start_bot(settings, aiohttp_client, telegram)

    for secret in (SECRET, old):
        response = await bot.post(updates.message(ANN), **{SECRET_HEADER: secret})
        assert response.status == 200
    assert (await bot.post(VALID, **{SECRET_HEADER: "neither"})).status == 401


def test_a_webhook_without_a_secret_is_refused_at_start(tmp_path) -> None:
    with pytest.raises(SettingInvalid, match="WEBHOOK_SECRET"):
        create_app(make_settings(database_url="sqlite://x.sqlite3", webhook_secret=None))
    with pytest.raises(ValueError, match="open to everybody"):
        WebhookHandler(None, None, registry=None, replies=None, secrets=[""])


async def test_other_methods_and_paths_are_405_and_404(bot: Bot) -> None:
    assert (await bot.client.get("/webhook")).status == 405
    assert (await bot.client.post("/elsewhere", data=VALID)).status == 404


async def test_a_body_over_256_kib_is_413(bot: Bot) -> None:
    assert (await bot.post(b" " * (256 * 1024 + 1))).status == 413
    assert (await bot.post(b"x" * (300 * 1024))).status == 413
    assert await rows(DeadLetter) == []


def _update(**fields: object) -> bytes:
    return json.dumps(updates.message(ANN, GROUP) | fields).encode()


def _message(**fields: object) -> bytes:
    update = updates.message(ANN, GROUP)
    update["message"] |= fields
    return json.dumps(update).encode()


RECORDED = {
    "lone surrogates": _message(text="\ud800").replace(b'"hi"', b'"\\ud800"'),
    "a NUL in a name": _message(**{"from": ANN | {"first_name": "A\0nn", "last_name": "\0"}}),
    "a name that never ends": _message(**{"from": ANN | {"first_name": "x" * 60_000}}),
    "a title that never ends": _message(chat=GROUP | {"title": "x" * 60_000}),
    "text that is not UTF-8": _message(text="@@").replace(b"@@", b"\xff\xfe"),
    "64 KiB of text": _message(text="x" * 65_536),
    "an unknown field": _update(something_new={"a": [1, 2, None]}),
    "an unknown kind": json.dumps({"update_id": 999_001, "new_kind": {"from": ANN}}).encode(),
    "nothing but its number": b'{"update_id": 999002}',
    "a status restricted without is_member": json.dumps(
        {"update_id": 999_003, "chat_member": {
            "chat": GROUP, "from": ANN, "date": 5,
            "old_chat_member": {"status": "member", "user": ANN},
            "new_chat_member": {"status": "restricted", "user": ANN}}}).encode(),
    "a chat without a type": _message(chat={"id": -5, "title": "old"}),
    "an empty first name": _message(**{"from": {"id": 77, "first_name": ""}}),
    "a lone NaN beside": VALID[:-1] + b', "x": NaN}',
}  # fmt: skip
PUT_ASIDE = {
    "no JSON": b"hello",
    "nothing": b"",
    "half an update": VALID[:-20],
    "an array": b"[1]",
    "null": b"null",
    "an empty object": b"{}",
    "a true update id": b'{"update_id": true}',
    "a textual update id": b'{"update_id": "5"}',
    "an update id of 2^63": b'{"update_id": 9223372036854775808}',
    "a user id of 2^63": _message(**{"from": ANN | {"id": 2**63}}),
    "a chat id of -2^63": _message(chat=GROUP | {"id": -(2**63)}),
    "a date in milliseconds": _message(date=99_999_999_999_999),
    "a negative date": _message(date=-1),
    "a message that is text": _update(message="hello"),
    "a sender that is a list": _message(**{"from": [1]}),
    "a name that is a number": _message(**{"from": ANN | {"first_name": 5}}),
    "200,000 arrays in each other": b"[" * 100_000 + b"]" * 100_000,
    "200,000 deep inside an update": b'{"update_id":7,"x":' + b"[" * 99_000 + b"]" * 99_000 + b"}",
    "bytes that are no text": b"\xff\xfe\x00\x01",
    "a byte order mark and nothing": b"\xef\xbb\xbf",
}


@pytest.mark.parametrize("name", RECORDED)
async def test_hostile_but_readable_bodies_are_recorded(bot: Bot, name: str) -> None:
    assert (await bot.post(RECORDED[name])).status == 200
    assert await rows(DeadLetter) == []
    await _assert_that_the_chat_goes_on(bot)


@pytest.mark.parametrize("name", PUT_ASIDE)
async def test_hostile_bodies_are_put_aside_once(bot: Bot, name: str) -> None:
    for _ in range(2):
        assert (await bot.post(PUT_ASIDE[name])).status == 200

    letter = await row(DeadLetter)
    assert letter["size"] == len(PUT_ASIDE[name])
    assert letter["error"].startswith("NotAnUpdate")
    await _assert_that_the_chat_goes_on(bot)


async def _assert_that_the_chat_goes_on(bot: Bot) -> None:
    await bot.tell(updates.message(updates.BOB, GROUP))
    assert (await row(Membership, user_id=updates.BOB["id"]))["messages"] == 1


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "xyz", ""])
async def test_compressed_bodies_are_refused_unread(bot: Bot, encoding: str) -> None:
    for body in (gzip.compress(b" " * 50_000_000), VALID, b""):
        response = await bot.post(body, **{"Content-Encoding": encoding})
        assert response.status == 415
    await _assert_that_the_chat_goes_on(bot)


async def test_an_update_that_breaks_its_rows_is_put_aside_and_its_neighbours_are_recorded(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("userreg.rows._text", lambda value, length: value)  # no truncation
    poison = updates.message(ANN | {"first_name": "p\0ison" + "x" * 300}, GROUP)
    good = [updates.message(updates.BOB, GROUP) for _ in range(20)]

    responses = await asyncio.gather(*(bot.post(u) for u in [*good[:10], poison, *good[10:]]))

    assert {response.status for response in responses} == {200}
    assert (await row(Membership, user_id=updates.BOB["id"]))["messages"] == 20
    if bot.client.app[REGISTRY]._database.dialect == "postgres":  # SQLite takes any text
        assert (await row(DeadLetter))["size"] == len(json.dumps(poison))
        assert await rows(User, id=ANN["id"]) == []


async def test_a_fault_of_ours_puts_the_update_aside_and_blocks_nothing(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("userreg.registry.extract_facts", lambda *_: 1 // 0)
        assert (await bot.post(VALID)).status == 200
    assert (await row(DeadLetter))["error"].startswith("ZeroDivisionError")
    await _assert_that_the_chat_goes_on(bot)


async def test_while_draining_updates_are_refused_to_be_sent_again(bot: Bot) -> None:
    bot.client.app[REGISTRY].refuse()

    response = await bot.post(VALID)
    assert response.status == 503
    assert int(response.headers["Retry-After"]) >= 1
    assert (await bot.post(b"no update")).status == 503


async def test_a_slow_telegram_holds_up_no_recording(
    bot: Bot, api: BotApi, telegram: LocalTelegram
) -> None:
    telegram.flood = Flood(per_person=(1000, 1.0))
    api.held = asyncio.Event()
    asked = [updates.message(ANN, text="/help") for _ in range(300)]
    async with asyncio.timeout(10):
        responses = await asyncio.gather(*(bot.post(update) for update in asked))

    assert {response.status for response in responses} == {200}
    assert api.of("sendMessage") == []
    api.held.set()
    assert len(await api.wait_for("sendMessage", 200)) <= 210, "the queue is bounded"


async def test_a_redelivered_command_is_answered_once(bot: Bot, api: BotApi) -> None:
    asked = updates.message(ANN, text="/help")
    await asyncio.gather(*(bot.post(asked) for _ in range(5)))
    await bot.tell(asked, updates.message(ANN, text="/start"))

    calls = await api.wait_for("sendMessage", 2)
    assert [call.text.splitlines()[0] for call in calls] != [calls[0].text.splitlines()[0]] * 2
    assert len(calls) == 2
