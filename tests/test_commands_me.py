"""/start, /me, /whereami and /stats: what people are told of themselves and of where they are."""

import pytest

from tests import updates
from tests.conftest import Ask, everything, row
from tests.running import Bot
from tests.stage import empty, fill, meet
from tests.updates import ANN, BOB, CID, GROUP, SUPERGROUP
from userreg.models import Membership, User
from userreg.sandbox.api import BotApi
from userreg.sandbox.errors import ApiError
from userreg.sandbox.telegram import LocalTelegram


async def test_start_greets_and_says_what_is_remembered_and_how_to_be_forgotten(ask: Ask) -> None:
    answer = await ask(updates.message(ANN, text="/start"))

    assert answer.startswith("Hello, Ann!")
    assert "I remember your name" in answer
    assert "never what you write" in answer
    assert "to be forgotten" in answer
    assert "/privacy" in answer


async def test_start_said_again_changes_fields_and_adds_no_row(ask: Ask) -> None:
    await ask(updates.message(ANN, text="/start"))
    before = {table: len(found) for table, found in (await everything()).items()}

    await ask(updates.message(ANN | {"first_name": "Anna"}, text="/start"))

    after = {table: len(found) for table, found in (await everything()).items()}
    assert after == before | {"claimed_updates": 2, "known_names": 3}, "the old name is history"
    assert (await row(User))["first_name"] == "Anna"


async def test_start_with_a_payload_and_the_bots_name_is_start(ask: Ask) -> None:
    payload = "/start@Register_Bot " + "x" * 64
    assert (await ask(updates.message(ANN, GROUP, text=payload))).startswith("Hello, Ann!")


async def test_me_without_chats(ask: Ask) -> None:
    answer = await ask(updates.message(ANN, text="/me"))

    assert answer.startswith("Ann\nId: 101\nUsername: @Ann_A\nLanguage: en\nFirst seen: Sep ")
    assert "I have not met you in any group yet." in answer


async def test_me_with_empty_names(ask: Ask, telegram: LocalTelegram) -> None:
    nameless = {"id": 55, "is_bot": False, "first_name": ""}
    meet(telegram.world, nameless | {"first_name": "Not told"})
    answer = await ask(updates.message(nameless, text="/me"))

    assert answer.startswith("no visible name\nId: 55\nUsername: none\nLanguage: unknown")


@pytest.mark.parametrize(
    "invisible",
    ["\u3164", "\u200b\u200d", "\u202e", "   ", "\u115f", "\u2800", "\uffa0", "\u1160", "\ufffc",
     "\u0301\u0302", "\u061c"],
)  # fmt: skip
async def test_a_name_that_shows_nothing_is_said_to_be_none(ask: Ask, invisible: str) -> None:
    answer = await ask(updates.message(ANN | {"first_name": invisible}, text="/me"))
    assert answer.startswith("no visible name\n")


async def test_me_lists_my_chats_with_status(bot: Bot, ask: Ask) -> None:
    await bot.tell(
        updates.chat_member(ANN, "left", "administrator", SUPERGROUP, actor=BOB),
        updates.message(ANN, GROUP),
        updates.chat_member(ANN, "restricted", "restricted-", updates.CHANNEL),
    )
    answer = await ask(updates.message(ANN, text="/me"))

    assert "I know you in 3 chats" in answer
    assert "• Chess: seen there" in answer
    assert "• Go: administrator" in answer
    assert "• News: not a member, restricted" in answer


async def test_me_says_as_of_when_for_chats_the_bot_was_removed_from(bot: Bot, ask: Ask) -> None:
    await bot.tell(
        updates.chat_member(ANN, "left", "member", SUPERGROUP),
        updates.my_chat_member("member", "kicked", SUPERGROUP),
    )
    assert "• Go: member, as of Sep " in await ask(updates.message(ANN, text="/me"))


async def test_me_in_a_group_tells_nothing_of_other_chats(bot: Bot, ask: Ask) -> None:
    await bot.tell(updates.message(ANN, SUPERGROUP))
    answer = await ask(updates.message(ANN, GROUP, text="/me"))

    assert "Here: seen there" in answer
    assert "Go" not in answer


async def test_me_of_an_anonymous_administrator(ask: Ask) -> None:
    asked = updates.message(updates.ANONYMOUS, SUPERGROUP, text="/me", sender_chat=SUPERGROUP)
    assert "in the name of a chat" in await ask(asked)


async def test_whereami_in_a_chat_never_seen_before(
    ask: Ask, api: BotApi, telegram: LocalTelegram
) -> None:
    fill(telegram.world, SUPERGROUP["id"], 1830)
    telegram.world.chats[SUPERGROUP["id"]].topics[17] = "Openings"
    topic = {"message_thread_id": 17, "is_topic_message": True}
    answer = await ask(updates.message(ANN, SUPERGROUP, text="/whereami", **topic))

    assert answer.splitlines()[:5] == [
        "Go", "Type: supergroup", "Id: -1001000000001", "Topic id: 17", "My status: not known yet",
    ]  # fmt: skip
    assert "Members: we know 1 of 1,830" in answer
    assert api.of("sendMessage")[0].parameters["message_thread_id"] == "17"


async def test_whereami_when_telegram_does_not_count(
    bot: Bot, ask: Ask, api: BotApi, telegram: LocalTelegram
) -> None:
    empty(telegram.world, SUPERGROUP["id"])
    api.failures["getChatMemberCount"] = ApiError(400, "Bad Request: chat not found")
    await bot.tell(updates.my_chat_member("left", "administrator", SUPERGROUP))
    await api.wait_for("sendMessage")
    answer = await ask(updates.message(ANN, SUPERGROUP, text="/whereami"))

    assert "Members: we know 1\n" in answer
    assert "My status: administrator" in answer


async def test_whereami_in_private(ask: Ask) -> None:
    answer = await ask(updates.message(ANN, text="/whereami"))
    assert answer.startswith("A private chat with you\nType: private\nId: 101\nFirst seen:")


async def test_whereami_with_100_000_known_members(ask: Ask, telegram: LocalTelegram) -> None:
    fill(telegram.world, SUPERGROUP["id"], 123_456)
    await Membership.update_or_create_many(
        {"user_id": n, "chat_id": SUPERGROUP["id"], "messages": 0} for n in range(1000, 101_000)
    )
    answer = await ask(updates.message(ANN, SUPERGROUP, text="/whereami"))
    assert "Members: we know 100,001 of 123,456" in answer


async def test_stats_count_people_chats_and_memberships(bot: Bot, ask: Ask) -> None:
    await bot.tell(
        updates.message(ANN, GROUP, date=1_000_000),
        updates.message(BOB, SUPERGROUP, date=1_000_000),
        updates.message(BOB, GROUP, date=1_000_000),
        updates.message(updates.BOT | {"id": 77}, GROUP, date=1_000_000),
    )
    answer = await ask(updates.message(ANN, text="/stats", date=1_000_001))

    assert "2 people" in answer
    assert "3 chats: group 1, private 1, supergroup 1" in answer
    assert "4 memberships" in answer
    assert "Active: 0 today, 0 in the last 7 days, 0 in the last 30 days (days in UTC)" in answer


async def test_stats_in_a_group_are_of_that_group(bot: Bot, ask: Ask) -> None:
    await bot.tell(updates.message(BOB, SUPERGROUP), updates.message(CID, GROUP))
    answer = await ask(updates.message(ANN, GROUP, text="/stats"))

    assert answer.startswith("Chess\n2 known members\nActive: ")
