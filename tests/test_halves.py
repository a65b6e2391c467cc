"""The bot and its pages as two processes: `userreg run --only bot` and `--only web`."""

import asyncio
import json
import re
import time
from pathlib import Path

import pytest
from aiohttp import ClientResponse, ClientSession

from tests import updates
from tests.conftest import userreg
from tests.process import POLLING, Program, Sender, running, terminate
from tests.stage import hand_made
from tests.updates import ANN, GROUP
from userreg import sessions
from userreg.database_url import parse_database_url
from userreg.db import open_database
from userreg.models import DeadLetter
from userreg.sandbox.telegram import TOKEN, LocalTelegram

ADA = 900
only_postgres = pytest.mark.parametrize("engine", ["postgres"], indirect=True)


async def status(program: Program, path: str) -> int:
    async with ClientSession() as session, session.get(f"{program.url}{path}") as response:
        return response.status


class Visitor:
    """Ada at the pages of a process."""

    def __init__(self, session: ClientSession, url: str) -> None:
        self.session, self.url, self.cookie = session, url, ""

    async def post(self, path: str, **form: str) -> ClientResponse:
        headers = {"Origin": self.url, "Cookie": f"__Host-userreg={self.cookie}"}
        return await self.session.post(
            f"{self.url}/admin{path}", data=form, headers=headers, allow_redirects=False
        )

    async def get(self, path: str) -> tuple[int, str]:
        headers = {"Cookie": f"__Host-userreg={self.cookie}"}
        async with self.session.get(f"{self.url}/admin{path}", headers=headers) as response:
            return response.status, await response.text()

    async def log_in(self, code: str) -> None:
        response = await self.post("/login", code=code)
        assert response.status == 303
        self.cookie = response.cookies["__Host-userreg"].value

    async def submit(self, page: str, path: str) -> int:
        found = re.search(r'name="form_token" value="(\w+)"', (await self.get(page))[1])
        assert found
        return (await self.post(path, form_token=found[1])).status


@only_postgres
async def test_each_half_serves_its_own_and_recording_goes_on_without_the_pages(
    database_url: str,
) -> None:
    sent = [updates.message(ANN, GROUP) for _ in range(4)]
    async with (
        running(database_url, "--only", "bot", ADMIN_IDS=str(ADA)) as bot,
        running(database_url, "--only", "web", ADMIN_IDS=str(ADA), WEBHOOK_SECRET="") as pages,
        ClientSession() as session,
        open_database(parse_database_url(database_url)) as database,
    ):
        assert [await status(bot, p) for p in ("/admin/login", "/livez", "/readyz")] == [
            404, 200, 200,
        ]  # fmt: skip
        assert await status(pages, "/admin/login") == 200
        refused = Sender()
        assert await refused.send(pages.url, sent[:1]) == sent[:1]
        assert dict(refused.statuses) == {404: 1}
        assert await Sender().send(bot.url, sent[:2]) == []

        ada = Visitor(session, pages.url)
        await ada.log_in(await sessions.make_link(database, ADA))
        assert "Ann" in (await ada.get("/users"))[1]
        await _assert_a_letter_can_be_replayed(ada)

        terminate(pages)
        while await Sender().send(bot.url, [updates.message(ANN, GROUP)]) == []:
            if pages.process.exitcode is not None:
                break
        assert await pages.ended(within=10) == 0
        assert await Sender().send(bot.url, sent[2:]) == []
        assert "Traceback" not in "".join([*bot.lines, *pages.lines])


async def _assert_a_letter_can_be_replayed(ada: Visitor) -> None:
    body = json.dumps(updates.message(ANN | {"id": 4711}, GROUP))
    at = "2026-11-01T00:00:00+00:00"
    letter = await DeadLetter.create(
        digest="x", body=body.encode(), size=len(body), error="x", received_at=at, buried_at=at
    )
    assert await ada.submit("/letters", f"/letters/{letter.id}/replay") == 303
    assert not await DeadLetter.exists()
    assert (await ada.get("/users/4711"))[0] == 200
    assert await ada.submit("/users/4711?forget=ask", "/users/4711/forget") == 303
    assert (await ada.get("/users/4711"))[0] == 404


@only_postgres
async def test_only_the_bot_polls(database_url: str, telegram: LocalTelegram, api_url: str) -> None:
    telegram.outbox.put([hand_made(updates.message(ANN, GROUP), time.time())])
    where = {"TELEGRAM_API_URL": api_url, **POLLING}
    async with running(database_url, "--only", "web", **where) as pages:
        await pages.says("only for the pages")
        assert await status(pages, "/admin/login") == 200
    assert (telegram.polls, len(telegram.outbox)) == (0, 1)
    async with running(database_url, "--only", "bot", **where) as bot:
        async with asyncio.timeout(10):
            await telegram.wait_until_delivered()
        assert await status(bot, "/admin/login") == 404


@pytest.mark.parametrize("half", ["web", "bot"])
def test_sqlite_takes_no_halves_and_says_so_in_a_sentence(half: str, tmp_path: Path) -> None:
    url = f"sqlite://{tmp_path}/r.sqlite3"
    ended = userreg("run", "--migrate", "--only", half, BOT_TOKEN=TOKEN, DATABASE_URL=url)
    assert ended.returncode == 3
    assert ended.stderr.count("\n") == 1
    assert "set DATABASE_URL to a PostgreSQL database, or leave --only out" in ended.stderr
    assert not list(tmp_path.iterdir())
