"""The benchmark runs, and its tables are complete: every row, on real servers, for a moment."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

from bench import page
from bench.__main__ import programs_of
from bench.commands import beside_recording
from bench.measure import create_database, deadlocks, rows_written
from bench.memory import over_updates
from bench.quarter import at_a_quarter
from bench.replicas import compare, make_up
from bench.rounds import Round, alternate, play_round
from bench.rows import DJANGO, ROWS
from bench.running import TOKEN, Program, Server, comparing, serving
from bench.table import by_rows
from tests.postgres import Postgres
from userreg.sandbox.load.supply import Pace

NAMES = [name for name in ROWS if name != DJANGO]
SHORT = Pace(0.3, concurrency=10)
#: Updates/s that any machine gets through.
FULL = {"postgres": 200.0, "sqlite": 200.0}
Servers = dict[str, Server]


@pytest.fixture(scope="module")
def servers(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """One of each row, what the bot's answers go to, and a second replica."""
    another = Program("replica", postgres.url("bench_postgres"), is_userreg=True)
    with comparing("answers") as answers:
        programs = programs_of(postgres, tmp_path_factory.mktemp("bench"), answers, None)
        with serving(*programs, another) as servers:
            yield {server.name: server for server in (*servers, answers)}


@contextlib.asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def count(table: str, url: str) -> int:
    async with connected(url) as connection:
        return int(await connection.fetchval(f"SELECT count(*) FROM {table}"))


@pytest.fixture(scope="module")
async def counting(postgres: Postgres) -> str:
    """A database of its own."""
    await create_database(postgres.url(), "bench_counting")
    async with connected(url := postgres.url("bench_counting")) as connection:
        await connection.execute("CREATE TABLE counted (n INT)")
    return url


def table(lines: list[str]) -> dict[str, list[str]]:
    """The rows of a table, by what stands first in them."""
    split = [[cell.strip() for cell in line[1:-1].split("|")] for line in lines if line[:2] == "| "]
    head, *rows = split
    assert rows
    assert {len(row) for row in rows} == {len(head)}
    return {row[0]: row[1:] for row in rows}


def are_figures(cells: list[str]) -> bool:
    """Each begins with one, and none is nothing."""
    return all(float(cell.replace(",", "").split()[0]) > 0 for cell in cells)


@pytest.mark.bench
def test_every_row_of_the_table_is_complete(servers: Servers, postgres: Postgres) -> None:
    def play(server: Server) -> Round:
        return play_round(server, SHORT, postgres.url())

    rows = [servers[name] for name in NAMES]
    found = table(by_rows(10, alternate("rows", rows, 1, play)))
    assert found.keys() == {ROWS[name].title for name in NAMES}
    for name in NAMES:
        cells = found[ROWS[name].title]
        has_postgres = ROWS[name].engine == "postgres"
        assert are_figures([cell for n, cell in enumerate(cells) if n != 5 and (cell or n != 6)])
        assert [", " in cells[5], cells[6] != ""] == [has_postgres, has_postgres]


@pytest.mark.bench
def test_the_peers_store_what_they_are_sent(servers: Servers, postgres: Postgres) -> None:
    for name, prefix in (("naive", "naive"), ("one_statement", "peer")):
        play_round(servers[name], SHORT, postgres.url())
        for kept in ("users", "chats", "memberships"):
            assert asyncio.run(count(f"{prefix}_{kept}", postgres.url(f"bench_{name}"))) > 0


@pytest.mark.bench
def test_at_a_quarter_updates_come_by_the_clock(servers: Servers, postgres: Postgres) -> None:
    recorders = [servers["postgres"], servers["sqlite"]]
    found = table(at_a_quarter(recorders, FULL, Pace(1, concurrency=10), 1, postgres.url()))
    assert found.keys() == {ROWS["postgres"].title, ROWS["sqlite"].title}
    for cells in found.values():
        assert are_figures(cells)
        assert 10 < float(cells[0]) < 55


@pytest.mark.bench
def test_each_command_is_answered_beside_the_load(servers: Servers) -> None:
    recorders = [servers["postgres"], servers["sqlite"]]
    pace = Pace(1, concurrency=10)
    found = table(beside_recording(recorders, servers["answers"], FULL, pace, 1))
    assert {name.split("`")[1] for name in found} == {"/me", "/seen @name", "/whereami"}
    for cells in found.values():
        assert (cells[0], cells[3]) == ("3", "3")
        assert are_figures(cells)


@pytest.mark.bench
def test_memory_is_looked_at_after_so_many_updates(servers: Servers) -> None:
    found = table(over_updates(servers["postgres"], [100, 300], Pace(60, concurrency=10)))
    assert list(found) == ["after updates", "0", "100", "300"][1:]
    assert all(20 < float(megabytes) < 1000 for megabytes, _ in found.values())


@pytest.mark.bench
def test_two_replicas_take_all_that_is_sent_to_both_once(
    servers: Servers, postgres: Postgres
) -> None:
    both, url = [servers["postgres"], servers["replica"]], postgres.url("bench_postgres")
    before = asyncio.run(count("claimed_updates", url))
    lines, outcome = compare(servers["talking"], both, SHORT, 1)
    make_up(both, wanted := outcome.answered + 20, outcome)
    assert all(are_figures(cells) for cells in table(lines).values())
    assert (outcome.answered, outcome.refused, outcome.retried) == (wanted, 0, 0)
    assert asyncio.run(count("claimed_updates", url)) - before == wanted


async def test_what_the_bot_is_answered_is_no_error_for_it() -> None:
    """An error would be logged for each press, and take six times as long as the press."""
    with comparing("answers") as answers:
        api = TelegramAPIServer.from_base(f"http://127.0.0.1:{answers.port}")
        async with Bot(TOKEN, session=AiohttpSession(api=api)) as bot:
            assert await bot.answer_callback_query("1")
            assert (await bot.send_message(1, "x")).text == "x"
            assert await bot.get_chat_member_count(-1) == 42
            assert await bot.get_chat_administrators(-1) == []


async def test_rows_are_counted_when_their_writer_has_left(counting: str) -> None:
    before = await rows_written(counting)
    async with connected(counting) as connection:
        await connection.execute("INSERT INTO counted VALUES (1), (2), (3)")
        await connection.execute("UPDATE counted SET n = n + 10 WHERE n > 1")
    assert await rows_written(counting) - before == 5


async def test_deadlocks_are_counted_when_those_who_met_have_left(counting: str) -> None:
    before = await deadlocks(counting)
    async with connected(counting) as one, connected(counting) as other:
        for key, connection in enumerate((one, other)):
            await connection.execute(f"BEGIN; SELECT pg_advisory_xact_lock({key})")
        meeting = (
            c.execute(f"SELECT pg_advisory_xact_lock({k})") for k, c in ((1, one), (0, other))
        )
        met = await asyncio.gather(*meeting, return_exceptions=True)
    assert [type(e) for e in met if isinstance(e, Exception)] == [asyncpg.DeadlockDetectedError]
    assert await deadlocks(counting) - before == 1


def test_the_machine_is_told_with_what_a_commit_waits_for(tmp_path: Path) -> None:
    assert " cores of " in (told := page.machine(tmp_path, "18.1"))
    assert "PostgreSQL 18.1. A write of 8 kB and its fdatasync" in told


def test_a_page_without_the_marks_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "PAGE", tmp_path / "page.md")
    page.PAGE.write_text(old := "<!-- x -->\nold\n")
    with pytest.raises(ValueError, match="no place for x"):
        page.write_between("x", ["new"])
    assert page.PAGE.read_text() == old
