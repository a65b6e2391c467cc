"""From a posted update to the rows: what is remembered, on both engines."""

import asyncio

from tests import updates
from tests.conftest import everything, row, rows
from tests.running import Bot
from tests.updates import ANN, BOB, CID, GROUP, SUPERGROUP
from userreg.models import (
    Chat,
    DailyActivity,
    Membership,
    MembershipEvent,
    User,
)


async def test_a_message_makes_a_user_a_chat_and_a_membership_by_sight(bot: Bot) -> None:
    await bot.tell(updates.message(BOB, GROUP))

    assert (await row(User))["last_name"] == "Brown"
    assert (await row(Chat))["title"] == "Chess"
    known = await row(Membership)
    assert (known["user_id"], known["chat_id"], known["messages"]) == (102, -100, 1)
    assert known["status"] is None, "a message does not prove a membership"
    assert (await row(DailyActivity))["messages"] == 1


async def test_a_private_message_makes_no_membership(bot: Bot) -> None:
    await bot.tell(updates.message(ANN))

    assert await rows(Membership) == []
    assert (await row(Chat))["type"] == "private"
    assert (await row(Chat))["title"] is None, "the names of a private chat are the person's"


async def test_the_same_update_again_changes_nothing(bot: Bot) -> None:
    update = updates.message(ANN, GROUP)
    await bot.tell(update)
    before = await everything()

    await bot.tell(update, update)

    assert await everything() == before


async def test_one_update_posted_many_times_at_once_counts_once(bot: Bot) -> None:
    update = updates.message(ANN, GROUP)
    responses = await asyncio.gather(*(bot.post(update) for _ in range(30)))

    assert {response.status for response in responses} == {200}
    assert (await row(Membership))["messages"] == 1


async def test_many_first_messages_at_once_are_all_counted(bot: Bot) -> None:
    sent = [updates.message(ANN, GROUP) for _ in range(50)]
    sent += [updates.message(BOB, SUPERGROUP) for _ in range(50)]
    await asyncio.gather(*(bot.post(update) for update in sent))

    assert [r["messages"] for r in await rows(Membership)] == [50, 50]
    assert sum(r["messages"] for r in await rows(DailyActivity)) == 100


async def test_an_older_update_that_comes_late_changes_no_name(bot: Bot) -> None:
    old, new = ANN | {"first_name": "Anna"}, ANN | {"first_name": "Ann", "username": "ann2"}
    await bot.tell(updates.message(new, GROUP, date=2000), updates.message(old, GROUP, date=1000))

    user = await row(User)
    assert (user["first_name"], user["username"]) == ("Ann", "ann2")
    assert user["first_seen_at"].timestamp() == 1000
    assert user["last_seen_at"].timestamp() == 2000


async def test_a_username_that_is_gone_is_forgotten(bot: Bot) -> None:
    bare = {k: v for k, v in ANN.items() if k != "username"}
    await bot.tell(updates.message(ANN), updates.message(bare))

    assert (await row(User))["username"] is None


async def test_a_missing_language_keeps_the_last_one_told(bot: Bot) -> None:
    silent = {k: v for k, v in ANN.items() if k != "language_code"}
    await bot.tell(updates.message(silent, date=2000), updates.message(ANN, date=1000))

    assert (await row(User))["language_code"] == "en"


async def test_the_one_who_was_kicked_has_left_not_the_one_who_did_it(bot: Bot) -> None:
    await bot.tell(
        updates.message(ANN, SUPERGROUP),
        updates.message(BOB, SUPERGROUP),
        updates.chat_member(BOB, "member", "kicked", actor=ANN),
    )

    kicked = await row(Membership, user_id=BOB["id"])
    assert (kicked["status"], kicked["is_member"]) == ("kicked", False)
    assert kicked["left_at"] is not None
    assert (await row(Membership, user_id=ANN["id"]))["status"] is None
    assert (await row(MembershipEvent))["actor_id"] == ANN["id"]


async def test_restricted_means_what_is_member_says(bot: Bot) -> None:
    await bot.tell(
        updates.chat_member(ANN, "member", "restricted"),
        updates.chat_member(BOB, "restricted", "restricted-"),
    )

    assert (await row(Membership, user_id=ANN["id"]))["is_member"] is True
    assert (await row(Membership, user_id=BOB["id"]))["is_member"] is False


async def test_a_promotion_is_no_join(bot: Bot) -> None:
    await bot.tell(updates.chat_member(ANN, "member", "administrator", actor=BOB))

    known = await row(Membership)
    assert (known["status"], known["joined_at"], known["left_at"]) == ("administrator", None, None)


async def test_joins_and_leaves_announced_in_messages_are_believed(bot: Bot) -> None:
    await bot.tell(
        updates.message(ANN, GROUP, text="", new_chat_members=[BOB, CID]),
        updates.message(CID, GROUP, text="", left_chat_member=CID),
    )

    assert (await row(Membership, user_id=BOB["id"]))["status"] == "member"
    gone = await row(Membership, user_id=CID["id"])
    assert (gone["status"], gone["evidence"], gone["is_member"]) == ("left", "announced", False)
    assert gone["messages"] == 0, "a farewell is not a message of the leaver"


async def test_in_the_same_second_telegrams_word_outranks_the_announcement(bot: Bot) -> None:
    await bot.tell(
        updates.chat_member(BOB, "member", "kicked", actor=ANN, date=5000),
        updates.message(ANN, SUPERGROUP, text="", left_chat_member=BOB, date=5000),
    )

    assert (await row(Membership, user_id=BOB["id"]))["status"] == "kicked"


async def test_senders_that_stand_for_a_chat_are_no_people(bot: Bot) -> None:
    await bot.tell(
        updates.message(updates.ANONYMOUS, SUPERGROUP, sender_chat=SUPERGROUP),
        updates.message(ANN, SUPERGROUP, sender_chat=updates.CHANNEL),
        updates.channel_post(),
    )

    assert await rows(User) == []
    assert await rows(Membership) == []
    assert len(await rows(Chat)) == 2


async def test_an_edit_proves_no_presence(bot: Bot) -> None:
    await bot.tell(updates.edited(ANN, GROUP, edit_date=updates.NOW))

    assert (await row(User))["last_seen_at"] is None
    assert await rows(Membership) == []


async def test_a_pressed_button_proves_a_person_and_no_membership(bot: Bot) -> None:
    await bot.tell(updates.callback(ANN, GROUP), updates.callback(BOB))

    assert [r["id"] for r in await rows(User)] == [101, 102]
    assert await rows(Membership) == []


async def test_blocking_in_private_touches_no_group(bot: Bot) -> None:
    await bot.tell(
        updates.message(ANN, GROUP),
        updates.message(ANN),
        updates.my_chat_member("member", "kicked", updates.private(ANN)),
    )

    assert (await row(Chat, id=ANN["id"]))["bot_status"] == "kicked"
    assert (await row(Chat, id=GROUP["id"]))["bot_status"] is None
    assert (await row(Membership))["left_at"] is None


async def test_the_bot_is_removed_and_added_again(bot: Bot) -> None:
    await bot.tell(
        updates.message(BOB, GROUP),
        updates.my_chat_member("left", "member", GROUP),
        updates.my_chat_member("member", "kicked", GROUP),
    )
    chat = await row(Chat)
    assert (chat["bot_status"], chat["bot_is_member"]) == ("kicked", False)
    others = await row(Membership, user_id=BOB["id"])
    assert others["left_at"] is None, "unknown from then on, not ended"

    await bot.tell(updates.my_chat_member("kicked", "administrator", GROUP, BOB))
    chat = await row(Chat)
    assert (chat["bot_status"], chat["added_by_id"]) == ("administrator", BOB["id"])


async def test_ids_beyond_32_bits_are_kept_whole(bot: Bot) -> None:
    far = CID | {"id": 2**52 - 1}
    await bot.tell(updates.message(far, SUPERGROUP))

    assert (await row(User))["id"] == 2**52 - 1
