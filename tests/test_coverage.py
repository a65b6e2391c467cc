"""What no update told: the bot asks on becoming administrator, and says how much it knows.

A registry over HTTP on one side, a Bot API server that keeps count of the questions on the other.
"""

import asyncio
import csv
import io
import json
from datetime import UTC, datetime

import pytest

from tests import updates
from tests.conftest import Ask, row, rows, userreg
from tests.running import Bot
from tests.stage import empty, fill, put
from tests.updates import ANN, ANONYMOUS, BOB, BOT, CHANNEL, CID, GROUP, SUPERGROUP
from userreg.models import Chat, Membership, MembershipEvent, User
from userreg.sandbox.api import BotApi
from userreg.sandbox.errors import ApiError
from userreg.sandbox.telegram import LocalTelegram
from userreg.sandbox.world import World

GO, NEWS = SUPERGROUP["id"], CHANNEL["id"]
ANN_ID, BOB_ID = ANN["id"], BOB["id"]


@pytest.fixture
def world(telegram: LocalTelegram) -> World:
    """The supergroup has 1,830 members of whom nothing is heard; in the channel is nobody else."""
    empty(telegram.world, GO, NEWS)
    fill(telegram.world, GO, 1830)
    return telegram.world


def administrators(api: BotApi, *people: updates.Json) -> None:
    """Telegram's list: a creator and administrators, as an older server writes them."""
    told = [updates.member(p, "administrator" if n else "creator") for n, p in enumerate(people)]
    for member in told:
        member.pop("can_send_welcome_messages", None)
    api.answers["getChatAdministrators"] = told


@pytest.mark.parametrize("before", ["member", "left", "kicked"])
async def test_as_a_new_administrator_the_bot_asks_once_who_else_is_one_and_how_many_there_are(
    bot: Bot, api: BotApi, world: World, before: str
) -> None:
    administrators(api, ANN, BOB, BOT)
    promoted = updates.my_chat_member(before, "administrator", SUPERGROUP, CID)

    await bot.tell(promoted, promoted)
    await api.wait_for("getChatMemberCount")
    await bot.tell(promoted, updates.message(CID, text="/help"))
    await api.wait_for("sendMessage", 1 if before == "member" else 2)

    (question,) = api.of("getChatAdministrators")
    (count,) = api.of("getChatMemberCount")
    assert question.parameters["chat_id"] == count.parameters["chat_id"] == str(GO)
    await _until_known(GO, 2)
    known = {r["user_id"]: r for r in await rows(Membership)}
    assert known.keys() == {ANN_ID, BOB_ID}, "the bot itself is no member like others"
    assert [known[i]["status"] for i in (ANN_ID, BOB_ID)] == ["creator", "administrator"]
    assert {r["evidence"] for r in known.values()} == {"confirmed"}
    assert {r["joined_at"] for r in known.values()} == {None}, "since when is not told"
    assert (await row(User, id=BOB_ID))["last_name"] == "Brown"
    assert (await row(Chat, id=GO))["member_count"] == 1830
    assert await rows(MembershipEvent) == []


async def test_a_channel_is_asked_about_too_and_gets_no_greeting(
    bot: Bot, api: BotApi, world: World
) -> None:
    put(world, NEWS, ANN, "creator")
    put(world, NEWS, BOB, "administrator")

    await bot.tell(updates.my_chat_member("left", "administrator", CHANNEL))

    await api.wait_for("getChatMemberCount")
    await _until_known(NEWS, 2)
    assert api.of("sendMessage") == []


@pytest.mark.parametrize(("old", "new"), [("administrator", "administrator"), ("left", "member"),
                                          ("administrator", "member")])  # fmt: skip
async def test_whoever_does_not_become_administrator_asks_nothing(
    bot: Bot, ask: Ask, api: BotApi, old: str, new: str
) -> None:
    await bot.tell(updates.my_chat_member(old, new, SUPERGROUP))
    await ask(updates.my_chat_member("left", "member", GROUP))  # answered after the other

    assert api.of("getChatAdministrators") == api.of("getChatMemberCount") == []


@pytest.mark.parametrize(
    "error",
    [ApiError(400, "Bad Request: CHAT_ADMIN_REQUIRED"), ApiError(500, "Internal Server Error"),
     ApiError(429, "Too Many Requests: retry after 30", retry_after=30)],
    ids=lambda error: str(error.code),
)  # fmt: skip
async def test_where_telegram_does_not_tell_the_update_is_recorded_and_the_greeting_sent(
    ask: Ask, api: BotApi, error: ApiError
) -> None:
    api.failures = {"getChatAdministrators": error, "getChatMemberCount": error}

    answer = await ask(updates.my_chat_member("left", "administrator", SUPERGROUP))

    assert answer.startswith("Hello!")
    chat = await row(Chat)
    assert (chat["bot_status"], chat["member_count"]) == ("administrator", None)
    assert len(api.of("getChatAdministrators")) == 1


@pytest.mark.parametrize("refused", ["getChatAdministrators", "getChatMemberCount"])
async def test_one_question_that_is_refused_does_not_lose_the_answer_to_the_other(
    ask: Ask, api: BotApi, world: World, refused: str
) -> None:
    put(world, GO, ANN, "creator")
    fill(world, GO, 1830)
    api.failures[refused] = ApiError(400, "Bad Request: not today")

    await ask(updates.my_chat_member("left", "administrator", SUPERGROUP, BOB))

    chat = await row(Chat)
    found = [chat["member_count"], *[r["user_id"] for r in await rows(Membership)]]
    assert found == ([1830] if refused == "getChatAdministrators" else [None, ANN_ID])


async def test_the_stand_in_of_an_anonymous_administrator_is_never_stored(
    ask: Ask, api: BotApi
) -> None:
    administrators(api, ANN, ANONYMOUS)

    await ask(updates.my_chat_member("left", "administrator", SUPERGROUP))

    assert [r["user_id"] for r in await rows(Membership)] == [ANN_ID]
    assert await rows(User, id=ANONYMOUS["id"]) == []


async def _until_known(chat_id: int, members: int) -> None:
    """An answer of Telegram is recorded a moment after it was given."""
    async with asyncio.timeout(10):
        while (
            await Membership.filter(chat_id=chat_id).count() < members
            or not await Chat.filter(id=chat_id, member_count__isnull=False).exists()
        ):
            pass


# Coverage -----------------------------------------------------------------------------------

#: Told of the supergroup: who is a member (K), and of whom Telegram itself said so (C).
FIVE_KNOWN_TWO_CONFIRMED = [
    updates.message(ANN, GROUP),
    updates.chat_member(BOB, "left", "member", GROUP),
    updates.message(ANN, GROUP, text="", migrate_to_chat_id=GO),
    # seen: Ann; carried over: Bob
    updates.chat_member(CID, "left", "member"),
    updates.chat_member(CID, "member", "administrator"),
    updates.message({"id": 201, "first_name": "Announced"}, SUPERGROUP, text="",
                    new_chat_members=[{"id": 201, "first_name": "Announced"}]),
    updates.chat_member({"id": 202, "first_name": "Muted"}, "member", "restricted"),
    updates.chat_member({"id": 203, "first_name": "Gone"}, "left", "member"),
    updates.chat_member({"id": 203, "first_name": "Gone"}, "member", "left"),
    updates.chat_member({"id": 204, "first_name": "Out"}, "restricted", "restricted-"),
]  # fmt: skip


async def test_whereami_tells_how_many_it_knows_and_of_how_many_telegram_itself_said_so(
    bot: Bot, ask: Ask, world: World
) -> None:
    await bot.tell(*FIVE_KNOWN_TWO_CONFIRMED)
    assert "Members: we know 5 of 1,830, 2 confirmed" in await _whereami(ask)

    await bot.tell(updates.chat_member(CID, "administrator", "kicked"))
    assert "Members: we know 4 of 1,830, 1 confirmed" in await _whereami(ask)

    await bot.tell(updates.message(CID, SUPERGROUP))  # is back, as it seems
    assert "Members: we know 5 of 1,830, 1 confirmed" in await _whereami(ask)

    await bot.tell(updates.chat_member(BOB, "member", "restricted"))  # no longer carried over
    assert "Members: we know 5 of 1,830, 2 confirmed" in await _whereami(ask)


async def _whereami(ask: Ask) -> str:
    return await ask(updates.message(ANN, SUPERGROUP, text="/whereami"))


HOSTILE = '=HYPERLINK("http://x","a")\n,\'\u202e'


async def test_coverage_is_exported_with_hostile_titles_disarmed(
    bot: Bot, ask: Ask, world: World, database_url: str
) -> None:
    await bot.tell(
        *FIVE_KNOWN_TWO_CONFIRMED,
        updates.my_chat_member("left", "member", CHANNEL | {"title": HOSTILE}),
        updates.message(ANN),
    )
    await _whereami(ask)

    as_json = json.loads(await _coverage("--json", database_url))
    as_csv = list(csv.DictReader(io.StringIO(await _coverage("--csv", database_url))))

    news, go = sorted(as_json, key=lambda chat: chat["chat_id"])
    counted_at = go.pop("member_count_at")
    assert go == {
        "chat_id": GO, "type": "supergroup", "title": "Go", "bot_status": None,
        "member_count": 1830, "known": 5, "confirmed": 2,
    }  # fmt: skip
    assert counted_at.endswith("+00:00")
    assert news == {
        "chat_id": NEWS, "type": "channel", "title": HOSTILE, "bot_status": "member",
        "member_count": None, "member_count_at": None, "known": 0, "confirmed": 0,
    }  # fmt: skip
    by_id = {int(chat["chat_id"]): chat for chat in as_csv}
    assert by_id.keys() == {GO, NEWS}, "neither private chats nor those that moved"
    assert list(by_id[GO].values()) == [
        str(GO), "supergroup", "Go", "", "1830", counted_at, "5", "2",
    ]  # fmt: skip
    assert list(by_id[NEWS].values()) == [
        str(NEWS), "channel", "'" + HOSTILE, "member", "", "", "0", "0",
    ]  # fmt: skip


async def test_coverage_of_an_empty_registry_has_no_rows(database_url: str) -> None:
    assert json.loads(await _coverage("--json", database_url)) == []
    assert (await _coverage("--csv", database_url)).splitlines() == [
        "chat_id,type,title,bot_status,member_count,member_count_at,known,confirmed"
    ]


async def test_coverage_of_more_chats_than_one_page_names_each_once(
    bot: Bot, database_url: str
) -> None:
    await Chat.update_or_create_many(
        {"id": -n, "first_seen_at": datetime.now(UTC), "type": "group"} for n in range(1, 402)
    )
    chats = [chat["chat_id"] for chat in json.loads(await _coverage("--json", database_url))]
    assert chats == list(range(-401, 0))


async def _coverage(form: str, database_url: str) -> str:
    done = await asyncio.to_thread(
        userreg, "export-stats", form, "--what", "coverage", DATABASE_URL=database_url
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout
