"""Downloads of what a list shows, over HTTP: whole, for administrators alone, one at a time."""

import asyncio
import csv
import io
import json
from collections.abc import AsyncGenerator
from typing import Any

import aiohttp
import asyncpg
import pytest
from aiohttp import ClientResponse

from tests.browsing import ADA, Browser, rows_of
from tests.browsing import ada as ada
from tests.browsing import database as database
from tests.browsing import met as met
from tests.browsing import settings as settings
from tests.browsing import visitor as visitor
from tests.running import Bot
from tests.updates import CID, SUPERGROUP
from userreg import lists, sessions
from userreg.database_url import Database
from userreg.decisions import AuditEntry
from userreg.upsert import Row


async def download(browser: Browser, path: str, form: str = "csv") -> ClientResponse:
    name, _, query = path.partition("?")
    token = await browser.form_token("/letters" if browser.cookie else "/login")
    return await browser.post(f"{name}/download?{query}", form_token=token, form=form)


#: What strangers are called, and where, as no spreadsheet computes it.
_FORMULAS = ["'=1+1", "'@SUM(A1)", "'@SUM(A1)", "'@SUM(A1)"]


@pytest.mark.parametrize(
    ("narrowing", "quoted"),
    [
        ("", _FORMULAS),
        ("?is_blocked=no", _FORMULAS),
        ("?chat_id=-100&user_id=101", []),
    ],
)
async def test_a_download_is_what_the_list_shows(
    met: Bot, ada: Browser, narrowing: str, quoted: list[str]
) -> None:
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
    assert sorted(v for row in table for v in row.values() if v.startswith("'")) == quoted


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
