"""Run the rounds, print the table, write it to `docs/performance.md`: `python -m bench`."""

import argparse
import asyncio
import contextlib
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from bench.measure import Used, create_database, resident_mb, tree_cpu_seconds, written
from bench.servers import SECRET, TOKEN
from tests.postgres import Postgres, temporary_postgres
from tests.process import free_port
from userreg.sandbox.load import Load, run
from userreg.sandbox.load.report import Report
from userreg.sandbox.load.supply import Pace

ROOT = Path(__file__).parent.parent
#: PostgreSQL as one runs it.
DURABLE = dict.fromkeys(("fsync", "synchronous_commit", "full_page_writes", "autovacuum"), "on")
PAGE = ROOT / "docs/performance.md"
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
class Server:
    """A variant in a process of its own."""

    name: str
    port: int
    process: subprocess.Popen[bytes]
    rounds: dict[int, list[tuple[Report, Used]]] = field(default_factory=lambda: defaultdict(list))
    resident: float = 0.0


@contextlib.contextmanager
def serving(name: str, postgres: Postgres, folder: Path, api_port: int) -> Iterator[Server]:
    port = free_port()
    url = f"sqlite://{folder}/{name}.sqlite3" if name == "sqlite" else postgres.url(f"bench_{name}")
    environment = os.environ | {
        "BOT_TOKEN": TOKEN, "WEBHOOK_URL": "https://bot.example.org", "WEBHOOK_SECRET": SECRET,
        "TELEGRAM_API_URL": f"http://127.0.0.1:{api_port}", "DATABASE_URL": url,
        "HOST": "127.0.0.1", "PORT": str(port), "LOG_LEVEL": "ERROR",
    }  # fmt: skip
    if name in ("nothing", "dispatcher", "naive", "answers"):
        command = ["-m", "bench.servers", name, str(port), *([url] if name == "naive" else [])]
    else:
        command = ["-m", "userreg", "run", "--migrate"]
    process = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=environment)
    try:
        _wait_for(port, process)
        yield Server(name, port, process)
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2).close()
                return
            except urllib.error.HTTPError as error:
                if error.code != 503:
                    return
        time.sleep(0.1)
    raise RuntimeError(f"the server on port {port} did not start")


def one_round(server: Server, concurrency: int, seconds: float, postgres: Postgres) -> None:
    _, talking = ROWS[server.name]
    pace = Pace(seconds, None, None, concurrency)
    load = Load(f"http://127.0.0.1:{server.port}/webhook", SECRET, pace, 1, 1, talking)
    before = _used(server, postgres)
    report = run(load)
    if report.unanswered:
        raise RuntimeError(f"{server.name}: {report.as_json()}")
    server.rounds[concurrency].append((report, _used(server, postgres) - before))
    server.resident = max(server.resident, resident_mb(server.process.pid))


def _used(server: Server, postgres: Postgres) -> Used:
    wal, rows = asyncio.run(written(postgres.url()))
    return Used(tree_cpu_seconds(server.process.pid), tree_cpu_seconds(postgres.pid), wal, rows)


def table(servers: list[Server], concurrency: int) -> list[str]:
    """Medians; the ratio to (a) is the median of each round's, with the lowest and the highest."""
    lines = [
        f"### {concurrency} connections", "",
        "| | updates/s | ratio to (a) | p50 | p95 | p99 ms | server, PostgreSQL CPU µs | "
        "WAL bytes, rows | MB |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]  # fmt: skip
    base = [report.per_second for report, _ in servers[0].rounds[concurrency]]
    return lines + [_row(server, server.rounds[concurrency], base) for server in servers] + [""]


def _row(server: Server, rounds: list[tuple[Report, Used]], base: list[float]) -> str:
    def median(value: object) -> float:
        return statistics.median(value(report, used) for report, used in rounds)  # type: ignore[operator]

    ratios = [report.per_second / b for (report, _), b in zip(rounds, base, strict=True)]
    ratio = f"{statistics.median(ratios):.3f} ({min(ratios):.2f}–{max(ratios):.2f})"
    latencies = " | ".join(
        f"{median(lambda r, _, p=p: r.latency.percentile(p) * 1000):.1f}" for p in (50, 95, 99)
    )
    server_us = median(lambda r, used: used.server / r.sent * 1e6)
    is_stored = server.name not in ("nothing", "dispatcher", "sqlite")
    postgres_us = f", {median(lambda r, u: u.postgres / r.sent * 1e6):.0f}" if is_stored else ""
    stored = (
        f"{median(lambda r, u: u.wal / r.sent):.0f}, {median(lambda r, u: u.rows / r.sent):.1f}"
        if is_stored else ""
    )  # fmt: skip
    return (
        f"| {ROWS[server.name][0]} | {median(lambda r, _: r.per_second):.0f} | {ratio} | "
        f"{latencies} | {server_us:.0f}{postgres_us} | {stored} | {server.resident:.0f} |"
    )


def main() -> None:
    options = _options()
    with (
        tempfile.TemporaryDirectory() as folder,
        temporary_postgres(**DURABLE) as postgres,
        contextlib.ExitStack() as stack,
    ):
        answers = stack.enter_context(serving("answers", postgres, Path(folder), 0))
        servers = []
        for name in ROWS:
            asyncio.run(create_database(postgres.url(), f"bench_{name}"))
            servers.append(stack.enter_context(serving(name, postgres, Path(folder), answers.port)))
        for server in servers:  # once, so that nothing is met for the first time
            one_round(server, options.concurrency[-1], options.seconds, postgres)
            server.rounds.clear()
        for concurrency in options.concurrency:
            for number in range(options.rounds):
                print(f"{concurrency} connections, round {number + 1}", file=sys.stderr)
                for server in servers:
                    one_round(server, concurrency, options.seconds, postgres)
        lines = [line for c in options.concurrency for line in table(servers, c)]
    print("\n".join(lines))
    if options.write:
        _write(lines, options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--concurrency", type=int, nargs="+", default=[1, 40, 100])
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(ROOT)}")
    return parser.parse_args()


def _write(lines: list[str], options: argparse.Namespace) -> None:
    text = PAGE.read_text()
    head, _, rest = text.partition("<!-- bench -->\n")
    _, _, tail = rest.partition("<!-- end of bench -->\n")
    machine = (
        f"{date.today():%Y-%m-%d}, {os.cpu_count()} cores of {_processor()}, "
        f"Python {platform.python_version()}, {options.rounds} alternating rounds of "
        f"{options.seconds:g} s.\n"
    )
    body = "\n".join([machine, *lines])
    PAGE.write_text(f"{head}<!-- bench -->\n{body}<!-- end of bench -->\n{tail}")


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


if __name__ == "__main__":
    main()
