"""How long somebody who asks the bot waits for its answer, while others write."""

import asyncio
import json
import threading
import time
import urllib.request
from collections import defaultdict, deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Final

from bench.quarter import quarter_of
from bench.rounds import alternate
from bench.rows import ROWS
from bench.running import Server, send
from bench.table import as_row
from userreg.sandbox.load.report import Durations
from userreg.sandbox.load.supply import Pace
from userreg.sandbox.load.wire import Connection, Target, target_of
from userreg.sandbox.outbox import serialize
from userreg.sandbox.world import Json
from userreg.sandbox.world.crowd import stream

#: Commands in a second, and how many others come between two of one chat: its answers are told
#: apart by that.
_PER_SECOND: Final = 20
_BETWEEN: Final = 20
#: Seconds after which an answer will not come any more.
_PATIENCE: Final = 10.0
#: Far above the ids of any load, which count microseconds.
_IDS: Final = 10**15
_NAMES: Final = tuple(
    f"`{command}` {where}"
    for command in ("/me", "/seen @name", "/whereami")
    for where in ("in private", "in a group")
)
_TOLD: Final = (
    f"Beside the same load {_PER_SECOND} commands a second are sent; each waits from its POST "
    "leaving until the request with the answer arrives at the Bot API server."
)
Waits = dict[str, Durations]


@dataclass(frozen=True)
class Command:
    """`name` is the row: what is asked, and where."""

    name: str
    chat_id: int
    body: bytes


def beside_recording(
    servers: list[Server], answers: Server, full: dict[str, float], pace: Pace, rounds: int
) -> list[str]:
    """The table: percentiles of all rounds together. `full` is in updates/s."""
    commands = commands_of_the_crowd(time.time_ns() // 1000 + _IDS)

    def play(server: Server) -> Waits:
        quarter = quarter_of(pace, full[server.name])
        return _ask_beside(server, answers, quarter, commands)

    found = alternate("commands", servers, rounds, play)
    waits = [_together(found[server.name]) for server in servers]
    engines = " | ".join(f"{ROWS[s.name].title}: asked | p50 | p95 ms" for s in servers)
    return [
        "### Commands beside a quarter of full load", "", _TOLD, "",
        f"| | {engines} |", f"|---|{'---:|---:|---:|' * len(servers)}",
        *(_row(name, waits) for name in _NAMES), "",
    ]  # fmt: skip


def commands_of_the_crowd(first_update_id: int) -> Iterator[Command]:
    """Of the same people in the same chats as the load's, each command as often as the others.
    Nobody asks where somebody has just asked."""
    lately: deque[int] = deque(maxlen=_BETWEEN)
    wanted = cycle(_NAMES)
    name = next(wanted)
    updates = stream(1, talking=1.0, now=int(time.time()), first_update_id=first_update_id)
    for update in updates:
        message = update.body.get("message")
        if message and _name(message) == name and message["chat"]["id"] not in lately:
            lately.append(message["chat"]["id"])
            yield Command(name, message["chat"]["id"], serialize(update))
            name = next(wanted)


def _name(message: Json) -> str:
    word, _, argument = message.get("text", "").partition(" ")
    where = "in private" if message["chat"]["type"] == "private" else "in a group"
    return f"`{word} @name` {where}" if argument.startswith("@") else f"`{word}` {where}"


def _ask_beside(server: Server, answers: Server, pace: Pace, commands: Iterator[Command]) -> Waits:
    is_sending = threading.Event()
    asked = list(islice(commands, max(round(pace.seconds * 0.9 * _PER_SECOND), 1)))

    def ask() -> Waits:
        is_sending.wait()
        return _ask(server, answers, asked)

    def hear(doing: str, part: float) -> None:
        if doing == "Sending":
            is_sending.set()

    with ThreadPoolExecutor(1) as thread:
        asking = thread.submit(ask)
        try:
            send(server, server.load(pace), hear)
        finally:
            is_sending.set()
        return asking.result()


def _ask(server: Server, answers: Server, asked: list[Command]) -> Waits:
    """Raises RuntimeError when an answer does not come."""
    _arrivals(answers)
    load = server.load(Pace())
    waiting = asyncio.run(_post(target_of(load.url, load.secret), asked))
    server.sent += sum(map(len, waiting.values()))
    waits: Waits = defaultdict(Durations)
    deadline = time.monotonic() + _PATIENCE
    while any(waiting.values()):
        for at, chat_id in _arrivals(answers):
            name, posted_at = waiting[chat_id].popleft()
            waits[name].add(at - posted_at)
        if time.monotonic() > deadline:
            raise RuntimeError(f"{server.name}: {sum(map(len, waiting.values()))} without answer")
        time.sleep(0.05)
    return waits


def _arrivals(answers: Server) -> list[tuple[float, int]]:
    with urllib.request.urlopen(f"http://127.0.0.1:{answers.port}/arrivals", timeout=5) as told:
        return [(at, chat_id) for at, chat_id in json.load(told)]


async def _post(target: Target, commands: Iterator[Command]) -> dict[int, deque[tuple[str, float]]]:
    """By the clock, whether those before were answered or not. By chat: which were posted, when."""
    posted: dict[int, deque[tuple[str, float]]] = defaultdict(deque)
    idle: list[Connection] = []

    async def post(command: Command) -> None:
        connection = idle.pop() if idle else await target.connect()
        answer = connection.post(target.request(command.body))
        posted[command.chat_id].append((command.name, connection.posted_at))
        if (status := (await answer).status) != 200:
            raise RuntimeError(f"{command.name} was answered {status}")
        idle.append(connection)

    loop = asyncio.get_running_loop()
    begun = loop.time()
    async with asyncio.TaskGroup() as posts:
        for number, command in enumerate(commands):
            await asyncio.sleep(begun + number / _PER_SECOND - loop.time())
            posts.create_task(post(command))
    for connection in idle:
        connection.break_off(ConnectionAbortedError())
    return posted


def _together(rounds: list[Waits]) -> Waits:
    together: Waits = defaultdict(Durations)
    for waits in rounds:
        for name, durations in waits.items():
            together[name].merge(durations)
    return together


def _row(name: str, waits: list[Waits]) -> str:
    cells = [name]
    for found in (w[name] for w in waits):
        percentiles = (f"{found.percentile(p) * 1000:.1f}" for p in (50, 95))
        cells += [str(len(found)), *percentiles]
    return as_row(cells)
