"""The town of the demo: as large and as strange as promised, and the registry of it is true."""

from collections import Counter
from random import Random

import aiogram.types
import pytest

from tests.proof import Delivery, compare, expected, judge_by_the_truth
from tests.proof.rows import read
from tests.proof.writing import deliver
from tests.proof.writing import writers_fixture as writers_fixture
from userreg.decode import decode_update
from userreg.models import DeadLetter
from userreg.registry import Registry
from userreg.sandbox.outbox import MAX_BYTES, serialize
from userreg.sandbox.world import BOT_ID, Chat, Update, World
from userreg.sandbox.world.chats import ADMINISTRATOR, CREATOR, KICKED, LEFT, MEMBER
from userreg.sandbox.world.people import DELETED
from userreg.sandbox.world.proofs import Acted, BotTold, Migrated, Sighted, Told, Wrote
from userreg.sandbox.world.town import build_town
from userreg.sandbox.world.town_life import place_of, something_happens
from userreg.sandbox.world.town_names import ANN_ID, HOSTILE, PEOPLE, PLACES, TONGUES
from userreg.sandbox.world.world import DAY

NOW = 1_790_000_000
SEEDS = (1, 2, 3)
#: What messages bring, and which statuses follow which.
_SAID = {
    "new_chat_members", "left_chat_member", "new_chat_title", "reply_to_message",
    "migrate_to_chat_id", "message_thread_id", "forward_origin", "sender_chat",
}  # fmt: skip
_TURNS = {
    "left member", "member left", "member restricted", "restricted member", "member kicked",
    "kicked left", "member administrator", "administrator member",
}  # fmt: skip


@pytest.fixture(scope="module")
def town() -> World:
    return build_town(1, NOW)


def public(world: World) -> list[Chat]:
    return [c for c in world.chats.values() if c.type != "private" and not c.migrated_to_id]


def kind(update: Update) -> str:
    return next(name for name in update.body if name != "update_id")


def proofs(world: World, *kinds: type) -> list[object]:
    return [p for update in world.updates for p in update.proofs if isinstance(p, kinds)]


def test_the_same_seed_makes_the_same_town() -> None:
    told = [[serialize(u) for u in build_town(seed, NOW).updates] for seed in (5, 5, 6)]
    assert told[0] == told[1] != told[2]


@pytest.mark.parametrize("seed", SEEDS)
def test_so_much_happens_until_now(seed: int) -> None:
    world = build_town(seed, NOW)
    assert world.now == NOW
    assert 5000 <= len(world.updates) <= 6500
    assert not world.touched
    ids = [u.update_id for u in world.updates]
    assert ids == list(range(ids[0], ids[0] + len(ids)))
    times = [u.at for u in world.updates]
    assert times == sorted(times)
    assert NOW - 60 * DAY <= times[0] <= NOW - 58 * DAY
    assert NOW - DAY / 2 <= times[-1] <= NOW


def test_a_younger_town() -> None:
    assert build_town(1, NOW, days=1).updates[0].at >= NOW - DAY


# Who is there


def test_people(town: World) -> None:
    people = [p for p in town.people.values() if not p.profile.is_bot]
    assert len(people) == PEOPLE == 400
    assert len(town.others()) == PEOPLE + 2
    assert set(TONGUES) == {"en", "uk", "ru", "es", "ar"}
    languages = Counter(p.language_code for p in people)
    assert languages.keys() == {None, *TONGUES}
    assert min(languages.values()) >= 25
    assert 200 <= sum(p.profile.username is not None for p in people) <= 280
    assert any(p.profile.is_premium for p in people)
    ids = sorted(p.id for p in people)
    assert ids[0] < 1000 < 5_100_000_000 < ids[100]
    assert sum(p.is_deleted for p in people) == 1


def test_usernames_have_one_owner(town: World) -> None:
    owners = [p.profile.username.lower() for p in town.people.values() if p.profile.username]
    owners += [c.username.lower() for c in town.chats.values() if c.username]
    assert len(set(owners)) == len(owners)


def test_hostile_names_are_seen(town: World) -> None:
    seen = {p.profile.first_name for p in proofs(town, Sighted) if p.profile}
    assert len(HOSTILE) == 12
    assert len({first for first, _ in HOSTILE} & seen) >= 9


def test_ann_can_show_everything(town: World) -> None:
    """The visitor begins in her place: she owns a group and bans, adds the bot, migrates."""
    ann = next(iter(town.people.values()))
    assert (ann.id, ann.profile.first_name, ann.profile.username) == (ANN_ID, "Ann", "ann_a")
    assert town.chats[ANN_ID].status_of(BOT_ID) == MEMBER
    mine = Counter(c.status_of(ANN_ID) for c in public(town))
    assert mine == {CREATOR: 2, ADMINISTRATOR: 1, MEMBER: 2, LEFT: 7}
    owned = [(c.type, c.hears) for c in public(town) if c.status_of(ANN_ID) == CREATOR]
    assert owned == [("group", True), ("supergroup", False)]


def test_the_bot_is_started_and_blocked(town: World) -> None:
    private = [c.status_of(BOT_ID) for c in town.chats.values() if c.type == "private"]
    assert PEOPLE * 0.3 <= len(private) - private.count(LEFT) <= PEOPLE * 0.4
    assert private.count(KICKED) == 5


# Where


def test_chats(town: World) -> None:
    chats = public(town)
    assert len(chats) == 12
    assert Counter(c.type for c in chats) == {"supergroup": 9, "group": 2, "channel": 1}
    forums = [c for c in chats if c.topics]
    assert [len(c.topics) for c in forums] == [5, 4]
    bot = Counter(c.status_of(BOT_ID) for c in chats)
    assert bot == {ADMINISTRATOR: 9, MEMBER: 2, LEFT: 1}
    assert any("<b>" in (c.title or "") and "&" in (c.title or "") for c in chats)
    assert sum(c.username is not None for c in chats) >= 3
    assert max(c.unheard_members for c in chats) == 1400
    assert not town.reads_everything


def test_everybody_is_somewhere_and_each_chat_has_a_fresh_history(town: World) -> None:
    members = {id_ for c in public(town) for id_, s in c.statuses.items() if s.is_member}
    assert len(members) > PEOPLE * 0.9
    for chat in public(town):
        assert len(chat.log) >= 50, chat.title
        assert chat.log[-1].date >= NOW - 30 * 3600, chat.title
        assert [m.date for m in chat.log] == sorted(m.date for m in chat.log)


def test_few_say_most_and_sleep_at_night(town: World) -> None:
    dates = [u.at for u in town.updates if kind(u) == "message"]
    hours = Counter(at % DAY // 3600 for at in dates)
    assert sum(hours[hour] for hour in (18, 19, 20, 21)) > 20 * sum(hours[h] for h in (2, 3, 4, 5))
    wrote = Counter(p.user_id for p in proofs(town, Wrote))
    assert sum(count for _, count in wrote.most_common(20)) > sum(wrote.values()) / 4
    assert len(wrote) > PEOPLE / 2


# What happens


@pytest.mark.parametrize("seed", SEEDS)
def test_every_kind_of_event_occurs(seed: int) -> None:
    world = build_town(seed, NOW)
    assert {kind(u) for u in world.updates} == {
        "message", "edited_message", "channel_post", "my_chat_member", "chat_member",
        "chat_join_request", "message_reaction",
    }  # fmt: skip
    said = Counter(name for u in world.updates for name in u.body.get("message", {}))
    assert said.keys() >= _SAID
    assert len(proofs(world, Migrated)) == 2
    told = [t for t in proofs(world, Told) if t.evidence == "confirmed" and t.user_id != BOT_ID]
    assert {f"{t.old.name} {t.new.name}" for t in told if t.old} >= _TURNS
    assert any(t.invite_link for t in told)
    assert any(t.via_join_request for t in told)
    assert any(t.actor_id is None for t in told)
    assert {LEFT, ADMINISTRATOR, KICKED} <= {p.new for p in proofs(world, BotTold)}
    assert any(p.profile == DELETED for p in proofs(world, Sighted))
    assert _moved_usernames(world) >= 2


def _moved_usernames(world: World) -> int:
    owners: dict[str, set[int]] = {}
    for sighted in proofs(world, Sighted):
        if sighted.profile and sighted.profile.username:
            owners.setdefault(sighted.profile.username, set()).add(sighted.user_id)
    return sum(len(ids) > 1 for ids in owners.values())


# Is it true?


def test_all_updates_are_telegrams(town: World) -> None:
    for update in town.updates:
        raw = serialize(update)
        assert len(raw) <= MAX_BYTES
        assert decode_update(raw).update_id == update.update_id
    for update in town.updates[::7]:
        parsed = aiogram.types.Update.model_validate(update.body)
        assert parsed.event_type == kind(update)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_the_registry_of_the_town_is_true(writers: list[Registry]) -> None:
    world, random = build_town(4, NOW), Random(4)
    for _ in range(300):
        world.now += 3
        something_happens(world, random)
    deliveries = [Delivery(update, update.at) for update in world.updates]
    for first in range(0, len(deliveries), 500):
        await deliver(writers[:1], deliveries[first : first + 500], random)
    found = await read()
    compare(expected(deliveries, knows_the_bot=False), found)
    judge_by_the_truth(world, found)
    assert not await DeadLetter.exists()


# Life goes on


def test_something_happens_and_never_to_ann() -> None:
    world, random = build_town(1, NOW), Random(1)
    before = [c.status_of(ANN_ID) for c in public(world)]
    world.updates = []
    for _ in range(3000):
        world.now += 3
        something_happens(world, random)
    assert len(world.updates) > 2000
    assert len({kind(u) for u in world.updates}) >= 5
    assert before == [c.status_of(ANN_ID) for c in public(world)]
    assert ANN_ID not in {p.user_id for p in proofs(world, Acted, Wrote)}


def test_life_goes_on_whatever_a_visitor_did() -> None:
    """Everybody but Ann is out, or deleted, or the bot is nowhere: nothing fails."""
    world, random = build_town(1, NOW), Random(1)
    for number, chat in enumerate(public(world)):
        for user_id in [*chat.statuses, BOT_ID]:
            if user_id != ANN_ID and number % 2:
                world.set_status(chat, world.people[user_id], LEFT)
    for person in world.active()[1::2]:
        world.set_profile(person, DELETED)
    for _ in range(2000):
        world.now += 3
        something_happens(world, random)


def test_a_supergroup_is_the_place_that_it_was_as_a_group(town: World) -> None:
    moved = next(c for c in town.chats.values() if c.migrated_to_id)
    assert place_of(town, town.chats[moved.migrated_to_id or 0]) is PLACES[moved.id]
