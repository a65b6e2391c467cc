"""What people ask in chats, and what they are told. The bot talks to a Bot API server over HTTP."""

import asyncio

import pytest

from tests import updates
from tests.conftest import Ask, Bot, everything, row, rows
from tests.stage import empty, fill, meet
from tests.updates import ANN, BOB, CID, GROUP, SUPERGROUP
from userreg.models import Chat, Membership, User
from userreg.sandbox.api import BotApi
from userreg.sandbox.errors import ApiError
from userreg.sandbox.telegram import LocalTelegram

HOSTILE = "<b>Eve</b> & </code> \u202egnp.exe \n\n {name} @everyone =1+1 " + "\U0001f600" * 30
NOTHING = "I have nothing to tell about that person."


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


async def test_seen_tells_of_shared_chats_only(bot: Bot, ask: Ask) -> None:
    await bot.tell(
        updates.message(CID, GROUP),
        updates.message(CID, SUPERGROUP),
        updates.message(ANN, GROUP),
    )
    for asked in ("/seen @cid", "/seen @CID", "/seen cid", f"/seen {CID['id']}"):
        answer = await ask(updates.message(ANN, text=asked))
        assert answer.startswith("Cid\nLast seen Sep ")
        assert "in Chess" in answer
        assert "Go" not in answer


async def test_unknown_hidden_and_not_shared_get_the_same_words(bot: Bot, ask: Ask) -> None:
    await bot.tell(updates.message(CID, SUPERGROUP), updates.message(ANN, GROUP))
    questions = ["@cid", "@nobody", str(CID["id"]), "99", "9" * 40, "@" + "x" * 4000, "-5", "٣"]
    questions += ["@a\0b", "@'; DROP TABLE users; --", "@%", "@"]

    answers = {await ask(updates.message(ANN, text=f"/seen {q}")) for q in questions}
    answers.add(await ask(updates.message(ANN, GROUP, text="/seen @cid")))

    assert answers == {NOTHING}


async def test_seen_forgets_who_has_left_and_who_asks_from_outside(bot: Bot, ask: Ask) -> None:
    await bot.tell(
        updates.message(ANN, SUPERGROUP),
        updates.message(CID, SUPERGROUP),
        updates.chat_member(CID, "member", "left"),
    )
    assert await ask(updates.message(ANN, text="/seen @cid")) == NOTHING
    await bot.tell(
        updates.chat_member(CID, "left", "member"), updates.chat_member(ANN, "member", "kicked")
    )
    assert await ask(updates.message(ANN, text="/seen @cid")) == NOTHING


async def test_seen_by_a_username_that_moved_names_its_present_holder(bot: Bot, ask: Ask) -> None:
    taker = BOB | {"username": "CID"}
    await bot.tell(
        updates.message(CID, GROUP), updates.message(taker, GROUP), updates.message(ANN, GROUP)
    )
    assert (await ask(updates.message(ANN, text="/seen @cid"))).startswith("Bob Brown\n")


async def test_seen_in_a_group_is_about_that_group(bot: Bot, ask: Ask) -> None:
    await bot.tell(
        updates.message(CID, GROUP, date=1_000_000),
        updates.message(CID, SUPERGROUP),
        updates.message(ANN, SUPERGROUP),
    )
    dee = {"id": 104, "is_bot": False, "first_name": "Dee"}
    answer = await ask(updates.message(dee, GROUP, text="/seen @cid"))
    assert answer == "Cid\nLast seen here Jan 12, 1970, 13:46 UTC"


async def test_seen_answers_a_reply(bot: Bot, ask: Ask) -> None:
    said = updates.message(CID, GROUP)
    await bot.tell(said)
    dee = {"id": 104, "is_bot": False, "first_name": "Dee"}
    reply = updates.message(dee, GROUP, text="/seen", reply_to_message=said["message"])
    assert (await ask(reply)).startswith("Cid\nLast seen here")


async def test_seen_asks_for_a_name(ask: Ask) -> None:
    assert (await ask(updates.message(ANN, text="/seen"))).startswith("Write /seen @username")


async def test_seen_of_a_member_who_never_wrote(bot: Bot, ask: Ask) -> None:
    await bot.tell(updates.chat_member(CID, "left", "member"), updates.message(ANN, SUPERGROUP))
    assert "a member who has not written yet" in await ask(updates.message(ANN, text="/seen @cid"))


async def test_help_names_every_command(ask: Ask) -> None:
    answer = await ask(updates.message(ANN, text="/help"))
    assert all(f"/{c}" in answer for c in ("me", "whereami", "stats", "seen", "help"))


async def test_an_unknown_command_gets_a_hint_in_private_only(bot: Bot, ask: Ask, api) -> None:
    assert "I do not know that command" in await ask(updates.message(ANN, text="/dance"))
    await bot.tell(
        updates.message(ANN, GROUP, text="/dance"),
        updates.message(ANN, GROUP, text="/help@another_bot"),
        updates.message(ANN, text="hello there"),
    )
    assert "What you can ask" in await ask(updates.message(ANN, GROUP, text="/help@register_bot"))
    assert len(api.of("sendMessage")) == 2


async def test_added_to_a_group_it_says_what_it_remembers_and_what_is_missing(
    ask: Ask, telegram: LocalTelegram
) -> None:
    telegram.world.reads_everything = False
    answer = await ask(updates.my_chat_member("left", "member", GROUP))
    assert "I remember who is in this group" in answer
    assert "Privacy mode is on" in answer
    assert "not an administrator" in answer


async def test_added_as_administrator_nothing_is_missing(bot: Bot, ask: Ask, api) -> None:
    answer = await ask(updates.my_chat_member("left", "administrator", SUPERGROUP))
    assert "miss" not in answer
    await bot.tell(
        updates.my_chat_member("administrator", "member", SUPERGROUP),
        updates.my_chat_member("member", "left", SUPERGROUP),
        updates.my_chat_member("left", "administrator", updates.CHANNEL),
        updates.my_chat_member("kicked", "member", updates.private(ANN)),
    )
    await ask(updates.message(ANN, text="/help"))
    assert len(api.of("sendMessage")) == 2, "a demotion, a farewell, a channel want no greeting"


@pytest.mark.parametrize("command", ["/start", "/me", "/whereami", "/stats", "/seen @eve"])
async def test_hostile_names_come_back_as_plain_text(bot: Bot, ask: Ask, command: str) -> None:
    eve = {"id": 66, "is_bot": False, "first_name": HOSTILE, "username": "eve"}
    chat = GROUP | {"title": HOSTILE}
    await bot.tell(updates.message(eve, chat))

    answers = [
        await ask(updates.message(eve, text=command)),
        await ask(updates.message(eve, chat, text=command)),
    ]
    for answer in answers:
        assert "\u202e" not in answer
    shown = answers[1 if command in ("/stats", "/whereami") else 0]
    assert "<b>Eve</b> & </code> gnp.exe {name} @everyone" in shown


async def test_a_name_calls_nobody_and_covers_no_other_line(bot: Bot, api: BotApi) -> None:
    tower = ANN | {"first_name": "@victim /stop a" + "\u0301" * 60}
    await bot.tell(updates.message(tower, text="/start"))
    text = (await api.wait_for("sendMessage"))[0].parameters["text"]
    assert "@victim" not in text
    assert "/stop" not in text
    assert text.count("\u0301") == 3


async def test_no_answer_is_longer_than_telegram_allows(bot: Bot, ask: Ask) -> None:
    title = "&<>\"'" * 25
    for n in range(120):
        await Chat.update_or_create_many(
            [{"id": -n - 1, "type": "group", "title": title, "first_seen_at": _now()}]
        )
    await Membership.update_or_create_many(
        {"user_id": u, "chat_id": -n - 1, "first_seen_at": _now(), "last_seen_at": _now()}
        for n in range(120) for u in (ANN["id"], CID["id"])
    )  # fmt: skip
    await bot.tell(updates.message(CID))

    assert (await ask(updates.message(ANN, text="/me"))).count("•") == 8
    assert "in &<>" in await ask(updates.message(ANN, text="/seen @cid"))


async def test_an_update_that_aiogram_refuses_is_recorded_and_stays_unanswered(
    bot: Bot, ask: Ask, api: BotApi
) -> None:
    odd = updates.message(CID, text="/help")
    odd["message"]["via_bot"] = {"id": "no number"}
    await bot.tell(odd)

    assert "Hello" in await ask(updates.message(ANN, text="/start"))
    assert len(api.of("sendMessage")) == 1
    assert len(await rows(User)) == 2


async def test_the_bot_under_load_answers_everybody_once(
    bot: Bot, api: BotApi, telegram: LocalTelegram
) -> None:
    people = [ANN | {"id": n, "username": f"user{n}"} for n in range(1000, 1100)]
    for person in people:
        meet(telegram.world, person)
    talk = [updates.message(person, GROUP) for person in people for _ in range(10)]
    asked = [updates.message(person, text="/me") for person in people]
    await asyncio.gather(*(bot.post(update) for update in talk + asked))

    calls = await api.wait_for("sendMessage", len(people))
    assert sorted(int(c.parameters["chat_id"]) for c in calls) == list(range(1000, 1100))
    assert all("I know you in 1 chat" in call.text for call in calls)
    assert {m["messages"] for m in await rows(Membership)} == {10}


def _now():
    from datetime import UTC, datetime

    return datetime.now(UTC)
