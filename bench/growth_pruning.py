"""What the pruning of old claims does to those who send meanwhile."""

import asyncio
import statistics
from typing import Final

import asyncpg

from bench.fill import SEED, Size
from bench.running import PRESSING, SECRET, comparing, one_round, recording
from userreg.sandbox.load import Load
from userreg.sandbox.load.supply import Pace

#: Claims that were made so many hours ago; their ids come before those of new ones.
_CLAIM: Final = """
    INSERT INTO claimed_updates (id, bot_id, update_id, at)
    SELECT -n, 1, n, now() - interval '1 hour' * $2::int FROM generate_series(1, $1::bigint) AS n
"""
_COUNT: Final = "SELECT count(*) FROM claimed_updates WHERE id < 0"
#: Kept still, and out of their time.
_NEW, _OLD = 1, 49


def measure_pruning(url: str, size: Size, rate: float, rounds: int, seconds: float) -> list[str]:
    """Lines of the page. A server prunes as soon as it runs: in the rounds beside the pruning it
    finds claims that are old, in the others as many that are not."""
    lines = [
        "| claims of 48 hours | updates/s | p50 | p99 ms | pruned a second |",
        "|---|---:|---:|---:|---:|",
    ]
    found: dict[int, list[tuple[float, float, float, float]]] = {_NEW: [], _OLD: []}
    for day in range(rounds):
        for hours in found:
            asyncio.run(_claim(url, size.claims, hours))
            found[hours].append(_round(url, size, Pace(seconds, None, rate, 100), day))
    for hours, name in ((_NEW, "kept"), (_OLD, "pruned meanwhile")):
        speed, p50, p99, pruned = (statistics.median(x) for x in zip(*found[hours], strict=True))
        lines.append(
            f"| {size.claims}, {name} | {speed:.0f} | {p50:.1f} | {p99:.1f} | {pruned:.0f} |"
        )
    return lines


def _round(url: str, size: Size, pace: Pace, day: int) -> tuple[float, float, float, float]:
    with comparing("answers") as answers, recording(url, answers.port) as server:
        load = Load(
            server.webhook, SECRET, pace, seed=SEED, talking=PRESSING, people=size.people,
            chats=size.chats, day=day,
        )  # fmt: skip
        before = asyncio.run(_count(url))
        report, _ = one_round(server, load, url)
        pruned = before - asyncio.run(_count(url))
    p50, p99 = (report.latency.percentile(p) * 1000 for p in (50, 99))
    return report.per_second, p50, p99, pruned / report.seconds


async def _claim(url: str, count: int, hours: int) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("TRUNCATE claimed_updates")
        await connection.execute(_CLAIM, count, hours)
        await connection.execute("VACUUM ANALYZE claimed_updates")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()


async def _count(url: str) -> int:
    connection = await asyncpg.connect(url)
    try:
        return int(await connection.fetchval(_COUNT))
    finally:
        await connection.close()
