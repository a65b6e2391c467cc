"""What broke other registries, each by name: updates as Telegram posts them, what they leave."""

import asyncio

import pytest

from tests import updates
from tests.conftest import Ask, everything, known_of, row, rows
from tests.conversation import NOTHING
from tests.running import Bot
from tests.stage import empty
from tests.updates import ANN, BOB, CID, GROUP, SUPERGROUP
from userreg.models import Membership, MembershipEvent, User
from userreg.queries import find_membership
from userreg.sandbox.api import BotApi
from userreg.sandbox.telegram import LocalTelegram
from userreg.totals import find_coverage

STATE = ("status", "is_member", "joined_at", "left_at")


# Who it is about, and whether it is a join or a leave.


async def test_an_admin_who_kicks_becomes_no_member_by_it(bot: Bot) -> None:
    await bot.tell(updates.chat_member(BOB, "member", "kicked", actor=ANN, date=5000))

    assert await known_of(BOB, *STATE) == ("kicked", False, None, 5000)
    assert await rows(Membership, user_id=ANN["id"]) == []
    assert await rows(MembershipEvent, user_id=ANN["id"]) == []


async def test_a_muted_member_leaves_and_rejoins(bot: Bot) -> None:
    await bot.tell(
        updates.chat_member(BOB, "member", "restricted", actor=ANN, date=1000),
        updates.chat_member(BOB, "restricted", "restricted-", date=2000),
    )
    assert await known_of(BOB, *STATE) == ("restricted", False, None, 2000)
    await bot.tell(updates.chat_member(BOB, "restricted-", "restricted", date=3000))
    assert await known_of(BOB, *STATE) == ("restricted", True, 3000, 2000)


async def test_a_ban_of_a_stranger_is_no_leave_and_its_end_no_join(bot: Bot) -> None:
    await bot.tell(updates.chat_member(BOB, "left", "kicked", actor=ANN))
    assert await known_of(BOB, *STATE) == ("kicked", False, None, None)
    await bot.tell(updates.chat_member(BOB, "kicked", "left", actor=ANN))
    assert await known_of(BOB, *STATE) == ("left", False, None, None)


async def test_promoted_and_demoted_is_neither_join_nor_leave(bot: Bot) -> None:
    await bot.tell(
        updates.chat_member(BOB, "left", "member", date=1000),
        updates.chat_member(BOB, "member", "administrator", actor=ANN, date=2000),
        updates.chat_member(BOB, "administrator", "member", actor=ANN, date=3000),
    )
    assert await known_of(BOB, *STATE) == ("member", True, 1000, None)
    told = [(e["was_member"], e["is_member"]) for e in await rows(MembershipEvent)]
    assert told == [(False, True), (True, True), (True, True)]


async def test_blocking_the_bot_in_private_leaves_every_membership_as_it_was(
    bot: Bot, ask: Ask
) -> None:
    await bot.tell(updates.chat_member(BOB, "left", "member"), updates.message(BOB, GROUP))
    before = await everything()
    await bot.tell(updates.my_chat_member("member", "kicked", updates.private(BOB), actor=BOB))

    after = await everything()
    assert all(after[t] == before[t] for t in ("memberships", "membership_events"))
    assert "• Go: member" in await ask(updates.message(BOB, text="/me"))


async def test_memberships_are_as_of_then_when_the_bot_is_removed(bot: Bot, ask: Ask) -> None:
    await bot.tell(
        updates.chat_member(BOB, "left", "member"),
        updates.my_chat_member("member", "left", SUPERGROUP),
    )
    assert "• Go: member, as of Sep " in await ask(updates.message(BOB, text="/me"))
    assert await known_of(BOB, "left_at") == (None,)


async def test_after_the_bot_is_added_again_memberships_are_unknown_until_seen(
    bot: Bot, ask: Ask, api: BotApi, telegram: LocalTelegram
) -> None:
    empty(telegram.world, SUPERGROUP["id"])
    await bot.tell(
        updates.chat_member(BOB, "left", "member"),
        updates.my_chat_member("member", "left", SUPERGROUP),
        updates.my_chat_member("left", "administrator", SUPERGROUP),
    )
    await api.wait_for("sendMessage")  # its greeting
    assert (await find_coverage(SUPERGROUP["id"])).confirmed == 0
    assert "• Go: member, as of Sep " in await ask(updates.message(BOB, text="/me"))

    await bot.tell(updates.message(BOB, SUPERGROUP))
    line = next(x for x in (await ask(updates.message(BOB, text="/me"))).splitlines() if "Go" in x)
    assert "as of" not in line


async def test_the_timeline_holds_who_did_it_and_by_which_way(bot: Bot) -> None:
    link = {
        "invite_link": "https://t.me/+abc", "creator": CID, "creates_join_request": True,
        "is_primary": False, "is_revoked": False,
    }  # fmt: skip
    ways = [
        {"invite_link": link},
        {"via_join_request": True},
        {"via_chat_folder_invite_link": True},
    ]
    for way in ways:
        await bot.tell(updates.chat_member(BOB, "left", "member", actor=ANN, **way))

    names = ("actor_id", "invite_link", "via_join_request", "via_chat_folder_invite_link")
    assert [tuple(e[n] for n in names) for e in await rows(MembershipEvent)] == [
        (ANN["id"], "https://t.me/+abc", False, False),
        (ANN["id"], None, True, False),
        (ANN["id"], None, False, True),
    ]
    assert await rows(Membership, user_id=CID["id"]) == []


async def test_a_new_owner_is_announced_and_has_not_joined(bot: Bot) -> None:
    change = {"chat_owner_changed": {"new_owner": BOB}}
    await bot.tell(updates.message(ANN, SUPERGROUP, text="", **change))

    owner = ("creator", True, None, None, "announced")
    assert await known_of(BOB, *STATE, "evidence") == owner


async def test_whoever_creates_a_group_is_its_announced_owner(bot: Bot) -> None:
    await bot.tell(updates.message(ANN, GROUP, text="", group_chat_created=True, date=5000))

    owner = ("creator", True, 5000, None, "announced")
    assert await known_of(ANN, *STATE, "evidence") == owner


async def test_a_pressed_button_unmasks_no_anonymous_administrator(bot: Bot, ask: Ask) -> None:
    await bot.tell(
        updates.message(BOB, SUPERGROUP),
        updates.message(updates.ANONYMOUS, SUPERGROUP, sender_chat=SUPERGROUP),
        updates.callback(ANN, SUPERGROUP),
    )
    assert [u["id"] for u in await rows(User)] == [ANN["id"], BOB["id"]]
    assert await rows(Membership, user_id=ANN["id"]) == []
    for question in (f"/seen @{ANN['username']}", f"/seen {ANN['id']}"):
        assert await ask(updates.message(BOB, SUPERGROUP, text=question)) == NOTHING
        assert await ask(updates.message(BOB, text=question)) == NOTHING


# Any order, any number of times.


async def test_a_leave_told_before_the_leavers_last_message_stands(bot: Bot, ask: Ask) -> None:
    await bot.tell(
        updates.message(ANN, SUPERGROUP),
        updates.chat_member(BOB, "member", "left", date=5000),
        updates.message(BOB, SUPERGROUP, date=4990),
    )
    assert await known_of(BOB, *STATE, "messages") == ("left", False, None, 5000, 1)
    shown = await find_membership(BOB["id"], SUPERGROUP["id"])
    assert shown is not None
    assert (shown.is_member, shown.status) == (False, "left")
    assert await ask(updates.message(ANN, text=f"/seen {BOB['id']}")) == NOTHING


async def test_an_edit_of_the_departed_brings_nobody_back(bot: Bot) -> None:
    await bot.tell(updates.message(BOB, SUPERGROUP, date=4000))
    await bot.tell(updates.chat_member(BOB, "member", "left", actor=ANN, date=5000))
    before = await row(Membership)
    await bot.tell(updates.edited(BOB, SUPERGROUP, date=4000, edit_date=6000))

    assert await row(Membership) == before
    assert (await row(User, id=BOB["id"]))["last_seen_at"].timestamp() == 4000


async def test_a_message_that_was_edited_before_it_came_brings_nobody_back(bot: Bot) -> None:
    """Telegram delivers one that has waited as it is by then, with the time of the edit."""
    await bot.tell(updates.chat_member(BOB, "member", "left", actor=ANN, date=5000))
    await bot.tell(updates.message(BOB, SUPERGROUP, date=4000, edit_date=6000))

    assert (await row(Membership))["last_seen_at"].timestamp() == 4000
    shown = await find_membership(BOB["id"], SUPERGROUP["id"])
    assert shown is not None
    assert (shown.is_member, shown.status) == (False, "left")


async def test_a_duplicate_changes_no_row_of_any_table(bot: Bot) -> None:
    story = [
        updates.chat_member(BOB, "left", "member", GROUP, actor=ANN),
        updates.message(BOB, GROUP),
        updates.message(
            updates.ANONYMOUS,
            GROUP,
            text="",
            sender_chat=GROUP,
            migrate_to_chat_id=SUPERGROUP["id"],
            date=updates.NOW + 10_000,
        ),
        updates.callback(CID),
    ]
    await bot.tell(*story)
    before = await everything()
    await bot.tell(*story, *reversed(story))

    assert await everything() == before


async def test_three_first_messages_of_one_new_person_at_once(bot: Bot) -> None:
    sent = [updates.message(CID, chat) for chat in (GROUP, GROUP, None)]
    responses = await asyncio.gather(*(bot.post(update) for update in sent))

    assert [response.status for response in responses] == [200] * 3
    assert (await row(User))["id"] == CID["id"]
    assert (await row(Membership))["messages"] == 2


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["join first", "ban first"])
async def test_join_and_ban_in_the_same_second(bot: Bot, order: tuple[int, int]) -> None:
    join = updates.chat_member(BOB, "left", "member", date=5000)
    ban = updates.chat_member(BOB, "member", "kicked", actor=ANN, date=5000)
    await bot.tell(*((join, ban)[i] for i in order))

    assert await known_of(BOB, *STATE) == ("kicked", False, 5000, 5000)
    assert len(await rows(MembershipEvent)) == 2
