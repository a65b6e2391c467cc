"""Rounds of load, in turns: a noisy machine is then equally noisy to all."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from bench.measure import Used, memory_mb
from bench.rows import ROWS
from bench.running import Server, one_round
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


def play_round(server: Server, pace: Pace, postgres_url: str) -> Round:
    """Of a row's own load. Raises RuntimeError when an update was not answered 2xx."""
    load = server.load(pace, talking=ROWS[server.name].talking)
    report, used = one_round(server, load, postgres_url)
    return Round(report, used, memory_mb(server.pid))
