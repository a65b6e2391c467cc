"""The way into the pages and out of them."""

import asyncio
import hashlib
import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.browsing import ADA, COOKIE, Browser
from tests.browsing import ada as ada
from tests.browsing import database as database
from tests.browsing import settings as settings
from tests.browsing import visitor as visitor
from tests.conftest import everything
from tests.running import Bot
from tests.updates import BOB
from userreg import administrators, sessions
from userreg.database_url import Database
from userreg.decisions import OneTimeCode, Session


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
