"""The pages for administrators, over HTTP."""

import pytest

from tests import updates
from tests.browsing import ADA, Browser
from tests.browsing import ada as ada
from tests.browsing import browser as browser
from tests.browsing import database as database
from tests.browsing import settings as settings
from tests.conftest import Bot
from tests.updates import ANN, GROUP
from userreg import sessions
from userreg.database_url import Database

HOSTILE = "<script>alert(1)</script>\"'&<b>\u202egnp"


PATHS = ["/", "/users", f"/users/{ANN['id']}", "/chats", f"/chats/{GROUP['id']}", "/letters",
         "/audit", "/charts/growth.light.svg", "/charts/joins.dark.svg?chat=-100"]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
async def test_every_page_is_there_for_administrators_alone(
    bot: Bot, browser: Browser, database: Database, path: str
) -> None:
    await bot.tell(updates.message(ANN, GROUP), updates.chat_member(ANN, "left", "member", GROUP))
    assert "Ann" not in await browser.get(path, 401)
    browser.cookie = "made-up"
    await browser.get(path, 401)
    assert await browser.log_in(await sessions.make_link(database, ADA)) == 303
    assert await browser.get(path)
