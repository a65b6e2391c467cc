"""The pages of the bot's texts, filled in and sent. A test module imports the fixture `ada_fixture`
from here, and what it needs of `tests.browsing`."""

import html
import re
from typing import Any

import pytest

from tests.browsing import ADA, Browser
from userreg import sessions
from userreg.database_url import Database
from userreg.phrases.languages import language
from userreg.phrases.versions import seed

MORE = "/phrases/start.more?locale=en"
CHATS = "/phrases/me.chats?locale=uk"
FORMS = language("uk").categories


@pytest.fixture(name="ada")
async def ada_fixture(visitor: Browser, database: Database) -> Browser:
    """Logged in, where the shipped texts are in the database."""
    await seed(database)
    assert await visitor.log_in(await sessions.make_link(database, ADA)) == 303
    return visitor


def boxes(page: str) -> dict[str, str]:
    """What stands in the text areas, by plural form, as a browser would send it back."""
    found = re.findall(r'<textarea[^>]* name="text\.(\w*)"[^>]*>\n?(.*?)</textarea>', page, re.S)
    return {category: html.unescape(text) for category, text in found}


def versions(page: str) -> dict[str, str]:
    return dict(re.findall(r'name="(version\.\w*)" value="(\d+)"', page))


async def fill(browser: Browser, path: str, deed: str, **typed: str) -> Any:
    """Open the page, type over some of its boxes, and press a button."""
    page = await browser.get(path)
    token = re.search(r'name="form_token" value="(\w+)"', page)
    assert token
    texts = {f"text.{category}": text for category, text in (boxes(page) | typed).items()}
    return await browser.post(path, form_token=token[1], deed=deed, **versions(page), **texts)


async def type_text(browser: Browser, deed: str, text: str, path: str = MORE) -> Any:
    return await fill(browser, path, deed, **{"": text})


async def undo(browser: Browser, path: str, category: str, version: str) -> Any:
    token = re.search(r'name="form_token" value="(\w+)"', await browser.get(path))
    assert token
    where = path.replace("?", "/undo?")
    return await browser.post(where, form_token=token[1], category=category, version=version)
