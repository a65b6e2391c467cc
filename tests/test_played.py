"""The truth, played: what people do in the local Telegram, delivered by it over HTTP to the bot.

Each scenario is delivered as it comes, twice, and with its queues overtaking each other; the
registry has to hold what the updates prove, and nothing that was never so.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import datetime, tzinfo
from random import Random
from typing import Any

import pytest
from aiohttp.test_utils import TestServer

from tests.proof import Delivery, compare, expected, judge_by_the_truth
from tests.proof.rows import empty, read
from tests.running import SECRET
from userreg import registry
from userreg.app import SERVER_OPTIONS, create_app
from userreg.bot.client import ALLOWED_UPDATES
from userreg.config import Settings
from userreg.database_url import parse_database_url
from userreg.models import DeadLetter
from userreg.sandbox.api import BotApi
from userreg.sandbox.clock import Clock
from userreg.sandbox.delivery import Webhook
from userreg.sandbox.errors import BadRequest
from userreg.sandbox.outbox import Outbox
from userreg.sandbox.telegram import LocalTelegram
from userreg.sandbox.world import ACTIONS, Chat, Person, Profile, Update, World
from userreg.sandbox.world.bot_life import add_bot, change, migrate, remove_bot
from userreg.sandbox.world.chats import (
    ADMINISTRATOR,
    CREATOR,
    KICKED,
    LEFT,
    MEMBER,
    MUTED,
    MUTED_OUT,
)
from userreg.sandbox.world.members import add, ban, join, leave
from userreg.sandbox.world.members import change as change_member
from userreg.sandbox.world.talk import edit, reply, write

HISTORIES = 25


class HastyClock(Clock):
    """Its time goes on with the story alone; it waits a hundred times as fast as others."""

    def __init__(self, now: int) -> None:
        self.now = now

    def time(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / 100)


class RememberedOutbox(Outbox):
    """What was ever put into it."""

    def __init__(self) -> None:
        super().__init__()
        self.known: list[Update] = []

    def put(self, updates: Iterable[Update]) -> None:
        updates = list(updates)
        self.known += updates
        super().put(updates)


class Stage:
    """A Telegram with a few people in it, and what becomes of what they do."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.clock = HastyClock(world.now)
        self.telegram = LocalTelegram(world, clock=self.clock)
        self.telegram.webhook.allowed_updates = ALLOWED_UPDATES
        self.telegram.outbox = self.outbox = RememberedOutbox()
        self.ann, self.bob, self.cid, self.dee = (
            world.people[id_] for id_ in (101, 102, 5_000_000_103, 104)
        )
        self.group, self.go = world.chats[-100], world.chats[-1001000000001]

    def do(self, deed: Callable[..., Any], *args: Any, **more: Any) -> Any:
        """Ten seconds later, something happens."""
        self.clock.now += 10
        return self.telegram.do(deed, *args, **more)

    def rename(self, person: Person, **names: str | None) -> None:
        profile = replace(person.profile, **names)
        self.do(lambda world: world.set_profile(person, profile))


# The stage is set


class StoryTime(datetime):
    """The bot's clock shows the story's time: what is undated is placed by its reception."""

    clock: Clock

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:
        return datetime.fromtimestamp(cls.clock.time(), tz)


Perform = Callable[[Stage], Awaitable[None]]


@pytest.fixture
async def perform(
    settings: Settings, api: BotApi, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Perform]:
    """Delivers what has happened on a stage to a real bot, into an empty registry; judges it."""
    # What the bot asks and says would prove more than the story tells.
    for method in ("getChatAdministrators", "getChatMemberCount", "sendMessage"):
        api.failures[method] = BadRequest("not in this play")
    monkeypatch.setattr(registry, "datetime", StoryTime)
    server = TestServer(create_app(settings))
    await server.start_server(**SERVER_OPTIONS)
    webhook = Webhook(str(server.make_url("/webhook")), SECRET, 100, ALLOWED_UPDATES)

    async def perform(stage: Stage) -> None:
        StoryTime.clock = stage.clock
        await empty(parse_database_url(settings.database))
        stage.telegram.set_webhook(webhook)
        with stage.telegram.events.subscribed() as mailbox:
            async with asyncio.timeout(30), stage.telegram.running():
                await stage.telegram.wait_until_delivered()
            statuses = [e["status"] for e in mailbox.all() if e["type"] == "delivery"]
        assert set(statuses) <= {200}
        await judge(stage)

    yield perform
    await server.close()


async def judge(stage: Stage) -> None:
    lost = {update.update_id for update in stage.outbox.lost}
    told = [update for update in stage.outbox.known if update.update_id not in lost]
    found = await read()
    compare(expected([Delivery(u, int(stage.clock.now)) for u in told], knows_the_bot=False), found)
    judge_by_the_truth(stage.world, found)
    assert not await DeadLetter.exists()


# The plays


def a_muted_member_leaves_and_comes_back(stage: Stage) -> None:
    stage.do(change_member, stage.go, stage.ann, MUTED, stage.bob)
    stage.do(leave, stage.go, stage.ann)
    assert stage.go.status_of(stage.ann.id) == MUTED_OUT
    stage.do(join, stage.go, stage.ann)
    stage.do(change_member, stage.go, stage.ann, MEMBER, stage.bob)


def the_one_who_is_banned_has_left_not_the_one_who_did_it(stage: Stage) -> None:
    stage.do(ban, stage.go, stage.ann, stage.bob)
    stage.do(change_member, stage.go, stage.ann, LEFT, stage.bob)
    stage.do(join, stage.go, stage.ann, is_announced_first=True)


def a_stranger_is_banned_and_forgiven(stage: Stage) -> None:
    stage.do(ban, stage.go, stage.cid, stage.bob)
    assert stage.go.status_of(stage.cid.id) == KICKED
    stage.do(change_member, stage.go, stage.cid, LEFT, stage.bob)


def somebody_is_promoted_and_demoted_by_an_anonymous_administrator(stage: Stage) -> None:
    stage.do(change_member, stage.go, stage.ann, ADMINISTRATOR, None)
    stage.do(change_member, stage.go, stage.ann, MEMBER, None)


def two_are_added_at_once(stage: Stage) -> None:
    stage.do(add, stage.go, stage.bob, [stage.cid, stage.world.people[105]])


def a_username_changes_hands(stage: Stage) -> None:
    stage.do(write, stage.go, stage.ann)
    stage.rename(stage.ann, username=None)
    stage.rename(stage.bob, username="Ann_A")
    stage.do(write, stage.go, stage.bob)
    stage.do(write, stage.world.chats[stage.ann.id], stage.ann)


def an_account_is_deleted_and_still_answered(stage: Stage) -> None:
    said = stage.do(write, stage.go, stage.ann)
    stage.do(lambda world: world.set_profile(stage.ann, Profile("")))
    stage.do(reply, stage.bob, said)


def an_edit_comes_after_its_author_has_left(stage: Stage) -> None:
    said = stage.do(write, stage.go, stage.ann)
    stage.do(leave, stage.go, stage.ann)
    stage.do(edit, said, "better")


def the_bot_goes_and_comes_back(stage: Stage) -> None:
    stage.do(write, stage.go, stage.ann)
    stage.do(remove_bot, stage.go, stage.bob, KICKED)
    stage.do(leave, stage.go, stage.ann)
    stage.do(add_bot, stage.go, stage.bob, ADMINISTRATOR)
    stage.do(join, stage.go, stage.ann)


def a_mere_member_is_told_of_few(stage: Stage) -> None:
    stage.world.reads_everything = False
    stage.do(change, stage.go, stage.bob, MEMBER)
    stage.do(ban, stage.go, stage.ann, stage.bob)
    stage.do(write, stage.go, stage.bob, "nobody hears this")
    stage.do(write, stage.go, stage.bob, "/me")


def a_group_becomes_a_supergroup(stage: Stage) -> None:
    stage.do(write, stage.group, stage.ann)
    stage.do(leave, stage.group, stage.cid)
    new: Chat = stage.do(migrate, stage.group, stage.ann, is_told_backwards=True)
    assert new.status_of(stage.ann.id) == CREATOR
    stage.do(write, new, stage.bob)
    stage.do(ban, new, stage.bob, stage.ann)


def the_bot_is_blocked_and_unblocked(stage: Stage) -> None:
    private = stage.world.chats[stage.ann.id]
    stage.do(write, private, stage.ann)
    stage.do(change, private, stage.ann, KICKED)
    stage.do(change, private, stage.ann, MEMBER)


PLAYS: list[Callable[[Stage], None]] = [
    a_muted_member_leaves_and_comes_back,
    the_one_who_is_banned_has_left_not_the_one_who_did_it,
    a_stranger_is_banned_and_forgiven,
    somebody_is_promoted_and_demoted_by_an_anonymous_administrator,
    two_are_added_at_once,
    a_username_changes_hands,
    an_account_is_deleted_and_still_answered,
    an_edit_comes_after_its_author_has_left,
    the_bot_goes_and_comes_back,
    a_mere_member_is_told_of_few,
    a_group_becomes_a_supergroup,
    the_bot_is_blocked_and_unblocked,
]


@pytest.mark.parametrize("switch", ["as it comes", "twice", "out_of_order"])
async def test_what_was_played_is_what_the_registry_holds(perform: Perform, switch: str) -> None:
    for play in PLAYS:
        stage = Stage(World())
        if switch != "as it comes":
            setattr(stage.telegram.switches, switch, True)
        play(stage)
        assert stage.outbox.known, play.__name__
        try:
            await perform(stage)
        except AssertionError as error:
            raise AssertionError(f"{play.__name__}: {error}") from error


@pytest.mark.parametrize("switch", ["twice", "out_of_order"])
async def test_so_it_is_after_any_history(perform: Perform, switch: str) -> None:
    for seed in range(HISTORIES):
        random = Random(seed)
        stage = Stage(World())
        setattr(stage.telegram.switches, switch, True)
        for _ in range(40):
            stage.clock.now += random.choice((0, 1, 2, 10, 60))
            stage.telegram.do(_live, random.randrange(len(ACTIONS)), random.getrandbits(24))
        await perform(stage)


def _live(world: World, action: int, number: int) -> None:
    world.happen(ACTIONS[action], number, 0)
