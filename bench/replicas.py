"""What a second replica on the same PostgreSQL gives, and costs: `python -m bench.replicas`."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from bench.measure import create_database, deadlocks, version
from bench.page import machine, publish
from bench.running import DURABLE, Program, Server, end_if_stopped, serving
from bench.table import as_row, median
from tests.postgres import temporary_postgres
from userreg.sandbox.load import run_together
from userreg.sandbox.load.report import Report
from userreg.sandbox.load.supply import Pace

_TOLD: Final = (
    "Two senders with 50 connections each post updates of the same people in the same chats: both "
    "to one replica, or one to each of two. Everything – senders, replicas and PostgreSQL – shares "
    "the cores of this machine, so a second replica has no core of its own."
)
_HEAD: Final = (
    "| | updates/s | ratio to one replica | p50 | p95 | p99 ms |",
    "|---|---:|---:|---:|---:|---:|",
)
#: Seconds that a million updates never take.
_LONG: Final = 24 * 3600.0
#: Between the update ids of two senders: more than there are microseconds in a day, as the ids of
#: later rounds count those.
_IDS: Final = 10**12


@dataclass
class Outcome:
    """What became of all that was sent to two replicas."""

    answered: int = 0
    retried: int = 0
    refused: int = 0

    def add(self, report: Report) -> None:
        self.answered += report.answered
        self.retried += report.retries
        self.refused += sum(report.statuses.values()) - report.statuses[200]
        self.refused += report.errors.total()

    def lines(self) -> list[str]:
        return [
            f"Of {self.answered:,} updates sent to two replicas {self.refused:,} requests were "
            f"not answered 200, and {self.retried:,} were sent again."
        ]


def main() -> None:
    options = _options()
    with temporary_postgres(**DURABLE) as postgres:
        told = machine(postgres.base, asyncio.run(version(postgres.url())))
        for name in ("bench_one", "bench_two"):
            asyncio.run(create_database(postgres.url(), name))
        urls = [postgres.url(f"bench_{name}") for name in ("one", "two", "two")]
        programs = [Program("userreg", url, is_userreg=True) for url in urls]
        with serving(*programs) as [alone, *both]:
            pace = Pace(options.seconds, concurrency=50)
            compare(alone, both, pace, 1)  # so that nothing is met for the first time
            lines, outcome = compare(alone, both, pace, options.rounds)
            make_up(both, options.updates, outcome)
        locked = asyncio.run(deadlocks(postgres.url("bench_two")))
    lines += ["", *outcome.lines(), f"PostgreSQL counted {locked:,} deadlocks."]
    publish("replicas", ["## Two replicas", "", told, "", *lines], options.write)


def compare(
    alone: Server, both: Sequence[Server], pace: Pace, rounds: int
) -> tuple[list[str], Outcome]:
    """The table, and what became of all that was sent to both. `pace` is each sender's."""
    outcome, singles, doubles = Outcome(), [], []
    for number in range(rounds):
        print(f"replicas, round {number + 1}", file=sys.stderr)
        singles.append(_send([alone, alone], pace, Outcome()))
        doubles.append(_send(both, pace, outcome))
    one = _row("one replica, both senders", singles, singles)
    return [_TOLD, "", *_HEAD, one, _row("two replicas", doubles, singles)], outcome


def make_up(both: Sequence[Server], updates: int, outcome: Outcome) -> None:
    """Send what is missing of so many updates in all."""
    missing = updates - outcome.answered
    if missing > 0:
        _send(both, Pace(_LONG, -(-missing // 2), None, 50), outcome)


def _send(servers: Sequence[Server], pace: Pace, outcome: Outcome) -> Report:
    """From two senders at once, each to its server. The same seed: the same people and chats, who
    do other things on another day."""
    loads = [server.load(pace) for server in servers]
    first = loads[0].first_update_id
    apart = [replace(load, day=n, first_update_id=first + n * _IDS) for n, load in enumerate(loads)]
    report = run_together(apart)
    end_if_stopped(report)
    outcome.add(report)
    return report


def _row(name: str, reports: list[Report], base: list[Report]) -> str:
    ratios = [r.per_second / b.per_second for r, b in zip(reports, base, strict=True)]
    latencies = (median(r.latency.percentile(p) * 1000 for r in reports) for p in (50, 95, 99))
    return as_row([
        name, f"{median(r.per_second for r in reports):.0f}",
        f"{median(ratios):.3f} ({min(ratios):.2f}–{max(ratios):.2f})",
        *(f"{latency:.1f}" for latency in latencies),
    ])  # fmt: skip


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.replicas", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--updates", type=int, default=1_000_000, help="sent to both replicas")
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    return parser.parse_args()


if __name__ == "__main__":
    main()
