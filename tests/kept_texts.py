"""The texts in the database. A test module imports the fixture:
`from tests.kept_texts import seeded_fixture as seeded_fixture`."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from tortoise.connection import get_connection

from userreg.database_url import Database, parse_database_url
from userreg.db import open_database
from userreg.phrases.shipped import Place
from userreg.phrases.speech import use_edits
from userreg.phrases.versions import seed

MORE = Place("start.more")


@pytest.fixture(name="seeded")
async def seeded_fixture(database_url: str) -> AsyncIterator[Database]:
    async with open_database(parse_database_url(database_url)) as database:
        await seed(database)
        yield database
        use_edits({})


async def sql(database: Database, statement: str, *values: Any) -> None:
    await get_connection(database.dialect).execute_query(statement, list(values))
