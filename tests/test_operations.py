"""What happens to updates when things go wrong: crashes, restarts, a database that is away."""

import asyncio
import contextlib
import json
import os
import signal
import sqlite3
import time
from collections.abc import Awaitable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiohttp import ClientSession

from tests import updates
from tests.conftest import SECRET, everything, rows, userreg, userreg_anew
from tests.postgres import Postgres, temporary_postgres
from tests.process import Sender, running, started, terminate
from tests.stage import hand_made
from userreg.batch import Outcome
from userreg.database_url import Database, parse_database_url
from userreg.db import open_database, write_transaction
from userreg.errors import NotCommitted
from userreg.group_commit import Limits
from userreg.models import Chat, DailyActivity, Membership
from userreg.registry import Receipt, Registry
from userreg.sandbox.api import BotApi
from userreg.sandbox.telegram import TOKEN, LocalTelegram

PEOPLE = [updates.ANN | {"id": 1000 + n, "username": f"user{n}"} for n in range(50)]
CHATS = [updates.SUPERGROUP | {"id": -1001000000100 - n, "title": f"Chat {n}"} for n in range(7)]


def stream(count: int) -> list[dict[str, Any]]:
    return [
        updates.message(PEOPLE[n % len(PEOPLE)], CHATS[n * n % len(CHATS)]) for n in range(count)
    ]


async def assert_each_is_there_once(database_url: str, sent: list[dict[str, Any]]) -> None:
    expected: dict[tuple[int, int], int] = {}
    for update in sent:
        key = (update["message"]["from"]["id"], update["message"]["chat"]["id"])
        expected[key] = expected.get(key, 0) + 1
    async with open_database(parse_database_url(database_url)):
        found = {(r["user_id"], r["chat_id"]): r["messages"] for r in await rows(Membership)}
        assert found == expected
        assert sum(r["messages"] for r in await rows(DailyActivity)) == len(sent)
        claimed = {row["update_id"] for row in (await everything())["claimed_updates"]}
    assert claimed == {update["update_id"] for update in sent}


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
    (tmp_path / "r.sqlite3").write_bytes(migrated_sqlite.read_bytes())
    async with running(f"sqlite://{tmp_path}/r.sqlite3") as program, ClientSession() as session:
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


@pytest.fixture
def own_postgres() -> Any:
    with temporary_postgres(synchronous_commit="on") as server:  # its crashes must lose nothing
        assert userreg("migrate", DATABASE_URL=server.url()).returncode == 0
        yield server


async def _probe(url: str, sender: Sender, waiting: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Send a few of `waiting`; returns what is still to be sent."""
    return await sender.send(url, waiting[:40]) + waiting[40:]


async def test_postgresql_away_is_503_within_a_second_and_nothing_is_lost(
    own_postgres: Postgres,
) -> None:
    sent = stream(2_000)
    async with running(own_postgres.url()) as program, ClientSession() as session:
        waiting = await Sender().send(program.url, sent[:500]) + sent[500:]
        own_postgres.stop()
        away = Sender()
        for _ in range(5):
            waiting = await _probe(program.url, away, waiting)
        async with session.get(f"{program.url}/livez") as response:
            assert response.status == 200
        async with session.get(f"{program.url}/readyz") as response:
            assert (response.status, await response.text()) == (503, "database\n")
        assert set(away.statuses) == {503}
        assert away.retry_after == {"2"}
        assert away.slowest < 1.5, "within a second, on a machine that may be busy"

        own_postgres.start()
        begun = time.monotonic()
        back = Sender()
        while not back.acknowledged:
            waiting = await _probe(program.url, back, waiting)
        assert time.monotonic() - begun < 2
        while waiting:
            waiting = await back.send(program.url, waiting)
    await assert_each_is_there_once(own_postgres.url(), sent)


async def test_postgresql_that_hangs_is_503_within_five_seconds(own_postgres: Postgres) -> None:
    sent = stream(140)
    async with running(own_postgres.url()) as program:
        assert await Sender().send(program.url, sent[:100]) == []
        with _frozen(own_postgres):
            hanging = Sender()
            waiting = await hanging.send(program.url, sent[100:])
            assert set(hanging.statuses) == {503}
            assert hanging.slowest < 6

        begun = time.monotonic()
        back = Sender()
        while waiting:
            waiting = await back.send(program.url, waiting)
        assert time.monotonic() - begun < 5
    await assert_each_is_there_once(own_postgres.url(), sent)


@contextlib.contextmanager
def _frozen(server: Postgres) -> Iterator[None]:
    """The server and all its children stand still, connections stay open."""
    os.kill(server.pid, signal.SIGSTOP)
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    for child in children:
        os.kill(int(child), signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in (server.pid, *map(int, children)):
            os.kill(pid, signal.SIGCONT)


async def test_a_database_that_turns_read_only_is_503_and_no_dead_letter(
    own_postgres: Postgres,
) -> None:
    connection = await asyncpg.connect(own_postgres.url())
    async with running(own_postgres.url()) as program:
        await connection.execute("ALTER SYSTEM SET default_transaction_read_only = on")
        await connection.execute("SELECT pg_reload_conf()")
        read_only = Sender()
        sent = stream(50)
        while not read_only.statuses[503]:
            sent = await read_only.send(program.url, sent) or stream(50)
        await connection.execute("ALTER SYSTEM RESET default_transaction_read_only")
        await connection.execute("SELECT pg_reload_conf()")
        while sent:
            sent = await Sender().send(program.url, sent)
    assert await connection.fetchval("SELECT count(*) FROM dead_letters") == 0
    await connection.close()


async def test_it_starts_while_the_database_is_away_and_works_when_it_comes(
    own_postgres: Postgres,
) -> None:
    own_postgres.stop()
    async with started(own_postgres.url()) as program:
        sender = Sender(concurrency=1)
        while not sender.statuses[503]:
            await sender.send(program.url, stream(1))
            await asyncio.sleep(0.05)
        own_postgres.start()
        await program.wait_until_ready()
        assert await sender.send(program.url, stream(10)) == []


async def test_a_lock_of_another_program_on_sqlite_is_outlived(
    migrated_sqlite: Any, tmp_path: Any
) -> None:
    """A backup holds the write lock for longer than a transaction may take."""
    path = tmp_path / "r.sqlite3"
    path.write_bytes(migrated_sqlite.read_bytes())
    database, sent = parse_database_url(f"sqlite://{path}"), stream(5)
    registry = Registry(database, 1, Limits(commit=0.3, retry=0))
    backup = sqlite3.connect(path)
    async with open_database(database), registry.running():
        backup.execute("BEGIN IMMEDIATE")
        with pytest.raises(NotCommitted):
            await registry.receive(json.dumps(sent[0]).encode())
        backup.rollback()
        for update in sent:
            while True:
                try:
                    receipt = await registry.receive(json.dumps(update).encode())
                    break
                except NotCommitted:
                    continue
            assert receipt.outcome is Outcome.RECORDED
        assert sum(r["messages"] for r in await rows(Membership)) == 5
    backup.close()


async def test_bodies_that_are_no_updates_wait_no_longer_than_others(
    own_postgres: Postgres,
) -> None:
    async with running(own_postgres.url()) as program:
        assert await Sender().send(program.url, stream(20)) == []
        with _frozen(own_postgres):
            junk = Sender(concurrency=30)
            await junk.send(program.url, [{"update_id": f"junk {n}"} for n in range(30)])
        assert set(junk.statuses) == {503}
        assert junk.slowest < 6
        terminate(program)
        assert await program.ended(within=10) == 0


async def test_nobody_can_flood_the_log_with_requests_that_are_no_http(
    migrated_sqlite: Any, tmp_path: Any
) -> None:
    (tmp_path / "r.sqlite3").write_bytes(migrated_sqlite.read_bytes())
    async with running(f"sqlite://{tmp_path}/r.sqlite3") as program:
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
    (tmp_path / "r.sqlite3").write_bytes(migrated_sqlite.read_bytes())
    url = f"sqlite://{tmp_path}/r.sqlite3"
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
    (tmp_path / "r.sqlite3").write_bytes(migrated_sqlite.read_bytes())
    url = f"sqlite://{tmp_path}/r.sqlite3"
    async with running(url) as first:
        other = f"sqlite://{tmp_path}/s.sqlite3"
        (tmp_path / "s.sqlite3").write_bytes(migrated_sqlite.read_bytes())
        port = first.url.rpartition(":")[2]
        second = await asyncio.to_thread(
            userreg_anew, "run", "--port", port, BOT_TOKEN=TOKEN, DATABASE_URL=other,
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


POLLING = {"WEBHOOK_URL": "", "WEBHOOK_SECRET": ""}


def _deliver(telegram: LocalTelegram, *sent: dict[str, Any]) -> None:
    """Make updates ready for getUpdates."""
    telegram.outbox.put(hand_made(update, time.time()) for update in sent)


async def _until_confirmed(telegram: LocalTelegram) -> None:
    """Until a getUpdates with a higher offset has confirmed every update."""
    async with asyncio.timeout(10):
        await telegram.wait_until_delivered()


async def test_polling_records_and_answers_like_the_webhook(
    database_url: str, api: BotApi, api_url: str, telegram: LocalTelegram
) -> None:
    async with running(database_url, TELEGRAM_API_URL=api_url, **POLLING) as program:
        odd = {"update_id": 1, "message": {"chat": {"id": 5}}}  # aiogram would stop at it
        sent = stream(150)
        _deliver(telegram, odd, *sent, updates.message(updates.ANN, text="/help"))
        assert "What you can ask" in (await api.wait_for("sendMessage"))[0].text
        await _until_confirmed(telegram)
        terminate(program)
        assert await program.ended(within=10) == 0
    async with open_database(parse_database_url(database_url)):
        assert sum(r["messages"] for r in await rows(Membership)) == 150
        assert len((await everything())["dead_letters"]) == 1


async def test_polling_confirms_nothing_that_is_not_committed(
    own_postgres: Postgres, api_url: str, telegram: LocalTelegram
) -> None:
    async with running(own_postgres.url(), TELEGRAM_API_URL=api_url, **POLLING) as program:
        own_postgres.stop()
        sent = stream(20)
        _deliver(telegram, *sent)
        await program.says("polling again")
        assert [update.body for update in telegram.outbox.since(0, time.time())] == sent
        own_postgres.start()
        await _until_confirmed(telegram)
    await assert_each_is_there_once(own_postgres.url(), sent)


async def test_polling_while_a_webhook_is_set_says_what_to_do(
    migrated_sqlite: Any, tmp_path: Any, api_url: str, telegram: LocalTelegram
) -> None:
    (tmp_path / "r.sqlite3").write_bytes(migrated_sqlite.read_bytes())
    telegram.webhook.url = "https://elsewhere.example.org"
    url = f"sqlite://{tmp_path}/r.sqlite3"
    async with started(url, TELEGRAM_API_URL=api_url, **POLLING) as program:
        assert await program.ended(within=10) == 5
    assert "run `userreg webhook delete`" in program.lines[-1]


async def _stand_still_meanwhile(database: Database, other: Awaitable[Receipt]) -> None:
    async with write_transaction(database) as db:
        await db.execute_query("UPDATE chats SET title = 'another'")
        assert (await other).outcome is Outcome.RECORDED
        await db.execute_query("SELECT 1")


async def test_a_replica_that_stands_still_holds_up_no_other(own_postgres: Postgres) -> None:
    """Frozen in the middle of a transaction, with a chat locked."""
    database, sent = parse_database_url(own_postgres.url()), stream(2)
    for update in sent:
        update["message"]["chat"] = CHATS[0]
    async with open_database(database), Registry(database, 1).running() as registry:
        await registry.receive(json.dumps(sent[0]).encode())
        with pytest.raises(asyncpg.InterfaceError):
            await _stand_still_meanwhile(database, registry.receive(json.dumps(sent[1]).encode()))
        assert [row["title"] for row in await rows(Chat)] == [CHATS[0]["title"]]


@pytest.mark.ship
async def test_nothing_is_answered_200_that_no_standby_has(own_postgres: Postgres) -> None:
    """Not when it is sent again, either: by then it is there, but on one computer alone."""
    sent, away, back = stream(3), Sender(), Sender()
    connection = await asyncpg.connect(own_postgres.url())
    await connection.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
    await connection.execute("SELECT pg_reload_conf()")
    async with running(own_postgres.url()) as program:
        for _ in range(3):
            await away.send(program.url, sent)
        assert set(away.statuses) == {503}, away.statuses
        await connection.execute("ALTER SYSTEM RESET synchronous_standby_names")
        await connection.execute("SELECT pg_reload_conf()")
        while sent_again := await back.send(program.url, sent):
            assert set(back.statuses) <= {200, 503}, sent_again
    await connection.close()
    await assert_each_is_there_once(own_postgres.url(), sent)
