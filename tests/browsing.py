"""Somebody's browser at the pages for administrators, without a window: a test module imports the
fixtures that it wants (`from tests.browsing import ada as ada`)."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from aiohttp import ClientResponse
from yarl import URL

from tests import updates
from tests.running import Bot
from tests.updates import ANN, BOB, CID, GROUP, SUPERGROUP
from userreg import sessions
from userreg.config import Settings
from userreg.database_url import Database, parse_database_url

ADA = 900
COOKIE = "__Host-userreg"
NOBODY = {"id": 901, "is_bot": False, "first_name": "=1+1"}


class Browser:
    """It keeps the cookie, and says from where its forms come."""

    def __init__(self, bot: Bot) -> None:
        self.client = bot.client
        self.cookie: str | None = None

    async def ask(
        self, path: str, method: str = "GET", headers: dict[str, str] | None = None, **more: Any
    ) -> ClientResponse:
        """What is answered, redirects not followed. The path is percent-encoded."""
        cookie = {} if self.cookie is None else {"Cookie": f"{COOKIE}={self.cookie}"}
        return await self.client.request(
            method, URL(f"/admin{path}", encoded=True), headers=cookie | (headers or {}),
            allow_redirects=False, **more,
        )  # fmt: skip

    async def get(self, path: str, status: int = 200) -> str:
        response = await self.ask(path)
        text = await response.text()
        assert response.status == status, (path, response.status, text[:300])
        return text

    @property
    def origin(self) -> str:
        server = self.client.make_url("/")
        return f"{server.scheme}://{server.host}:{server.port}"

    async def post(
        self, path: str, headers: dict[str, str] | None = None, **form: str
    ) -> ClientResponse:
        """A form; by itself it says that it comes from here."""
        given = {"Origin": self.origin} if headers is None else headers
        return await self.ask(path, "POST", given, data=form)

    async def log_in(self, code: str) -> int:
        response = await self.post("/login", code=code)
        morsel = response.cookies.get(COOKIE)
        self.cookie = morsel.value if morsel else None
        return response.status

    async def form_token(self, page: str) -> str:
        found = re.search(r'name="form_token" value="(\w+)"', await self.get(page))
        assert found
        return found[1]

    async def submit(self, page: str, path: str) -> ClientResponse:
        """The form to this path on that page."""
        assert f'action="/admin{path}"' in await self.get(page)
        return await self.post(path, form_token=await self.form_token(page))


class Parsed(HTMLParser):
    """A page as a browser reads it: its text, its tags, its attributes, where its links lead."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    @property
    def links(self) -> list[str]:
        names = ("href", "src", "action", "srcset")
        return [value or "" for name, value in self.attributes if name in names]


async def rows_of(browser: Browser, path: str) -> list[list[str]]:
    """The cells of a list's rows."""
    html = await browser.get(path)
    rows = re.findall('<tr><th scope="row">(.*?)</tr>', html, re.DOTALL)
    return [[Parsed(cell).text.strip() for cell in re.split("</t[hd]>", row)] for row in rows]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"admin_ids": frozenset({ADA})})


@pytest.fixture
def database(database_url: str) -> Database:
    return parse_database_url(database_url)


@pytest.fixture
async def visitor(bot: Bot) -> Browser:
    """Not logged in."""
    return Browser(bot)


@pytest.fixture
async def ada(bot: Bot, database: Database) -> Browser:
    """Logged in as an administrator."""
    browser = Browser(bot)
    assert await browser.log_in(await sessions.make_link(database, ADA)) == 303
    return browser


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
