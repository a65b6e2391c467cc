"""`userreg reconcile`: members whom nobody has confirmed are asked of Telegram.

A registry on one side, a Bot API server that keeps count of the questions on the other.
"""

import asyncio
import contextlib
import json
import signal
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import pytest

from tests import updates
from tests.conftest import clean_environment, row, rows, userreg
from tests.forked import fork
from tests.postgres import free_port
from tests.stage import close, delete, empty, fill, get_to_know, move, put
from tests.test_coverage import ago
from tests.updates import ANN, BOB, BOT, CHANNEL, CID, GROUP, SUPERGROUP
from userreg.database_url import parse_database_url
from userreg.db import open_database
from userreg.models import Chat, Membership, MembershipEvent, User
from userreg.registry import Registry
from userreg.sandbox.api import BotApi, Call
from userreg.sandbox.errors import ApiError
from userreg.sandbox.telegram import TOKEN, LocalTelegram
from userreg.sandbox.world import Profile, World

GO, NEWS = SUPERGROUP["id"], CHANNEL["id"]
ANN_ID, BOB_ID, CID_ID = ANN["id"], BOB["id"], CID["id"]
BOT_ID = BOT["id"]
MONTH = 30


def asked(api: BotApi) -> list[int]:
    """About whom getChatMember was asked, in order."""
    return [int(call.parameters["user_id"]) for call in api.of("getChatMember")]


class Command:
    """`userreg reconcile` on a database that is closed meanwhile: SQLite has one writer."""

    def __init__(self, database_url: str, api_url: str) -> None:
        self.settings = {
            "DATABASE_URL": database_url, "TELEGRAM_API_URL": api_url, "BOT_TOKEN": TOKEN,
        }  # fmt: skip
        self._database = parse_database_url(database_url)

    async def record(self, *told: updates.Json) -> None:
        async with self.opened(), Registry(self._database, BOT_ID).running() as registry:
            for update in told:
                await registry.receive(json.dumps(update).encode())

    def opened(self) -> contextlib.AbstractAsyncContextManager[Any]:
        return open_database(self._database)

    async def run(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        environment = self.settings | settings
        done = await asyncio.to_thread(userreg, "reconcile", *arguments, **environment)
        assert "Traceback" not in done.stderr, done.stderr
        return done

    async def counts(self, *arguments: str) -> tuple[int, int, int]:
        """Those who are present, gone, and of whom Telegram told nothing."""
        done = await self.run("--rate", "1000", *arguments)
        assert done.returncode == 0, done.stderr
        names, values = zip(*(line.split(": ") for line in done.stdout.splitlines()), strict=True)
        assert names == ("present", "gone", "unanswered")
        present, gone, unanswered = map(int, values)
        return present, gone, unanswered


@pytest.fixture
def world(telegram: LocalTelegram) -> World:
    """The bot administers the chats; who else is in them, each test says."""
    empty(telegram.world, GO, NEWS, GROUP["id"])
    return telegram.world


@pytest.fixture
async def command(database_url: str, api_url: str) -> AsyncIterator[Command]:
    return Command(database_url, api_url)


def administers(chat: updates.Json = SUPERGROUP) -> updates.Json:
    return updates.my_chat_member("left", "administrator", chat, date=ago(MONTH))


def people(count: int) -> list[updates.Json]:
    return [{"id": n, "is_bot": False, "first_name": f"P{n}"} for n in range(1, count + 1)]


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


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)  # the database is not the question
async def test_reconcile_waits_as_long_as_telegram_says_then_asks_the_same_again(
    command: Command, api: BotApi, world: World
) -> None:
    await _two_members(command, world)
    api.failures["getChatMember"] = ApiError(429, "Too Many Requests", retry_after=1)

    def once(call: Call) -> None:
        if call.method == "getChatMember":
            api.failures.clear()

    api.on_call = once
    assert await command.counts() == (2, 0, 0)
    assert asked(api) == [ANN_ID, ANN_ID, BOB_ID]
    first, again, _ = api.of("getChatMember")
    assert again.at - first.at >= 1


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)  # the database is not the question
async def test_reconcile_asks_at_most_so_many_questions_a_second(
    command: Command, api: BotApi, world: World
) -> None:
    await _two_members(command, world)
    assert (await command.run("--rate", "10")).returncode == 0
    times = [call.at for call in api.calls]
    assert len(times) == 4, "administrators, count, two members"
    assert all(later - earlier >= 0.09 for earlier, later in pairwise(times))


@pytest.mark.parametrize("disturbance", ["revoked", "killed"])
async def test_reconcile_that_was_stopped_goes_on_where_it_was(
    command: Command, api: BotApi, world: World, disturbance: str
) -> None:
    five = people(5)
    await command.record(
        administers(), *[updates.message(p, SUPERGROUP, date=ago(MONTH)) for p in five]
    )
    for person in five:
        put(world, GO, person, "member")

    def after_three(call: Call) -> None:
        if len(api.of("getChatMember")) == 3:
            api.failures["getChatMember"] = ApiError(401, "Unauthorized")

    if disturbance == "revoked":
        api.on_call = after_three
        stopped = await command.run("--rate", "1000")
        assert (stopped.returncode, stopped.stdout) == (5, "")
        assert "check BOT_TOKEN" in stopped.stderr
    else:
        await _kill_at_the_fourth(command, api)
    api.on_call = None
    api.failures.clear()
    assert asked(api) == [1, 2, 3, 4]

    api.calls.clear()
    assert await command.counts() == (2, 0, 0)
    assert asked(api) == [4, 5]


async def _kill_at_the_fourth(command: Command, api: BotApi) -> None:
    """SIGKILL while Telegram thinks about the fourth member."""
    with tempfile.TemporaryFile() as output:
        environment = clean_environment() | command.settings
        process = fork(("reconcile", "--rate", "1000"), environment, output, output)

    def kill(call: Call) -> None:
        if len(api.of("getChatMember")) == 4:
            process.kill()

    api.on_call = kill
    await asyncio.to_thread(process.join, 20)
    assert process.exitcode == -signal.SIGKILL


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)  # the database is not the question
async def test_reconcile_leaves_a_chat_that_is_closed_to_the_bot_and_goes_on_with_the_next(
    command: Command, api: BotApi, world: World
) -> None:
    """403 to a question is no leave of anybody: the bot has lost sight of the chat."""
    await command.record(
        administers(CHANNEL), administers(SUPERGROUP),
        updates.message(ANN, SUPERGROUP, date=ago(MONTH)),
        updates.chat_member(BOB, "left", "member", CHANNEL, date=ago(MONTH)),
        updates.chat_member(CID, "left", "member", CHANNEL, date=ago(MONTH)),
    )  # fmt: skip
    put(world, GO, ANN, "member")

    def close_when_counted(call: Call) -> None:
        if call.method == "getChatMemberCount":
            close(world, NEWS, "kicked")

    api.on_call = close_when_counted
    assert await command.counts() == (1, 0, 0)

    assert asked(api) == [BOB_ID, ANN_ID]
    async with command.opened():
        closed = await row(Chat, id=NEWS)
        assert (closed["bot_status"], closed["bot_is_member"]) == ("kicked", False)
        assert [r["is_member"] for r in await rows(Membership, chat_id=NEWS)] == [True, True]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)  # the database is not the question
async def test_reconcile_leaves_a_group_that_turns_out_to_have_moved(
    command: Command, api: BotApi, world: World
) -> None:
    """What Telegram would answer for the new chat is no answer for the old one."""
    await command.record(
        administers(GROUP),
        *[updates.chat_member(p, "left", "member", GROUP, date=ago(MONTH)) for p in (ANN, BOB)],
    )

    def move_when_counted(call: Call) -> None:
        if call.method == "getChatMemberCount":
            move(world, GROUP["id"], GO)

    api.on_call = move_when_counted
    assert await command.counts() == (0, 0, 0)

    assert asked(api) == [ANN_ID], "about nobody else in a group that is none any more"
    assert {call.parameters["chat_id"] for call in api.calls} == {str(GROUP["id"])}
    async with command.opened():
        assert (await row(Chat, id=GROUP["id"]))["migrated_to_id"] == GO
        carried = await rows(Membership)
        assert [(r["chat_id"], r["is_member"], r["is_carried_over"]) for r in carried] == [
            (GO, True, True), (GO, True, True),
        ]  # fmt: skip


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_what_telegram_answers_in_words_of_its_own_is_no_answer(
    command: Command, api: BotApi, world: World
) -> None:
    await _two_members(command, world)
    api.answers["getChatMember"] = {"status": "astronaut", "user": ANN}

    def once(call: Call) -> None:
        if call.method == "getChatMember":
            api.answers.clear()

    api.on_call = once
    assert await command.counts() == (1, 0, 1)
    async with command.opened():
        assert (await row(Membership, user_id=ANN_ID))["status"] is None


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_reconcile_without_telegram_or_its_token_is_one_sentence_and_its_exit_code(
    command: Command, api: BotApi, world: World
) -> None:
    await _two_members(command, world)
    away = f"http://127.0.0.1:{free_port()}"
    wrong = [
        (5, "cannot be reached", await command.run(TELEGRAM_API_URL=away)),
        (3, "BOT_TOKEN", await command.run(BOT_TOKEN="")),
    ]
    api.failures["getChatAdministrators"] = ApiError(404, "Not Found")
    wrong.append((5, "check BOT_TOKEN", await command.run()))
    for exit_code, words, done in wrong:
        assert (done.returncode, done.stdout) == (exit_code, ""), done
        assert done.stderr.startswith("Error: ")
        assert done.stderr.count("\n") == 1
        assert words in done.stderr
    assert asked(api) == []


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("value", ["--rate=0", "--rate=-1", "--older-than=-1", "--chat=x"])
async def test_reconcile_refuses_what_makes_no_sense(command: Command, value: str) -> None:
    assert (await command.run(value)).returncode == 2


async def _two_members(command: Command, world: World) -> None:
    """Ann and Bob, seen a month ago, and members as Telegram knows."""
    seen = [updates.message(person, SUPERGROUP, date=ago(MONTH)) for person in (ANN, BOB)]
    await command.record(administers(), *seen)
    for person in (ANN, BOB):
        put(world, GO, person, "member")
