"""A load on a webhook: whose updates are true, of which none is lost, and whose numbers add up."""

import asyncio
import contextlib
import json
import multiprocessing
import os
import shutil
import signal
import ssl
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import pytest
from aiogram.types import Update as AiogramUpdate
from aiohttp import web

from tests.conftest import clean_environment, userreg
from tests.running import SECRET
from userreg.decode import decode_update
from userreg.sandbox.load import Load, is_here
from userreg.sandbox.load.report import Durations, Report
from userreg.sandbox.load.sender import Sender
from userreg.sandbox.load.supply import Crowd, Pace, Stock, Supply
from userreg.sandbox.load.wire import TargetInvalid, target_of
from userreg.sandbox.outbox import serialize
from userreg.sandbox.server import serving
from userreg.sandbox.world import Update
from userreg.sandbox.world.crowd import stream
from userreg.sandbox.world.crowd_people import MAX_MEMBERS, Roster

NOW, FIRST = 1_790_000_000, 700_000


def crowd(count: int, seed: int = 1, **more: Any) -> list[Update]:
    made = stream(seed, people=500, chats=20, now=NOW, first_update_id=FIRST, **more)
    return list(islice(made, count))


def kind_of(update: Update) -> str:
    kind = next(name for name in update.body if name != "update_id")
    if kind == "message" and update.body[kind]["chat"]["type"] == "private":
        return "private"
    return kind


# The updates


def test_a_seed_makes_the_same_updates_again() -> None:
    first, again = ([serialize(u) for u in crowd(3000, talking=0.1)] for _ in range(2))
    assert first == again


def test_another_seed_has_other_people_and_chats() -> None:
    one, other = ({u.queue for u in crowd(2000, seed)} for seed in (1, 2))
    assert not one & other


def test_on_another_day_the_same_crowd_does_something_else() -> None:
    one, other = crowd(2000), crowd(2000, day=1)
    assert [serialize(u) for u in one] != [serialize(u) for u in other]
    assert len({u.queue for u in one} & {u.queue for u in other}) > 20


def test_a_crowd_of_a_million_begins_to_speak_at_once_and_is_spread_over_its_chats() -> None:
    made = stream(1, people=1_000_000, chats=100_000, now=NOW, first_update_id=FIRST)
    messages = [u.body["message"] for u in islice(made, 2000) if kind_of(u) == "message"]
    assert len({m["chat"]["id"] for m in messages}) > 500
    assert len({m["from"]["id"] for m in messages}) > 1000


@pytest.mark.parametrize("number", [0, 7, 4_000, 99_999])
def test_nobody_is_on_a_roster_twice_and_all_are_of_the_crowd(number: int) -> None:
    roster = list(Roster(1_000_000, number))
    assert roster == sorted(set(roster))
    assert 0 <= roster[0] <= roster[-1] < 1_000_000
    assert 2 <= len(roster) <= MAX_MEMBERS


def test_each_update_id_is_there_once_and_time_goes_on() -> None:
    updates = crowd(3000, pace=1000)
    assert [update.update_id for update in updates] == list(range(FIRST, FIRST + 3000))
    assert [updates[n].at for n in (0, 1500, 2999)] == [NOW, NOW + 1, NOW + 2]


def test_most_is_said_in_groups_and_a_little_of_everything_happens() -> None:
    found = Counter(map(kind_of, crowd(8000)))
    expected = {
        "message": 0.85, "private": 0.05, "chat_member": 0.05, "callback_query": 0.03,
        "edited_message": 0.02,
    }  # fmt: skip
    assert found.keys() == expected.keys()
    for kind, share in expected.items():
        assert found[kind] / 8000 == pytest.approx(share, abs=0.015), kind


@pytest.mark.parametrize(
    ("talking", "pressing", "asking"), [(0, 0, 0), (0.02, 0.02, 0), (0.06, 0.03, 0.03)]
)
def test_of_those_who_talk_with_the_bot_few_press_buttons_and_the_others_send_commands(
    talking: float, pressing: float, asking: float
) -> None:
    updates = crowd(8000, talking=talking)
    commands = [u for u in updates if u.body.get("message", {}).get("text", "").startswith("/")]
    presses = sum("callback_query" in u.body for u in updates)
    assert presses / 8000 == pytest.approx(pressing, abs=0.005)
    assert len(commands) / 8000 == pytest.approx(asking, abs=0.005)
    words = {u.body["message"]["text"].split()[0] for u in commands}
    assert words == ({"/me", "/whereami", "/stats", "/seen"} if asking else set())


def test_few_chats_and_people_make_most_of_it() -> None:
    messages = [u.body["message"] for u in crowd(10_000) if kind_of(u) == "message"]
    for name, number, share in (("chat", 3, 0.4), ("from", 50, 0.5)):
        busiest = Counter(message[name]["id"] for message in messages).most_common(number)
        assert sum(count for _, count in busiest) > share * len(messages), name


def test_the_registry_and_aiogram_understand_every_update() -> None:
    for number, update in enumerate(crowd(4000, talking=0.1)):
        raw = serialize(update)
        assert decode_update(raw).update_id == update.update_id
        if number % 10 == 0:
            AiogramUpdate.model_validate_json(raw)


def test_statuses_are_right_at_any_time() -> None:
    """Each change begins where the last one ended, and nobody speaks who may not."""
    known: dict[tuple[int, int], dict[str, Any]] = {}
    changes = 0
    for update in crowd(12_000, talking=0.05):
        if change := update.body.get("chat_member"):
            key = change["chat"]["id"], change["new_chat_member"]["user"]["id"]
            assert known.get(key, change["old_chat_member"]) == change["old_chat_member"]
            known[key] = change["new_chat_member"]
            changes += 1
        elif (message := update.body.get("message")) and "text" in message:
            status = known.get((message["chat"]["id"], message["from"]["id"]))
            assert status is None or status["status"] in ("member", "creator")
    assert changes > 300


# A webhook, and what it got

Behaviour = Callable[["Webhook", web.Request, int], Any]


@dataclass
class Webhook:
    """Answers 200, unless it does something else with the nth request."""

    behaviour: Behaviour | None = None
    url: str = ""
    requests: list[int] = field(default_factory=list)
    answered: set[int] = field(default_factory=set)
    secrets: set[str | None] = field(default_factory=set)
    at: list[float] = field(default_factory=list)
    awaited: int = 0
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: web.Request) -> web.Response:
        update_id = json.loads(await request.read())["update_id"]
        self.requests.append(update_id)
        self.at.append(asyncio.get_running_loop().time())
        self.secrets.add(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        if len(self.requests) == self.awaited:
            self.reached.set()
        response = web.Response()
        if self.behaviour is not None:
            response = await self.behaviour(self, request, len(self.requests)) or response
        if response.status == 200:
            self.answered.add(update_id)
        return response


@contextlib.asynccontextmanager
async def listening(behaviour: Behaviour | None = None) -> AsyncIterator[Webhook]:
    webhook, app = Webhook(behaviour), web.Application()
    app.router.add_post("/webhook", webhook.handle)
    async with serving(app, "127.0.0.1", 0) as url:
        webhook.url = f"{url}/webhook"
        yield webhook


async def send(webhook: Webhook, made: int, **pace: Any) -> Report:
    updates = map(serialize, crowd(made))
    target = target_of(webhook.url, SECRET)
    return await Sender(target, Pace(**({"count": made} | pace)), Stock(updates)).run()


def check_sums(report: Report) -> None:
    requests = report.statuses.total() + report.errors.total()
    assert requests == report.sent + report.retries
    assert len(report.latency) == report.sent


async def test_every_update_is_sent_once_with_the_secret() -> None:
    async with listening() as webhook:
        report = await send(webhook, 500)
    assert sorted(webhook.requests) == list(range(FIRST, FIRST + 500))
    assert webhook.secrets == {SECRET}
    assert (report.sent, report.answered, report.retries) == (500, 500, 0)
    assert report.statuses == {200: 500}
    check_sums(report)


async def test_no_more_connections_are_opened_than_were_asked_for() -> None:
    ports = set()

    async def note(webhook: Webhook, request: web.Request, number: int) -> None:
        ports.add(request.transport and request.transport.get_extra_info("peername"))

    async with listening(note) as webhook:
        await send(webhook, 300, concurrency=7)
    assert len(ports) == 7


async def test_what_is_refused_is_sent_again_when_the_answer_says() -> None:
    async def refuse(webhook: Webhook, request: web.Request, number: int) -> web.Response | None:
        return web.Response(status=503, headers={"Retry-After": "1"}) if number == 3 else None

    async with listening(refuse) as webhook:
        report = await send(webhook, 200, concurrency=4)
    assert webhook.answered == set(range(FIRST, FIRST + 200))
    assert (report.answered, report.retries) == (200, 1)
    assert report.statuses == {200: 200, 503: 1}
    first, second = (at for at, id_ in zip(webhook.at, webhook.requests, strict=True)
                     if id_ == webhook.requests[2])  # fmt: skip
    assert second - first >= 1
    assert report.latency.max >= 1, "an update is late until it is answered"
    check_sums(report)


async def test_a_connection_that_breaks_costs_no_update() -> None:
    async def break_off(webhook: Webhook, request: web.Request, number: int) -> None:
        if number % 50 == 1:
            assert request.transport is not None
            request.transport.abort()

    async with listening(break_off) as webhook:
        report = await send(webhook, 300)
    assert set(webhook.requests) == set(range(FIRST, FIRST + 300))
    assert report.answered == 300
    assert report.errors.total() == report.retries >= 6
    check_sums(report)


async def test_a_server_that_closes_after_each_answer_gets_everything() -> None:
    async def close(webhook: Webhook, request: web.Request, number: int) -> web.Response:
        return web.Response(headers={"Connection": "close"})

    async with listening(close) as webhook:
        report = await send(webhook, 100, concurrency=5)
    assert report.statuses == {200: 100}
    assert not report.errors


async def test_other_refusals_are_final_and_counted() -> None:
    async def refuse(webhook: Webhook, request: web.Request, number: int) -> web.Response | None:
        return web.Response(status=401) if number % 10 == 0 else None

    async with listening(refuse) as webhook:
        report = await send(webhook, 200)
    assert (report.sent, report.answered, report.unanswered, report.retries) == (200, 180, 20, 0)
    assert report.statuses == {200: 180, 401: 20}
    check_sums(report)


async def test_with_a_rate_a_slow_server_does_not_slow_the_schedule() -> None:
    """Answers take 20 ms, updates come every 10: the last ones have waited for all before."""

    async def be_slow(webhook: Webhook, request: web.Request, number: int) -> None:
        await asyncio.sleep(0.02)

    async with listening(be_slow) as webhook:
        report = await send(webhook, 50, rate=100, concurrency=1)
    assert report.answered == 50
    assert report.latency.max > 0.4
    assert 0.15 < report.latency.percentile(50) < report.latency.max
    assert report.held_up > 40
    check_sums(report)


async def test_with_a_rate_updates_are_sent_when_they_are_due() -> None:
    async with listening() as webhook:
        report = await send(webhook, 100, rate=200)
    assert 0.49 < report.seconds < 5
    assert len(report.lateness) + report.held_up == 100
    assert webhook.at[-1] - webhook.at[0] > 0.49


async def test_the_time_is_over_when_it_is_over() -> None:
    async with listening() as webhook:
        report = await send(webhook, 5000, count=None, seconds=0.1)
    assert 0 < report.sent < 5000
    assert report.answered == report.sent == len(webhook.requests)
    assert report.seconds < 2


async def test_it_waits_for_updates_that_are_not_made_yet_and_says_so() -> None:
    first, *others = map(serialize, crowd(30))
    read_end, write_end = multiprocessing.Pipe(duplex=False)
    async with listening() as webhook:
        webhook.awaited = 1
        sender = Sender(target_of(webhook.url), Pace(), Supply(read_end, 10))
        sending = asyncio.ensure_future(sender.run())
        write_end.send_bytes(first)
        await webhook.reached.wait()
        write_end.send_bytes(b"\n".join(others))
        write_end.close()
        report = await sending
    assert report.answered == 30
    assert report.starved > 0


# HTTP


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length:0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"3;x=y\r\nabc\r\na\r\n0123456789\r\n0\r\nMore: 1\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.0 200 OK\r\n\r\nuntil the end",
    ],
)
async def test_answers_of_any_form_are_read_however_they_arrive(answer: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                await reader.readexactly(int(head.rpartition(b":")[2]))
                for n in range(len(answer)):
                    writer.write(answer[n : n + 1])
                    await writer.drain()
                    await asyncio.sleep(0)
                if answer.startswith(b"HTTP/1.0"):
                    break
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        report = await send(Webhook(url=url), 6, concurrency=2)
    assert report.answered == 6
    assert report.errors == {}


async def test_what_is_no_http_is_an_error() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        target = target_of(url)
        connection = await target.connect()
        with pytest.raises(ConnectionError):
            await connection.post(target.request(b"{}"))
    assert not connection.is_open


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Of localhost, signed by itself, in one file with its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl makes the certificate")
    path, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
         "-keyout", key, "-out", path],
        check=True, capture_output=True,
    )  # fmt: skip
    path.write_bytes(path.read_bytes() + key.read_bytes())
    return path


async def test_https_works_and_wants_a_certificate_that_it_knows(certificate: Path) -> None:
    server_side = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server_side.load_cert_chain(certificate)
    webhook, app = Webhook(), web.Application()
    app.router.add_post("/webhook", webhook.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=server_side).start()
    url = f"https://localhost:{runner.addresses[0][1]}/webhook"
    try:
        known = ssl.create_default_context(cafile=certificate)
        updates = list(map(serialize, crowd(20)))
        report = await Sender(target_of(url, tls=known), Pace(count=20), Stock(updates)).run()
        with pytest.raises(ssl.SSLCertVerificationError):
            await target_of(url).connect()
    finally:
        await runner.cleanup()
    assert report.answered == 20


@pytest.mark.parametrize(
    "url",
    ["ftp://localhost/", "localhost:8080", "http://u:p@localhost/", "http://:80", "http://x y/",
     "http://localhost:0/", "http://localhost:99999/", "http://localhost/\r\nX: y"],
)  # fmt: skip
def test_addresses_that_cannot_be_posted_to_are_refused(url: str) -> None:
    with pytest.raises(TargetInvalid):
        target_of(url)


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
