"""From where a form may come to the pages, and the headers with which everything goes out."""

import asyncio
from typing import Any

import pytest

from tests import updates
from tests.browsing import ADA, Browser
from tests.browsing import ada as ada
from tests.browsing import database as database
from tests.browsing import settings as settings
from tests.browsing import visitor as visitor
from tests.running import Bot
from tests.updates import ANN
from userreg import sessions
from userreg.database_url import Database
from userreg.decisions import OneTimeCode
from userreg.models import User

HEADERS = {
    "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}  # fmt: skip


# Forms

FOREIGN: list[dict[str, str]] = [
    {},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "http://["},
    {"Origin": "https://evil.example"},
    {"Origin": "{origin}.evil.example"},
    {"Origin": "http://evil.example@{host}"},
    {"Origin": "{origin}", "Sec-Fetch-Site": "cross-site"},
    {"Origin": "{origin}", "Sec-Fetch-Site": "same-site"},
    {"Origin": "{origin}", "Sec-Fetch-Site": "none"},
    {"Host": "", "Origin": ""},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
async def test_a_form_from_another_site_does_nothing(
    bot: Bot, ada: Browser, database: Database, headers: dict[str, str]
) -> None:
    await bot.tell(updates.message(ANN))
    token = await ada.form_token("/users")
    host = ada.origin.partition("://")[2]
    sent = {k: v.format(origin=ada.origin, host=host) for k, v in headers.items()}
    for path in (f"/users/{ANN['id']}/forget", "/logout"):
        assert (await ada.post(path, sent, form_token=token)).status == 403
    code = await sessions.make_link(database, ADA)
    assert (await ada.post("/login", sent, code=code)).status == 403
    assert await User.exists(id=ANN["id"])
    await ada.get("/")
    assert await OneTimeCode.filter(purpose="login").count() == 1


async def test_a_form_needs_the_token_of_its_own_session(
    bot: Bot, ada: Browser, database: Database
) -> None:
    await bot.tell(updates.message(ANN))
    other = Browser(bot)
    assert await other.log_in(await sessions.make_link(database, ADA)) == 303
    path = f"/users/{ANN['id']}/forget"
    foreign = await other.form_token("/")
    wrong: list[dict[str, str]] = [{}, {"form_token": ""}, {"form_token": foreign},
                                   {"form_token": "é"}]  # fmt: skip
    for form in wrong:
        assert (await ada.post(path, **form)).status == 403
    assert await User.exists(id=ANN["id"])
    assert (await ada.post(path, form_token=await ada.form_token("/"))).status == 303
    assert not await User.exists(id=ANN["id"])


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"code=x&" * 10_000, "application/x-www-form-urlencoded", 413),
        (b"code=\xff", "application/x-www-form-urlencoded", 400),
        (b"code=x", "application/x-www-form-urlencoded; charset=none-such", 415),
        (rb"code=\ud800", "application/x-www-form-urlencoded; charset=unicode_escape", 415),
        (b"code=x", "application/x-www-form-urlencoded; charset=UTF-8", 403),
        (b"code=x", "text/plain", 415),
        (b"--x", "multipart/form-data; boundary=x", 415),
        (b"{}", "application/json", 415),
        (b"%", "application/x-www-form-urlencoded", 403),
    ],
)
async def test_what_is_no_form_is_refused(
    visitor: Browser, body: bytes, kind: str, status: int
) -> None:
    headers = {"Origin": visitor.origin, "Content-Type": kind}
    response = await visitor.ask("/login", "POST", headers, data=body)
    assert response.status == status
    _assert_secured(response)


async def test_forms_that_do_not_arrive_take_nobodys_place(ada: Browser) -> None:
    url = ada.client.make_url("/")
    head = (
        f"POST /admin/login HTTP/1.1\r\nHost: {url.host}:{url.port}\r\nOrigin: {ada.origin}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\n\r\nco"
    )
    writers = []
    for _ in range(20):
        _, writer = await asyncio.open_connection(url.host, url.port)
        writer.write(head.encode())
        await writer.drain()
        writers.append(writer)
    for _ in range(3):
        await ada.get("/users")
    for writer in writers:
        writer.close()


# Headers


def _assert_secured(response: Any) -> None:
    for name, value in HEADERS.items():
        assert response.headers.getall(name) == [value], name
    [policy] = response.headers.getall("Content-Security-Policy")
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    if response.content_type == "text/html":
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("", 200), ("/", 200), ("/nothing", 404), ("/users/1", 404), ("/users/x", 404),
        ("/static/style.css", 200), ("/static/none.css", 404), ("/static/", 404),
        ("/static/%2e%2e/pages.py", 404), ("/static/..%2fpages.py", 404),
        ("/static/%00", 404), ("/login", 200), ("/login?code=%22%3E%3Cscript%3E", 200),
        ("/charts/growth.light.svg", 200), ("/charts/other.light.svg", 404),
        ("/charts/growth.blue.svg", 404),
    ],
)  # fmt: skip
async def test_everything_comes_with_the_headers_of_safety(
    ada: Browser, visitor: Browser, path: str, status: int
) -> None:
    response = await ada.ask(path)
    assert response.status == status
    _assert_secured(response)
    _assert_secured(await visitor.ask(path))
    _assert_secured(await ada.ask(path, "HEAD"))
    _assert_secured(await ada.ask(path, "POST"))
    _assert_secured(await ada.ask(path, "PUT", {"Origin": ada.origin}))


async def test_a_fault_of_ours_is_told_in_words_and_with_the_headers(
    ada: Browser, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(*_: object) -> None:
        raise LookupError("of ours")

    monkeypatch.setattr("userreg.lists._turn", fail)
    response = await ada.ask("/users")
    text = await response.text()
    assert response.status == 500
    assert "Something is wrong here" in text
    assert "Traceback" not in text
    assert "of ours" not in text
    assert "of ours" in caplog.text
    _assert_secured(response)
