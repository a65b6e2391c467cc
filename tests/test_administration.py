"""What administrators of the bot, and of a group, get to see and to do in the chat."""

import csv
import io

import pytest

from tests import updates
from tests.conftest import Talk
from tests.conversation import buttons_of
from tests.running import Bot
from tests.stage import meet, put
from tests.updates import ANN, BOB, CID, GROUP, SUPERGROUP
from userreg import administrators, export
from userreg.bot import reports
from userreg.config import Settings
from userreg.database_url import parse_database_url
from userreg.decisions import Administrator, AuditEntry
from userreg.sandbox.api import BotApi
from userreg.sandbox.errors import ApiError
from userreg.sandbox.telegram import LocalTelegram

ADA = {"id": 900, "is_bot": False, "first_name": "Ada", "language_code": "en"}
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"admin_ids": frozenset({900})})


@pytest.fixture
def ada(talk: Talk, telegram: LocalTelegram):
    meet(telegram.world, ADA)
    return talk(ADA)


async def test_the_administration_is_there_for_administrators_alone(talk: Talk, ada) -> None:
    await ada.write("/start")
    assert "Administration" in ada.labels
    await ada.press("Administration")
    assert "Ada 900" in ada.text
    ann = talk(ANN)
    assert "do not know that command" in await ann.write("/admin")
    assert "do not know that command" in await ann.write("/admin add 101")
    await ann.write("/start")
    assert "Administration" not in ann.labels


@pytest.mark.parametrize(
    ("address", "is_there"),
    [("https://pages.example.org", True), ("http://localhost:8080", False), (None, True)],
)
async def test_telegram_opens_the_pages_within_itself_where_they_have_https(
    settings: Settings, ada, address: str | None, is_there: bool
) -> None:
    settings.pages_url = address
    await ada.write("/admin")
    assert ("Pages within Telegram" in ada.labels) == is_there
    assert "Open the pages" in ada.labels
    urls = [b["web_app"]["url"] for b in buttons_of(ada.message) if "web_app" in b]
    assert urls == [f"{address or 'https://bot.example.org'}/admin/login/app"] * is_there


async def test_an_administrator_is_added_and_removed_and_it_is_written_down(
    talk: Talk, ada, telegram: LocalTelegram
) -> None:
    ann = talk(ANN)
    assert "101" in await ada.write("/admin add 101")
    await ann.write("/start")
    await ann.press("Administration")
    assert "Administration" in ann.text
    shown = ann.message
    assert "101" not in (await ada.write("/admin remove 101")).split("/admin")[0]
    assert await ann.send(ann.data_of("Details"), shown) == "That is for administrators."
    assert "ADMIN_IDS" in await ada.write("/admin remove 900")
    noted = await AuditEntry.filter(action__startswith="admins").order_by("id")
    assert [(n.action, n.actor_id, n.subject_id) for n in noted] == [
        ("admins.add", 900, 101), ("admins.remove", 900, 101),
    ]  # fmt: skip


async def test_a_code_of_the_command_line_makes_one_administrator(
    talk: Talk, database_url: str
) -> None:
    code = await administrators.make_code(parse_database_url(database_url))
    ann, bob = talk(ANN), talk(BOB)
    assert "Administration" in await ann.write(f"/start {code}")
    assert (await bob.write(f"/start {code}")).startswith("Hello, Bob!")
    assert [a.user_id for a in await Administrator.all()] == [ANN["id"]]


async def test_reports_pictures_and_files_are_reached_by_buttons(
    bot: Bot, ada, telegram: LocalTelegram
) -> None:
    await bot.tell(updates.message(CID, SUPERGROUP), updates.message(ANN, GROUP))
    await ada.write("/stats")
    await ada.press("Details")
    overview = ada.text
    texts = set()
    for label in list(ada.labels[: len(reports.SECTIONS)]):
        assert await ada.press(label) is None
        texts.add(ada.text)
        await ada.press("Back")
        await ada.press("Details")
        assert ada.text == overview
    assert len(texts) == len(reports.SECTIONS)
    for label in ada.labels[len(reports.SECTIONS) : -2]:
        shown = ada.message
        data = ada.data_of(label)
        assert await ada.send(data, shown) is None
        file_id = ada.message.content["photo"][0]["file_id"]
        assert telegram.files[file_id].content.startswith(PNG)
        assert ada.text
        ada.chat.log.remove(ada.message)
    await ada.write("/admin")
    await ada.press("People (CSV)")
    document = telegram.files[ada.message.content["document"]["file_id"]].content.decode()
    names = {row["first_name"] for row in csv.DictReader(io.StringIO(document))}
    assert {"Cid", "Ann"} <= names
    actions = {n.action for n in await AuditEntry.filter(actor_id=900)}
    assert actions == {"stats", "export"}


async def test_what_is_too_large_for_a_chat_is_said_to_be(
    bot: Bot, ada, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bot.tell(updates.message(CID, SUPERGROUP), updates.message(ANN, GROUP))
    monkeypatch.setattr(export, "LARGEST", 1)
    await ada.write("/admin")
    assert "more than 1 rows: use userreg export-stats" in (await ada.press("People (CSV)") or "")


async def test_a_groups_administrator_gets_the_same_for_that_group_alone(
    bot: Bot, talk: Talk, telegram: LocalTelegram, api: BotApi
) -> None:
    put(telegram.world, GROUP["id"], BOB, "administrator")
    put(telegram.world, GROUP["id"], CID, "member")
    await bot.tell(updates.message(CID, GROUP), updates.message(ANN, SUPERGROUP))
    bob, cid = talk(BOB, GROUP), talk(CID, GROUP)
    await cid.write("/stats")
    assert "Details" not in cid.labels
    await bob.write("/stats")
    api.failures["sendMessage"] = ApiError(403, "Forbidden: bot can't initiate conversation")
    assert "Write to me in private first" in (await bob.press("Details") or "")
    api.failures.clear()
    in_private = talk(BOB)
    before = bob.text
    assert await bob.press("Details") == "I sent it to you in private."
    assert bob.text == before, "the others in the group read nothing of it"
    assert "Chess" in in_private.text
    assert "Go" not in in_private.text
    await in_private.press("Members (CSV)")
    document = telegram.files[in_private.message.content["document"]["file_id"]].content.decode()
    assert [row["first_name"] for row in csv.DictReader(io.StringIO(document))] == ["Bob", "Cid"]
    in_private.chat.log.remove(in_private.message)
    put(telegram.world, GROUP["id"], BOB, "member")
    await bot.tell(updates.chat_member(BOB, "administrator", "member", GROUP, actor=ANN))
    assert await in_private.press("Refresh") == "That is for administrators."
    assert await bob.press("Details") == "That is for administrators."


async def test_everything_is_told_in_private_alone(bot: Bot, ada, talk: Talk, telegram) -> None:
    put(telegram.world, GROUP["id"], ADA, "member")
    there = talk(ADA, GROUP)
    await there.write("/stats")
    assert "Details" not in there.labels
    from userreg.bot.press import FIRST, Press

    data = Press.of("report", 900, 0, "", FIRST).pack()
    assert await there.plant(data) == "That is for administrators."
    await there.write_in_vain("/admin")
