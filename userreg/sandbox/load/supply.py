"""Updates that are ready to be sent: made ahead, in a process of their own."""

import signal
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from multiprocessing.connection import Connection as Pipe
from typing import Final

from userreg.sandbox.outbox import serialize
from userreg.sandbox.world.crowd import stream

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
#: Updates that go through the pipe at once.
_BATCH: Final = 500
#: Seconds until a full stock is looked at again.
_LOOKS_AGAIN: Final = 0.02


@dataclass(frozen=True)
class Pace:
    """How much, how fast and how long. Without a rate, as fast as it is answered."""

    seconds: float = 10.0
    #: All that is to be sent, if that is known.
    count: int | None = None
    rate: float | None = None
    concurrency: int = 40


@dataclass(frozen=True)
class Crowd:
    """Which updates to make. Without a count they never end."""

    seed: int
    now: int
    first_update_id: int
    talking: float
    pace: int
    count: int | None = None
    people: int = 10_000
    chats: int = 300
    #: Another one, and the same crowd does something else.
    day: int = 0

    def updates(self) -> Iterator[bytes]:
        made = stream(
            self.seed, people=self.people, chats=self.chats, talking=self.talking, day=self.day,
            now=self.now, pace=self.pace, first_update_id=self.first_update_id,
        )  # fmt: skip
        return map(serialize, islice(made, self.count))


def leave_signals_to_the_parent() -> None:
    """A terminal sends them to all its processes."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def make_updates(crowd: Crowd, pipe: Pipe) -> None:
    """As fast as they are wanted, until nobody reads them any more."""
    leave_signals_to_the_parent()
    updates = crowd.updates()
    try:
        while batch := list(islice(updates, _BATCH)):
            pipe.send_bytes(b"\n".join(batch))
    except OSError:
        return
    finally:
        pipe.close()


class Stock:
    """What is there to be sent, in the order in which it happened."""

    def __init__(self, updates: Iterable[bytes] = (), *, is_over: bool = True) -> None:
        self._ready = deque(updates)
        #: Nothing more will come.
        self.is_over = is_over

    def __len__(self) -> int:
        return len(self._ready)

    def take(self) -> bytes | None:
        """The next update, unless none is ready."""
        return self._ready.popleft() if self._ready else None


class Supply(Stock):
    """About `ahead` updates in memory, filled from a pipe by a thread.

    Nothing more is made until it is almost empty: a short load has the computer for itself.
    """

    def __init__(self, pipe: Pipe, ahead: int) -> None:
        super().__init__(is_over=False)
        self._pipe, self._ahead = pipe, ahead
        self._is_filled = threading.Event()
        self._filling = threading.Thread(target=self._fill, daemon=True)
        self._filling.start()

    def wait_until_filled(self, seconds: float) -> bool:
        """Whether it is, after so many seconds at most."""
        return self._is_filled.wait(seconds)

    @property
    def fullness(self) -> float:
        return 1.0 if self.is_over else min(len(self._ready) / self._ahead, 1.0)

    def _fill(self) -> None:
        while (batch := self._read()) is not None:
            self._ready.extend(batch)
            if len(self._ready) >= self._ahead:
                self._is_filled.set()
                while len(self._ready) > self._ahead // 8:
                    time.sleep(_LOOKS_AGAIN)
        self.is_over = True
        self._is_filled.set()

    def _read(self) -> list[bytes] | None:
        try:
            return self._pipe.recv_bytes().split(b"\n")
        except (EOFError, OSError):
            return None
