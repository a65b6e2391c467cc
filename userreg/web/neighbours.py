"""Workers that share one port: each leaves its numbers in a folder, where the others find them.

A file each, replaced as a whole; one that is old is of a worker that is gone, or stands still.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
from prometheus_client.core import Metric
from prometheus_client.samples import Sample

#: Seconds between two files of a worker, and after which one counts no more.
EVERY: Final = 1.0
OLD: Final = 10.0


class _Sample(msgspec.Struct, array_like=True):
    name: str
    labels: dict[str, str]
    value: float


class _Family(msgspec.Struct, array_like=True):
    name: str
    meaning: str
    type: str
    samples: list[_Sample]


_families = msgspec.json.Decoder(list[_Family])


class Neighbours:
    """The workers that were given the same `folder`; each goes by a `name` of its own."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._own = folder / f"{name}.json"

    def leave(self, families: list[Metric]) -> None:
        """For the others to find. Raises `OSError`."""
        new = self._own.with_suffix(".new")
        new.write_bytes(msgspec.json.encode([_plain(family) for family in families]))
        new.replace(self._own)

    def take_away(self) -> None:
        self._own.unlink(missing_ok=True)

    def read(self) -> Iterator[Metric]:
        """What the others have left lately."""
        for path in sorted(self._folder.glob("*.json")):
            for family in _families.decode(b"[]" if path == self._own else _read(path)):
                metric = Metric(family.name, family.meaning, family.type)
                metric.samples = [Sample(s.name, s.labels, s.value) for s in family.samples]
                yield metric


def _plain(family: Metric) -> _Family:
    samples = [_Sample(s.name, s.labels, float(s.value)) for s in family.samples]
    return _Family(family.name, family.documentation, family.type, samples)


def _read(path: Path) -> bytes:
    try:
        is_old = time.time() - path.stat().st_mtime > OLD
        return b"[]" if is_old else path.read_bytes()
    except FileNotFoundError:  # it has just ended
        return b"[]"
