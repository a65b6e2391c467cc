"""A load's updates: true ones, of a crowd as it is in large groups."""

from collections import Counter
from itertools import islice
from typing import Any

import pytest
from aiogram.types import Update as AiogramUpdate

from tests.loading import FIRST, NOW, crowd
from userreg.decode import decode_update
from userreg.sandbox.outbox import serialize
from userreg.sandbox.world import Update
from userreg.sandbox.world.crowd import stream
from userreg.sandbox.world.crowd_people import MAX_MEMBERS, Roster


def kind_of(update: Update) -> str:
    kind = next(name for name in update.body if name != "update_id")
    if kind == "message" and update.body[kind]["chat"]["type"] == "private":
        return "private"
    return kind


def test_a_seed_makes_the_same_updates_again() -> None:
    first, again = ([serialize(u) for u in crowd(3000, talking=0.1)] for _ in range(2))
    assert first == again


def test_another_seed_has_other_people_and_chats() -> None:
    one, other = ({u.queue for u in crowd(2000, seed)} for seed in (1, 2))
    assert not one & other


def test_on_another_day_the_same_crowd_does_something_else() -> None:
    one, other = crowd(2000), crowd(2000, day=1)
    assert [serialize(u) for u in one] != [serialize(u) for u in other]
    assert len({u.queue for u in one} & {u.queue for u in other}) > 20


def test_a_crowd_of_a_million_begins_to_speak_at_once_and_is_spread_over_its_chats() -> None:
    made = stream(1, people=1_000_000, chats=100_000, now=NOW, first_update_id=FIRST)
    messages = [u.body["message"] for u in islice(made, 2000) if kind_of(u) == "message"]
    assert len({m["chat"]["id"] for m in messages}) > 500
    assert len({m["from"]["id"] for m in messages}) > 1000


@pytest.mark.parametrize("number", [0, 7, 4_000, 99_999])
def test_nobody_is_on_a_roster_twice_and_all_are_of_the_crowd(number: int) -> None:
    roster = list(Roster(1_000_000, number))
    assert roster == sorted(set(roster))
    assert 0 <= roster[0] <= roster[-1] < 1_000_000
    assert 2 <= len(roster) <= MAX_MEMBERS


def test_each_update_id_is_there_once_and_time_goes_on() -> None:
    updates = crowd(3000, pace=1000)
    assert [update.update_id for update in updates] == list(range(FIRST, FIRST + 3000))
    assert [updates[n].at for n in (0, 1500, 2999)] == [NOW, NOW + 1, NOW + 2]


def test_most_is_said_in_groups_and_a_little_of_everything_happens() -> None:
    found = Counter(map(kind_of, crowd(8000)))
    expected = {
        "message": 0.85, "private": 0.05, "chat_member": 0.05, "callback_query": 0.03,
        "edited_message": 0.02,
    }  # fmt: skip
    assert found.keys() == expected.keys()
    for kind, share in expected.items():
        assert found[kind] / 8000 == pytest.approx(share, abs=0.015), kind


@pytest.mark.parametrize(
    ("talking", "pressing", "asking"), [(0, 0, 0), (0.02, 0.02, 0), (0.06, 0.03, 0.03)]
)
def test_of_those_who_talk_with_the_bot_few_press_buttons_and_the_others_send_commands(
    talking: float, pressing: float, asking: float
) -> None:
    updates = crowd(8000, talking=talking)
    commands = [u for u in updates if u.body.get("message", {}).get("text", "").startswith("/")]
    presses = sum("callback_query" in u.body for u in updates)
    assert presses / 8000 == pytest.approx(pressing, abs=0.005)
    assert len(commands) / 8000 == pytest.approx(asking, abs=0.005)
    words = {u.body["message"]["text"].split()[0] for u in commands}
    assert words == ({"/me", "/whereami", "/stats", "/seen"} if asking else set())


def test_few_chats_and_people_make_most_of_it() -> None:
    messages = [u.body["message"] for u in crowd(10_000) if kind_of(u) == "message"]
    for name, number, share in (("chat", 3, 0.4), ("from", 50, 0.5)):
        busiest = Counter(message[name]["id"] for message in messages).most_common(number)
        assert sum(count for _, count in busiest) > share * len(messages), name


def test_the_registry_and_aiogram_understand_every_update() -> None:
    for number, update in enumerate(crowd(4000, talking=0.1)):
        raw = serialize(update)
        assert decode_update(raw).update_id == update.update_id
        if number % 10 == 0:
            AiogramUpdate.model_validate_json(raw)


def test_statuses_are_right_at_any_time() -> None:
    """Each change begins where the last one ended, and nobody speaks who may not."""
    known: dict[tuple[int, int], dict[str, Any]] = {}
    changes = 0
    for update in crowd(12_000, talking=0.05):
        if change := update.body.get("chat_member"):
            key = change["chat"]["id"], change["new_chat_member"]["user"]["id"]
            assert known.get(key, change["old_chat_member"]) == change["old_chat_member"]
            known[key] = change["new_chat_member"]
            changes += 1
        elif (message := update.body.get("message")) and "text" in message:
            status = known.get((message["chat"]["id"], message["from"]["id"]))
            assert status is None or status["status"] in ("member", "creator")
    assert changes > 300
