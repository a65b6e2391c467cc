"""What happens by chance, step by step, and the update that each step makes."""

import time
from typing import NamedTuple

from hypothesis import strategies as st

from tests import updates
from tests.updates import ANN, BOB, GROUP, SUPERGROUP, Json

PEOPLE = (ANN, BOB, {"id": 9, "is_bot": True, "first_name": "Helper"})
CHATS = (GROUP, SUPERGROUP)
STATUSES = ("creator", "administrator", "member", "restricted", "restricted-", "left", "kicked")


class Step(NamedTuple):
    """What happens, to whom, where, what it was and is then, and how many hours ago."""

    what: str
    person: Json
    chat: Json
    old: str
    new: str
    hours: int


KINDS = ("writes", "writes", "told", "told", "announced", "bot", "bot", "private", "moves",
         "profile", "forget")  # fmt: skip
#: Few, so that much falls on one day.
HOURS = (0, 1, 2, 3, 24, 25, 26, 48, 24 * 29, 24 * 33)
steps = st.lists(
    st.builds(
        Step, st.sampled_from(KINDS), st.sampled_from(PEOPLE), st.sampled_from(CHATS),
        st.sampled_from(STATUSES), st.sampled_from(STATUSES), st.sampled_from(HOURS),
    ),
    min_size=1, max_size=40,
)  # fmt: skip


def as_update(step: Step) -> Json:
    what, person, chat, old, new, hours = step
    at = {"date": int(time.time()) - hours * 3600}
    match what:
        case "told":
            return updates.chat_member(person, old, new, chat, **at)
        case "announced":
            gone = {"left_chat_member": person} if new == "left" else {"new_chat_members": [person]}
            return updates.message(person, chat, text="", **gone, **at)
        case "bot":
            return updates.my_chat_member(old, new, chat, **at)
        case "moves":
            return updates.message(ANN, GROUP, text="", migrate_to_chat_id=SUPERGROUP["id"], **at)
        case "profile":  # nobody knows why, but it is told: a person is a bot, or the other way
            return updates.message(person | {"is_bot": new == "kicked"}, chat, **at)
        case "private":
            return updates.message(person, **at)
    return updates.message(person, chat, **at)
