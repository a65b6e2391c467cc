"""Nobody is an administrator by a trick; what administrators look at is written down, and they hear
what became of what they asked."""

import pytest

from tests import updates
from tests.ada import ADA
from tests.ada import ada_fixture as ada_fixture
from tests.ada import settings_fixture as settings_fixture
from tests.conftest import Talk
from tests.running import Bot
from tests.updates import ANN, BOB, CID, GROUP
from userreg import administrators
from userreg.bot import reports
from userreg.bot.press import FIRST, Press, short_id
from userreg.database_url import parse_database_url
from userreg.decisions import Administrator, AuditEntry
from userreg.sandbox.api import BotApi
from userreg.sandbox.errors import TooManyRequests

# ---- roles


async def test_a_forwarded_command_is_not_the_forwarders(bot: Bot, ada, api: BotApi) -> None:
    origin = {"type": "user", "date": 1, "sender_user": BOB}
    await bot.tell(updates.message(ADA, text="/admin add 102", forward_origin=origin))
    await ada.write("/help")
    assert await Administrator.all().count() == 0
    assert len(api.of("sendMessage")) == 1


async def test_opening_a_membership_of_anybody_is_written_down(bot: Bot, ada) -> None:
    await bot.tell(updates.message(CID, GROUP))
    await ada.write("/start")
    await ada.plant(Press.of("in", 900, CID["id"], short_id(GROUP["id"]), FIRST).pack())
    assert "1 message" in ada.text
    assert await AuditEntry.all().count() == 1


async def test_many_administrators_are_listed(
    bot: Bot, ada, api: BotApi, database_url: str
) -> None:
    database = parse_database_url(database_url)
    for n in range(60):
        await bot.tell(updates.message({"id": 5000 + n, "is_bot": False, "first_name": "@" * 64}))
        await administrators.add(database, 5000 + n, None)
    await bot.tell(updates.message(ADA, text="/admin"))
    (call,) = await api.wait_for("sendMessage")
    assert call.error is None, call.error


async def test_whoever_claims_a_code_gets_the_command_in_the_menu(
    bot: Bot, talk: Talk, api: BotApi, database_url: str
) -> None:
    code = await administrators.make_code(parse_database_url(database_url))
    await talk(ANN).write(f"/start {code}")
    await api.wait_for("setMyCommands")  # as /admin add does


# ---- what cannot be done is said


async def test_an_added_administrator_is_confirmed_though_telegram_takes_no_list(
    bot: Bot,
    ada,
    api: BotApi,
) -> None:
    api.failures["setMyCommands"] = TooManyRequests(60)
    await bot.tell(updates.message(ADA, text="/admin add 102"))
    await api.wait_for("sendMessage")
    assert await Administrator.all().count() == 1


async def test_a_report_that_the_database_does_not_answer_is_said_to_fail(
    bot: Bot,
    ada,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each statement of the bot has 5 s; docs/administrators.md tells of reports that take 15."""

    async def slow(*_: object) -> None:
        raise TimeoutError

    await ada.write("/stats")
    before, shown = ada.text, ada.message
    monkeypatch.setattr(reports, "report", slow)
    alert = await ada.send(ada.data_of("Details"), shown)
    assert alert or ada.text != before
