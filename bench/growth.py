"""How userreg does with a million people: `python -m bench.growth`, or `make bench-growth`.

Fills a database (`fill.py`), measures what `growth_*.py` say, prints it and writes it to
`docs/performance.md`.
"""

import argparse
import asyncio
import contextlib
import os
import sys
import time
from collections.abc import Iterator
from typing import Final

import asyncpg

from bench import page
from bench.fill import TABLES, Size, fill
from bench.growth_cost import measure_cost
from bench.growth_export import measure_export
from bench.growth_pruning import measure_pruning
from bench.measure import create_database
from bench.running import DURABLE
from tests.postgres import temporary_postgres

#: A quarter of the memory, as PostgreSQL's manual advises; what lies in it is not read again.
_QUARTER: Final = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 4 // 2**20
_SETTINGS: Final = DURABLE | {"shared_buffers": f"{_QUARTER}MB", "max_wal_size": "4GB"}


def main() -> None:
    options = _options()
    size = Size.scaled(options.scale)
    with _filled(size, options.database_url) as url:
        lines = [line for part in _measured(url, size, options) for line in (*part, "")]
    print("\n".join(lines))
    if options.write:
        how = (
            f"scale {options.scale:g}, {options.rounds} alternating rounds of {options.seconds:g} s"
        )
        page.write("growth", how, lines)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.growth", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="1: a million people")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    parser.add_argument("--database-url", help="filled before, at the same scale")
    return parser.parse_args()


@contextlib.contextmanager
def _filled(size: Size, given: str | None) -> Iterator[str]:
    if given:
        yield given
        return
    with temporary_postgres(**_SETTINGS) as postgres:
        begun, url = time.monotonic(), postgres.url("growth_filled")
        asyncio.run(create_database(postgres.url(), "growth_filled"))
        asyncio.run(fill(url, size))
        print(f"filled in {time.monotonic() - begun:.0f} s", file=sys.stderr)
        yield url


def _measured(url: str, size: Size, options: argparse.Namespace) -> Iterator[list[str]]:
    # Each process of a load imports this module, too: it has no need of the whole registry.
    from bench.growth_answers import measure_answers
    from bench.growth_pages import measure_pages

    yield asyncio.run(_rows(url))
    print("answers", file=sys.stderr)
    told = ["### Answers", "", *asyncio.run(measure_answers(url, size))]
    print("pages", file=sys.stderr)
    looked = ["### Pages for administrators", "", *asyncio.run(measure_pages(url, size))]
    print("export", file=sys.stderr)
    exported = ["### Export", "", *asyncio.run(measure_export(url))]
    print("cost", file=sys.stderr)
    new, small = (asyncio.run(_empty(url, name)) for name in ("growth_new", "growth_small"))
    cost, speed = measure_cost(url, new, small, size, options.rounds, options.seconds)
    yield ["### An update, 100 connections", "", *cost]
    yield told
    yield looked
    yield exported
    print("pruning", file=sys.stderr)
    pruning = measure_pruning(url, size, speed / 4, options.rounds, options.seconds)
    yield ["### Pruning, at a quarter of that speed", "", *pruning]


async def _rows(url: str) -> list[str]:
    """How much there is."""
    connection = await asyncpg.connect(url)
    try:
        lines = ["| filled | rows | MB | indexes, MB |", "|---|---:|---:|---:|"]
        for table in TABLES:
            rows, size, indexes = await connection.fetchrow(
                "SELECT reltuples::bigint, pg_table_size(oid) / 1e6, pg_indexes_size(oid) / 1e6"
                " FROM pg_class WHERE oid = $1::text::regclass", table,
            )  # fmt: skip
            lines.append(f"| `{table}` | {rows} | {size:.0f} | {indexes:.0f} |")
        return lines
    finally:
        await connection.close()


async def _empty(url: str, name: str) -> str:
    """The address of a new database beside that one."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await connection.execute(f"CREATE DATABASE {name}")
    finally:
        await connection.close()
    return f"{url.rpartition('/')[0]}/{name}"


if __name__ == "__main__":
    main()
