"""Rounds of load, in turns: a noisy machine is then equally noisy to all."""

import asyncio
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from bench.measure import Used, memory_mb, tree_cpu_seconds, wal_written
from bench.rows import ROWS, Server
from tests.postgres import Postgres
from userreg.sandbox.load import Load, Progress, run
from userreg.sandbox.load.report import Report
from userreg.sandbox.load.supply import Pace

Played = TypeVar("Played")


@dataclass(frozen=True)
class Round:
    """What a load was like, what it took, and the server's resident memory in MB after it."""

    report: Report
    used: Used
    resident: float

    def percentiles(self) -> list[float]:
        """Of the latency in milliseconds: p50, p95, p99."""
        return [self.report.latency.percentile(p) * 1000 for p in (50, 95, 99)]


def alternate(
    what: str, servers: Sequence[Server], rounds: int, play: Callable[[Server], Played]
) -> dict[str, list[Played]]:
    """What each server's rounds gave, by its name."""
    found: dict[str, list[Played]] = {server.name: [] for server in servers}
    for number in range(rounds):
        print(f"{what}, round {number + 1}", file=sys.stderr)
        for server in servers:
            found[server.name].append(play(server))
    return found


def one_round(server: Server, pace: Pace, postgres: Postgres) -> Round:
    """Raises RuntimeError when an update was not answered 2xx."""
    before = _used(server, postgres)
    report = send(server, server.load(pace, talking=ROWS[server.name].talking))
    return Round(report, _used(server, postgres) - before, memory_mb(server.pid))


def send(server: Server, load: Load, on_progress: Progress = lambda what, part: None) -> Report:
    """Raises RuntimeError when an update was not answered 2xx, or none was sent."""
    report = run(load, on_progress)
    end_if_stopped(report)
    server.sent += report.sent
    if report.unanswered or report.unsent or not report.sent:
        raise RuntimeError(f"{server.name}: {report.as_json()}")
    return report


def end_if_stopped(report: Report) -> None:
    """A load ends early by a signal, and the measure with it."""
    if report.stopped_by is not None:
        sys.exit(128 + report.stopped_by)


def _used(server: Server, postgres: Postgres) -> Used:
    wal = asyncio.run(wal_written(postgres.url()))
    return Used(tree_cpu_seconds(server.pid), tree_cpu_seconds(postgres.pid), wal)
