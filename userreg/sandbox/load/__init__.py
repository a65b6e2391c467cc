"""A load on a webhook: a crowd's updates, sent by processes of their own, and one report of all.

Each sender has a crowd of its own, with other people, chats and update ids, made by another process
ahead of time: making updates takes nothing from sending them.
"""

import asyncio
import ipaddress
import multiprocessing
import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection as Pipe
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from types import FrameType
from typing import Any, Final, cast

from userreg.errors import UserregError
from userreg.sandbox.load.report import Report
from userreg.sandbox.load.sender import Sender
from userreg.sandbox.load.supply import (
    SIGNALS,
    Crowd,
    Pace,
    Supply,
    leave_signals_to_the_parent,
    make_updates,
)
from userreg.sandbox.load.wire import split_url, target_of
from userreg.sandbox.world.crowd import PACE

#: How many seconds' worth of updates are made before the first is sent, and how many at most.
_AHEAD, _MOST_AHEAD = 10, 200_000
#: More than one sender can send in a second: of so many a stock is laid up, and so many update ids
#: are left to each.
_FASTEST, _IDS = 8_000, 100_000
#: Seconds between two words of progress.
_TELLING: Final = 0.2
_spawn: Final = multiprocessing.get_context("spawn")

#: Told what is going on, and how much of it is done, from 0 to 1.
Progress = Callable[[str, float], object]


class LoadFailed(UserregError):
    """The load could not be sent, or was not answered as it should have been."""


@dataclass(frozen=True)
class Load:
    """What is to be sent where. All numbers are for all processes together."""

    url: str
    secret: str = ""
    pace: Pace = field(default_factory=Pace)
    processes: int = 1
    seed: int = 1
    #: The share that wants an answer of the bot.
    talking: float = 0.06
    #: How many there are in each process's crowd.
    people: int = 10_000
    chats: int = 300
    #: Another one, and the same crowd does something else.
    day: int = 0
    now: int = field(default_factory=lambda: int(time.time()))
    #: Greater with each load, as an update whose id was used before is a duplicate.
    first_update_id: int = field(default_factory=lambda: time.time_ns() // 1000)

    def paces(self) -> list[Pace]:
        """The part of each process."""
        pace, n = self.pace, self.processes
        rate = None if pace.rate is None else pace.rate / n
        count = pace.count if pace.rate is None else self._planned()
        return [
            Pace(
                pace.seconds, None if count is None else (count + k) // n, rate,
                max((pace.concurrency + k) // n, 1),
            )
            for k in range(n)
        ]  # fmt: skip

    def _planned(self) -> int:
        wanted = max(round((self.pace.rate or 0) * self.pace.seconds), 1)
        return wanted if self.pace.count is None else min(self.pace.count, wanted)

    def crowd(self, number: int) -> Crowd:
        pace = self.paces()[number]
        reserved = pace.count or int(self.pace.seconds * _IDS)
        return Crowd(
            self.seed + number, self.now, self.first_update_id + number * reserved, self.talking,
            max(round(pace.rate or PACE), 1), pace.count, self.people, self.chats, self.day,
        )  # fmt: skip


def is_here(url: str) -> bool:
    """Whether it is an address of this computer's own. Raises `TargetInvalid`."""
    host = split_url(url).hostname or ""
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def run(load: Load, on_progress: Progress = lambda what, part: None) -> Report:
    """Send it, wait for the answers and report. Only in the main thread: SIGINT and SIGTERM end it
    early. Raises `LoadFailed` and `TargetInvalid`."""
    return run_together([load], on_progress)


def run_together(loads: Sequence[Load], on_progress: Progress = lambda what, part: None) -> Report:
    """Several at once, all begun in the same moment; one report of all."""
    for load in loads:
        _require_somebody(load)
    with _Team(loads).at_work() as team:
        return team.supervise(on_progress)


def _require_somebody(load: Load) -> None:
    target = target_of(load.url, load.secret)
    try:
        socket.create_connection((target.host, target.port), timeout=5).close()
    except OSError as error:
        raise LoadFailed(f"{load.url} cannot be reached: {error}.") from error


# The process that was asked


class _Team:
    """Senders and the makers of their updates."""

    def __init__(self, loads: Sequence[Load]) -> None:
        self._loads = loads
        self._processes: list[SpawnProcess] = []
        self._parts: dict[Pipe, float] = {}
        self._report = Report()

    @contextmanager
    def at_work(self) -> Iterator["_Team"]:
        old = {number: signal.signal(number, self._stop) for number in SIGNALS}
        try:
            for load in self._loads:
                for number in range(load.processes):
                    self._hire(load, number)
            yield self
        finally:
            for process in self._processes:
                process.kill()
                process.join()
            for number, handler in old.items():
                signal.signal(number, handler)

    def _hire(self, load: Load, number: int) -> None:
        updates, made = _spawn.Pipe(duplex=False)
        control, controlled = _spawn.Pipe()
        self._parts[control] = 0.0
        self._start(make_updates, load.crowd(number), made)
        self._start(send, load, number, updates, controlled)
        for end in (updates, made, controlled):  # theirs now: whoever ends is noticed
            end.close()

    def _start(self, work: Callable[..., object], *arguments: object) -> None:
        process = _spawn.Process(target=work, args=arguments, daemon=True)
        process.start()
        self._processes.append(process)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._report.stopped_by = number
        self._tell_all("stop")

    def _tell_all(self, word: str) -> None:
        for control in list(self._parts):
            with suppress(OSError):
                control.send(word)

    def supervise(self, on_progress: Progress) -> Report:
        """All begin to send in the same moment."""
        if self._report.stopped_by is not None:  # before all were there to hear it
            self._tell_all("stop")
        self._listen("ready", "Preparing", on_progress)
        self._parts = dict.fromkeys(self._parts, 0.0)
        self._tell_all("go")
        self._listen("report", "Sending", on_progress)
        return self._report

    def _listen(self, last: str, doing: str, on_progress: Progress) -> None:
        """Until each sender has said its last word."""
        speaking = set(self._parts)
        while speaking:
            heard = cast(list[Pipe], wait(list(speaking), _TELLING))
            for control in heard:
                word, value = self._hear(control, last)
                self._parts[control] = value if word == "part" else 1.0
                if isinstance(value, Report):
                    self._report.merge(value)
                if word == last:
                    speaking.discard(control)
            on_progress(doing, sum(self._parts.values()) / len(self._parts))

    def _hear(self, control: Pipe, last: str) -> tuple[str, Any]:
        try:
            word, value = control.recv()
        except (EOFError, OSError) as error:
            if self._report.stopped_by is not None:  # before it could have sent anything
                return last, None
            raise LoadFailed("A process that sends has ended unexpectedly.") from error
        return str(word), value


# A process that sends


def send(load: Load, number: int, updates: Pipe, control: Pipe) -> None:
    """Its part of the load. Whoever asked for it says when to begin and when to stop."""
    leave_signals_to_the_parent()
    pace = load.paces()[number]
    supply = Supply(updates, _ahead(pace))
    with suppress(OSError, EOFError):  # nobody wants to know any more
        while not (supply.wait_until_filled(_TELLING) or control.poll()):
            control.send(("part", supply.fullness))
        control.send(("ready", 0.0))
        begins = control.recv() == "go"
        report = asyncio.run(_send(load, pace, supply, control)) if begins else Report()
        control.send(("report", report))


def _ahead(pace: Pace) -> int:
    wanted = int((pace.rate or _FASTEST) * min(pace.seconds, _AHEAD)) + 1
    return min(wanted, _MOST_AHEAD, pace.count or wanted)


async def _send(load: Load, pace: Pace, supply: Supply, control: Pipe) -> Report:
    sender = Sender(target_of(load.url, load.secret), pace, supply)
    loop = asyncio.get_running_loop()

    def stop() -> None:  # whatever is said, or that nobody is there any more
        loop.remove_reader(control.fileno())
        sender.stop()

    async def tell() -> None:
        with suppress(OSError):
            while True:
                await asyncio.sleep(_TELLING)
                control.send(("part", sender.progress))

    loop.add_reader(control.fileno(), stop)
    telling = asyncio.create_task(tell())
    try:
        return await sender.run()
    finally:
        loop.remove_reader(control.fileno())
        telling.cancel()
