"""Run the rounds, print the table, write it to `docs/performance.md`: `python -m bench`."""

import argparse
import asyncio
import contextlib
import statistics
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bench import page
from bench.measure import Used, create_database, memory_mb
from bench.running import DURABLE, Server, comparing, one_round, recording
from bench.servers import SECRET
from tests.postgres import Postgres, temporary_postgres
from userreg.sandbox.load import Load
from userreg.sandbox.load.report import Report
from userreg.sandbox.load.supply import Pace

#: Each row of the table: its name, and the share of its updates that talk to the bot.
ROWS = {
    "nothing": ("(a) aiohttp, secret and body", 0.0),
    "dispatcher": ("(b) aiogram's handler and dispatcher, no database", 0.0),
    "naive": ("(c) aiogram and Tortoise's `update_or_create` × 3, PostgreSQL", 0.0),
    "postgres": ("(d) userreg, PostgreSQL", 0.0),
    "talking": ("(d) userreg, PostgreSQL, 6 % commands and buttons", 0.06),
    "sqlite": ("(e) userreg, SQLite", 0.0),
}


@dataclass
class Variant:
    """A row of the table, and its server."""

    name: str
    server: Server
    rounds: dict[int, list[tuple[Report, Used]]] = field(default_factory=lambda: defaultdict(list))
    resident: float = 0.0

    def load(self, concurrency: int, seconds: float, postgres: Postgres) -> None:
        _, talking = ROWS[self.name]
        pace = Pace(seconds, None, None, concurrency)
        load = Load(self.server.webhook, SECRET, pace, 1, 1, talking)
        self.rounds[concurrency].append(one_round(self.server, load, postgres.url()))
        self.resident = max(self.resident, memory_mb(self.server.pid))


@contextlib.contextmanager
def _serving(name: str, postgres: Postgres, folder: Path, api_port: int) -> Iterator[Variant]:
    url = f"sqlite://{folder}/{name}.sqlite3" if name == "sqlite" else postgres.url(f"bench_{name}")
    if name in ("nothing", "dispatcher", "naive"):
        serving = comparing(name, *([url] if name == "naive" else []))
    else:
        serving = recording(url, api_port)
    with serving as server:
        yield Variant(name, server)


def table(variants: list[Variant], concurrency: int) -> list[str]:
    """Medians; the ratio to (a) is the median of each round's, with the lowest and the highest."""
    lines = [
        f"### {concurrency} connections", "",
        "| | updates/s | ratio to (a) | p50 | p95 | p99 ms | server, PostgreSQL CPU µs | "
        "WAL bytes, rows | MB |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]  # fmt: skip
    base = [report.per_second for report, _ in variants[0].rounds[concurrency]]
    return lines + [_row(each, each.rounds[concurrency], base) for each in variants] + [""]


def _row(variant: Variant, rounds: list[tuple[Report, Used]], base: list[float]) -> str:
    def median(value: object) -> float:
        return statistics.median(value(report, used) for report, used in rounds)  # type: ignore[operator]

    ratios = [report.per_second / b for (report, _), b in zip(rounds, base, strict=True)]
    ratio = f"{statistics.median(ratios):.3f} ({min(ratios):.2f}–{max(ratios):.2f})"
    latencies = " | ".join(
        f"{median(lambda r, _, p=p: r.latency.percentile(p) * 1000):.1f}" for p in (50, 95, 99)
    )
    server_us = median(lambda r, used: used.server / r.sent * 1e6)
    is_stored = variant.name not in ("nothing", "dispatcher", "sqlite")
    postgres_us = f", {median(lambda r, u: u.postgres / r.sent * 1e6):.0f}" if is_stored else ""
    stored = (
        f"{median(lambda r, u: u.wal / r.sent):.0f}, {median(lambda r, u: u.rows / r.sent):.1f}"
        if is_stored else ""
    )  # fmt: skip
    return (
        f"| {ROWS[variant.name][0]} | {median(lambda r, _: r.per_second):.0f} | {ratio} | "
        f"{latencies} | {server_us:.0f}{postgres_us} | {stored} | {variant.resident:.0f} |"
    )


def main() -> None:
    options = _options()
    with (
        tempfile.TemporaryDirectory() as folder,
        temporary_postgres(**DURABLE) as postgres,
        contextlib.ExitStack() as stack,
    ):
        answers = stack.enter_context(comparing("answers"))
        variants = []
        for name in ROWS:
            asyncio.run(create_database(postgres.url(), f"bench_{name}"))
            serving = _serving(name, postgres, Path(folder), answers.port)
            variants.append(stack.enter_context(serving))
        for variant in variants:  # once, so that nothing is met for the first time
            variant.load(options.concurrency[-1], options.seconds, postgres)
            variant.rounds.clear()
        for concurrency in options.concurrency:
            for number in range(options.rounds):
                print(f"{concurrency} connections, round {number + 1}", file=sys.stderr)
                for variant in variants:
                    variant.load(concurrency, options.seconds, postgres)
        lines = [line for c in options.concurrency for line in table(variants, c)]
    print("\n".join(lines))
    if options.write:
        how = f"{options.rounds} alternating rounds of {options.seconds:g} s"
        page.write("bench", how, lines)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--concurrency", type=int, nargs="+", default=[1, 40, 100])
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    return parser.parse_args()


if __name__ == "__main__":
    main()
