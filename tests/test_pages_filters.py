"""Filters in the address, and downloads of what they match, over HTTP."""

import asyncio
import csv
import io
import json
import re
from collections.abc import AsyncGenerator
from html import unescape
from typing import Any
from urllib.parse import quote

import aiohttp
import asyncpg
import pytest
from aiohttp import ClientResponse
from pytest_aiohttp.plugin import AiohttpClient

from tests import updates
from tests.browsing import ADA, Browser, Parsed
from tests.browsing import ada as ada
from tests.browsing import database as database
from tests.browsing import settings as settings
from tests.browsing import visitor as visitor
from tests.conftest import Bot, start_bot
from tests.updates import ANN, BOB, CID, GROUP, SUPERGROUP
from userreg import lists, sessions
from userreg.config import Settings
from userreg.database_url import COMMAND_TIMEOUT, Database, parse_database_url
from userreg.decisions import AuditEntry
from userreg.sandbox.telegram import LocalTelegram
from userreg.upsert import Row

NOBODY = {"id": 901, "is_bot": False, "first_name": "=1+1"}


@pytest.fixture
async def met(bot: Bot) -> Bot:
    """Ann, Bob and somebody with a formula for a name have been met in two chats."""
    den = SUPERGROUP | {"title": "@SUM(A1)"}
    await bot.tell(
        updates.message(ANN, GROUP), updates.message(BOB, GROUP), updates.message(NOBODY, den),
        updates.chat_member(CID, "member", "left", den),
        updates.chat_member(ANN, "left", "member", den), updates.message(ANN),
        updates.my_chat_member("member", "kicked", updates.private(BOB)),
    )  # fmt: skip
    return bot


async def rows_of(browser: Browser, path: str) -> list[list[str]]:
    """The cells of a list's rows."""
    html = await browser.get(path)
    rows = re.findall('<tr><th scope="row">(.*?)</tr>', html, re.DOTALL)
    return [[Parsed(cell).text.strip() for cell in re.split("</t[hd]>", row)] for row in rows]


# Filters


async def test_a_list_is_narrowed_by_its_address(met: Bot, ada: Browser) -> None:
    for path, names in {
        "/memberships?chat_id=-100": ["Bob Brown", "Ann"],
        "/memberships?user_id=101": ["Ann", "Ann"],
        "/memberships?status=left": ["Cid"],
        "/memberships?is_member=no&evidence=confirmed": ["Cid"],
        "/memberships?evidence=seen&type=group": ["Bob Brown", "Ann"],
        "/memberships?is_blocked=yes": ["Bob Brown"],
        "/users?has_started=yes&is_blocked=no": ["Ann"],
        "/users?is_blocked=yes": ["Bob Brown has blocked the bot"], "/users?language=EN": ["Ann"],
        "/memberships?chat_id=-100&sort=oldest": ["Ann", "Bob Brown"],
        "/chats?type=group&sort=known": ["Chess"], "/chats?sort=known": ["@SUM(A1)", "Chess"],
        "/memberships?status=&sort=&chat_id=-5": [],
    }.items():  # fmt: skip
        assert [row[0] for row in await rows_of(ada, path)] == names, path
    assert "Remove a filter" in await ada.get("/memberships?chat_id=-5")
    for path, link in (("/users/101", "user_id=101"), ("/chats/-100", "chat_id=-100")):
        assert f"/admin/memberships?{link}" in Parsed(await ada.get(path)).links


@pytest.mark.parametrize(
    ("asked", "said"),
    [("/users?is_bot=maybe", "Is a bot: there is no such choice"),
     ("/users?language=%25", "Language: a language is written as a code"),
     ("/users?sort=messages", "Sorted by: there is no such choice"),
     ("/chats?active_since=2026-02-30", "Active since: a day is written like 2026-11-30"),
     ("/memberships?chat_id=5", "Id of the chat: the id of a group or channel is a number"),
     ("/memberships?user_id=x%00", "Id of the person: the id of a person is a number"),
     ("/memberships?status=left'--", "Status: there is no such choice"),
     ("/memberships?sort=messages", "Only the memberships of one chat or one person"),
     ("/memberships?sort=messages&chat_id=x", "Id of the chat: the id of")],
)  # fmt: skip
async def test_what_is_not_understood_is_said_and_nothing_else_is_lost(
    met: Bot, ada: Browser, asked: str, said: str
) -> None:
    page = await ada.get(f"{asked}&active_since=2026-01-02" if "since" not in asked else asked, 400)
    assert said in Parsed(page).text
    assert page.count('role="alert"') == 1
    assert "<table" not in page
    if "since" not in asked:
        assert 'value="2026-01-02"' in page
    typed = unescape(asked.partition("=")[2].partition("&")[0])
    if "language" in asked or "chat_id=5" in asked:
        assert f'value="{typed.replace("%25", "%")}"' in page
        assert 'aria-invalid="true"' in page


async def test_hostile_values_are_words(ada: Browser) -> None:
    for value in ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "' OR 1=1 --"):
        for field in ("language", "user_id", "chat_id", "active_since", "status", "sort"):
            page = Parsed(await ada.get(f"/memberships?{field}={quote(value)}", 400))
            assert not page.tags & {"script", "img"}


async def test_a_page_that_found_little_says_how_far_it_looked_and_leads_on(
    met: Bot, ada: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "LOOK", 2)
    path = "/memberships?is_member=no&sort=oldest"
    page = await ada.get(path)
    assert "Looked through: 2. Found: 0. There may be more further on." in Parsed(page).text
    assert "Remove a filter" not in page
    seen = []
    for _ in range(9):
        seen += [row[0] for row in await rows_of(ada, path)]
        found = re.search('href="/admin([^"]*after=[^"]*)">Look on', await ada.get(path))
        if found is None:
            break
        path = unescape(found[1])
        assert path.startswith("/memberships?is_member=no&sort=oldest&after=")
    assert seen == ["Cid"]


async def test_a_look_at_one_persons_memberships_is_noted(met: Bot, ada: Browser) -> None:
    await ada.get("/memberships?chat_id=-100")
    assert not await AuditEntry.filter(action="pages.look").count()
    await ada.get("/memberships?user_id=101")
    [entry] = await AuditEntry.filter(action="pages.look")
    assert (entry.actor_id, entry.subject_id) == (ADA, 101)


# Downloads


async def download(browser: Browser, path: str, form: str = "csv") -> ClientResponse:
    name, _, query = path.partition("?")
    token = await browser.form_token("/letters" if browser.cookie else "/login")
    return await browser.post(f"{name}/download?{query}", form_token=token, form=form)


@pytest.mark.parametrize("narrowing", ["", "?is_blocked=no", "?chat_id=-100&user_id=101"])
async def test_a_download_is_what_the_list_shows(met: Bot, ada: Browser, narrowing: str) -> None:
    shown = await rows_of(ada, f"/memberships{narrowing}")
    response = await download(ada, f"/memberships{narrowing}", "json")
    assert response.content_type == "application/json"
    assert response.headers["Content-Disposition"] == 'attachment; filename="memberships.json"'
    rows = json.loads(await response.text())
    names = [" ".join(filter(None, (r["first_name"], r["last_name"]))) for r in rows]
    assert names == [row[0] for row in shown]
    assert [row["title"] for row in rows] == [row[1] for row in shown]
    response = await download(ada, f"/memberships{narrowing}")
    assert response.content_type == "text/csv"
    assert response.headers["Content-Disposition"] == 'attachment; filename="memberships.csv"'
    assert response.headers["Cache-Control"] == "no-store"
    table = list(csv.DictReader(io.StringIO(await response.text(), newline="")))
    assert [list(row) for row in table] == [list(row) for row in rows]
    assert [row["user_id"] for row in table] == [str(row["user_id"]) for row in rows]
    formulas = [v for row in table for v in row.values() if v.startswith("'")]
    assert formulas == ([] if "chat_id" in narrowing else formulas)
    if not narrowing:
        assert sorted(formulas) == ["'=1+1", "'@SUM(A1)", "'@SUM(A1)", "'@SUM(A1)"]


async def test_people_and_chats_are_downloaded_as_an_export_writes_them(
    met: Bot, ada: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "PORTION", 1)
    monkeypatch.setattr(lists, "LOOK", 1)
    for path, form, ids in (
        ("/users", "json", [CID["id"], 901, 102, 101]), ("/users?is_premium=yes", "json", []),
        ("/users?language=en", "csv", [101]), ("/chats", "json", [SUPERGROUP["id"], -100]),
        ("/chats?type=group", "csv", [-100]),
    ):  # fmt: skip
        text = await (await download(ada, path, form)).text()
        rows = json.loads(text) if form == "json" else list(csv.DictReader(io.StringIO(text)))
        assert [int(row["id"]) for row in rows] == ids, path
    assert text.startswith("id,type,title,username,is_forum,first_seen_at")
    assert "-100,group,Chess,,false," in text


async def test_nobody_else_downloads(met: Bot, ada: Browser, visitor: Browser) -> None:
    path = "/memberships/download"
    assert (await visitor.post(path, form="csv", form_token="x")).status == 401
    assert (await ada.post(path, form="csv", form_token="x")).status == 403
    token = await ada.form_token("/memberships")
    foreign = {"Origin": "https://evil.example"}
    assert (await ada.post(path, foreign, form="csv", form_token=token)).status == 403
    assert (await ada.ask(path)).status == 405
    for wrong in ("?status=x", "?sort=x"):
        assert (await ada.post(path + wrong, form="csv", form_token=token)).status == 400
    assert (await ada.post(path, form="exe", form_token=token)).status == 400
    assert (await ada.post("/audit/download", form="csv", form_token=token)).status == 404
    assert not await AuditEntry.filter(action="pages.download").count()


async def test_a_download_is_noted_with_its_filter(met: Bot, ada: Browser) -> None:
    await (await download(ada, "/memberships?status=left&type=supergroup")).read()
    await (await download(ada, "/memberships?user_id=101&is_member=yes", "json")).read()
    first, second = await AuditEntry.filter(action="pages.download").order_by("id")
    assert (first.actor_id, first.subject_id) == (ADA, None)
    assert first.detail == "memberships.csv type=supergroup status=left"
    assert (second.subject_id, second.detail) == (101, "memberships.json is_member=yes")


class Stream:
    """Stands in for a list without end; it goes on when it may."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.go_on, self.ended = asyncio.Event(), asyncio.Event()
        self.portions = 0
        self.error: Exception | None = None
        patch.setattr(lists, "stream", self._stream)

    async def _stream(self, *_: Any) -> AsyncGenerator[list[Row], None]:
        person = (await lists.list_users(lists.Place())).rows[0]
        try:
            while True:
                self.portions += 1
                yield [person | {"last_name": "x" * 1_000}] * 100
                await self.go_on.wait()
                if self.error:
                    raise self.error
        finally:
            self.ended.set()


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch) -> Stream:
    return Stream(monkeypatch)


@pytest.fixture
def one_page_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("userreg.web.guard.AT_ONCE", 1)


async def another(bot: Bot, database: Database, user_id: int) -> Browser:
    """Another administrator's browser."""
    browser = Browser(bot)
    assert await browser.log_in(await sessions.make_link(database, user_id)) == 303
    return browser


async def test_one_download_at_a_time_which_takes_no_page_its_place(
    one_page_at_a_time: None, met: Bot, ada: Browser, endless: Stream
) -> None:
    first = await download(ada, "/users")
    assert first.status == 200
    assert "People" in await ada.get("/users")
    second = await download(ada, "/chats", "json")
    assert second.status == 409
    assert "A download of yours is still under way" in await second.text()
    first.close()
    endless.go_on.set()
    async with asyncio.timeout(20):
        await endless.ended.wait()
    again = await download(ada, "/users")
    assert again.status == 200
    again.close()


async def test_a_process_has_not_more_downloads_than_it_may(
    met: Bot, ada: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("userreg.web.downloads.AT_ONCE", 0)
    response = await download(ada, "/users")
    assert response.status == 409
    assert "Too many" in await response.text()


async def test_a_browser_that_does_not_read_holds_up_the_reading(
    met: Bot, ada: Browser, endless: Stream
) -> None:
    """What has been read waits for the browser: no more of it is kept than a connection takes."""
    endless.go_on.set()
    response = await download(ada, "/users")
    before = -1
    while before != endless.portions:
        before = endless.portions
        for _ in range(20):
            await ada.get("/letters")  # the server has the time to read on, if it will
    assert not endless.ended.is_set()
    response.close()
    async with asyncio.timeout(20):
        await endless.ended.wait()


async def test_whoever_is_logged_out_gets_no_more(
    met: Bot, ada: Browser, database: Database, endless: Stream
) -> None:
    response = await download(ada, "/users")
    assert await response.content.readany()
    await sessions.log_out(database, ada.cookie or "")
    endless.go_on.set()
    with pytest.raises(aiohttp.ClientPayloadError):
        async with asyncio.timeout(10):
            await response.read()
    assert endless.portions == 2  # which was read, and not sent


@pytest.mark.parametrize("kind", [asyncpg.PostgresError, OSError])
async def test_a_download_that_fails_is_cut_off_and_can_be_tried_again(
    met: Bot,
    ada: Browser,
    endless: Stream,
    caplog: pytest.LogCaptureFixture,
    kind: type[Exception],
) -> None:
    response = await download(ada, "/users", "json")
    endless.error = kind("the disk is full")
    endless.go_on.set()
    with pytest.raises(aiohttp.ClientPayloadError):
        await response.read()
    assert f"a download was cut off: {kind.__name__}: the disk is full" in caplog.text
    assert "Traceback" not in caplog.text
    assert (await download(ada, "/users", "json")).status == 200


# A statement that takes too long


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
async def test_a_statement_of_a_page_is_ended_when_it_takes_too_long(
    settings: Settings, aiohttp_client: AiohttpClient, telegram: LocalTelegram, database: Database
) -> None:
    assert (
        COMMAND_TIMEOUT == parse_database_url("postgres://h/d").credentials["command_timeout"] == 5
    )
    url = f"{settings.database}?command_timeout=0.5"
    hurried = settings.model_copy(update={"database_url": type(settings.bot_token)(url)})
    bot = await start_bot(hurried, aiohttp_client, telegram)
    ada = await another(bot, database, ADA)
    connection = await asyncpg.connect(settings.database)
    try:
        async with connection.transaction():
            await connection.execute("LOCK TABLE memberships")
            assert "does not answer" in await ada.get("/memberships?status=left", 503)
            while await connection.fetch(
                "SELECT FROM pg_stat_activity WHERE query LIKE '%FROM memberships p%'"
                " AND state = 'active' AND pid <> pg_backend_pid()"
            ):
                await connection.execute("SELECT pg_stat_clear_snapshot(), pg_sleep(0.01)")
        await ada.get("/memberships?status=left")
    finally:
        await connection.close()
