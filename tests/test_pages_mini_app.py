"""The way into the pages from within Telegram: its word, its age, its one use."""

import asyncio
import json
import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.browsing import ADA, COOKIE, Browser
from tests.browsing import database as database
from tests.browsing import settings as settings
from tests.browsing import visitor as visitor
from tests.running import Bot
from tests.updates import BOB
from userreg import administrators
from userreg.database_url import Database
from userreg.decisions import AuditEntry, OneTimeCode, Session
from userreg.sandbox.telegram import TOKEN
from userreg.sandbox.web_apps import sign
from userreg.web.mini_app import read

OTHERS = "4242424243:AAE-the-token-of-another-bot-0000000"
HASH = "0" * 64


def word(user_id: int = ADA, age: float = 0, token: str = TOKEN, **more: str) -> str:
    """What Telegram says to the bot of this token, so many seconds ago."""
    user = json.dumps({"id": user_id, "first_name": "Ada & <b>co</b> = ü", "last_name": ""})
    said = {"query_id": "AAE", "user": user, "auth_date": str(int(time.time() - age))}
    return urlencode(sign(token, said | more))


async def say(visitor: Browser, init_data: str) -> int:
    """The status of the answer; the browser keeps the cookie."""
    response = await visitor.post("/login/app", init_data=init_data)
    morsel = response.cookies.get(COOKIE)
    visitor.cookie = morsel.value if morsel else None
    return response.status


async def test_telegrams_word_lets_an_administrator_in_and_it_is_noted(visitor: Browser) -> None:
    assert await say(visitor, word()) == 303
    await visitor.get("/users")
    [noted] = await AuditEntry.filter(action="login")
    assert (noted.actor_id, noted.detail) == (ADA, "mini app")
    [session] = await Session.all()
    assert session.user_id == ADA


async def test_a_word_is_good_once_in_whatever_order_it_is_written(
    visitor: Browser, bot: Bot
) -> None:
    said = word()
    turned = "&".join(reversed(said.split("&")))
    codes = [said, said, turned, said.replace("%3D", "%3d"), said + "&nothing="]
    answers = await asyncio.gather(*(say(Browser(bot), code) for code in codes))
    assert sorted(answers) == [303, 403, 403, 403, 403]
    assert await Session.all().count() == 1
    [kept] = await OneTimeCode.filter(purpose="mini_app")
    assert said not in kept.digest
    assert kept.expires_at.timestamp() > time.time() + 300
    assert await say(visitor, word(query_id="another")) == 303


@pytest.mark.parametrize(
    ("age", "status"), [(0, 303), (295, 303), (302, 403), (86_400, 403), (-30, 403), (-86_400, 403)]
)
async def test_a_word_is_good_for_five_minutes_and_not_before_it_was_given(
    visitor: Browser, age: float, status: int
) -> None:
    assert await say(visitor, word(age=age)) == status
    assert await Session.all().count() == (status == 303)


async def test_whoever_has_no_role_stays_out_and_leaves_nothing_behind(
    visitor: Browser, database: Database
) -> None:
    said = word(BOB["id"])
    assert await say(visitor, said) == 403
    assert not await OneTimeCode.all().count()
    await administrators.add(database, BOB["id"], ADA)
    assert await say(visitor, said) == 303
    await administrators.remove(database, BOB["id"], ADA, {ADA})
    await visitor.get("/", 401)
    assert await say(visitor, word(BOB["id"], query_id="again")) == 403


def _tampered() -> list[str]:
    said = {k: v[0] for k, v in parse_qs(word()).items()}
    user = json.dumps({"id": ADA, "first_name": "Eve"})
    changes: list[dict[str, str]] = [
        {"user": user}, {"auth_date": str(int(time.time()) + 1)}, {"query_id": "x"},
        {"added": "x"}, {"hash": HASH}, {"hash": said["hash"].upper()}, {"hash": "é" * 64},
        {"hash": ""}, {"hash": said["hash"] + "0"},
    ]  # fmt: skip
    whole = [urlencode(said | change) for change in changes]
    less = [urlencode({k: v for k, v in said.items() if k != name}) for name in said]
    return [*whole, *less]


NO_WORDS = [
    "", "x", "hash", f"hash={HASH}", "&&&=", "\0", "a" * 10_000, "user=%7B%7D&hash=é",
    "\ud800".encode("utf-8", "replace").decode(),
]  # fmt: skip


async def test_what_telegram_has_not_said_lets_nobody_in(visitor: Browser) -> None:
    for said in [*_tampered(), *NO_WORDS, word(token=OTHERS)]:
        assert await say(visitor, said) == 403, said
    assert not await Session.all().count()
    assert not await OneTimeCode.all().count()


@pytest.mark.parametrize(
    "odd",
    [{"user": ""}, {"user": "null"}, {"user": "[1]"}, {"user": "{"}, {"user": '{"id": "x"}'},
     {"auth_date": ""}, {"auth_date": "soon"}, {"auth_date": "9" * 30}],
)  # fmt: skip
async def test_a_word_that_says_nothing_is_refused_though_it_is_telegrams(
    visitor: Browser, odd: dict[str, str]
) -> None:
    assert await say(visitor, word(**odd)) == 403


@given(st.text(), st.text(), st.text())
@hypothesis_settings(max_examples=30)
def test_no_text_is_a_word_of_telegrams(text: str, name: str, hash_: str) -> None:
    now = datetime.now(UTC)
    said = urlencode({name: text, "hash": hash_}, errors="replace")
    assert read(text, TOKEN, now) is None
    assert read(said, TOKEN, now) is None


async def test_a_word_from_another_site_does_nothing(visitor: Browser) -> None:
    for headers in ({}, {"Origin": "https://web.telegram.org"}, {"Origin": "null"}):
        response = await visitor.post("/login/app", headers, init_data=word())
        assert response.status == 403
    assert not await Session.all().count()


async def test_the_one_page_with_a_script_runs_our_own_and_says_what_to_do_without(
    visitor: Browser,
) -> None:
    response = await visitor.ask("/login/app")
    policy: Any = response.headers["Content-Security-Policy"]
    assert [part for part in policy.split("; ") if "script" in part] == ["script-src 'self'"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    html = await response.text()
    assert html.count("<script") == 1
    assert '<script src="/admin/static/mini_app.js" defer></script>' in html
    assert "write /admin to the bot" in html
    script = await visitor.ask("/static/mini_app.js")
    assert script.content_type == "text/javascript"
    for path in ("/login", "/", "/static/mini_app.js"):
        assert "script-src" not in (await visitor.ask(path)).headers["Content-Security-Policy"]
    refused = await visitor.post("/login/app", init_data="x")
    assert "script-src" not in refused.headers["Content-Security-Policy"]
    assert "<script" not in await refused.text()
