"""What no update told is asked of Telegram: on becoming administrator, and by `userreg reconcile`.

A registry over HTTP on one side, a Bot API server that keeps count of the questions on the other.
"""

import asyncio
import contextlib
import csv
import io
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest

from tests import updates
from tests.bot_api import TOKEN, ApiError, BotApi, Call
from tests.conftest import Ask, Bot, clean_environment, row, rows, userreg
from tests.process import free_port
from tests.updates import ANN, ANONYMOUS, BOB, BOT, CHANNEL, CID, GROUP, SUPERGROUP
from userreg.db import open_database, parse_database_url
from userreg.models import Chat, Membership, MembershipEvent, User
from userreg.registry import Registry

GO, NEWS = SUPERGROUP["id"], CHANNEL["id"]
ANN_ID, BOB_ID, CID_ID = ANN["id"], BOB["id"], CID["id"]
BOT_ID = BOT["id"]
MONTH = 30


def ago(days: int) -> int:
    return int(time.time()) - days * 86_400


def administrators(api: BotApi, chat: int, *people: updates.Json) -> None:
    """Telegram's list: a creator and administrators, as an older server writes them."""
    for number, person in enumerate(people):
        told = updates.member(person, "administrator" if number else "creator")
        told.pop("can_send_welcome_messages", None)
        api.members[chat, person["id"]] = told


def asked(api: BotApi) -> list[int]:
    """About whom getChatMember was asked, in order."""
    return [int(call.parameters["user_id"]) for call in api.of("getChatMember")]


# --- The bot becomes administrator --------------------------------------------------------------


@pytest.mark.parametrize("before", ["member", "left", "kicked"])
async def test_as_a_new_administrator_the_bot_asks_once_who_else_is_one_and_how_many_there_are(
    bot: Bot, api: BotApi, before: str
) -> None:
    administrators(api, GO, ANN, BOB, BOT)
    promoted = updates.my_chat_member(before, "administrator", SUPERGROUP, CID)

    await bot.tell(promoted, promoted)
    await api.wait_for("getChatMemberCount")
    await bot.tell(promoted, updates.message(CID, text="/help"))
    await api.wait_for("sendMessage", 1 if before == "member" else 2)

    (question,) = api.of("getChatAdministrators")
    (count,) = api.of("getChatMemberCount")
    assert question.parameters["chat_id"] == count.parameters["chat_id"] == str(GO)
    await _until_known(GO, 2)
    known = {r["user_id"]: r for r in await rows(Membership)}
    assert known.keys() == {ANN_ID, BOB_ID}, "the bot itself is no member like others"
    assert [known[i]["status"] for i in (ANN_ID, BOB_ID)] == ["creator", "administrator"]
    assert {r["evidence"] for r in known.values()} == {"confirmed"}
    assert {r["joined_at"] for r in known.values()} == {None}, "since when is not told"
    assert (await row(User, id=BOB_ID))["last_name"] == "Brown"
    assert (await row(Chat, id=GO))["member_count"] == 1830
    assert await rows(MembershipEvent) == []


async def test_a_channel_is_asked_about_too_and_gets_no_greeting(bot: Bot, api: BotApi) -> None:
    administrators(api, NEWS, ANN, BOB)

    await bot.tell(updates.my_chat_member("left", "administrator", CHANNEL))

    await api.wait_for("getChatMemberCount")
    await _until_known(NEWS, 2)
    assert api.of("sendMessage") == []


@pytest.mark.parametrize(("old", "new"), [("administrator", "administrator"), ("left", "member"),
                                          ("administrator", "member")])  # fmt: skip
async def test_whoever_does_not_become_administrator_asks_nothing(
    bot: Bot, ask: Ask, api: BotApi, old: str, new: str
) -> None:
    await bot.tell(updates.my_chat_member(old, new, SUPERGROUP))
    await ask(updates.my_chat_member("left", "member", GROUP))  # answered after the other

    assert api.of("getChatAdministrators") == api.of("getChatMemberCount") == []


@pytest.mark.parametrize(
    "error",
    [ApiError(400, "Bad Request: CHAT_ADMIN_REQUIRED"), ApiError(500, "Internal Server Error"),
     ApiError(429, "Too Many Requests: retry after 30", retry_after=30)],
    ids=lambda error: str(error.code),
)  # fmt: skip
async def test_where_telegram_does_not_tell_the_update_is_recorded_and_the_greeting_sent(
    ask: Ask, api: BotApi, error: ApiError
) -> None:
    api.failures = {"getChatAdministrators": error, "getChatMemberCount": error}

    answer = await ask(updates.my_chat_member("left", "administrator", SUPERGROUP))

    assert answer.startswith("Hello!")
    chat = await row(Chat)
    assert (chat["bot_status"], chat["member_count"]) == ("administrator", None)
    assert len(api.of("getChatAdministrators")) == 1


@pytest.mark.parametrize("refused", ["getChatAdministrators", "getChatMemberCount"])
async def test_one_question_that_is_refused_does_not_lose_the_answer_to_the_other(
    ask: Ask, api: BotApi, refused: str
) -> None:
    administrators(api, GO, ANN)
    api.failures[refused] = ApiError(400, "Bad Request: not today")

    await ask(updates.my_chat_member("left", "administrator", SUPERGROUP, BOB))

    chat = await row(Chat)
    found = [chat["member_count"], *[r["user_id"] for r in await rows(Membership)]]
    assert found == ([1830] if refused == "getChatAdministrators" else [None, ANN_ID])


async def test_the_stand_in_of_an_anonymous_administrator_is_never_stored(
    ask: Ask, api: BotApi
) -> None:
    administrators(api, GO, ANN, ANONYMOUS)

    await ask(updates.my_chat_member("left", "administrator", SUPERGROUP))

    assert [r["user_id"] for r in await rows(Membership)] == [ANN_ID]
    assert await rows(User, id=ANONYMOUS["id"]) == []


async def _until_known(chat_id: int, members: int) -> None:
    """An answer of Telegram is recorded a moment after it was given."""
    async with asyncio.timeout(10):
        while (
            await Membership.filter(chat_id=chat_id).count() < members
            or not await Chat.filter(id=chat_id, member_count__isnull=False).exists()
        ):
            pass


# --- Coverage -----------------------------------------------------------------------------------

#: Told of the supergroup: who is a member (K), and of whom Telegram itself said so (C).
FIVE_KNOWN_TWO_CONFIRMED = [
    updates.message(ANN, GROUP),
    updates.chat_member(BOB, "left", "member", GROUP),
    updates.message(ANN, GROUP, text="", migrate_to_chat_id=GO),
    # seen: Ann; carried over: Bob
    updates.chat_member(CID, "left", "member"),
    updates.chat_member(CID, "member", "administrator"),
    updates.message({"id": 201, "first_name": "Announced"}, SUPERGROUP, text="",
                    new_chat_members=[{"id": 201, "first_name": "Announced"}]),
    updates.chat_member({"id": 202, "first_name": "Muted"}, "member", "restricted"),
    updates.chat_member({"id": 203, "first_name": "Gone"}, "left", "member"),
    updates.chat_member({"id": 203, "first_name": "Gone"}, "member", "left"),
    updates.chat_member({"id": 204, "first_name": "Out"}, "restricted", "restricted-"),
]  # fmt: skip


async def test_whereami_tells_how_many_it_knows_and_of_how_many_telegram_itself_said_so(
    bot: Bot, ask: Ask
) -> None:
    await bot.tell(*FIVE_KNOWN_TWO_CONFIRMED)
    assert "Members: we know 5 of 1,830, 2 confirmed" in await _whereami(ask)

    await bot.tell(updates.chat_member(CID, "administrator", "kicked"))
    assert "Members: we know 4 of 1,830, 1 confirmed" in await _whereami(ask)

    await bot.tell(updates.message(CID, SUPERGROUP))  # is back, as it seems
    assert "Members: we know 5 of 1,830, 1 confirmed" in await _whereami(ask)

    await bot.tell(updates.chat_member(BOB, "member", "restricted"))  # no longer carried over
    assert "Members: we know 5 of 1,830, 2 confirmed" in await _whereami(ask)


async def _whereami(ask: Ask) -> str:
    return await ask(updates.message(ANN, SUPERGROUP, text="/whereami"))


HOSTILE = '=HYPERLINK("http://x","a")\n,\'\u202e'


async def test_coverage_is_exported_with_hostile_titles_disarmed(
    bot: Bot, ask: Ask, database_url: str
) -> None:
    await bot.tell(
        *FIVE_KNOWN_TWO_CONFIRMED,
        updates.my_chat_member("left", "member", CHANNEL | {"title": HOSTILE}),
        updates.message(ANN),
    )
    await _whereami(ask)

    as_json = json.loads(await _coverage("--json", database_url))
    as_csv = list(csv.DictReader(io.StringIO(await _coverage("--csv", database_url))))

    news, go = sorted(as_json, key=lambda chat: chat["chat_id"])
    counted_at = go.pop("member_count_at")
    assert go == {
        "chat_id": GO, "type": "supergroup", "title": "Go", "bot_status": None,
        "member_count": 1830, "known": 5, "confirmed": 2,
    }  # fmt: skip
    assert counted_at.endswith("+00:00")
    assert news == {
        "chat_id": NEWS, "type": "channel", "title": HOSTILE, "bot_status": "member",
        "member_count": None, "member_count_at": None, "known": 0, "confirmed": 0,
    }  # fmt: skip
    by_id = {int(chat["chat_id"]): chat for chat in as_csv}
    assert by_id.keys() == {GO, NEWS}, "neither private chats nor those that moved"
    assert list(by_id[GO].values()) == [
        str(GO), "supergroup", "Go", "", "1830", counted_at, "5", "2",
    ]  # fmt: skip
    assert list(by_id[NEWS].values()) == [
        str(NEWS), "channel", "'" + HOSTILE, "member", "", "", "0", "0",
    ]  # fmt: skip


async def test_coverage_of_an_empty_registry_has_no_rows(database_url: str) -> None:
    assert json.loads(await _coverage("--json", database_url)) == []
    assert (await _coverage("--csv", database_url)).splitlines() == [
        "chat_id,type,title,bot_status,member_count,member_count_at,known,confirmed"
    ]


async def test_coverage_of_more_chats_than_one_page_names_each_once(
    bot: Bot, database_url: str
) -> None:
    await Chat.update_or_create_many(
        {"id": -n, "first_seen_at": datetime.now(UTC), "type": "group"} for n in range(1, 402)
    )
    chats = [chat["chat_id"] for chat in json.loads(await _coverage("--json", database_url))]
    assert chats == list(range(-401, 0))


async def _coverage(form: str, database_url: str) -> str:
    done = await asyncio.to_thread(
        userreg, "export-stats", form, "--what", "coverage", DATABASE_URL=database_url
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


# --- userreg reconcile --------------------------------------------------------------------------


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
async def command(database_url: str, api_url: str) -> AsyncIterator[Command]:
    return Command(database_url, api_url)


def administers(chat: updates.Json = SUPERGROUP) -> updates.Json:
    return updates.my_chat_member("left", "administrator", chat, date=ago(MONTH))


def people(count: int) -> list[updates.Json]:
    return [{"id": n, "is_bot": False, "first_name": f"P{n}"} for n in range(1, count + 1)]


async def test_reconcile_confirms_who_is_there_and_ends_whom_telegram_says_gone(
    command: Command, api: BotApi
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
    told = [(ANN | {"first_name": "Anna"}, "member"), (BOB, "left"), (left, "left"),
            (kicked, "kicked"), (muted, "restricted"), (out, "restricted-"),
            ({"id": deleted["id"], "is_bot": False, "first_name": ""}, "left"),
            (owner, "creator")]  # fmt: skip
    api.members = {(GO, p["id"]): updates.member(p, status) for p, status in told}
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
    command: Command, api: BotApi
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
    api.members = {(GO, i): updates.member(p, "member") for i, p in everybody.items()}

    assert await command.counts() == (5, 0, 0)
    assert sorted(asked(api)) == sorted([ANN_ID, CID_ID, one["id"], two["id"], three["id"]])

    api.calls.clear()
    assert await command.counts("--older-than", "0") == (6, 0, 0)
    assert sorted(asked(api)) == sorted(everybody.keys() - {gone["id"]})


async def test_reconcile_asks_only_where_the_bot_is_administrator_and_only_in_the_chat_named(
    command: Command, api: BotApi
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
    api.members = {(chat["id"], BOB_ID): updates.member(BOB, "member") for chat in chats}

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
    assert api.calls == []


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
    assert api.calls == []


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)  # the database is not the question
async def test_reconcile_waits_as_long_as_telegram_says_then_asks_the_same_again(
    command: Command, api: BotApi
) -> None:
    await _two_members(command, api)
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
    command: Command, api: BotApi
) -> None:
    await _two_members(command, api)
    assert (await command.run("--rate", "10")).returncode == 0
    times = [call.at for call in api.calls]
    assert len(times) == 4, "administrators, count, two members"
    assert all(later - earlier >= 0.09 for earlier, later in pairwise(times))


@pytest.mark.parametrize("disturbance", ["revoked", "killed"])
async def test_reconcile_that_was_stopped_goes_on_where_it_was(
    command: Command, api: BotApi, disturbance: str
) -> None:
    five = people(5)
    await command.record(
        administers(), *[updates.message(p, SUPERGROUP, date=ago(MONTH)) for p in five]
    )
    api.members = {(GO, p["id"]): updates.member(p, "member") for p in five}

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
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "userreg", "reconcile", "--rate", "1000",
        env=clean_environment() | command.settings, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip

    def kill(call: Call) -> None:
        if len(api.of("getChatMember")) == 4:
            process.kill()

    api.on_call = kill
    await asyncio.wait_for(process.wait(), 20)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)  # the database is not the question
async def test_reconcile_leaves_a_chat_that_is_closed_to_the_bot_and_goes_on_with_the_next(
    command: Command, api: BotApi
) -> None:
    """403 to a question is no leave of anybody: the bot has lost sight of the chat."""
    await command.record(
        administers(CHANNEL), administers(SUPERGROUP),
        updates.message(ANN, SUPERGROUP, date=ago(MONTH)),
        updates.chat_member(BOB, "left", "member", CHANNEL, date=ago(MONTH)),
        updates.chat_member(CID, "left", "member", CHANNEL, date=ago(MONTH)),
    )  # fmt: skip
    api.members[GO, ANN_ID] = updates.member(ANN, "member")

    def close_when_counted(call: Call) -> None:
        if call.method == "getChatMemberCount":
            api.refused[NEWS] = "bot was kicked from the channel chat"

    api.on_call = close_when_counted
    assert await command.counts() == (1, 0, 0)

    assert asked(api) == [BOB_ID, ANN_ID]
    async with command.opened():
        closed = await row(Chat, id=NEWS)
        assert (closed["bot_status"], closed["bot_is_member"]) == ("kicked", False)
        assert [r["is_member"] for r in await rows(Membership, chat_id=NEWS)] == [True, True]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)  # the database is not the question
async def test_reconcile_leaves_a_group_that_turns_out_to_have_moved(
    command: Command, api: BotApi
) -> None:
    """What Telegram would answer for the new chat is no answer for the old one."""
    await command.record(
        administers(GROUP),
        *[updates.chat_member(p, "left", "member", GROUP, date=ago(MONTH)) for p in (ANN, BOB)],
    )
    api.members = {(GO, p["id"]): updates.member(p, "left") for p in (ANN, BOB)}

    def move_when_counted(call: Call) -> None:
        if call.method == "getChatMemberCount":
            api.moved[GROUP["id"]] = GO

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
    command: Command, api: BotApi
) -> None:
    await _two_members(command, api)
    api.members[GO, ANN_ID] = {"status": "astronaut", "user": ANN}
    assert await command.counts() == (1, 0, 1)
    async with command.opened():
        assert (await row(Membership, user_id=ANN_ID))["status"] is None


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_reconcile_without_telegram_or_its_token_is_one_sentence_and_its_exit_code(
    command: Command, api: BotApi
) -> None:
    await _two_members(command, api)
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


async def _two_members(command: Command, api: BotApi) -> None:
    """Ann and Bob, seen a month ago, and members as Telegram knows."""
    seen = [updates.message(person, SUPERGROUP, date=ago(MONTH)) for person in (ANN, BOB)]
    await command.record(administers(), *seen)
    api.members = {(GO, p["id"]): updates.member(p, "member") for p in (ANN, BOB)}
