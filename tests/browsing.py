"""Somebody who looks at the pages over HTTP. Whoever tests them imports the fixtures:
`from tests.browsing import settings as settings`, and `database`, `browser` and `ada` likewise.
"""

import re
from typing import Any

import pytest

from tests.conftest import Bot
from userreg import sessions
from userreg.config import Settings
from userreg.database_url import Database, parse_database_url

ADA = 900


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"admin_ids": frozenset({ADA})})


@pytest.fixture
def database(database_url: str) -> Database:
    return parse_database_url(database_url)


class Browser:
    """Somebody's browser: it keeps the cookie, and says from where its forms come."""

    def __init__(self, bot: Bot) -> None:
        self.client = bot.client
        self.cookie: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        return {} if self.cookie is None else {"Cookie": f"__Host-userreg={self.cookie}"}

    async def get(self, path: str, status: int = 200) -> str:
        response = await self.client.get(f"/admin{path}", headers=self.headers)
        text = await response.text()
        assert response.status == status, (path, response.status, text[:300])
        return text

    async def post(self, path: str, origin: str | None = None, **form: str) -> Any:
        server = self.client.make_url("/")
        own = f"{server.scheme}://{server.host}:{server.port}"
        headers = self.headers | {"Origin": own if origin is None else origin}
        return await self.client.post(
            f"/admin{path}", data=form, headers=headers, allow_redirects=False
        )

    async def log_in(self, code: str) -> int:
        response = await self.post("/login", code=code)
        morsel = response.cookies.get("__Host-userreg")
        self.cookie = morsel.value if morsel else None
        return int(response.status)

    async def submit(self, page: str, path: str) -> Any:
        """The form to this path on that page."""
        token = re.search(r'name="form_token" value="(\w+)"', await self.get(page))
        assert token
        return await self.post(path, form_token=token[1])


@pytest.fixture
async def browser(bot: Bot) -> Browser:
    return Browser(bot)


@pytest.fixture
async def ada(browser: Browser, database: Database) -> Browser:
    """Logged in."""
    assert await browser.log_in(await sessions.make_link(database, ADA)) == 303
    return browser
