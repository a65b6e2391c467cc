"""Groups that become supergroups, also several times: one chat in the end, with all of it."""

import itertools

import pytest

from tests import updates
from tests.conftest import known_of, row, rows, told
from tests.running import Bot
from tests.updates import BOB, CID, GROUP, Json
from userreg.models import Chat, DailyActivity, MembershipEvent

NEW = {"id": -1001000000077, "type": "supergroup", "title": "Chess"}
NEWEST = NEW | {"id": -1001000000078}


def move(old: Json, new: Json, date: int) -> Json:
    to = {"migrate_to_chat_id": new["id"]}
    return updates.message(updates.ANONYMOUS, old, text="", sender_chat=old, date=date, **to)


def arrival(old: Json, new: Json, date: int) -> Json:
    origin = {"migrate_from_chat_id": old["id"]}
    return updates.message(updates.ANONYMOUS, new, text="", sender_chat=new, date=date, **origin)


@pytest.mark.parametrize("told_by", ["old first", "new first", "old alone", "new alone"])
async def test_both_chats_of_a_migration_have_rows_and_are_merged(bot: Bot, told_by: str) -> None:
    pair = [move(GROUP, NEW, 2000), arrival(GROUP, NEW, 2000)]
    tellings = {"old first": pair, "new first": pair[::-1], "old alone": pair[:1]}
    await bot.tell(
        updates.chat_member(BOB, "left", "member", GROUP, date=1000),
        updates.message(BOB, GROUP, date=1100),
        updates.message(BOB, NEW, date=2100),
        updates.chat_member(CID, "left", "member", NEW, date=2200),
        *tellings.get(told_by, pair[1:]),
        updates.message(BOB, GROUP, date=1200),
    )
    assert (await row(Chat, id=GROUP["id"]))["migrated_to_id"] == NEW["id"]
    columns = ("chat_id", "messages", "is_carried_over", "first_seen_at", "last_seen_at")
    assert await known_of(BOB, *columns) == (NEW["id"], 3, True, 1000, 2100)
    assert await known_of(CID, *columns[:3]) == (NEW["id"], 0, False)
    assert {e["chat_id"] for e in await rows(MembershipEvent)} == {NEW["id"]}
    timeline = {e["user_id"]: e["is_carried_over"] for e in await rows(MembershipEvent)}
    assert timeline == {BOB["id"]: True, CID["id"]: False}
    day = await row(DailyActivity)
    assert (day["chat_id"], day["messages"]) == (NEW["id"], 3)


async def test_a_chain_of_migrations_ends_in_its_last_chat_in_any_order(bot: Bot) -> None:
    story = [
        updates.message(BOB, GROUP, date=1000),
        updates.message(BOB, NEW, date=2500),
        move(GROUP, NEW, 2000),
        arrival(NEW, NEWEST, 3000),
    ]
    for order in itertools.permutations(story):
        await told(bot, *order, updates.message(BOB, NEWEST, date=3500))
        assert await known_of(BOB, "chat_id", "messages") == (NEWEST["id"], 3)
        assert (await row(DailyActivity))["chat_id"] == NEWEST["id"]


async def test_a_cycle_of_migrations_ends_where_the_later_move_went(bot: Bot) -> None:
    story = [move(GROUP, NEW, 2000), move(NEW, GROUP, 3000), updates.message(BOB, NEW, date=2500)]
    for order in itertools.permutations(story):
        said = updates.message(BOB, GROUP, date=1000)
        await told(bot, said, *order, updates.message(BOB, GROUP, date=3500))
        assert await known_of(BOB, "chat_id", "messages") == (GROUP["id"], 3)
        assert (await row(DailyActivity))["messages"] == 3


@pytest.mark.parametrize("late", [False, True], ids=["before the move is told", "after"])
async def test_a_leave_of_the_old_group_after_its_move_is_harmless(bot: Bot, late: bool) -> None:
    farewells = [
        updates.chat_member(BOB, "member", "left", GROUP, date=2001),
        updates.my_chat_member("member", "kicked", GROUP, date=2001),
    ]
    story = [move(GROUP, NEW, 2000), *farewells] if late else [*farewells, move(GROUP, NEW, 2000)]
    await bot.tell(
        updates.chat_member(BOB, "left", "member", GROUP, date=1000),
        updates.my_chat_member("left", "administrator", NEW, date=2000),
        *story,
    )
    assert await known_of(BOB, "status", "is_member", "joined_at", "left_at") == (
        "member",
        True,
        1000,
        None,
    )
    assert await known_of(BOB, "chat_id") == (NEW["id"],)
    assert (await row(Chat, id=NEW["id"]))["bot_is_member"] is True
