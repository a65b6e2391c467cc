"""How long an update takes when the bot is at a quarter of what it can do."""

from bench.rounds import Round, alternate, play_round
from bench.rows import ROWS
from bench.running import Server
from bench.table import as_row, latencies, median, per_second
from userreg.sandbox.load.supply import Pace

_TOLD = (
    "Updates are due by the clock, at a quarter of what the most connections got through, whether "
    "those before them were answered or not. Latency counts from when an update was due; how late "
    "the sender itself was is part of it, and stands beside it."
)


def at_a_quarter(
    servers: list[Server], full: dict[str, float], pace: Pace, rounds: int, postgres_url: str
) -> list[str]:
    """The table. `full` is what each server gets through, in updates/s."""

    def play(server: Server) -> Round:
        return play_round(server, quarter_of(pace, full[server.name]), postgres_url)

    found = alternate("a quarter", servers, rounds, play)
    return [
        "### A quarter of full load", "", _TOLD, "",
        "| | updates/s | p50 | p95 | p99 ms | sender late, p99 ms |",
        "|---|---:|---:|---:|---:|---:|",
        *(_row(name, rounds) for name, rounds in found.items()), "",
    ]  # fmt: skip


def quarter_of(pace: Pace, full: float) -> Pace:
    """As long, over as many connections."""
    return Pace(pace.seconds, None, full / 4, pace.concurrency)


def _row(name: str, rounds: list[Round]) -> str:
    late = median(r.report.lateness.percentile(99) * 1000 for r in rounds)
    cells = [ROWS[name].title, f"{per_second(rounds):.0f}", *latencies(rounds), f"{late:.1f}"]
    return as_row(cells)
