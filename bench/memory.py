"""Whether userreg's memory stays flat over a million updates: `python -m bench.memory`."""

import argparse
import asyncio
from dataclasses import replace
from itertools import pairwise

from bench.measure import memory_mb, version
from bench.page import machine, publish
from bench.running import DURABLE, Server, recording, send
from bench.table import as_row
from tests.postgres import temporary_postgres
from userreg.sandbox.load.supply import Pace

_TOLD = (
    "Resident memory of the process of `userreg run` (PostgreSQL, 100 connections, as fast as it "
    "answers). Each line's updates come from other people and chats than those before."
)
#: Seconds that a million updates never take.
_LONG = 24 * 3600.0


def main() -> None:
    options = _options()
    with temporary_postgres(**DURABLE) as postgres:
        told = machine(postgres.base, asyncio.run(version(postgres.url())))
        with recording(postgres.url()) as server:
            lines = over_updates(server, options.updates, Pace(_LONG, concurrency=100))
    publish("memory", ["## Memory over many updates", "", told, "", *lines], options.write)


def over_updates(server: Server, updates: list[int], pace: Pace) -> list[str]:
    """The table. `updates` are the counts after which memory is looked at, ascending."""
    rows = [as_row(["0", f"{memory_mb(server.pid):.0f}", ""])]
    for seed, (before, after) in enumerate(pairwise([0, *updates]), 1):
        rows.append(_row(server, after, replace(pace, count=after - before), seed))
    return [_TOLD, "", "| after updates | MB | updates/s |", "|---:|---:|---:|", *rows]


def _row(server: Server, after: int, pace: Pace, seed: int) -> str:
    report = send(server, server.load(pace, seed=seed))
    return as_row([f"{after:,}", f"{memory_mb(server.pid):.0f}", f"{report.per_second:.0f}"])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.memory", description=__doc__)
    parser.add_argument(
        "--updates", type=int, nargs="+", default=[100_000, 250_000, 500_000, 1_000_000]
    )
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    return parser.parse_args()


if __name__ == "__main__":
    main()
