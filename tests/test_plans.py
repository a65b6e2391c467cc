"""No question reads a whole table that grows: the plan of every statement, on both engines.

The tables hold enough rows for a planner to tell the difference, and PostgreSQL has looked at them.
"""

import inspect
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import asyncpg
import pytest
from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.backends.sqlite.client import SqliteClient
from tortoise.connection import get_connection

from tests.postgres import Postgres
from userreg import (
    browse,
    claims,
    day_by_day,
    dossier,
    filters,
    forgetting,
    gaps,
    insights,
    lists,
    maintenance,
    memory,
    names,
    one_chat,
    queries,
    tables,
    totals,
)
from userreg.database_url import Database, parse_database_url
from userreg.db import open_database, write_transaction
from userreg.migrate import upgrade
from userreg.queries import Cursor
from userreg.upsert import sqlite_time

#: Their rows are as many as there are people, chats, days, updates or acts of administrators.
GROWING = ("users", "chats", "memberships", "known_names", "membership_events", "daily_activity",
           "claimed_updates", "totals", "audit")  # fmt: skip
NOW = datetime.now(UTC).replace(microsecond=0)
ANN, BOB, CHAT = 17, 18, -17
PROFILE = {
    "id": ANN, "first_name": "Ann", "last_name": None, "username": "user18", "first_seen_at": NOW,
    "profile_at": NOW, "profile_update_id": 9, "profile_is_dated": True,
}  # fmt: skip
SEEN = {"id": CHAT, "first_seen_at": NOW, "last_seen_at": NOW}
CLAIM = {"bot_id": 1, "update_id": 90_000, "at": NOW}

Call = Callable[[Database], Awaitable[Any]]


async def _read(stream: AsyncIterator[Any]) -> None:
    async for _ in stream:
        pass


async def _export_all(_: Database) -> None:
    for what in tables.TABLES:
        await _read(tables.stream_rows(what, page=5_000))


async def _writing(database: Database, write: Callable[..., Awaitable[Any]], *values: Any) -> None:
    async with write_transaction(database) as db:
        await write(*values, db)


async def _of_all_and_of_one(ask: Callable[[int | None], Awaitable[Any]]) -> None:
    memory._memories.clear()
    await ask(None)
    await ask(CHAT)


async def _busiest() -> None:
    memory._memories.clear()
    await insights.list_busiest_chats(10)


async def _inactive() -> None:
    for after in (None, insights.Cursor(None, 0), insights.Cursor(NOW, 0)):
        await insights.list_inactive(CHAT, NOW, after, 10)


async def _turned(ask: Callable[..., Awaitable[Any]], *ids: int) -> None:
    """The first page, and those after and before a place."""
    for place in (browse.Place(), browse.Place(BOB), browse.Place(BOB, is_backwards=True)):
        await ask(*ids, place)


#: Whose memberships are listed.
OF_ONE = (("chat_id", CHAT), ("user_id", ANN))


async def _narrowed(
    list_: lists.List, fields: tuple[filters.Field, ...], *besides: dict[str, str]
) -> None:
    """By nothing, by each field, and by each together with one chat or person."""
    typed = {"day": "2030-01-01", "language": "uk", "chat": str(CHAT), "user": str(ANN)}
    each = [{f.name: next(iter(f.choices), typed.get(f.kind, ""))} for f in fields]
    for given in [{}, *each, *(one | more for one in each for more in besides)]:
        asked = filters.read(fields, given)
        await _turned(lambda place, asked=asked: list_(place, asked))
        await list_(browse.Place(), asked, True, lists.PORTION)


async def _sorted_lists() -> None:
    for name, id_ in OF_ONE:
        one = filters.read(filters.MEMBERSHIPS, {name: str(id_), "is_blocked": "no"})
        for sort in lists.SORTS:
            await lists.list_sorted(browse.Place(), one, sort)


async def _largest() -> None:
    memory._memories.clear()
    await lists.list_largest_chats(browse.Place())


async def _searched(ask: Callable[[str], Awaitable[Any]], *words: str) -> None:
    for each in words:
        await ask(each)


async def _in_pages(ask: Callable[..., Awaitable[Any]], *ids: int) -> None:
    """From the beginning, forwards and backwards."""
    for cursor in (None, Cursor(NOW, CHAT), Cursor(NOW, CHAT, is_backwards=True)):
        await ask(*ids, 20, cursor)


#: Every question, asked in a registry of many.
CALLS: dict[Callable[..., Any], Call] = {
    queries.find_user: lambda _: queries.find_user(ANN),
    queries.list_people: lambda _: queries.list_people(ANN),
    queries.list_holders: lambda _: queries.list_holders("user17", BOB),
    queries.list_holders_in_chat: lambda _: queries.list_holders_in_chat("user17", CHAT),
    queries.list_holders_anywhere: lambda _: queries.list_holders_anywhere("user17"),
    queries.list_holders_ever_in_chat: lambda _: queries.list_holders_ever_in_chat("user17", CHAT),
    queries.find_record: lambda _: queries.find_record(ANN, CHAT),
    queries.stream_members: lambda _: _read(queries.stream_members(CHAT, page=20)),
    queries.find_chat: lambda _: queries.find_chat(CHAT),
    queries.list_memberships: lambda _: _in_pages(queries.list_memberships, ANN),
    queries.count_memberships: lambda _: queries.count_memberships(ANN),
    queries.find_membership: lambda _: queries.find_membership(ANN, CHAT),
    queries.list_shared_chats: lambda _: _in_pages(queries.list_shared_chats, ANN, BOB),
    queries.count_shared_chats: lambda _: queries.count_shared_chats(ANN, BOB),
    browse.find_users: lambda _: _searched(browse.find_users, "17", "@User17", "P"),
    browse.list_names: lambda _: browse.list_names(ANN),
    browse.list_steps: lambda _: browse.list_steps(ANN),
    # by a part of the title: all groups and channels, but not the private chats, which are as many
    # as people; an index for it would cost every update of a chat more than it saves a search
    browse.find_chats: lambda _: _searched(browse.find_chats, "-17", "@gogo", "hat"),
    browse.list_members: lambda _: _turned(browse.list_members, CHAT),
    browse.list_administrators_of: lambda _: browse.list_administrators_of(CHAT),
    one_chat.count_by_status: lambda _: one_chat.count_by_status(CHAT),
    one_chat.count_by_link: lambda _: one_chat.count_by_link(CHAT),
    one_chat.list_newcomers: lambda _: one_chat.list_newcomers(CHAT),
    one_chat.find_reconciled: lambda _: one_chat.find_reconciled(CHAT),
    browse.list_letters: lambda _: _turned(browse.list_letters),
    browse.find_letter: lambda _: browse.find_letter(1),
    browse.list_audit: lambda _: _turned(browse.list_audit),
    lists.list_users: lambda _: _narrowed(lists.list_users, filters.USERS),
    lists.list_chats: lambda _: _narrowed(lists.list_chats, filters.CHATS),
    lists.list_memberships: lambda _: _narrowed(
        lists.list_memberships, filters.MEMBERSHIPS, *({each: str(id_)} for each, id_ in OF_ONE)
    ),
    lists.list_sorted: lambda _: _sorted_lists(),
    lists.list_largest_chats: lambda _: _largest(),
    lists.stream: lambda _: _read(lists.stream(lists.list_memberships, lists.NOTHING)),
    tables.count_rows: lambda _: tables.count_rows("memberships"),
    tables.stream_rows: _export_all,
    queries.stream_dead_letters: lambda _: _read(queries.stream_dead_letters()),
    gaps.stream_coverage: lambda _: _read(gaps.stream_coverage()),
    gaps.count_to_ask: lambda _: gaps.count_to_ask(NOW),
    gaps.list_to_ask: lambda _: gaps.list_to_ask(NOW, CHAT, 0, 100),
    gaps.list_chats_without_rights: lambda _: gaps.list_chats_without_rights(20),
    gaps.count_chats_without_rights: lambda _: gaps.count_chats_without_rights(),
    gaps.count_dead_letters: lambda _: gaps.count_dead_letters(),
    day_by_day.list_new_by_day: lambda _: _of_all_and_of_one(day_by_day.list_new_by_day),
    day_by_day.list_steps_by_day: lambda _: _of_all_and_of_one(day_by_day.list_steps_by_day),
    day_by_day.list_activity_by_day: lambda _: _of_all_and_of_one(day_by_day.list_activity_by_day),
    insights.list_busiest_chats: lambda _: _busiest(),
    insights.list_most_active: lambda _: insights.list_most_active(CHAT, 10),
    insights.count_languages: lambda _: _of_all_and_of_one(insights.count_languages),
    insights.count_inactive: lambda _: insights.count_inactive(CHAT, NOW),
    insights.list_inactive: lambda _: _inactive(),
    dossier.list_rows_about: lambda _: dossier.list_rows_about(ANN, CHAT),
    dossier.everything_about: lambda _: dossier.everything_about(ANN),
    forgetting.lock: lambda database: _writing(database, forgetting.lock, [7_991]),
    forgetting.erase: lambda database: _writing(database, forgetting.erase, [7_991, 7_992]),
    forgetting.list_letters: lambda database: _writing(database, forgetting.list_letters, ANN),
    maintenance.maintain: lambda database: maintenance.maintain(database, 1),
    totals.count_people: lambda _: totals.count_people(),
    totals.count_people_in_chat: lambda _: totals.count_people_in_chat(CHAT),
    totals.count_chats_by_type: lambda _: totals.count_chats_by_type(),
    totals.count_all_memberships: lambda _: totals.count_all_memberships(),
    totals.count_confirmed_memberships: lambda _: totals.count_confirmed_memberships(),
    totals.find_coverage: lambda _: totals.find_coverage(CHAT),
    totals.prune: lambda database: _writing(database, _pruned),
    totals.recount: lambda database: _writing(database, totals.recount),
    claims.claim: lambda database: _writing(database, claims.claim, [CLAIM], [SEEN], [PROFILE]),
    names.settle_usernames: lambda database: _writing(
        database, names.settle_usernames, [f"user{BOB}"]
    ),
    # last: who was asked before claims what is not current any more
    forgetting.forget: lambda database: forgetting.forget(database, 7_990),
}
#: Which tables some may read as a whole, and why.
SCANS: dict[Callable[..., Any], tuple[set[str], str]] = {
    tables.count_rows: (set(GROWING), "the length of an export's progress bar; it reads all next"),
    gaps.count_to_ask: ({"chats"}, "the beginning of `reconcile`, which goes on for hours"),
    day_by_day.list_new_by_day: ({"users"}, "of all people; remembered for ten minutes"),
    insights.count_languages: ({"users"}, "of all people; remembered for ten minutes"),
    totals.recount: (set(GROWING), "it counts everything: that is what it is for"),
}


async def _pruned(db: Any) -> None:
    await totals.prune(db, NOW.date() - timedelta(days=31))


def _questions(module: ModuleType) -> Iterator[Callable[..., Any]]:
    for name, function in vars(module).items():
        asks = inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)
        if asks and not name.startswith("_") and function.__module__ == module.__name__:
            yield function


# A registry of many


def _numbers(count: int, dialect: str) -> str:
    if dialect == "postgres":
        return f"generate_series(1, {count}) AS n"
    recursion = f"SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < {count}"
    return f"(WITH RECURSIVE r(n) AS ({recursion}) SELECT n FROM r) AS n"


def _some_day(dialect: str) -> tuple[str, str]:
    """A day, and a time, that differ from person to person."""
    if dialect == "postgres":
        return f"date '{NOW.date()}' - (u % 730)", f"timestamptz '{NOW}' - u % 730 * interval '1d'"
    ago = f"('{NOW.date()}', '-' || (u % 730) || ' days')"
    return f"date{ago}", f"datetime{ago} || '+00:00'"


def _filling(dialect: str) -> list[str]:
    """8,000 people; 1,500 chats of a few members and one of 2,000, and private ones with
    all; what they did, in two years."""
    at = f"'{sqlite_time(NOW - timedelta(hours=1))}'"
    day, then = _some_day(dialect)
    few, many, pairs = (_numbers(count, dialect) for count in (1_500, 8_000, 16_000))
    pairs = (
        "SELECT u, c, {} FROM (SELECT DISTINCT n % 8000 + 1 AS u, CASE n % 8 WHEN 0 THEN -1"
        f" ELSE -1 - n * 7 % 1500 END AS c FROM {pairs}) AS p"
    )
    return [
        "INSERT INTO users (id, first_name, username, is_bot, is_premium, first_seen_at,"
        " last_seen_at, profile_at, profile_update_id) SELECT n, 'P', 'user' || n, false, false,"
        f" {at}, {at}, {at}, 1 FROM {many}",
        "INSERT INTO known_names (user_id, kind, name, first_at, last_at, last_update_id,"
        f" last_is_dated) SELECT n, 'username', 'user' || n, {at}, {at}, 1, true FROM {many}",
        "INSERT INTO chats (id, type, title, is_forum, first_seen_at, last_seen_at, added_by_id,"
        f" bot_is_member, bot_status) SELECT -n, 'group', 'Chat', false, {at}, {at}, n, true,"
        f" CASE n % 50 WHEN 0 THEN 'administrator' ELSE 'member' END FROM {few}",
        "INSERT INTO chats (id, type, is_forum, first_seen_at, last_seen_at) SELECT n, 'private',"
        f" false, {at}, {at} FROM {many}",
        "INSERT INTO memberships (user_id, chat_id, first_seen_at, last_seen_at, messages) "
        + pairs.format(f"{at}, {at}, 1"),
        "INSERT INTO membership_events (user_id, chat_id, at, update_id, new_status, evidence,"
        " actor_id) " + pairs.format(f"{then}, 1, 'member', 'confirmed', u"),
        "INSERT INTO daily_activity (user_id, chat_id, day, messages) " + pairs.format(f"{day}, 1"),
        "INSERT INTO audit (at, action, actor_id, subject_id) "
        f"SELECT {at}, 'stats', n % 100 + 20000, -n FROM {many}",
        f"INSERT INTO claimed_updates (bot_id, update_id, at) SELECT 1, n, {at} FROM {many}",
        f"INSERT INTO known_names (user_id, kind, name, first_at, last_at, last_update_id,"
        f" last_is_dated) VALUES ({ANN}, 'username', 'user{BOB}', {at}, {at}, 2, true)",
        f"UPDATE users SET username = 'user{BOB}' WHERE id = {ANN}",  # which Bob bears, too
        "ANALYZE",
    ]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
async def grown(
    request: pytest.FixtureRequest, postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Database]:
    path: Path = tmp_path_factory.mktemp("grown") / "registry.sqlite3"
    url = f"sqlite://{path}"
    if request.param == "postgres":
        connection = await asyncpg.connect(postgres.url())
        await connection.execute("CREATE DATABASE grown")
        await connection.close()
        url = f"{postgres.url('grown')}?command_timeout=60"
    database = parse_database_url(url)
    await upgrade(database)
    async with open_database(database):
        for statement in _filling(database.dialect):
            await get_connection(database.dialect).execute_query(statement)
        yield database


# Plans


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[Any]]]:
    """The statements that were sent, with their values."""
    statements: list[tuple[str, list[Any]]] = []

    def listen(client: Any, name: str) -> None:
        real = getattr(client, name)

        async def heard(self: Any, query: str, values: list[Any] | None = None) -> Any:
            statements.append((query, values or []))
            return await real(self, query, values)

        monkeypatch.setattr(client, name, heard)

    for client in (AsyncpgDBClient, SqliteClient):
        for name in ("execute_query", "execute_query_dict", "execute_insert"):
            listen(client, name)
    return statements


async def scanned(database: Database, sql: str, values: list[Any]) -> set[str]:
    """The growing tables that the statement reads as a whole."""
    if not sql.lstrip().startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")):
        return set()
    db = get_connection(database.dialect)
    if database.dialect == "postgres":
        (answer,) = await db.execute_query_dict(f"EXPLAIN (FORMAT JSON) {sql}", values)
        leading = await db.execute_query_dict(_LEADING)
        columns = {row["index"]: row["column"] for row in leading}
        plan = json.loads(answer["QUERY PLAN"])[0]["Plan"]
        found = set(_scans_of_postgres(plan, columns, is_page=False))
    else:
        steps = await db.execute_query_dict(f"EXPLAIN QUERY PLAN {sql}", values)
        found = set(_scans_of_sqlite([step["detail"] for step in steps], sql))
    return found & set(GROWING)


_LEADING = """
    SELECT c.relname AS index, a.attname AS column FROM pg_index i
    JOIN pg_class c ON c.oid = i.indexrelid
    JOIN pg_attribute a ON a.attrelid = i.indexrelid AND a.attnum = 1
"""


def _scans_of_postgres(
    node: dict[str, Any], leading: dict[str, str], is_page: bool, table: str = ""
) -> Iterator[str]:
    """`leading`: the first column of each index, without which it has to be read as a whole, too.
    `is_page`: no more is read than a LIMIT wants, in the order of an index."""
    kind, table = node["Node Type"], node.get("Relation Name", table)
    if "Index Name" in node:
        is_whole = leading[node["Index Name"]] not in node.get("Index Cond", "")
        if is_whole and not (is_page and "Filter" not in node):
            yield table
    elif kind == "Seq Scan":
        yield table
    for child in node.get("Plans", ()):
        yield from _scans_of_postgres(child, leading, kind == "Limit", table)


#: No more is read than a LIMIT wants.
_SQLITE_PAGE = re.compile(r'(FROM "\w+" ORDER BY "id" ASC|WHERE true ORDER BY [ua].id DESC) LIMIT')


def _scans_of_sqlite(steps: list[str], sql: str) -> Iterator[str]:
    found = re.findall(r'(?:FROM|JOIN|INTO|UPDATE) "?(\w+)"?(?: (?:AS )?"?(\w+)"?)?', sql)
    named = {alias: table for table, alias in found} | {table: table for table, _ in found}
    is_page = bool(_SQLITE_PAGE.search(sql)) and len(steps) == 1  # a second one would sort
    for step in steps:
        if (scan := re.match(r"SCAN (\w+)", step)) and not is_page:
            yield named.get(scan[1], scan[1])


# Tests


def test_every_question_is_asked_here() -> None:
    modules = (
        queries, browse, lists, gaps, day_by_day, insights, dossier, tables, totals, claims, names,
        forgetting, maintenance, one_chat,
    )  # fmt: skip
    asked = {f for module in modules for f in _questions(module)}
    assert asked - {tables.write_lines} == CALLS.keys()  # which exports a whole table


@pytest.mark.parametrize("question", CALLS, ids=lambda f: f"{f.__module__}.{f.__name__}")
async def test_no_question_reads_a_whole_table(
    grown: Database, asked: list[tuple[str, list[Any]]], question: Callable[..., Any]
) -> None:
    allowed, _ = SCANS.get(question, (set(), ""))
    await CALLS[question](grown)
    assert asked
    for sql, values in list(asked):
        assert await scanned(grown, sql, values) <= allowed, sql


@pytest.mark.parametrize("question", SCANS, ids=lambda f: f"{f.__module__}.{f.__name__}")
async def test_what_may_read_whole_tables_does(
    grown: Database, asked: list[tuple[str, list[Any]]], question: Callable[..., Any]
) -> None:
    """The list above holds no more than it has to; and a scan is seen."""
    await CALLS[question](grown)
    assert [sql for sql, values in list(asked) if await scanned(grown, sql, values)]
