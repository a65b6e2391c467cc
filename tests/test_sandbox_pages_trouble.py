"""The chat page: what it makes go wrong, what it tells of it, and to whom it answers at all."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

import pytest
from yarl import URL

from tests.chat_page import ANN, GO, Page, only_sqlite
from tests.chat_page import page_fixture as page_fixture
from tests.running import Bot
from tests.site import site_fixture as site_fixture
from userreg.errors import DatabaseUnavailable
from userreg.sandbox import trouble as trouble_module
from userreg.sandbox.api import BotApi
from userreg.sandbox.telegram import LocalTelegram
from userreg.sandbox.trouble import Trouble

# What goes wrong


async def test_the_database_goes_away_and_what_was_written_arrives_once(
    page: Page, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trouble_module, "AWAY", 4.5)
    telegram, clock = bot.telegram, asyncio.get_running_loop().time
    with telegram.events.subscribed() as mailbox:
        begun = clock()
        assert await page.turn("database_away", on=True) == 200
        await page.do("write", ANN, GO, text="hello?")
        statuses: list[int] = []
        async with asyncio.timeout(30):
            while 200 not in statuses:
                event = await mailbox.get()
                if event["type"] == "delivery":
                    statuses.append(event["status"])
    assert statuses[0] == 503
    assert clock() - begun >= 4.5  # it was away for as long as was said
    [membership] = (await page.get("/rows", person=ANN, chat=GO))["memberships"]
    assert membership["messages"] == 1


@only_sqlite
async def test_switches_are_turned_and_told_of(page: Page, telegram: LocalTelegram) -> None:
    with telegram.events.subscribed() as mailbox:
        for switch in ("twice", "out_of_order", "slow", "life"):
            for on in (True, False):
                assert await page.turn(switch, on) == 200
                while (event := await mailbox.get())["type"] != "switch":
                    pass
                assert event == {"type": "switch", "name": switch, "on": on}
                assert (await page.get("/state"))["switches"][switch] is on
    assert await page.turn("gravity", on=True) == 400


async def test_a_database_that_cannot_be_taken_away_is_said(
    telegram: LocalTelegram,
) -> None:
    @contextlib.asynccontextmanager
    async def broken() -> AsyncIterator[None]:
        raise DatabaseUnavailable("It is away already.")
        yield

    trouble = Trouble(telegram, broken)
    with pytest.raises(DatabaseUnavailable):
        await trouble.turn("database_away", on=True)
    assert trouble.show()["database_away"] is False
    for on in (True, False, True):
        await trouble.turn("life", on)
        assert trouble.show()["life"] is on
    await trouble.calm()
    assert not any(trouble.show().values())


@only_sqlite
async def test_whoever_looks_on_sees_updates_deliveries_and_calls(page: Page, bot: Bot) -> None:
    async with page.session.get("/events") as events:
        await page.do("write", ANN, text="/me")
        types = set()
        async with asyncio.timeout(10):
            async for line in events.content:
                if line.startswith(b"data: "):
                    types.add(json.loads(line[6:])["type"])
                if types >= {"update", "delivery", "call", "changed"}:
                    break


# To whom it answers


@only_sqlite
@pytest.mark.parametrize(
    "headers",
    [{"Host": "evil.example.org"}, {"Origin": "https://evil.example.org"},
     {"Content-Type": "text/plain"}, {"Content-Type": "application/x-www-form-urlencoded"}],
)  # fmt: skip
async def test_no_other_site_makes_people_do_things(page: Page, headers: dict[str, str]) -> None:
    body = json.dumps({"person": ANN, "chat": GO, "text": "x"})
    sent = {"Content-Type": "application/json"} | headers
    async with page.session.post("/deeds/write", data=body, headers=sent) as response:
        assert response.status == 403
    if "Host" in headers:
        async with page.session.get("/state", headers=headers) as response:
            assert response.status == 403


@only_sqlite
async def test_nothing_but_its_own_files_is_run_or_shown(
    page: Page, api: BotApi, site: str
) -> None:
    for path, kind in [("/", "text/html"), ("/style.css", "text/css"),
                       ("/script.js", "text/javascript")]:  # fmt: skip
        async with page.session.get(path) as response:
            assert response.status == 200
            assert response.content_type == kind
            assert "default-src 'none'" in response.headers["Content-Security-Policy"]
            assert "unsafe" not in response.headers["Content-Security-Policy"]
            text = await response.text()
            assert "<script>" not in text
            assert " style=" not in text
            assert "innerHTML" not in text
    for path in ("/../pages.py", "/..%2Fpages.py", "/%2e%2e/pages.py", "/....//pages.py"):
        url = URL(f"{site}{path}", encoded=True)  # as it is, or it would be made a plain one
        async with page.session.get(url) as response:
            assert response.status == 404
