"""Who there is in a crowd: people of all tongues, and the chats that they have with each other."""

from dataclasses import dataclass
from random import Random
from typing import Final

from .chats import ADMINISTRATOR, CREATOR, KICKED, LEFT, MEMBER, MUTED, Chat
from .people import BOT_ID, Person, Profile

#: Each seed has so many ids of its own, for people and for chats.
MAX_PEOPLE, MAX_CHATS = 1_000_000, 10_000
_SEEDS: Final = 90_000
_FIRST_PERSON, _FIRST_GROUP, _FIRST_SUPERGROUP = 10**10, -5 * 10**9, -1_003_000_000_000

_FIRST_NAMES: Final = (
    "Ada", "Борис", "Chloé", "Дарина", "Emre", "فاطمة", "Grace", "花子", "Ivan", "José", "Kim",
    "Łukasz", "M", "Noor 🌙", "<b>Olga</b>", "Đức",
)  # fmt: skip
_LAST_NAMES: Final = (
    None, None, None, "Smith", "Коваленко", "García Márquez", "O'Neil", "& Sons", "王", "Öztürk",
)  # fmt: skip
_LANGUAGES: Final = (None, "en", "en", "uk", "ru", "es", "ar", "pt-br", "de")


@dataclass(frozen=True)
class Room:
    """A chat, and whoever is or could be in it, those first who talk most."""

    chat: Chat
    roster: list[Person]
    owner: Person


def draw_crowd(
    random: Random, seed: int, people: int, chats: int
) -> tuple[list[Person], list[Room]]:
    """People and chats, both with those first where most happens."""
    everybody = [_person(random, seed, n) for n in range(people)]
    # The older an account, the more it says: so everywhere the same few say most.
    rosters = [sorted(random.sample(range(people), _size(people, n))) for n in range(chats)]
    rooms = [_room(random, seed, n, [everybody[i] for i in r]) for n, r in enumerate(rosters)]
    return everybody, rooms


def _person(random: Random, seed: int, number: int) -> Person:
    id_ = _FIRST_PERSON + seed % _SEEDS * MAX_PEOPLE + number
    profile = Profile(
        random.choice(_FIRST_NAMES), random.choice(_LAST_NAMES),
        f"user_{id_}" if random.random() < 0.6 else None, is_premium=random.random() < 0.1,
    )  # fmt: skip
    return Person(id_, profile, random.choice(_LANGUAGES))


def _size(people: int, number: int) -> int:
    return min(people, max(people // (2 * number + 2), 8))


def _room(random: Random, seed: int, number: int, roster: list[Person]) -> Room:
    """One in five is a basic group, which has no list of the muted and the banned."""
    is_group = number % 5 == 4
    first_id = _FIRST_GROUP if is_group else _FIRST_SUPERGROUP
    kinds = (MEMBER, LEFT) if is_group else (MEMBER, LEFT, MUTED, KICKED)
    found = random.choices(kinds, (76, 18, 3, 3)[: len(kinds)], k=len(roster))
    statuses = {p.id: s for p, s in zip(roster, found, strict=True) if s != LEFT}
    owner = random.choice(roster)
    statuses |= {owner.id: CREATOR, BOT_ID: ADMINISTRATOR}
    chat = Chat(
        first_id - seed % _SEEDS * MAX_CHATS - number, "group" if is_group else "supergroup",
        f"Room {number}", None if is_group or number % 3 else f"room_{seed % _SEEDS}_{number}",
        statuses,
    )  # fmt: skip
    return Room(chat, roster, owner)
