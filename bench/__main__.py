"""Run the rounds, print the tables, write them to `docs/performance.md`: `python -m bench`."""

import argparse
import asyncio
import tempfile
from dataclasses import replace
from pathlib import Path

from bench.commands import beside_recording
from bench.measure import create_database, rows_written, version
from bench.page import machine, publish
from bench.quarter import at_a_quarter
from bench.rounds import Round, alternate, play_round
from bench.rows import DJANGO, ROWS, USERREG
from bench.running import DURABLE, Program, Server, serving
from bench.table import by_rows, per_second
from tests.postgres import Postgres, temporary_postgres
from userreg.sandbox.load.supply import Pace

#: The rows that are looked at more closely.
_RECORDERS = ("postgres", "sqlite")


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory() as folder, temporary_postgres(**DURABLE) as postgres:
        lines = measure(options, postgres, Path(folder))
    publish("bench", lines, options.write)


def measure(options: argparse.Namespace, postgres: Postgres, folder: Path) -> list[str]:
    """All tables. SQLite's file lies in the folder."""
    told = machine(postgres.base, asyncio.run(version(postgres.url())))
    counted = f"{options.rounds} alternating rounds of {options.seconds:g} s"
    lines = [f"{told} {counted}, at a quarter of full load of {options.open_seconds:g} s.", ""]
    with serving(Program("answers")) as [answers]:
        programs = programs_of(postgres, folder, answers, options.django)
        with serving(*programs) as servers:
            lines += _measure(servers, answers, options, postgres)
        lines.append(_rows_written(servers, postgres))  # by now all of it is counted
    return lines


def _rows_written(servers: list[Server], postgres: Postgres) -> str:
    told = []
    for server in servers:
        if ROWS[server.name].engine == "postgres":
            rows = asyncio.run(rows_written(postgres.url(f"bench_{server.name}")))
            told.append(f"{rows / server.sent:.2f} {ROWS[server.name].title}")
    return f"Rows inserted and updated for each update, in all rounds: {'; '.join(told)}."


def programs_of(
    postgres: Postgres, folder: Path, answers: Server, django: str | None
) -> list[Program]:
    """One for each row, with new databases; Django's where there is a Python that has it."""
    programs = []
    for name, row in ROWS.items():
        url = f"sqlite://{folder}/bench.sqlite3" if row.engine == "sqlite" else ""
        if row.engine == "postgres":
            url = postgres.url(f"bench_{name}")
            asyncio.run(create_database(postgres.url(), f"bench_{name}"))
        program = Program(name, url, answers.port, is_userreg=name in USERREG)
        if name != DJANGO:
            programs.append(program)
        elif django is not None:
            programs.append(replace(program, python=django))
    return programs


def _measure(
    servers: list[Server], answers: Server, options: argparse.Namespace, postgres: Postgres
) -> list[str]:
    most = options.concurrency[-1]
    for server in servers:  # once, so that nothing is met for the first time
        play_round(server, Pace(options.seconds, concurrency=most), postgres.url())
    lines: list[str] = []
    for concurrency in options.concurrency:
        pace = Pace(options.seconds, concurrency=concurrency)

        def play(server: Server, pace: Pace = pace) -> Round:
            return play_round(server, pace, postgres.url())

        found = alternate(f"{concurrency} connections", servers, options.rounds, play)
        lines += by_rows(concurrency, found)
    full = {name: per_second(rounds) for name, rounds in found.items()}
    recorders = [server for server in servers if server.name in _RECORDERS]
    pace = Pace(options.open_seconds, concurrency=most)
    lines += at_a_quarter(recorders, full, pace, options.rounds, postgres.url())
    return lines + beside_recording(recorders, answers, full, pace, options.rounds)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--concurrency", type=int, nargs="+", default=[1, 40, 100])
    parser.add_argument(
        "--open-seconds", type=float, default=10, help="of a round at a quarter of full load"
    )
    parser.add_argument("--django", metavar="PYTHON", help="has bench/requirements-django.txt")
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    return parser.parse_args()


if __name__ == "__main__":
    main()
