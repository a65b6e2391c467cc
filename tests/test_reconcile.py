"""`userreg reconcile`: Telegram is asked about those whom nobody has confirmed, and no others."""

import time

import pytest

from tests import updates
from tests.conftest import row, rows
from tests.reconciling import (
    ANN_ID,
    BOB_ID,
    CID_ID,
    GO,
    MONTH,
    NEWS,
    Command,
    administers,
    asked,
    people,
)
from tests.reconciling import command_fixture as command_fixture
from tests.reconciling import world_fixture as world_fixture
from tests.stage import delete, fill, get_to_know, put
from tests.updates import ANN, BOB, CHANNEL, CID, GROUP, SUPERGROUP, ago
from userreg.models import Chat, Membership, MembershipEvent, User
from userreg.sandbox.api import BotApi
from userreg.sandbox.world import Profile, World


async def test_reconcile_confirms_who_is_there_and_ends_whom_telegram_says_gone(
    command: Command, api: BotApi, world: World
) -> None:
    """A failed look-up is no leave; since when somebody is gone is not known."""
    left, kicked, muted, out, unknown, deleted, owner = people(7)
    everybody = [left, kicked, muted, out, unknown, deleted, owner]
    await command.record(
        administers(),
        updates.message(ANN, SUPERGROUP, date=ago(MONTH)),
        updates.chat_member(BOB, "left", "member", date=ago(MONTH)),
        *[updates.message(person, SUPERGROUP, date=ago(MONTH)) for person in everybody],
    )
    told = [(ANN, "member"), (BOB, "left"), (left, "left"), (kicked, "kicked"),
            (muted, "restricted"), (out, "restricted-"), (deleted, "left"),
            (owner, "creator")]  # fmt: skip
    for person, status in told:
        put(world, GO, person, status)
    world.people[ANN_ID].profile = Profile("Anna")
    delete(world, deleted["id"])
    fill(world, GO, 1830)
    before = int(time.time())

    assert await command.counts() == (2, 5, 1), "the owner is among the administrators"

    assert sorted(asked(api)) == sorted([ANN_ID, BOB_ID, *[p["id"] for p in everybody[:-1]]])
    async with command.opened():
        known = {r["user_id"]: r for r in await rows(Membership)}
        assert {i: (r["status"], r["is_member"]) for i, r in known.items()} == {
            ANN_ID: ("member", True), BOB_ID: ("left", False), left["id"]: ("left", False),
            kicked["id"]: ("kicked", False), muted["id"]: ("restricted", True),
            out["id"]: ("restricted", False), deleted["id"]: ("left", False),
            owner["id"]: ("creator", True), unknown["id"]: (None, None),
        }  # fmt: skip
        silent = known.pop(unknown["id"])
        assert (silent["evidence"], silent["status_at"]) == (None, None)
        assert {r["evidence"] for r in known.values()} == {"confirmed"}
        assert {r["left_at"] for r in known.values()} == {None}
        assert all(r["status_at"].timestamp() >= before for r in known.values())
        assert known[BOB_ID]["joined_at"].timestamp() < before
        assert [e["user_id"] for e in await rows(MembershipEvent)] == [BOB_ID], "only his joining"
        assert (await row(User, id=ANN_ID))["first_name"] == "Anna"
        assert (await row(User, id=deleted["id"]))["is_gone"] is True
        assert (await row(Chat, id=GO))["member_count"] == 1830


async def test_reconcile_asks_again_only_about_those_not_confirmed_lately(
    command: Command, api: BotApi, world: World
) -> None:
    """Announced and seen is not confirmed; `--older-than 0` asks about all."""
    one, two, three, gone = people(4)
    await command.record(
        administers(),
        updates.message(ANN, SUPERGROUP, date=ago(0)),
        updates.chat_member(BOB, "left", "member", date=ago(6)),
        updates.chat_member(CID, "left", "member", date=ago(8)),
        updates.message(one, SUPERGROUP, text="", new_chat_members=[one], date=ago(0)),
        updates.chat_member(two, "member", "left", date=ago(MONTH)),
        updates.message(two, SUPERGROUP, date=ago(1)),  # is back
        updates.chat_member(three, "left", "member", date=ago(MONTH)),
        updates.chat_member(gone, "member", "left", date=ago(MONTH)),
    )
    everybody = {person["id"]: person for person in (ANN, BOB, CID, one, two, three, gone)}
    for person in everybody.values():
        put(world, GO, person, "member")

    assert await command.counts() == (5, 0, 0)
    assert sorted(asked(api)) == sorted([ANN_ID, CID_ID, one["id"], two["id"], three["id"]])

    api.calls.clear()
    assert await command.counts("--older-than", "0") == (6, 0, 0)
    assert sorted(asked(api)) == sorted(everybody.keys() - {gone["id"]})


async def test_reconcile_asks_only_where_the_bot_is_administrator_and_only_in_the_chat_named(
    command: Command, api: BotApi, world: World
) -> None:
    club = SUPERGROUP | {"id": -1001000000009, "username": "club"}
    lost = SUPERGROUP | {"id": -1001000000010, "username": "lost"}
    chats = [SUPERGROUP, club, lost, CHANNEL, GROUP]
    await command.record(
        administers(SUPERGROUP), administers(club), administers(lost),
        updates.my_chat_member("administrator", "kicked", lost, date=ago(1)),
        updates.my_chat_member("left", "member", CHANNEL, date=ago(1)),
        *[updates.chat_member(BOB, "left", "member", chat, date=ago(MONTH)) for chat in chats],
    )  # fmt: skip
    for chat in chats:
        get_to_know(world, administers(chat))
        put(world, chat["id"], BOB, "member")

    assert await command.counts("--chat", str(club["id"])) == (1, 0, 0)
    assert {call.parameters["chat_id"] for call in api.calls} == {str(club["id"])}

    api.calls.clear()
    assert await command.counts() == (1, 0, 0), "the other is fresh now"
    assert {call.parameters["chat_id"] for call in api.calls} == {str(GO)}


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("chat_id", [NEWS, -5])
async def test_reconcile_in_a_chat_that_the_bot_does_not_administer_is_one_sentence(
    command: Command, api: BotApi, chat_id: int
) -> None:
    await command.record(updates.my_chat_member("left", "member", CHANNEL))
    refused = await command.run("--chat", str(chat_id))
    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (1, "", 1)
    assert f"not known to administer chat {chat_id}" in refused.stderr
    assert not api.calls


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_reconcile_of_a_group_that_moved_names_the_new_one(
    command: Command, api: BotApi
) -> None:
    await command.record(
        administers(GROUP),
        updates.message(ANN, GROUP, text="", migrate_to_chat_id=GO, date=ago(1)),
    )
    refused = await command.run("--chat", str(GROUP["id"]))
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert f"has become chat {GO}" in refused.stderr
    assert not api.calls


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("value", ["--rate=0", "--rate=-1", "--older-than=-1", "--chat=x"])
async def test_reconcile_refuses_what_makes_no_sense(command: Command, value: str) -> None:
    assert (await command.run(value)).returncode == 2
