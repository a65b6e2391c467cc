"""Filters in the address, over HTTP; a statement that takes too long is ended."""

import re
from html import unescape
from urllib.parse import quote

import asyncpg
import pytest
from pytest_aiohttp.plugin import AiohttpClient

from tests.browsing import ADA, Browser, Parsed, rows_of
from tests.browsing import ada as ada
from tests.browsing import database as database
from tests.browsing import met as met
from tests.browsing import settings as settings
from tests.running import Bot, start_bot
from userreg import lists, sessions
from userreg.config import Settings
from userreg.database_url import COMMAND_TIMEOUT, Database, parse_database_url
from userreg.decisions import AuditEntry
from userreg.sandbox.telegram import LocalTelegram


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


# A statement that takes too long


async def another(bot: Bot, database: Database, user_id: int) -> Browser:
    """Another administrator's browser."""
    browser = Browser(bot)
    assert await browser.log_in(await sessions.make_link(database, user_id)) == 303
    return browser


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
