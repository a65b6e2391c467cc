"""The registry under test: several that record in one database. A test module imports the fixture:
`from tests.proof.writing import writers_fixture as writers_fixture`."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from random import Random

import pytest

from tests.proof.delivery import Delivery
from tests.proof.judge import Untrue
from userreg.batch import Outcome
from userreg.database_url import Database, parse_database_url
from userreg.db import open_database
from userreg.errors import NotCommitted
from userreg.registry import Registry
from userreg.sandbox.world import BOT_ID


@pytest.fixture(name="writers")
async def writers_fixture(database_url: str) -> AsyncIterator[list[Registry]]:
    database = parse_database_url(database_url)
    if database.dialect == "sqlite":  # no power will fail
        database = Database("sqlite", database.credentials | {"synchronous": "OFF"})
    async with open_database(database), contextlib.AsyncExitStack() as stack:
        running = [Registry(database, BOT_ID).running() for _ in range(3)]
        yield [await stack.enter_async_context(each) for each in running]


async def deliver(writers: list[Registry], wave: list[Delivery], random: Random) -> None:
    """All of a wave at once, each to any replica."""
    await asyncio.gather(*(_send(random.choice(writers), delivery) for delivery in wave))


async def _send(writer: Registry, delivery: Delivery) -> None:
    """Until it is committed: what a slow database refuses, Telegram sends again."""
    raw = json.dumps(delivery.update.body).encode()
    for _ in range(3):
        with contextlib.suppress(NotCommitted):
            at = datetime.fromtimestamp(delivery.received_at, UTC)
            receipt = await writer.receive(raw, at)
            break
    else:
        raise Untrue(f"never committed: {raw.decode()}")
    if receipt.outcome is Outcome.DEAD_LETTERED:
        raise Untrue(f"put aside: {raw.decode()}")
