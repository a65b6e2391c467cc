"""The way into the pages and out of them, and from where a form may come."""

import asyncio
import hashlib
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests import updates
from tests.browsing import ADA, COOKIE, Browser
from tests.browsing import ada as ada
from tests.browsing import database as database
from tests.browsing import settings as settings
from tests.browsing import visitor as visitor
from tests.conftest import everything
from tests.running import Bot
from tests.updates import ANN, BOB
from userreg import administrators, sessions
from userreg.database_url import Database
from userreg.decisions import OneTimeCode, Session
from userreg.models import User

HEADERS = {
    "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}  # fmt: skip


async def test_a_link_that_is_only_looked_at_still_works_and_then_no_more(
    bot: Bot, visitor: Browser, database: Database
) -> None:
    code = await sessions.make_link(database, ADA)
    for method in ("GET", "HEAD", "GET"):
        shown = await visitor.ask(f"/login?code={code}", method)
        assert shown.status == 200
        assert COOKIE not in shown.cookies
    assert f'name="code" value="{code}"' in await visitor.get(f"/login?code={code}")
    assert await visitor.log_in(code) == 303
    assert await visitor.get("/")
    again = Browser(bot)
    assert await again.log_in(code) == 403
    assert again.cookie is None


async def test_a_link_works_for_a_minute(visitor: Browser, database: Database) -> None:
    made = datetime.now(UTC)
    code = await sessions.make_link(database, ADA)
    [row] = await OneTimeCode.filter(purpose="login")
    assert timedelta(seconds=59) < row.expires_at - made < timedelta(seconds=65)
    await OneTimeCode.filter(digest=row.digest).update(expires_at=datetime.now(UTC))
    assert await visitor.log_in(code) == 403
    assert not await Session.all().count()


@pytest.mark.parametrize("code", ["", "x", "\0", "é" * 9, "a" * 10_000, "' OR 1=1 --"])
async def test_what_is_no_code_lets_nobody_in(visitor: Browser, code: str) -> None:
    assert await visitor.log_in(code) == 403


async def test_a_link_is_for_administrators_alone(visitor: Browser, database: Database) -> None:
    code = await sessions.make_link(database, BOB["id"])
    assert await visitor.log_in(code) == 403
    assert not await Session.all().count()
    claimed = await administrators.make_code(database)  # which makes administrators, in the chat
    assert await visitor.log_in(claimed) == 403


async def test_of_two_who_use_a_link_at_once_one_gets_in(bot: Bot, database: Database) -> None:
    code = await sessions.make_link(database, ADA)
    two = [Browser(bot), Browser(bot)]
    assert sorted(await asyncio.gather(*(each.log_in(code) for each in two))) == [303, 403]
    assert await Session.all().count() == 1


async def test_the_cookie_is_for_this_host_alone_and_for_no_script(
    visitor: Browser, database: Database
) -> None:
    response = await visitor.post("/login", code=await sessions.make_link(database, ADA))
    [cookie] = response.headers.getall("Set-Cookie")
    name, _, rest = cookie.partition("=")
    value, *attributes = rest.split("; ")
    assert name == "__Host-userreg"
    assert len(value) >= 43
    assert sorted(a for a in attributes if not a.startswith("expires")) == [
        "HttpOnly", "Max-Age=43200", "Path=/", "SameSite=Lax", "Secure",
    ]  # fmt: skip
    assert response.headers["Location"] == "/admin/"


async def test_the_database_knows_neither_links_nor_sessions(
    ada: Browser, database: Database
) -> None:
    code, kept = await sessions.make_link(database, ADA), str(await everything())
    assert ada.cookie
    for secret in (code, ada.cookie):
        assert secret not in kept
        assert hashlib.sha256(secret.encode()).hexdigest() in kept


async def test_a_session_that_somebody_else_chose_stays_without_rights(
    visitor: Browser, database: Database
) -> None:
    visitor.cookie = chosen = "chosen-by-somebody-else"
    assert await visitor.log_in(await sessions.make_link(database, ADA)) == 303
    assert visitor.cookie != chosen
    visitor.cookie = chosen
    await visitor.get("/", 401)


@pytest.mark.parametrize(
    ("column", "ago", "status"),
    [
        ("seen_at", timedelta(minutes=29), 200),
        ("seen_at", timedelta(minutes=30, seconds=1), 401),
        ("expires_at", timedelta(seconds=-30), 200),
        ("expires_at", timedelta(seconds=1), 401),
    ],
)
async def test_a_session_ends_without_a_look_and_after_half_a_day(
    ada: Browser, column: str, ago: timedelta, status: int
) -> None:
    [row] = await Session.all()
    assert row.expires_at - row.created_at == timedelta(hours=12)
    await Session.all().update(**{column: datetime.now(UTC) - ago})
    await ada.get("/", status)


async def test_a_look_keeps_a_session_alive_but_not_for_longer_than_half_a_day(
    ada: Browser,
) -> None:
    [before] = await Session.all()
    await Session.all().update(seen_at=datetime.now(UTC) - timedelta(minutes=20))
    await ada.get("/")
    [after] = await Session.all()
    assert datetime.now(UTC) - after.seen_at < timedelta(minutes=1)
    assert after.expires_at == before.expires_at


async def test_who_is_administrator_no_more_is_out_at_the_next_look(
    visitor: Browser, database: Database
) -> None:
    await administrators.add(database, BOB["id"], ADA)
    assert await visitor.log_in(await sessions.make_link(database, BOB["id"])) == 303
    await visitor.get("/users")
    token = await visitor.form_token("/users")
    await administrators.remove(database, BOB["id"], ADA, {ADA})
    await visitor.get("/users", 401)
    assert (await visitor.post("/users/1/forget", form_token=token)).status == 401


async def test_logging_out_ends_every_copy_of_the_session(bot: Bot, ada: Browser) -> None:
    copy = Browser(bot)
    copy.cookie = ada.cookie
    await copy.get("/")
    left = await ada.submit("/", "/logout")
    assert (left.status, left.headers["Location"]) == (303, "/admin/login")
    assert re.search(rf'{COOKIE}=""; .*Max-Age=0; Path=/', left.headers["Set-Cookie"])
    assert "Secure" in left.headers["Set-Cookie"]
    await copy.get("/", 401)
    assert not await Session.all().count()


async def test_a_session_that_another_replica_ended_is_over_here(ada: Browser) -> None:
    await ada.get("/")
    await Session.all().delete()
    await ada.get("/", 401)


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
