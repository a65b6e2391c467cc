"""`userreg reconcile` between a registry and a Bot API server that keeps count of the questions.
A test module imports both fixtures:
`from tests.reconciling import command_fixture as command_fixture`."""

import asyncio
import contextlib
import json
import subprocess
from typing import Any

import pytest

from tests import updates
from tests.conftest import userreg
from tests.stage import empty, put
from tests.updates import ANN, BOB, BOT, CHANNEL, CID, GROUP, SUPERGROUP, ago
from userreg.database_url import parse_database_url
from userreg.db import open_database
from userreg.registry import Registry
from userreg.sandbox.api import BotApi
from userreg.sandbox.telegram import TOKEN, LocalTelegram
from userreg.sandbox.world import World

GO, NEWS = SUPERGROUP["id"], CHANNEL["id"]
ANN_ID, BOB_ID, CID_ID = ANN["id"], BOB["id"], CID["id"]
BOT_ID = BOT["id"]
MONTH = 30


def asked(api: BotApi) -> list[int]:
    """About whom getChatMember was asked, in order."""
    return [int(call.parameters["user_id"]) for call in api.of("getChatMember")]


class Command:
    """`userreg reconcile` on a database that is closed meanwhile: SQLite has one writer."""

    def __init__(self, database_url: str, api_url: str) -> None:
        self.settings = {
            "DATABASE_URL": database_url, "TELEGRAM_API_URL": api_url, "BOT_TOKEN": TOKEN,
        }  # fmt: skip
        self._database = parse_database_url(database_url)

    async def record(self, *told: updates.Json) -> None:
        async with self.opened(), Registry(self._database, BOT_ID).running() as registry:
            for update in told:
                await registry.receive(json.dumps(update).encode())

    def opened(self) -> contextlib.AbstractAsyncContextManager[Any]:
        return open_database(self._database)

    async def run(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        environment = self.settings | settings
        done = await asyncio.to_thread(userreg, "reconcile", *arguments, **environment)
        assert "Traceback" not in done.stderr, done.stderr
        return done

    async def counts(self, *arguments: str) -> tuple[int, int, int]:
        """Those who are present, gone, and of whom Telegram told nothing."""
        done = await self.run("--rate", "1000", *arguments)
        assert done.returncode == 0, done.stderr
        names, values = zip(*(line.split(": ") for line in done.stdout.splitlines()), strict=True)
        assert names == ("present", "gone", "unanswered")
        present, gone, unanswered = map(int, values)
        return present, gone, unanswered


@pytest.fixture(name="world")
def world_fixture(telegram: LocalTelegram) -> World:
    """The bot administers the chats; who else is in them, each test says."""
    empty(telegram.world, GO, NEWS, GROUP["id"])
    return telegram.world


@pytest.fixture(name="command")
async def command_fixture(database_url: str, api_url: str) -> Command:
    return Command(database_url, api_url)


def administers(chat: updates.Json = SUPERGROUP) -> updates.Json:
    return updates.my_chat_member("left", "administrator", chat, date=ago(MONTH))


def people(count: int) -> list[updates.Json]:
    return [{"id": n, "is_bot": False, "first_name": f"P{n}"} for n in range(1, count + 1)]


async def two_members(command: Command, world: World) -> None:
    """Ann and Bob, seen a month ago, and members as Telegram knows."""
    seen = [updates.message(person, SUPERGROUP, date=ago(MONTH)) for person in (ANN, BOB)]
    await command.record(administers(), *seen)
    for person in (ANN, BOB):
        put(world, GO, person, "member")
