"""What an update costs in a large registry, in a new one and in a small one."""

import asyncio
import contextlib
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

import asyncpg

from bench.fill import SEED, Size
from bench.measure import Used
from bench.running import PRESSING, SECRET, Server, comparing, one_round, recording
from userreg.sandbox.load import Load
from userreg.sandbox.load.report import Report
from userreg.sandbox.load.supply import Pace

#: The crowd of a small registry.
_FEW: Final = Size(10_000, 300, 0)
#: Rows updated, and those for which no index had to be written, by table.
Updated = dict[str, tuple[int, int]]
#: A session tells what it has done at its end, if not before.
_END_SESSIONS: Final = """
    SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_UPDATED: Final = """
    SELECT relname, n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE n_tup_upd > 0
    ORDER BY relname
"""


@dataclass
class Registry:
    """A database, the crowd that talks in it, and what became of the rounds."""

    name: str
    url: str
    crowd: Size
    rounds: list[tuple[Report, Used]] = field(default_factory=list)
    updated: Updated = field(default_factory=dict)

    def load(self, server: Server, pace: Pace, day: int) -> None:
        load = Load(
            server.webhook, SECRET, pace, seed=SEED, talking=PRESSING, people=self.crowd.people,
            chats=self.crowd.chats, day=day,
        )  # fmt: skip
        self.rounds.append(one_round(server, load, self.url))

    def median(self, value: Callable[[Report, Used], float]) -> float:
        return statistics.median(value(report, used) for report, used in self.rounds)

    @property
    def cost(self) -> float:
        """CPU µs of the server and of PostgreSQL, for an update."""
        return self.median(lambda r, u: (u.server + u.postgres) / r.sent * 1e6)


def measure_cost(
    filled_url: str, new_url: str, small_url: str, size: Size, rounds: int, seconds: float
) -> tuple[list[str], float]:
    """Lines of the page, and how many updates a second the filled registry takes.

    Both of the others are empty in the beginning. The new one hears the same as the filled one.
    """
    few = Size(min(_FEW.people, size.people), min(_FEW.chats, size.chats), 0)
    registries = [
        Registry("small: 10,000 people in 300 chats", small_url, few),
        Registry("new: the crowd of the filled one", new_url, size),
        Registry("filled", filled_url, size),
    ]
    before = asyncio.run(_updated(filled_url))
    with contextlib.ExitStack() as stack:
        servers = list(_served(registries, stack))
        pace = Pace(seconds, None, None, 100)
        for day in range(rounds + 1):
            for registry, server in servers:
                registry.load(server, pace, day)
        for registry in registries:
            del registry.rounds[0]  # which met everything for the first time
    after = asyncio.run(_updated(filled_url))
    speed = registries[-1].median(lambda report, _: report.per_second)
    return [*_table(registries), "", *_hot(before, after)], speed


def _served(
    registries: list[Registry], stack: contextlib.ExitStack
) -> Iterator[tuple[Registry, Server]]:
    answers = stack.enter_context(comparing("answers"))
    for registry in registries:
        yield registry, stack.enter_context(recording(registry.url, answers.port))


async def _updated(url: str) -> Updated:
    connection = await asyncpg.connect(url)
    try:
        await connection.fetch(_END_SESSIONS)
        return {row[0]: (row[1], row[2]) for row in await connection.fetch(_UPDATED)}
    finally:
        await connection.close()


def _table(registries: list[Registry]) -> list[str]:
    small, new, _ = registries
    return [
        "| registry | updates/s | p99 ms | server, PostgreSQL CPU µs | cost, ratio to new | "
        "to small | WAL bytes, rows |",
        "|---|---:|---:|---:|---:|---:|---:|",
        *(_row(registry, new.cost, small.cost) for registry in registries),
    ]  # fmt: skip


def _row(registry: Registry, new: float, small: float) -> str:
    median = registry.median
    return (
        f"| {registry.name} | {median(lambda r, _: r.per_second):.0f} | "
        f"{median(lambda r, _: r.latency.percentile(99) * 1000):.1f} | "
        f"{median(lambda r, u: u.server / r.sent * 1e6):.0f}, "
        f"{median(lambda r, u: u.postgres / r.sent * 1e6):.0f} | "
        f"{registry.cost / new:.2f} | {registry.cost / small:.2f} | "
        f"{median(lambda r, u: u.wal / r.sent):.0f}, "
        f"{median(lambda r, u: u.rows / r.sent):.1f} |"
    )


def _hot(before: Updated, after: Updated) -> list[str]:
    lines = ["| filled | rows updated | of them HOT |", "|---|---:|---:|"]
    for table, (updated, hot) in after.items():
        updated_before, hot_before = before.get(table, (0, 0))
        if count := updated - updated_before:
            share = (hot - hot_before) / count
            lines.append(f"| `{table}` | {count} | {share:.0%} |")
    return lines
