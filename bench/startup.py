"""How long commands take to start, and what is installed: `python -m bench.startup --write`."""

import argparse
import asyncio
import contextlib
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from datetime import date
from pathlib import Path

from bench.measure import create_database
from bench.page import ROOT, publish
from bench.running import SECRET, TOKEN
from tests.postgres import free_port, temporary_postgres

USERREG = [sys.executable, "-m", "userreg"]
#: Commands that need nothing but the database.
COMMANDS = (("export-stats", "--csv"), ("forget", "5", "--yes"), ("migrate",))
#: Packages that are named.
_LARGEST = 8


def seconds(act: Callable[[], None], rounds: int) -> tuple[float, float]:
    """Medians of what has passed and of the CPU's, after a round that does not count."""
    taken = []
    for _ in range(rounds + 1):
        before, used = time.perf_counter(), _cpu_of_children()
        act()
        taken.append((time.perf_counter() - before, _cpu_of_children() - used))
    passed, of_cpu = zip(*taken[1:], strict=True)
    return statistics.median(passed), statistics.median(of_cpu)


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(*command: str, **environment: str) -> Callable[[], None]:
    """The command, to its end. Raises `CalledProcessError`."""

    def act() -> None:
        subprocess.run(
            command, env=os.environ | environment, cwd=ROOT, check=True, capture_output=True
        )

    return act


def run_until_ready(database_url: str) -> Callable[[], None]:
    """`userreg run`, until /readyz is 200."""
    port = free_port()
    environment = os.environ | {
        "BOT_TOKEN": TOKEN, "WEBHOOK_URL": "https://bot.example.org", "WEBHOOK_SECRET": SECRET,
        "DATABASE_URL": database_url, "HOST": "127.0.0.1", "PORT": str(port), "LOG_LEVEL": "ERROR",
    }  # fmt: skip

    def act() -> None:
        process = subprocess.Popen([*USERREG, "run"], cwd=ROOT, env=environment)
        try:
            while process.poll() is None:
                with contextlib.suppress(OSError):
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2).close()
                    return
                time.sleep(0.02)
            raise RuntimeError("userreg run did not start")
        finally:
            process.kill()
            process.wait()

    return act


def times(rounds: int) -> list[str]:
    lines = ["| seconds (of CPU) | SQLite | PostgreSQL |", "|---|---:|---:|"]
    nothing, help_ = run(sys.executable, "-c", "pass"), run(*USERREG, "--help")
    lines.append(_row("`python -c pass`", [seconds(nothing, rounds)]))
    lines.append(_row("`userreg --help`", [seconds(help_, rounds)]))
    with tempfile.TemporaryDirectory() as folder, temporary_postgres() as postgres:
        asyncio.run(create_database(postgres.url(), "startup"))
        urls = (f"sqlite://{folder}/startup.sqlite3", postgres.url("startup"))
        for url in urls:
            run(*USERREG, "migrate", DATABASE_URL=url)()
        for command in COMMANDS:
            taken = [seconds(run(*USERREG, *command, DATABASE_URL=url), rounds) for url in urls]
            lines.append(_row(f"`userreg {' '.join(command)}`", taken))
        taken = [seconds(run_until_ready(url), rounds) for url in urls]
        lines.append(_row("`userreg run`, until `/readyz` is 200", taken))
    return lines


def _row(name: str, taken: list[tuple[float, float]]) -> str:
    cells = [f"{passed:.2f} ({used:.2f})" for passed, used in taken]
    return f"| {' | '.join([name, *cells, ''][:3])} |"


def installed() -> str:
    """MB of a fresh virtual environment with what userreg needs to run, and its largest parts."""
    with tempfile.TemporaryDirectory() as folder:
        python = f"{folder}/bin/python"
        run(sys.executable, "-m", "venv", folder)()
        run(python, "-m", "pip", "install", "--require-hashes", "-r", "requirements.txt")()
        (packages,) = Path(folder).glob("lib/python*/site-packages")
        sizes = {path.name: _megabytes(path) for path in packages.iterdir()}
    sizes = {name: size for name, size in sizes.items() if not name.startswith("pip")}
    largest = sorted(sizes, key=sizes.__getitem__, reverse=True)[:_LARGEST]
    named = ", ".join(f"{name} {sizes[name]:.0f}" for name in largest)
    return f"Installed: {sum(sizes.values()):.0f} MB of packages (without pip); {named}."


def _megabytes(path: Path) -> float:
    files = [path] if path.is_file() else [each for each in path.rglob("*") if each.is_file()]
    return sum(file.stat().st_size for file in files) / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.startup", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    options = parser.parse_args()
    about = f"{date.today():%Y-%m-%d}, medians of {options.rounds}."
    publish("startup", [about, "", *times(options.rounds), "", installed()], options.write)


if __name__ == "__main__":
    main()
