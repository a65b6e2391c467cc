"""`userreg reconcile` held up by Telegram, stopped midway, in chats that are lost meanwhile."""

import asyncio
import signal
import tempfile
from itertools import pairwise

import pytest

from tests import updates
from tests.conftest import clean_environment, row, rows
from tests.forked import fork
from tests.postgres import free_port
from tests.reconciling import (
    ANN_ID,
    BOB_ID,
    GO,
    MONTH,
    NEWS,
    Command,
    administers,
    asked,
    people,
    two_members,
)
from tests.reconciling import command_fixture as command_fixture
from tests.reconciling import world_fixture as world_fixture
from tests.stage import close, move, put
from tests.updates import ANN, BOB, CHANNEL, CID, GROUP, SUPERGROUP, ago
from userreg.models import Chat, Membership
from userreg.sandbox.api import BotApi, Call
from userreg.sandbox.errors import ApiError
from userreg.sandbox.world import World


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)  # the database is not the question
async def test_reconcile_waits_as_long_as_telegram_says_then_asks_the_same_again(
    command: Command, api: BotApi, world: World
) -> None:
    await two_members(command, world)
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
    await two_members(command, world)
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
    await two_members(command, world)
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
    await two_members(command, world)
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
