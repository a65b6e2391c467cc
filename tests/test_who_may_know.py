"""/seen: who is told of whom, where. Everybody else hears the same words, whatever the reason."""

import pytest

from tests import updates
from tests.running import Bot
from tests.stage import empty, meet, put
from tests.updates import BOB, CID, GROUP, SUPERGROUP
from userreg import preferences
from userreg.app import REGISTRY
from userreg.config import Settings
from userreg.database_url import parse_database_url
from userreg.decisions import AuditEntry
from userreg.sandbox.api import BotApi, Call
from userreg.sandbox.telegram import LocalTelegram

Json = dict[str, object]
ADMIN: Json = {"id": 900, "is_bot": False, "first_name": "Ada"}
DEE: Json = {"id": 104, "is_bot": False, "first_name": "Dee"}
EVE: Json = {"id": 105, "is_bot": False, "first_name": "Eve"}
#: Bob administers the group; Dee is in it, as the target, Cid, is. All are in another group.
ASKERS = {"stranger": EVE, "shares a chat": DEE, "group administrator": BOB,
          "administrator": ADMIN, "self": CID}  # fmt: skip
PLACES = {"private": None, "that group": GROUP, "another group": SUPERGROUP}
#: Who is told anything, by what is known of the target and by place.
TOLD = {
    ("registered", "private"): {"shares a chat", "group administrator", "administrator", "self"},
    ("registered", "that group"): set(ASKERS),
    ("hidden", "private"): {"administrator", "self"},
    ("hidden", "that group"): {"self"},
}
#: Who is told in private what was asked in the group, and is not said there.
TOLD_APART = {"group administrator"}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"admin_ids": frozenset({900})})


@pytest.fixture
async def stage(bot: Bot, telegram: LocalTelegram) -> Bot:
    meet(telegram.world, ADMIN)
    empty(telegram.world, SUPERGROUP["id"])
    put(telegram.world, GROUP["id"], BOB, "administrator")
    for person in (CID, DEE):
        put(telegram.world, GROUP["id"], person, "member")
    await bot.tell(
        *(updates.message(person, GROUP) for person in (BOB, CID, DEE)),
        *(updates.message(person, SUPERGROUP) for person in (BOB, DEE, EVE, ADMIN)),
    )
    return bot


@pytest.mark.parametrize("target", ["registered", "unknown", "hidden", "forgotten"])
@pytest.mark.parametrize("by", ["@cid", str(CID["id"])])
async def test_who_is_told_of_whom_where(
    stage: Bot, api: BotApi, database_url: str, target: str, by: str
) -> None:
    if target == "hidden":
        await preferences.hide(parse_database_url(database_url), CID["id"], True)
    if target == "forgotten":
        await stage.client.app[REGISTRY].forget(CID["id"])
    asked = {"@cid": "@nobody_here", str(CID["id"]): "77"}[by] if target == "unknown" else by
    told: dict[tuple[str, str], set[str]] = {}
    silent, apart = set(), set()
    for place, chat in PLACES.items():
        for name, asker in ASKERS.items():
            if (place, name) == ("another group", "self"):
                continue  # by asking there they are there
            said = len(api.of("sendMessage"))
            await stage.tell(updates.message(asker, chat, text=f"/seen {asked}"))
            where = str((chat or asker)["id"])
            *others, call = await _calls_until(api, said, where)
            apart |= {(place, name) for other in others if "Cid" in other.text}
            if "Cid" in call.text:
                told.setdefault((target, place), set()).add(name)
            else:
                kept = {k: v for k, v in call.parameters.items() if k not in ("chat_id",)}
                kept.pop("disable_notification", None)
                silent.add(str(sorted(kept.items())))
    assert told == {key: who for key, who in TOLD.items() if key[0] == target}
    known = target in ("registered", "hidden")
    assert apart == ({("that group", name) for name in TOLD_APART} if known else set())
    assert len(silent) == (target != "registered" or 1), "the same bytes for each reason"


async def _calls_until(api: BotApi, said: int, chat_id: str) -> list[Call]:
    """What the bot sends from now on, up to the first message into this chat."""
    while True:
        calls = await api.wait_for("sendMessage", said + 1)
        for count, call in enumerate(calls[said:], 1):
            if call.parameters["chat_id"] == chat_id:
                return calls[said : said + count]
        await api.wait_for("sendMessage", len(calls) + 1)


async def test_administrators_are_told_more_and_each_use_is_written_down(
    stage: Bot, api: BotApi
) -> None:
    await stage.tell(updates.message(ADMIN, text="/seen @cid"))
    text = (await api.wait_for("sendMessage"))[-1].text
    assert f"Id: {CID['id']}" in text
    assert "I know you in" not in text
    await stage.tell(updates.message(BOB, GROUP, text="/seen @cid"))
    apart, there = (await api.wait_for("sendMessage", 3))[1:]
    assert apart.parameters["chat_id"] == str(BOB["id"])
    assert "Status: seen there" in apart.text
    assert "1 message" in apart.text
    assert there.parameters["chat_id"] == str(GROUP["id"])
    assert "Status" not in there.text
    await stage.tell(updates.message(DEE, GROUP, text="/seen @cid"))
    text = (await api.wait_for("sendMessage", 4))[-1].text
    assert "Status" not in text

    noted = await AuditEntry.all().order_by("id")
    assert [(n.action, n.actor_id, n.subject_id, n.detail) for n in noted] == [
        ("seen", 900, CID["id"], None), ("seen", BOB["id"], CID["id"], str(GROUP["id"])),
    ]  # fmt: skip
