"""What a load was like: counts that add up, and how long answers took."""

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

#: The next bucket begins so many times later.
_STEP: Final = 1.02
_LOG_STEP: Final = math.log(_STEP)


class Durations:
    """Durations in seconds, in buckets: a percentile is wrong by 1 % at most, the maximum is right.

    Those of several senders are merged without losing anything.
    """

    def __init__(self) -> None:
        self._buckets: Counter[int] = Counter()
        self.max = 0.0

    def __len__(self) -> int:
        return self._buckets.total()

    def add(self, seconds: float) -> None:
        """Anything below a microsecond counts as one."""
        self._buckets[int(math.log(max(seconds * 1e6, 1.0)) / _LOG_STEP)] += 1
        if seconds > self.max:
            self.max = seconds

    def merge(self, other: "Durations") -> None:
        self._buckets.update(other._buckets)
        self.max = max(self.max, other.max)

    def percentile(self, percent: float) -> float:
        """The duration that so many percent do not exceed; 0 where there are none."""
        wanted, count = len(self) * percent / 100, 0
        for bucket in sorted(self._buckets):
            count += self._buckets[bucket]
            if count >= wanted:
                return min(math.pow(_STEP, bucket + 0.5) / 1e6, self.max)
        return 0.0


@dataclass
class Report:
    """`sent` updates; each of them was answered 2xx in the end, or is among `unanswered`.

    `statuses` and `errors` count requests: together they are `sent` + `retries`.
    """

    sent: int = 0
    answered: int = 0
    retries: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    #: Requests without an answer, by the reason.
    errors: Counter[str] = field(default_factory=Counter)
    #: From when an update was due until its last answer; due is when it was first sent, or with
    #: a rate, when it should have been sent.
    latency: Durations = field(default_factory=Durations)
    #: With a rate: how late they were sent though a connection was free.
    lateness: Durations = field(default_factory=Durations)
    #: With a rate: how many were due while all connections were busy, or too much had failed.
    held_up: int = 0
    #: Of a known number: how many were never sent, as the time was over.
    unsent: int = 0
    #: Times that nothing was ready to be sent, as updates were not made fast enough.
    starved: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    #: The signal that ended it early.
    stopped_by: int | None = None

    @property
    def unanswered(self) -> int:
        return self.sent - self.answered

    @property
    def per_second(self) -> float:
        return self.answered / self.seconds if self.seconds else 0.0

    def merge(self, other: "Report") -> None:
        """Of another sender at the same time."""
        for name in ("sent", "answered", "retries", "held_up", "unsent", "starved", "cpu_seconds"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.statuses.update(other.statuses)
        self.errors.update(other.errors)
        self.latency.merge(other.latency)
        self.lateness.merge(other.lateness)
        self.seconds = max(self.seconds, other.seconds)

    def as_json(self) -> dict[str, Any]:
        late = {"late_ms": _milliseconds(self.lateness), "held_up": self.held_up}
        return {
            "sent": self.sent, "answered": self.answered, "unanswered": self.unanswered,
            "unsent": self.unsent, "retries": self.retries,
            "statuses": {str(status): count for status, count in self._statuses()},
            "errors": dict(self.errors.most_common()), "seconds": round(self.seconds, 3),
            "updates_per_second": round(self.per_second, 1),
            "latency_ms": _milliseconds(self.latency), **(late if len(self.lateness) else {}),
            "starved": self.starved, "cpu_seconds": round(self.cpu_seconds, 3),
        }  # fmt: skip

    def as_lines(self) -> list[str]:
        """For people."""
        told = [
            f"sent: {self.sent} updates in {self.seconds:.1f} s",
            f"answered: {self.answered} ({self.per_second:.0f} a second), {self.retries} retries",
            "statuses: " + (", ".join(f"{n} x {s}" for s, n in self._statuses()) or "none"),
        ]
        if self.unsent:
            told.append(f"unsent: {self.unsent} updates, as the time was over")
        if self.errors:
            told.append("errors: " + ", ".join(f"{n} x {e}" for e, n in self.errors.most_common()))
        told.append(f"latency in ms: {_shown(self.latency)}")
        if len(self.lateness):
            told.append(f"sent late by ms: {_shown(self.lateness)}")
        if self.held_up:
            told.append(f"held up: {self.held_up} updates were due while no connection was free")
        if self.starved:
            told.append(f"starved: {self.starved} times the sender waited for updates to be made")
        return told

    def _statuses(self) -> list[tuple[int, int]]:
        return sorted(self.statuses.items())


def _milliseconds(durations: Durations) -> dict[str, float]:
    percentiles = {f"p{p}": durations.percentile(p) for p in (50, 95, 99)}
    return {k: round(v * 1000, 2) for k, v in (percentiles | {"max": durations.max}).items()}


def _shown(durations: Durations) -> str:
    return ", ".join(f"{name} {value:g}" for name, value in _milliseconds(durations).items())
