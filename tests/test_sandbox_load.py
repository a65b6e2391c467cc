"""A load on a webhook: none of its updates is lost, whatever the webhook does."""

import asyncio
import contextlib
import multiprocessing
import shutil
import ssl
import subprocess
from pathlib import Path

import pytest
from aiohttp import web

from tests.loading import FIRST, Webhook, crowd, listening, send
from tests.running import SECRET
from userreg.sandbox.load.report import Report
from userreg.sandbox.load.sender import Sender
from userreg.sandbox.load.supply import Pace, Stock, Supply
from userreg.sandbox.load.wire import TargetInvalid, target_of
from userreg.sandbox.outbox import serialize

# Sending


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
