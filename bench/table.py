"""The tables in words and figures."""

from statistics import median

from bench.rounds import Round
from bench.rows import ROWS

_HEAD = (
    "| | updates/s | ratio to (a) | p50 | p95 | p99 ms | server, PostgreSQL CPU µs | "
    "WAL bytes | MB |",
    "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
)


def by_rows(concurrency: int, found: dict[str, list[Round]]) -> list[str]:
    """Medians; the ratio to (a) is the median of each round's, with the lowest and the highest."""
    base = found["nothing"]
    rows = [_row(name, rounds, base) for name, rounds in found.items()]
    noun = "connection" if concurrency == 1 else "connections"
    return [f"### {concurrency} {noun}", "", *_HEAD, *rows, ""]


def _row(name: str, rounds: list[Round], base: list[Round]) -> str:
    row = ROWS[name]
    cells = [
        row.title, f"{per_second(rounds):.0f}", ratio(rounds, base), *latencies(rounds),
        _cpu(rounds, row.engine == "postgres"), _wal(rounds) if row.engine == "postgres" else "",
        f"{max(r.resident for r in rounds):.0f}",
    ]  # fmt: skip
    return as_row(cells)


def as_row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def per_second(rounds: list[Round]) -> float:
    return median(r.report.per_second for r in rounds)


def ratio(rounds: list[Round], base: list[Round]) -> str:
    ratios = [
        r.report.per_second / b.report.per_second for r, b in zip(rounds, base, strict=True)
    ]  # fmt: skip
    return f"{median(ratios):.3f} ({min(ratios):.2f}–{max(ratios):.2f})"


def latencies(rounds: list[Round]) -> list[str]:
    """p50, p95 and p99 in milliseconds, each the median of the rounds."""
    by_percentile = zip(*(r.percentiles() for r in rounds), strict=True)
    return [f"{median(values):.1f}" for values in by_percentile]


def _cpu(rounds: list[Round], has_postgres: bool) -> str:
    server = f"{median(r.used.server / r.report.sent * 1e6 for r in rounds):.0f}"
    postgres = f"{median(r.used.postgres / r.report.sent * 1e6 for r in rounds):.0f}"
    return f"{server}, {postgres}" if has_postgres else server


def _wal(rounds: list[Round]) -> str:
    return f"{median(r.used.wal / r.report.sent for r in rounds):.0f}"
