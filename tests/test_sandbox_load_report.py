"""A load's numbers add up, and `userreg sandbox load` reports them."""

import asyncio
import json
import os
import signal
import sys
from random import Random

import pytest
from aiohttp import web

from tests.conftest import clean_environment, userreg
from tests.loading import FIRST, NOW, Webhook, listening
from tests.running import SECRET
from userreg.sandbox.load import Load, is_here
from userreg.sandbox.load.report import Durations
from userreg.sandbox.load.supply import Crowd, Pace

# The numbers


def test_percentiles_are_right_to_two_percent_and_merge_without_loss() -> None:
    random = Random(1)
    seconds = [random.lognormvariate(-5, 2) for _ in range(10_000)]
    whole, parts = Durations(), [Durations() for _ in range(3)]
    for number, value in enumerate(seconds):
        whole.add(value)
        parts[number % 3].add(value)
    merged = Durations()
    for part in parts:
        merged.merge(part)
    for percent in (1, 50, 95, 99, 99.9):
        exact = sorted(seconds)[int(percent * 100) - 1]
        assert whole.percentile(percent) == pytest.approx(exact, rel=0.02)
        assert merged.percentile(percent) == whole.percentile(percent)
    assert merged.max == max(seconds)
    assert Durations().percentile(99) == 0


def test_the_parts_of_several_processes_make_up_the_whole() -> None:
    load = Load("http://localhost/", pace=Pace(10, None, 1001, 40), processes=3)
    paces, crowds = load.paces(), [load.crowd(number) for number in range(3)]
    assert sum(pace.count or 0 for pace in paces) == 10_010
    assert sum(pace.concurrency for pace in paces) == 40
    assert sum(pace.rate or 0 for pace in paces) == pytest.approx(1001)
    assert len({made.seed for made in crowds}) == 3
    ends = [made.first_update_id + (made.count or 0) for made in crowds]
    assert all(end <= made.first_update_id for end, made in zip(ends, crowds[1:], strict=False))


def test_a_crowd_makes_only_so_many_updates_as_are_wanted() -> None:
    made = list(Crowd(1, NOW, FIRST, 0.06, 100, 250).updates())
    assert [json.loads(update)["update_id"] for update in made] == list(range(FIRST, FIRST + 250))


# The command


def test_only_this_computer_is_a_target_unless_it_is_said() -> None:
    assert all(map(is_here, ["http://127.0.0.1/", "http://localhost:1/x", "http://[::1]:8/"]))
    for url in ("http://example.org/", "http://10.0.0.1/", "http://0.0.0.0/",
                "http://127.0.0.1.example.org/", "http://localhost.example.org/"):  # fmt: skip
        assert not is_here(url)
    refused = userreg("sandbox", "load", "http://bot.example.org/webhook", "--secret", SECRET)
    assert refused.returncode == 2
    assert "--anywhere" in refused.stderr


def test_where_nobody_listens_nothing_is_begun() -> None:
    refused = userreg("sandbox", "load", "http://127.0.0.1:1/webhook", WEBHOOK_SECRET=SECRET)
    assert refused.returncode == 1
    assert refused.stderr.startswith("Error: http://127.0.0.1:1/webhook cannot be reached:")
    assert refused.stdout == ""


def test_without_a_secret_it_says_what_is_missing() -> None:
    refused = userreg("sandbox", "load", "http://127.0.0.1:1/webhook")
    assert refused.returncode == 3
    assert "WEBHOOK_SECRET is not set" in refused.stderr
    assert "--secret" in refused.stderr


async def started(webhook: Webhook, *options: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "userreg", "sandbox", "load", webhook.url, *options,
        env=clean_environment() | {"WEBHOOK_SECRET": SECRET},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, start_new_session=True,
    )  # fmt: skip


async def test_several_processes_send_one_load_and_report_it_together() -> None:
    async with listening() as webhook:
        process = await started(webhook, "--count", "601", "--processes", "2", "--json")
        out, err = await process.communicate()
    report = json.loads(out)
    assert process.returncode == 0, err
    assert err == b""
    assert (report["sent"], report["answered"], report["statuses"]) == (601, 601, {"200": 601})
    assert len(webhook.requests) == len(set(webhook.requests)) == 601
    assert webhook.secrets == {SECRET}
    assert report["latency_ms"].keys() == {"p50", "p95", "p99", "max"}


async def test_it_fails_in_a_sentence_unless_everything_was_answered() -> None:
    async def refuse(webhook: Webhook, request: web.Request, number: int) -> web.Response | None:
        return web.Response(status=401) if number <= 3 else None

    async with listening(refuse) as webhook:
        process = await started(webhook, "--count", "100", "--rate", "1000")
        out, err = await process.communicate()
    assert process.returncode == 1
    assert err.decode() == "Error: In the end 3 of 100 updates were not answered 2xx.\n"
    assert "97 x 200, 3 x 401" in out.decode()
    assert "sent late by ms: p50" in out.decode()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
async def test_stopped_early_it_reports_what_was_done(number: int, code: int) -> None:
    """The whole group gets the signal, as from a terminal."""
    async with listening() as webhook:
        webhook.awaited = 50
        process = await started(webhook, "--rate", "100", "--seconds", "60", "--json")
        async with asyncio.timeout(20):
            await webhook.reached.wait()
        os.killpg(process.pid, number)
        out, err = await process.communicate()
    report = json.loads(out)
    assert (process.returncode, err) == (code, b"")
    assert 50 <= report["sent"] == report["answered"] == len(webhook.requests) < 1000
