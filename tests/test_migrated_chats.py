"""Groups that become supergroups: one chat in the end, in whatever order it is told."""

import asyncio
import itertools
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from tests import updates
from tests.conftest import TABLES, everything, row, rows
from tests.running import Bot
from tests.updates import ANN, BOB, GROUP
from userreg import migrated_chats, preferences
from userreg.app import REGISTRY
from userreg.database_url import parse_database_url
from userreg.facts import MembershipFound
from userreg.models import (
    Chat,
    DailyActivity,
    Membership,
    MembershipEvent,
)
from userreg.queries import find_membership, read

MIGRATED = {"id": -1001000000077, "type": "supergroup", "title": "Chess"}
TO = {"migrate_to_chat_id": MIGRATED["id"]}
FROM = {"migrate_from_chat_id": GROUP["id"]}


async def _empty() -> None:
    for table in TABLES:
        await read(f"DELETE FROM {table}")


async def _assert_one_chat_of_three_messages() -> None:
    assert (await row(Chat, id=GROUP["id"]))["migrated_to_id"] == MIGRATED["id"]
    known = await row(Membership)
    assert (known["chat_id"], known["messages"]) == (MIGRATED["id"], 3)
    assert {r["chat_id"] for r in await rows(DailyActivity)} == {MIGRATED["id"]}


async def test_a_migrated_group_is_one_chat_whichever_message_comes_first(bot: Bot) -> None:
    to = updates.message(ANN, GROUP, text="", **TO)
    come_from = updates.message(updates.ANONYMOUS, MIGRATED, text="", sender_chat=MIGRATED, **FROM)
    said = [
        updates.message(BOB, GROUP),
        updates.message(BOB, MIGRATED),
        updates.message(BOB, GROUP),
    ]

    await bot.tell(said[0], come_from, said[1], to, said[2], come_from, to)

    await _assert_one_chat_of_three_messages()


async def test_one_message_of_a_migration_is_enough(bot: Bot) -> None:
    said = [
        updates.message(BOB, GROUP),
        updates.message(BOB, MIGRATED),
        updates.message(BOB, GROUP),
    ]

    await bot.tell(said[0], said[1], updates.message(ANN, GROUP, text="", **TO), said[2])

    await _assert_one_chat_of_three_messages()


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
async def test_nobody_writes_to_a_group_while_another_replica_moves_it(
    bot: Bot, database_url: str
) -> None:
    other = await asyncpg.connect(database_url)
    async with other.transaction():
        await other.execute("SELECT pg_advisory_xact_lock($1)", GROUP["id"])
        await other.execute(
            "INSERT INTO chats (id, is_forum, first_seen_at, migrated_to_id, migrated_at)"
            " VALUES ($1, false, now(), $2, now())",
            GROUP["id"], MIGRATED["id"],
        )  # fmt: skip
        said = asyncio.create_task(bot.tell(updates.message(BOB, GROUP)))
        async with asyncio.timeout(5):
            while not await other.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
                assert not said.done()
    await said
    await other.close()

    assert (await row(Membership))["chat_id"] == MIGRATED["id"]


async def test_what_is_carried_over_says_so(bot: Bot) -> None:
    await bot.tell(
        updates.chat_member(BOB, "left", "member", GROUP),
        updates.message(ANN, GROUP, text="", **TO),
    )

    known = await row(Membership)
    assert (known["chat_id"], known["is_carried_over"]) == (MIGRATED["id"], True)
    assert (known["status"], known["is_member"]) == ("member", True)
    assert (await row(MembershipEvent))["chat_id"] == MIGRATED["id"]
    shown = await find_membership(BOB["id"], MIGRATED["id"])
    assert shown is not None
    assert shown.evidence == "carried_over"


@pytest.mark.parametrize(("chosen", "stays"), [(None, "uk"), ("es", "es")])
async def test_the_language_that_a_group_chose_moves_with_it(
    bot: Bot, database_url: str, chosen: str | None, stays: str
) -> None:
    database = parse_database_url(database_url)
    await preferences.choose_language(database, GROUP["id"], "uk")
    if chosen:
        await preferences.choose_language(database, MIGRATED["id"], chosen)
    await bot.tell(updates.message(ANN, GROUP, text="", **TO))
    assert await preferences.find_language(MIGRATED["id"]) == stays
    assert await preferences.find_language(GROUP["id"]) is None


async def test_around_a_migration_every_order_ends_in_the_same_registry(bot: Bot) -> None:
    story = [
        updates.chat_member(BOB, "member", "kicked", GROUP, actor=ANN, date=5000),
        updates.message(ANN, GROUP, text="", left_chat_member=BOB, date=5000),
        updates.message(ANN, GROUP, text="", date=5001, **TO),
        updates.message(ANN, MIGRATED, date=5002),
    ]
    ends = await _ends_in_every_order(bot, story)
    assert ends == [ends[0]] * len(ends)
    assert ends[0]["memberships"][1]["status"] == "kicked"


LATE = updates.chat_member(BOB, "member", "left", GROUP, date=100_001)


@pytest.mark.parametrize(
    "of_bob",
    [
        [LATE],
        [updates.chat_member(BOB, "left", "member", GROUP, actor=ANN, date=99_000), LATE],
        [updates.chat_member(BOB, "member", "kicked", MIGRATED, actor=ANN, date=100_000), LATE],
        [updates.message(BOB, GROUP, date=99_000), LATE],
        [LATE, updates.message(BOB, MIGRATED, date=100_005)],
        [LATE, updates.chat_member(BOB, "left", "member", MIGRATED, date=100_005)],
    ],
    ids=["unknown", "a member", "kicked from the new group", "wrote", "writes", "joins"],
)
async def test_a_move_of_two_dates_happened_at_the_first_one_in_every_order(
    bot: Bot, of_bob: list[updates.Json]
) -> None:
    """Its two messages may stand on both sides of a second."""
    story = [
        *of_bob,
        updates.message(ANN, GROUP, text="", date=100_000, **TO),
        updates.message(ANN, MIGRATED, text="", date=100_001, **FROM),
    ]
    ends = await _ends_in_every_order(bot, story)
    assert ends == [ends[0]] * len(ends)
    assert all(event["update_id"] != LATE["update_id"] for event in ends[0]["membership_events"])


@pytest.mark.parametrize("is_first_told_later", [False, True])
async def test_whom_telegram_named_before_a_move_is_not_lost_by_it(
    bot: Bot, is_first_told_later: bool
) -> None:
    registry = bot.client.app[REGISTRY]
    asked_at = datetime.fromtimestamp(99_000, UTC)
    await bot.tell(updates.message(ANN, GROUP, date=98_000))
    found = MembershipFound(asked_at, 0, BOB["id"], GROUP["id"], "administrator", is_member=True)
    await registry.record([found])

    moved = updates.message(ANN, GROUP, text="", date=100_000, **TO)
    later = updates.message(ANN, MIGRATED, text="", date=100_001, **FROM)
    left = updates.chat_member(BOB, "administrator", "left", GROUP, date=100_001)
    await bot.tell(*([later] if is_first_told_later else []), left, moved)

    known = await row(Membership, user_id=BOB["id"])
    assert (known["chat_id"], known["status"]) == (MIGRATED["id"], "administrator")
    assert (known["is_member"], known["is_carried_over"]) == (True, True)
    assert known["left_at"] is None


async def test_a_move_that_is_told_again_later_looks_for_nothing_to_take_back(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a large chat it would be all events, for each press on what is left of the old group."""
    looked: list[float] = []

    async def take_back(_: int, moved_at: datetime, __: object) -> None:
        looked.append(moved_at.timestamp())

    monkeypatch.setattr(migrated_chats, "_take_back", take_back)
    for date in (100_001, 100_000, 100_002):
        await bot.tell(updates.message(ANN, GROUP, text="", date=date, **TO))
    assert looked == [100_001, 100_000]


async def _ends_in_every_order(bot: Bot, story: list[updates.Json]) -> list[dict[str, Any]]:
    ends = []
    for order in itertools.permutations(story):
        await _empty()
        await bot.tell(*order)
        tables = await everything()
        del tables["known_names"]  # the end of the present name is kept with the user
        for table, found in tables.items():
            for each in found:
                each.pop("id" if table not in ("users", "chats") else "", None)
                each.pop("at" if table == "claimed_updates" else "", None)
            found.sort(key=repr)
        ends.append(tables)
    return ends


async def test_a_group_of_which_little_is_told_is_one_whichever_comes_first(bot: Bot) -> None:
    story = [
        {"update_id": 7_000, "stopped_message_generation": {"chat": GROUP, "draft_id": 1}},
        updates.message(ANN, MIGRATED, text="", migrate_from_chat_id=GROUP["id"]),
    ]
    for order in itertools.permutations(story):
        await _empty()
        await bot.tell(*order)
        assert (await row(Chat, id=GROUP["id"]))["type"] == "group"


async def test_a_group_that_migrates_to_itself_keeps_everything(bot: Bot) -> None:
    await bot.tell(
        updates.message(BOB, GROUP),
        updates.message(ANN, GROUP, text="", migrate_to_chat_id=GROUP["id"]),
        updates.message(ANN, GROUP, text="", migrate_to_chat_id=124),
    )
    assert (await row(Membership))["messages"] == 1
    assert (await row(Chat))["migrated_to_id"] is None
