"""Nobody keeps others waiting or makes the bot fail: by floods, by presses that are made up, or by
what takes the database long."""

import asyncio
import json
import logging
from datetime import UTC, datetime
from typing import Any

import pytest

from tests import updates
from tests.ada import ada_fixture as ada_fixture
from tests.ada import few
from tests.ada import settings_fixture as settings_fixture
from tests.conftest import Bot, Talk, until
from tests.stage import put
from tests.updates import ANN, BOB, GROUP
from userreg import dossier
from userreg.bot.press import FIRST, Press
from userreg.database_url import parse_database_url
from userreg.db import write_transaction
from userreg.models import DeadLetter
from userreg.sandbox.api import BotApi
from userreg.sandbox.errors import TooManyRequests

#: Of that which only one engine can show.
on_postgres = pytest.mark.parametrize("engine", ["postgres"], indirect=True)
on_sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

# ---- manners


@few
async def test_commands_for_another_bot_are_nothing_to_this_one(bot: Bot, api: BotApi) -> None:
    for _ in range(12):
        await bot.tell(updates.message(ANN, GROUP, text="/play@another_bot x"))
    await bot.tell(updates.message(BOB, text="/help"))
    await bot.has_worked_off(13)
    calls = api.of("sendMessage")
    assert [c.parameters["chat_id"] for c in calls] == [str(BOB["id"])], [c.text for c in calls]


@few
async def test_commands_for_another_bot_silence_this_one_in_no_group(bot: Bot, api: BotApi) -> None:
    for n in range(2):
        for _ in range(10):
            await bot.tell(updates.message(ANN | {"id": 2000 + n, "username": None}, GROUP,
                                           text="/play@another_bot x"))  # fmt: skip
    await bot.tell(updates.message(BOB, GROUP, text="/help"))
    await bot.tell(updates.message(BOB, text="/help"))
    await bot.has_worked_off(22)
    assert str(GROUP["id"]) in [c.parameters["chat_id"] for c in api.of("sendMessage")]


async def test_a_wait_in_one_chat_keeps_nobody_else_waiting(bot: Bot, api: BotApi) -> None:
    call = api._call

    async def refuse(method: str, parameters: Any) -> Any:
        if parameters.values.get("chat_id") == str(GROUP["id"]):
            raise TooManyRequests(30)
        return await call(method, parameters)

    api._call = refuse  # type: ignore[method-assign]
    for _ in range(8):
        await bot.tell(updates.message(ANN, GROUP, text="/help"))
    await bot.tell(updates.message(BOB, text="/help"))
    await until(lambda: str(BOB["id"]) in [c.parameters["chat_id"] for c in api.of("sendMessage")])


@few
async def test_presses_flood_no_group(bot: Bot, api: BotApi, talk: Talk) -> None:
    """Telegram takes 20 messages a minute to a group."""
    put(bot.telegram.world, GROUP["id"], BOB, "administrator")
    bob = talk(BOB, GROUP)
    await bob.write("/stats")
    shown, data = bob.message, Press.of("picture", BOB["id"], GROUP["id"], "growth", FIRST).pack()
    for _ in range(22):
        await bob.plant(data, shown)
    assert 0 < len(api.of("sendPhoto")) <= 20


# ---- what a client makes up


async def test_nothing_that_a_client_makes_up_is_a_fault_of_ours(
    bot: Bot, talk: Talk, caplog: pytest.LogCaptureFixture
) -> None:
    ann = talk(ANN)
    await ann.write("/start")
    with caplog.at_level(logging.ERROR):
        await ann.send("p:in:2t::!!:::")
        await bot.has_worked_off(2)
    assert not [r for r in caplog.records if "an answer failed" in r.message]


async def test_a_nul_in_a_word_is_no_fault_of_ours(
    bot: Bot,
    ada,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await ada.write("/start")
    with caplog.at_level(logging.ERROR):
        await ada.plant(Press.of("report", 900, 0, "a\0b", FIRST).pack())
        await bot.has_worked_off(2)
    assert not [r for r in caplog.records if "an answer failed" in r.message]


# ---- one person against the recording


@on_postgres
async def test_to_be_remembered_who_was_not_forgotten_makes_nobody_wait(
    bot: Bot, talk: Talk, database_url: str
) -> None:
    """Whoever changes the list waits alone, and all writers wait behind."""
    ann = talk(ANN)
    await ann.write("/start")
    async with write_transaction(parse_database_url(database_url)):  # a group migrates, say
        alert = await ann.plant(Press.of("remember", ANN["id"], 0, "", FIRST).pack())
        assert alert is None, "it waited in vain"
        await bot.tell(updates.message(BOB, GROUP))


@on_sqlite
async def test_forgetting_again_and_again_does_not_read_the_whole_audit(
    bot: Bot, talk: Talk, database_url: str
) -> None:
    database = parse_database_url(database_url)
    async with write_transaction(database) as db:
        await db.execute_query(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 200000)"
            " INSERT INTO audit (at, action, actor_id, subject_id, detail)"
            " SELECT '2026-11-01 00:00:00+00:00', 'stats', 900, -i, 'growth' FROM n"
        )
    ann = talk(ANN)
    await ann.write("/forget")
    shown, data = ann.message, Press.of("forget!", ANN["id"], 0, "", FIRST).pack()
    await ann.send(data, shown)
    again = asyncio.create_task(ann.send(data, shown))
    await asyncio.sleep(0.1)
    begun = asyncio.get_running_loop().time()
    await bot.tell(updates.message(BOB, GROUP))
    took = asyncio.get_running_loop().time() - begun
    await again
    assert took < 0.5, f"recording waited {took:.1f} s"


@on_sqlite
async def test_nobodys_forgetting_waits_for_all_dead_letters(
    bot: Bot, talk: Talk, database_url: str
) -> None:
    await _bury(database_url, 400)
    ann = talk(ANN)
    await ann.write("/forget")
    pressing = asyncio.create_task(ann.press("Yes, erase everything"))
    await asyncio.sleep(0.1)
    begun = asyncio.get_running_loop().time()
    await bot.tell(updates.message(BOB, GROUP))
    took = asyncio.get_running_loop().time() - begun
    await pressing
    assert took < 0.5, f"with 400 dead letters recording waited {took:.1f} s"


@on_sqlite
async def test_an_export_stops_nobody(bot: Bot, database_url: str) -> None:
    await _bury(database_url, 100)
    await bot.tell(updates.message(ANN, GROUP))
    loop, longest = asyncio.get_running_loop(), 0.0
    exporting = asyncio.create_task(dossier.everything_about(ANN["id"]))
    while not exporting.done():
        begun = loop.time()
        await asyncio.sleep(0)
        longest = max(longest, loop.time() - begun)
    assert longest < 0.05, f"the loop stood still for {longest * 1000:.0f} ms"


async def _bury(database_url: str, count: int) -> None:
    """So many dead letters that are as long as any."""
    body = json.dumps({"text": "п" * 10_000}).encode()  # 60 KiB, as Telegram escapes
    at = datetime.now(UTC)
    async with write_transaction(parse_database_url(database_url)) as db:
        for n in range(count):
            letter = DeadLetter(
                digest=f"{n:064}", body=body, size=len(body), error="x", received_at=at,
                buried_at=at,
            )  # fmt: skip
            await letter.save(using_db=db)
