"""The chat page of the tests' Telegram. A test module imports the fixture and asks for `site`:
`from tests.site import site_fixture as site_fixture`."""

from collections.abc import AsyncIterator

import pytest

from userreg.config import Settings
from userreg.database_url import parse_database_url
from userreg.demo import nobody_writes
from userreg.dossier import list_rows_about
from userreg.sandbox.api import BotApi
from userreg.sandbox.pages import ChatPage
from userreg.sandbox.server import create_app, serving
from userreg.sandbox.trouble import Trouble


@pytest.fixture(name="site")
async def site_fixture(settings: Settings, api: BotApi) -> AsyncIterator[str]:
    """Its address. What the registry holds can be seen where the `bot` runs."""
    database = parse_database_url(settings.database)
    trouble = Trouble(api.telegram, lambda: nobody_writes(database))
    app = create_app(api)
    ChatPage(api.telegram, trouble, list_rows_about).add_routes(app)
    async with trouble.running(), serving(app, "127.0.0.1", 0) as url:
        yield url
