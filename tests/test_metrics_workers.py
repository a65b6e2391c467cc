"""Metrics of workers that share a port: each leaves its numbers where the others find them."""

import asyncio
import os
import time
from pathlib import Path

import pytest

from userreg import tally
from userreg.web import neighbours
from userreg.web.metrics import Metrics


def _worker(folder: Path, number: int) -> Metrics:
    counted = tally.Tally()
    counted.updates["recorded"] = number
    return Metrics(counted, f"host:{number}", "webhook", folder)


def _recorded(metrics: Metrics) -> dict[str, float]:
    families = [f for f in metrics.collect() if f.name == "userreg_updates"]
    assert len(families) == 1
    return {
        s.labels["replica"]: s.value
        for s in families[0].samples
        if s.labels["outcome"] == "recorded"
    }


def test_whichever_worker_is_asked_answers_for_all(tmp_path: Path) -> None:
    workers = [_worker(tmp_path, number) for number in (1, 20, 300)]
    for worker in workers:
        assert worker._neighbours
        worker._neighbours.leave(worker.collect_own())
    for worker in workers:
        assert _recorded(worker) == {"host:1": 1, "host:20": 20, "host:300": 300}


def test_a_worker_that_is_gone_or_stands_still_counts_no_more(tmp_path: Path) -> None:
    one, two, three = (_worker(tmp_path, number) for number in (1, 2, 3))
    for worker in (two, three):
        assert worker._neighbours
        worker._neighbours.leave(worker.collect_own())
    long_ago = time.time() - neighbours.OLD - 1
    os.utime(tmp_path / "host:2.json", (long_ago, long_ago))
    assert _recorded(one) == {"host:1": 1, "host:3": 3}
    assert three._neighbours
    three._neighbours.take_away()
    assert _recorded(one) == {"host:1": 1}


async def test_a_worker_leaves_its_numbers_while_it_runs(tmp_path: Path) -> None:
    one, two = _worker(tmp_path, 1), _worker(tmp_path, 2)
    async with one.shared():
        await asyncio.sleep(0)  # a turn of the loop, for it to begin
        assert _recorded(two) == {"host:1": 1, "host:2": 2}
    assert _recorded(two) == {"host:2": 2}


async def test_a_folder_that_is_gone_is_complained_of_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "together"
    folder.mkdir()
    worker = Metrics(tally.Tally(), "host:1", "webhook", folder)
    for _ in range(2):
        folder.rmdir()
        for _ in range(3):
            await worker._leave()
        folder.mkdir()
        await worker._leave()
        (folder / "host:1.json").unlink()
    assert [record.levelname for record in caplog.records] == ["WARNING"] * 2
