"""What happens to updates when the process is killed, told to stop, started twice or sent junk."""

import asyncio
import json
import shutil
import time
from typing import Any

import pytest
from aiohttp import ClientSession

from tests import updates
from tests.conftest import everything, userreg, userreg_anew
from tests.postgres import Postgres
from tests.process import Sender, running, started, terminate
from tests.running import SECRET
from tests.stream import assert_each_is_there_once, stream
from tests.stream import own_postgres_fixture as own_postgres_fixture
from userreg.database_url import parse_database_url
from userreg.db import open_database
from userreg.sandbox.telegram import TOKEN


async def test_after_a_kill_every_answered_update_is_there_once(database_url: str) -> None:
    sent, sender = stream(3_000), Sender()
    async with running(database_url) as program:
        sending = asyncio.create_task(sender.send(program.url, sent))
        await sender.has_acknowledged(1_000)
        program.process.kill()
        unanswered = await sending
    assert 0 < len(unanswered) < 3_000
    async with open_database(parse_database_url(database_url)):
        claimed = {row["update_id"] for row in (await everything())["claimed_updates"]}
    assert sender.acknowledged <= claimed, "answered 200 and lost"

    async with running(database_url) as program:
        assert await Sender().send(program.url, unanswered) == []
    await assert_each_is_there_once(database_url, sent)


async def test_sigterm_drains_and_loses_nothing(database_url: str) -> None:
    sent, sender = stream(4_000), Sender()
    async with running(database_url) as program:
        sending = asyncio.create_task(sender.send(program.url, sent))
        await sender.has_acknowledged(500)
        begun = time.monotonic()
        terminate(program)
        terminate(program)
        unanswered = await sending
        assert await program.ended(within=10) == 0
        assert time.monotonic() - begun < 10
    assert sender.statuses[503] > 0
    assert "Traceback" not in "".join(program.lines)
    left_out = {update["update_id"] for update in unanswered}
    kept = [update for update in sent if update["update_id"] not in left_out]
    await assert_each_is_there_once(database_url, kept)


async def test_readiness_fails_first_when_it_is_told_to_stop(
    migrated_sqlite: Any, tmp_path: Any
) -> None:
    async with running(f"sqlite://{migrated_sqlite}") as program, ClientSession() as session:
        terminate(program)
        statuses = set()
        while 503 not in statuses:
            async with session.get(f"{program.url}/readyz") as response:
                statuses.add(response.status)
                text = await response.text()
        assert text == "draining\n"
        async with session.get(f"{program.url}/livez") as response:
            assert response.status == 200
        assert await program.ended(within=10) == 0


async def test_nobody_can_flood_the_log_with_requests_that_are_no_http(
    migrated_sqlite: Any, tmp_path: Any
) -> None:
    async with running(f"sqlite://{migrated_sqlite}") as program:
        said = len(program.lines)
        for junk in (b"\x16\x03\x01\x02\x00", b"GET / HTTP/9\r\n\r\n", b"x" * 20_000 + b"\r\n\r\n"):
            port = int(program.url.rpartition(":")[2])
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(junk + b"\r\n\r\n")
            await reader.read()
            writer.close()
        assert program.lines[said:] == []


async def test_a_second_process_on_sqlite_is_refused_in_one_sentence(
    migrated_sqlite: Any, tmp_path: Any
) -> None:
    url = f"sqlite://{migrated_sqlite}"
    async with running(url) as first:
        async with started(url) as second:
            assert await second.ended(within=10) == 3
        assert "".join(second.lines).startswith("Error: Another userreg process is writing to")
        assert len(second.lines) == 1
        assert userreg("replay", "-", DATABASE_URL=url).returncode == 3
        reading = userreg("export-stats", "--json", DATABASE_URL=url)
        assert reading.returncode == 0, reading.stderr
        assert await Sender().send(first.url, stream(10)) == []
    async with running(url):
        pass


async def test_a_port_that_is_taken_is_one_sentence(migrated_sqlite: Any, tmp_path: Any) -> None:
    other = shutil.copy(migrated_sqlite, tmp_path / "other.sqlite3")
    async with running(f"sqlite://{migrated_sqlite}") as first:
        port = first.url.rpartition(":")[2]
        second = await asyncio.to_thread(
            userreg_anew, "run", "--port", port, BOT_TOKEN=TOKEN, DATABASE_URL=f"sqlite://{other}",
            WEBHOOK_URL="https://bot.example.org", WEBHOOK_SECRET=SECRET,
            TELEGRAM_API_URL="http://127.0.0.1:1",
        )  # fmt: skip
        assert second.returncode == 3
    assert "cannot be listened on: Address already in use." in second.stderr.splitlines()[-1]


@pytest.mark.parametrize("log_format", ["text", "json"])
async def test_no_secret_reaches_the_log(own_postgres: Postgres, log_format: str) -> None:
    """Everything fails that can fail, at the most talkative level."""
    old, password = "an-old-secret-9876543210-abcdefghij", "canary-of-a-password"
    database_url = own_postgres.url().replace("postgres@", f"postgres:{password}@")
    async with running(
        database_url, LOG_LEVEL="DEBUG", LOG_FORMAT=log_format, WEBHOOK_SECRET_OLD=old,
        TELEGRAM_API_URL="http://127.0.0.1:1",
    ) as program:  # fmt: skip
        asked = [updates.message(updates.ANN, text=f"/help {TOKEN} {SECRET} {old}")]
        odd = updates.message(updates.ANN | {"first_name": f"{TOKEN}\x1b[31m\nred"}, text="/me")
        odd["message"]["via_bot"] = {"id": TOKEN}
        bad = {"update_id": f"{TOKEN} {SECRET}"}
        await Sender(1).send(program.url, [*asked, odd])
        async with ClientSession() as session:
            headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
            await session.post(f"{program.url}/webhook", data=json.dumps(bad), headers=headers)
        own_postgres.stop()
        await Sender(1).send(program.url, stream(2))
        terminate(program)
        await program.ended(within=10)
    log = "".join(program.lines)
    assert "no answer could be sent" in log
    assert "put aside" in log
    for canary in (TOKEN, TOKEN.partition(":")[2], SECRET, old, password, "\x1b"):
        assert canary not in log
    if log_format == "json":
        lines = [json.loads(line) for line in program.lines]
        assert any(line.get("chat_id") == updates.ANN["id"] for line in lines)
    else:
        assert f"chat {updates.ANN['id']}]" in log
