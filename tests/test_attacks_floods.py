"""Nobody keeps others waiting or makes the bot fail: by floods, by presses that are made up, or by
what takes the database long."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from tests import updates
from tests.ada import ada_fixture as ada_fixture
from tests.ada import few
from tests.ada import settings_fixture as settings_fixture
from tests.conftest import Talk
from tests.running import Bot, until
from tests.stage import put
from tests.updates import ANN, BOB, GROUP
from userreg import forgetting
from userreg.bot.press import FIRST, Press
from userreg.bot.throttle import Buckets
from userreg.database_url import Database, parse_database_url
from userreg.db import open_database, write_transaction
from userreg.models import DeadLetter
from userreg.sandbox.api import BotApi
from userreg.sandbox.errors import TooManyRequests
from userreg.sql import fetch
from userreg.upsert import Row

#: Of that which only one engine can show.
on_postgres = pytest.mark.parametrize("engine", ["postgres"], indirect=True)

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

    api._call = refuse
    for _ in range(8):
        await bot.tell(updates.message(ANN, GROUP, text="/help"))
    await bot.tell(updates.message(BOB, text="/help"))
    await until(lambda: str(BOB["id"]) in [c.parameters["chat_id"] for c in api.of("sendMessage")])


@pytest.mark.usefixtures("_no_second_passes")
@pytest.mark.parametrize("settings", [{"commands_per_minute": 2}], indirect=True)
async def test_presses_flood_no_group(bot: Bot, api: BotApi, talk: Talk) -> None:
    """Telegram takes 20 messages a minute to a group; the bot here four, of which one is shown."""
    put(bot.telegram.world, GROUP["id"], BOB, "administrator")
    bob = talk(BOB, GROUP)
    await bob.write("/stats")
    shown, data = bob.message, Press.of("picture", BOB["id"], GROUP["id"], "growth", FIRST).pack()
    for _ in range(6):
        await bob.plant(data, shown)
    assert len(api.of("sendPhoto")) == 3


@pytest.fixture
def _no_second_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """For whoever begins to count from here on."""
    monkeypatch.setattr(Buckets.__init__, "__defaults__", (lambda: 0.0,))


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


async def test_letters_that_cannot_name_somebody_are_not_read_for_them(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hundreds of long ones may lie there, and whoever erases holds up those who record."""
    database, read = parse_database_url(database_url), []

    async def spy(*asked: Any) -> list[Row]:
        read.append(await fetch(*asked))
        return read[-1]

    monkeypatch.setattr(forgetting, "fetch", spy)
    async with open_database(database):
        await _bury(database, *range(5000, 5100), ANN["id"])
        async with write_transaction(database) as db:
            assert len(await forgetting.list_letters(ANN["id"], db)) == 1
    assert [len(rows) for rows in read] == [1]


_MANY_ACTS = """
    INSERT INTO audit (at, action, actor_id, subject_id)
    SELECT now(), 'stats', n % 100 + 20000, -n FROM generate_series(1, 400000) AS n;
    INSERT INTO audit (at, action, actor_id) VALUES (now(), 'login', 7);
    SET enable_seqscan = off  -- as whoever writes
"""


@on_postgres
async def test_who_erases_reads_no_more_of_the_audit_than_there_is_of_them(
    database_url: str,
) -> None:
    """And holds up those who record. The planner knows nothing of the audit yet."""
    connection = await asyncpg.connect(database_url)
    await connection.execute(_MANY_ACTS)
    explained = await connection.prepare(f"EXPLAIN (ANALYZE, FORMAT JSON) {forgetting._AUDIT}")
    plan = json.loads(await explained.fetchval([*range(20)]))[0]["Plan"]
    await connection.execute("TRUNCATE audit")  # or each test after it would read what was there
    await connection.close()
    assert 1 <= _rows_read(plan) <= 2


def _rows_read(node: dict[str, Any]) -> float:
    """From tables and indexes."""
    own = node["Actual Rows"] * node["Actual Loops"] if "Relation Name" in node else 0
    return float(own + sum(map(_rows_read, node.get("Plans", []))))


async def _bury(database: Database, *ids: int) -> None:
    """A dead letter about each of these people."""
    at = datetime.now(UTC)
    async with write_transaction(database) as db:
        for id_ in ids:
            body = json.dumps({"id": id_, "text": "п" * 100}).encode()
            letter = DeadLetter(
                digest=f"{id_:064}", body=body, size=len(body), error="x", received_at=at,
                buried_at=at,
            )  # fmt: skip
            await letter.save(using_db=db)
