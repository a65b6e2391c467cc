"""What the refusals of Telegram prove, where no update tells it; and what they do not prove."""

import asyncio
import logging
import time

import pytest

from tests import updates
from tests.conftest import Ask, everything, row, rows
from tests.running import Bot, until
from tests.stage import close, delete, move
from tests.updates import ANN, BOB, CHANNEL, GROUP, SUPERGROUP
from userreg.models import Chat, KnownName, Membership, MembershipEvent, User
from userreg.queries import read
from userreg.sandbox.api import BotApi
from userreg.sandbox.errors import ApiError
from userreg.sandbox.telegram import LocalTelegram

OLD, NEW = GROUP["id"], SUPERGROUP["id"]


async def _refused(bot: Bot, api: BotApi, update: updates.Json) -> None:
    """Post what is to be answered, and let Telegram refuse the answer."""
    count = len(api.of("sendMessage"))
    await bot.tell(update)
    await api.wait_for("sendMessage", count + 1)


async def _until_bot_is(status: str, chat_id: int) -> None:
    await until(lambda: Chat.filter(id=chat_id, bot_status=status).exists())


async def test_an_answer_to_a_group_that_has_moved_arrives_where_it_is_now(
    bot: Bot, ask: Ask, api: BotApi, telegram: LocalTelegram
) -> None:
    await bot.tell(
        updates.chat_member(BOB, "left", "administrator", GROUP),
        updates.message(ANN, SUPERGROUP),
    )
    move(telegram.world, OLD, NEW)

    await _refused(bot, api, updates.message(ANN, GROUP, text="/help"))
    first, again = await api.wait_for("sendMessage", 2)

    assert (first.parameters["chat_id"], again.parameters["chat_id"]) == (str(OLD), str(NEW))
    assert "What you can ask" in again.text
    assert (await row(Chat, id=OLD))["migrated_to_id"] == NEW
    assert (await row(Chat, id=NEW))["migrated_to_id"] is None
    known = {r["user_id"]: r for r in await rows(Membership)}
    assert {r["chat_id"] for r in known.values()} == {NEW}
    assert known[ANN["id"]]["messages"] == 2
    carried = known[BOB["id"]]
    assert (carried["status"], carried["is_carried_over"]) == ("administrator", True)
    assert {r["chat_id"] for r in await rows(MembershipEvent)} == {NEW}
    assert "Go: administrator" in await ask(updates.message(BOB, text="/me"))


async def test_whatever_is_told_of_a_moved_group_later_follows_and_its_end_is_nobodys_leave(
    bot: Bot, api: BotApi, telegram: LocalTelegram
) -> None:
    await bot.tell(updates.chat_member(BOB, "left", "member", GROUP))
    move(telegram.world, OLD, NEW)
    await _refused(bot, api, updates.message(ANN, GROUP, text="/help"))
    await api.wait_for("sendMessage", 2)

    late = (await row(Chat, id=OLD))["migrated_at"].timestamp() + 1
    await bot.tell(
        updates.message(ANN, GROUP),
        updates.chat_member(BOB, "member", "left", GROUP, date=int(late)),
    )

    known = {r["user_id"]: r for r in await rows(Membership)}
    assert {r["chat_id"] for r in known.values()} == {NEW}
    assert known[ANN["id"]]["messages"] == 2
    assert known[BOB["id"]]["is_member"] is True


async def test_a_move_that_is_learned_again_later_keeps_its_time(
    bot: Bot, api: BotApi, telegram: LocalTelegram
) -> None:
    await bot.tell(
        updates.chat_member(BOB, "left", "member", GROUP, date=5000),
        updates.message(ANN, GROUP, text="", date=6000, migrate_to_chat_id=NEW),
    )
    move(telegram.world, OLD, NEW)
    await _refused(bot, api, updates.message(ANN, GROUP, text="/help"))
    await api.wait_for("sendMessage", 2)

    await bot.tell(updates.chat_member(BOB, "member", "left", GROUP, date=6001))

    assert (await row(Chat, id=OLD))["migrated_at"].timestamp() == 6000
    assert (await row(Membership, user_id=BOB["id"]))["is_member"] is True


async def test_a_question_about_a_moved_group_is_not_answered_for_the_new_one(
    bot: Bot, api: BotApi, telegram: LocalTelegram
) -> None:
    move(telegram.world, OLD, NEW)

    await _refused(bot, api, updates.message(ANN, GROUP, text="/whereami"))
    await api.wait_for("sendMessage", 2)

    assert [c.parameters["chat_id"] for c in api.of("getChatMemberCount")] == [str(OLD)]
    assert {r["id"]: r["member_count"] for r in await rows(Chat)} == {OLD: None, NEW: None}


async def test_a_migration_that_goes_round_is_followed_once(
    bot: Bot, api: BotApi, telegram: LocalTelegram
) -> None:
    move(telegram.world, OLD, NEW)
    move(telegram.world, NEW, OLD)
    await bot.tell(updates.message(ANN, GROUP, text="/help"))
    await api.wait_for("sendMessage", 2)
    await bot.tell(updates.message(ANN, text="/help"))
    await api.wait_for("sendMessage", 3)
    assert [c.parameters["chat_id"] for c in api.of("sendMessage")] == [
        str(OLD), str(NEW), str(ANN["id"]),
    ]  # fmt: skip


async def test_whoever_blocked_the_bot_has_left_no_other_chat(
    bot: Bot, api: BotApi, telegram: LocalTelegram
) -> None:
    await bot.tell(
        updates.chat_member(ANN, "left", "member"),
        updates.my_chat_member("left", "member", SUPERGROUP),
        updates.message(BOB),
    )
    close(telegram.world, ANN["id"], "kicked")

    await _refused(bot, api, updates.message(ANN, text="/help"))
    await _until_bot_is("kicked", ANN["id"])

    blocked = await row(Chat, id=ANN["id"])
    assert (blocked["bot_is_member"], blocked["type"]) == (False, "private")
    assert (await row(Chat, id=NEW))["bot_is_member"] is True
    assert (await row(Chat, id=BOB["id"]))["bot_status"] is None
    assert (await row(Membership, user_id=ANN["id"]))["is_member"] is True
    assert (await row(User, id=ANN["id"]))["is_gone"] is False
    assert len(await rows(MembershipEvent)) == 1


async def test_a_block_that_is_taken_back_later_is_over(
    bot: Bot, api: BotApi, telegram: LocalTelegram
) -> None:
    """And one that was taken back while Telegram refused: the question came first."""
    close(telegram.world, ANN["id"], "kicked")
    await _refused(bot, api, updates.message(ANN, text="/help"))
    await _until_bot_is("kicked", ANN["id"])
    refused_at = (await row(Chat))["bot_status_at"]

    unblocked = updates.my_chat_member(
        "kicked", "member", updates.private(ANN), ANN, date=int(refused_at.timestamp())
    )
    await bot.tell(unblocked)

    assert (await row(Chat))["bot_status"] == "member"


async def test_a_refusal_is_as_old_as_the_question(
    bot: Bot, api: BotApi, telegram: LocalTelegram
) -> None:
    """What somebody does while Telegram is slow to refuse is later than that."""
    close(telegram.world, ANN["id"], "kicked")
    api.held = asyncio.Event()
    await bot.tell(updates.message(ANN, text="/help"))
    asked_at = int(time.time())  # updates count whole seconds
    await until(lambda: int(time.time()) > asked_at)
    api.held.set()
    await _until_bot_is("kicked", ANN["id"])

    assert (await row(Chat))["bot_status_at"].timestamp() <= asked_at


@pytest.mark.parametrize(
    ("description", "chat", "status"),
    [("bot was kicked from the group chat", GROUP, "kicked"),
     ("bot was kicked from the supergroup chat", SUPERGROUP, "kicked"),
     ("bot is not a member of the supergroup chat", SUPERGROUP, "left"),
     ("the group chat was deleted", GROUP, "left")],
)  # fmt: skip
async def test_a_group_that_is_closed_to_the_bot_keeps_its_members_as_of_then(
    bot: Bot, ask: Ask, api: BotApi, telegram: LocalTelegram,
    description: str, chat: updates.Json, status: str,
) -> None:  # fmt: skip
    await bot.tell(
        updates.my_chat_member("left", "member", chat),
        updates.chat_member(BOB, "left", "member", chat),
        updates.my_chat_member("left", "member", CHANNEL),
    )
    await api.wait_for("sendMessage")
    close(telegram.world, chat["id"], status)
    if "deleted" in description:  # which cannot happen in the local Telegram
        api.failures["sendMessage"] = ApiError(403, f"Forbidden: {description}")

    await _refused(bot, api, updates.message(ANN, chat, text="/help"))
    assert api.of("sendMessage")[-1].error.description == f"Forbidden: {description}"
    await _until_bot_is(status, chat["id"])
    api.failures.clear()

    assert (await row(Chat, id=chat["id"]))["bot_is_member"] is False
    assert (await row(Chat, id=CHANNEL["id"]))["bot_is_member"] is True
    assert (await row(Membership, user_id=BOB["id"]))["is_member"] is True
    assert f"{chat['title']}: member, as of " in await ask(updates.message(BOB, text="/me"))


async def test_a_deleted_account_is_gone_and_its_name_is_history(
    bot: Bot, ask: Ask, api: BotApi, telegram: LocalTelegram
) -> None:
    await bot.tell(updates.message(ANN, GROUP), updates.message(BOB, GROUP))
    delete(telegram.world, ANN["id"])

    await _refused(bot, api, updates.message(ANN, text="/start"))
    await until(lambda: User.filter(id=ANN["id"], is_gone=True).exists())

    gone = await row(User, id=ANN["id"])
    assert (gone["first_name"], gone["username"], gone["language_code"]) == ("", None, "en")
    names = {(r["kind"], r["name"]) for r in await rows(KnownName, user_id=ANN["id"])}
    assert names == {("name", "Ann"), ("username", "ann_a")}
    assert (await row(User, id=BOB["id"]))["is_gone"] is False
    assert (await row(Membership, user_id=ANN["id"]))["chat_id"] == OLD
    assert "Ann, a deleted account" in await ask(updates.message(BOB, text="/seen @ann_a"))


#: Words that prove nothing, or stand where Telegram does not write them as proof.
NO_PROOF = [
    (403, "Forbidden: bot can't initiate conversation with a user"),
    (403, "Forbidden: bot can't send messages to bots"),
    (403, "Forbidden: not enough rights to send text messages to the chat"),
    (400, "Bad Request: chat not found"),
    (400, "Bad Request: user not found"),
    (400, "Bad Request: bot was blocked by the user"),
    (400, "Bad Request: group chat was upgraded to a supergroup chat"),
    (404, "Not Found"),
    (500, "Internal Server Error: user is deactivated"),
]


@pytest.mark.parametrize("chat", [None, SUPERGROUP], ids=["private", "group"])
async def test_any_other_refusal_changes_nothing(
    bot: Bot, api: BotApi, caplog: pytest.LogCaptureFixture, chat: updates.Json | None
) -> None:
    await bot.tell(updates.my_chat_member("left", "member", CHANNEL), updates.message(BOB))
    for code, description in NO_PROOF:
        caplog.clear()
        api.held = asyncio.Event()
        await bot.tell(updates.message(ANN, chat, text="/help"))
        before = await everything()
        api.failures["sendMessage"] = ApiError(code, description)
        api.held.set()
        # said when all that the refusal proves has been recorded
        await until(lambda words=description: words in caplog.text)
        assert await everything() == before, description


async def test_a_deactivated_person_is_no_word_about_a_group(bot: Bot, api: BotApi) -> None:
    await bot.tell(updates.message(BOB, GROUP))
    api.failures["sendMessage"] = ApiError(403, "Forbidden: user is deactivated")
    await _refused(bot, api, updates.message(ANN, GROUP, text="/help"))
    api.failures.clear()
    await _refused(bot, api, updates.message(BOB, text="/help"))
    assert not any(r["is_gone"] for r in await rows(User))
    assert (await row(Chat, id=OLD))["bot_status"] is None


async def test_while_the_database_is_away_a_refusal_costs_a_line_of_the_log_and_no_more(
    bot: Bot, ask: Ask, api: BotApi, telegram: LocalTelegram, caplog: pytest.LogCaptureFixture
) -> None:
    move(telegram.world, OLD, NEW)
    api.held = asyncio.Event()
    await bot.tell(updates.message(ANN, GROUP, text="/help"))
    await read("ALTER TABLE chats RENAME TO chats_away")
    try:
        with caplog.at_level(logging.WARNING, "userreg.bot"):
            api.held.set()
            first, again = await api.wait_for("sendMessage", 2)
    finally:
        await read("ALTER TABLE chats_away RENAME TO chats")

    assert (first.parameters["chat_id"], again.parameters["chat_id"]) == (str(OLD), str(NEW))
    (line,) = [r for r in caplog.records if r.name == "userreg.bot.refusals"]
    assert (line.levelname, line.exc_info) == ("WARNING", None)
    assert line.getMessage().startswith("what Telegram refused was not recorded: ")
    assert (await row(Chat, id=OLD))["migrated_to_id"] is None
    assert "What you can ask" in await ask(updates.message(ANN, text="/help"))
