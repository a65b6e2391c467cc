"""What this process counts of itself, for /metrics: plain numbers, no locks, nothing loaded.

Whoever counts does so once a batch, where there are batches; `web.metrics` shows the numbers.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

#: What becomes of an update that reaches us; the first three are final.
UPDATES: Final = ("recorded", "duplicate", "dead-lettered", "refused", "unauthorized")
#: What becomes of an answer; one that is dropped was never tried.
REPLIES: Final = ("answered", "failed", "dropped")


class Histogram:
    """How many values were at most as large as each of the bounds, and their sum."""

    def __init__(self, *bounds: float) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)  # the last one: larger than all bounds
        self.sum = 0.0

    def add(self, value: float) -> None:
        self.counts[bisect_left(self.bounds, value)] += 1
        self.sum += value


def _batch_sizes() -> Histogram:
    return Histogram(1, 2, 5, 10, 20, 50, 100, 200, 500)


def _commit_seconds() -> Histogram:
    return Histogram(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)


@dataclass
class Tally:
    """The numbers of one process since it started; None: not known (yet, or any more)."""

    updates: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(UPDATES, 0)))
    replies: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(REPLIES, 0)))
    #: Updates, and what else is recorded with them, in one transaction.
    batch_sizes: Histogram = field(default_factory=_batch_sizes)
    commit_seconds: Histogram = field(default_factory=_commit_seconds)
    failed_commits: int = 0
    #: How long each queue is now.
    queues: dict[str, Callable[[], int]] = field(default_factory=dict)
    #: As the database and Telegram say; asked now and then. Times in seconds since 1970.
    dead_letters: int | None = None
    pending_updates: int | None = None
    last_error_at: float | None = None
    is_telegram_reached: bool | None = None
    maintained_at: float | None = None
