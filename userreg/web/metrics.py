"""`/metrics`: what this process counts of itself, for Prometheus. Of nobody in particular: no label
names a person or a chat.

Each series says of which process it is (`replica`), so that those of different ones never mix.
Workers that share a port leave their numbers for each other in a folder: whichever of them is
asked answers for all.
"""

import contextlib
import hmac
import logging
import platform
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path
from typing import Final

from aiohttp import web
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from userreg import __version__
from userreg.repeating import repeating
from userreg.tally import Histogram, Tally
from userreg.web.neighbours import EVERY, Neighbours

logger = logging.getLogger(__name__)

PATH: Final = "/metrics"
_process: Final = ProcessCollector(registry=None)


class Metrics(Collector):
    """What is told of one process, and of its neighbours."""

    def __init__(self, tally: Tally, replica: str, mode: str, together: Path | None = None) -> None:
        self._tally = tally
        self._replica = replica
        self._mode = mode
        self._neighbours = Neighbours(together, replica) if together else None
        self._is_seen = True

    def collect(self) -> Iterable[Metric]:
        """One family of each name, whatever the number of processes."""
        families = {family.name: family for family in self.collect_own()}
        for family in self._neighbours.read() if self._neighbours else ():
            families.setdefault(family.name, family)
            if families[family.name] is not family:
                families[family.name].samples.extend(family.samples)
        return families.values()

    def collect_own(self) -> list[Metric]:
        own = [self._build(), *_counted(self._tally), *_told(self._tally), *_process.collect()]
        for family in own:
            family.samples = [
                sample._replace(labels={**sample.labels, "replica": self._replica})
                for sample in family.samples
            ]
        return own

    @contextlib.asynccontextmanager
    async def shared(self) -> AsyncIterator[None]:
        """The neighbours find these numbers while the context is open."""
        if self._neighbours is None:
            yield
            return
        try:
            async with repeating(self._leave, EVERY, "neighbours"):
                yield
        finally:
            self._neighbours.take_away()

    async def _leave(self) -> None:
        assert self._neighbours is not None  # noqa: S101  else nobody calls
        try:
            self._neighbours.leave(self.collect_own())
            self._is_seen = True
        except OSError as error:
            if self._is_seen:  # once, not every second
                logger.warning("the other workers do not see this one's metrics: %s", error)
            self._is_seen = False

    def _build(self) -> Metric:
        family = GaugeMetricFamily(
            "userreg_build_info", "What runs.", labels=["version", "python", "mode"]
        )
        family.add_metric([__version__, platform.python_version(), self._mode], 1)
        return family


def _counted(tally: Tally) -> Iterator[Metric]:
    updates = CounterMetricFamily(
        "userreg_updates", "Updates, by what became of them.", labels=["outcome"]
    )
    replies = CounterMetricFamily(
        "userreg_replies", "Answers, by what became of them.", labels=["outcome"]
    )
    queues = GaugeMetricFamily("userreg_queue_length", "How many wait now.", labels=["queue"])
    for family, numbers in ((updates, tally.updates), (replies, tally.replies)):
        for outcome, number in numbers.items():
            family.add_metric([str(outcome)], number)
    for name, length in tally.queues.items():
        queues.add_metric([name], length())
    yield from (updates, replies, queues)
    yield _histogram("userreg_commit_batch_size", "Entries of a transaction.", tally.batch_sizes)
    yield _histogram(
        "userreg_commit_duration_seconds", "How long a transaction took.", tally.commit_seconds
    )
    yield CounterMetricFamily(
        "userreg_commit_failures", "Transactions that failed; most are tried again.",
        value=tally.failed_commits,
    )  # fmt: skip


def _told(tally: Tally) -> Iterator[Metric]:
    """What is not known is left out."""
    values = {
        "userreg_dead_letters": ("Dead letters in the database.", tally.dead_letters),
        "userreg_telegram_up": ("Whether Telegram answers.", tally.is_telegram_reached),
        "userreg_telegram_pending_updates": (
            "Updates that wait at Telegram, as it says.", tally.pending_updates,
        ),
        "userreg_telegram_last_error_timestamp_seconds": (
            "When Telegram failed last to deliver.", tally.last_error_at,
        ),
        "userreg_maintained_timestamp_seconds": (
            "When this process dropped last what has had its time.", tally.maintained_at,
        ),
    }  # fmt: skip
    for name, (meaning, value) in values.items():
        if value is not None:
            yield GaugeMetricFamily(name, meaning, value=value)


def _histogram(name: str, meaning: str, histogram: Histogram) -> Metric:
    total, buckets = 0, []
    for bound, count in zip((*histogram.bounds, float("inf")), histogram.counts, strict=True):
        total += count
        buckets.append(("+Inf" if bound == float("inf") else str(float(bound)), total))
    return HistogramMetricFamily(name, meaning, buckets=buckets, sum_value=histogram.sum)


def add_route(app: web.Application, metrics: Metrics, token: str) -> None:
    """For whoever brings the token: `Authorization: Bearer …`."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(metrics)
    wanted = f"Bearer {token}".encode()

    async def show(request: web.Request) -> web.Response:
        given = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, wanted):
            return web.Response(status=401, headers={"WWW-Authenticate": "Bearer"})
        headers = {"Content-Type": CONTENT_TYPE_PLAIN_0_0_4, "Cache-Control": "no-store"}
        return web.Response(body=generate_latest(registry), headers=headers)

    app.router.add_get(PATH, show)
