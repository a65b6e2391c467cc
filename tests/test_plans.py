"""No question reads a whole table that grows: the plan of every statement, on both engines."""

import inspect
import json
import re
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.backends.sqlite.client import SqliteClient
from tortoise.connection import get_connection

from tests.grown import GROWING
from tests.grown import grown_fixture as grown_fixture
from tests.questions import CALLS, SCANS
from userreg import (
    browse,
    claims,
    day_by_day,
    dossier,
    forgetting,
    gaps,
    insights,
    lists,
    maintenance,
    names,
    one_chat,
    queries,
    tables,
    totals,
)
from userreg.database_url import Database


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


def _questions(module: ModuleType) -> Iterator[Callable[..., Any]]:
    for name, function in vars(module).items():
        asks = inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)
        if asks and not name.startswith("_") and function.__module__ == module.__name__:
            yield function


def test_every_question_is_asked_here() -> None:
    modules = (
        queries, browse, lists, gaps, day_by_day, insights, dossier, tables, totals, claims, names,
        forgetting, maintenance, one_chat,
    )  # fmt: skip
    asked = {f for module in modules for f in _questions(module)}
    # by the first all of them are asked; the second exports a whole table
    assert asked - {queries.read, tables.write_lines} == CALLS.keys()


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
