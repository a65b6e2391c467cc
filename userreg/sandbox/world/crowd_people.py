"""Who there is in a crowd: people of all tongues, and the chats that they have with each other.

All of it follows from numbers. Who is never looked at is never made, so a crowd may be large.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any, Final, TypeVar

from .chats import ADMINISTRATOR, CREATOR, KICKED, LEFT, MEMBER, MUTED, Chat, Status
from .people import BOT_ID, Person, Profile

#: Each seed has so many ids of its own, for people and for chats.
MAX_PEOPLE, MAX_CHATS = 1_000_000, 100_000
#: Telegram lets no more into a chat.
MAX_MEMBERS: Final = 200_000
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


_T = TypeVar("_T")


class Drawn(dict[int, _T]):
    """Things by number, each of them made when it is first asked for."""

    def __init__(self, draw: Callable[[int], _T]) -> None:
        super().__init__()
        self._draw = draw

    def __missing__(self, number: int) -> _T:
        self[number] = drawn = self._draw(number)
        return drawn


class Roster(Sequence[int]):
    """The numbers of those who are or could be in a chat, rising: those first who talk most.

    The older an account, the more it says and the more chats it is in: so everywhere the same few
    say most. No two are the same: from one to the next it is one, and more the further down.
    """

    def __init__(self, people: int, chat: int) -> None:
        self._size = _size(people, chat)
        self._others = people - self._size
        self.shift = chat * 618_034 % 1_000_000 / 1_000_000

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, rank: Any) -> Any:
        if not 0 <= rank < self._size:
            raise IndexError(rank)
        part = (rank + self.shift) / self._size
        return rank + int(self._others * (part * sqrt(part)))


@dataclass(eq=False)
class RoomChat(Chat):
    """A chat where everybody has a status to begin with, before anything happens."""

    number: int = 0

    def status_of(self, user_id: int) -> Status:
        return self.statuses.get(user_id) or self._first_status(user_id)

    def _first_status(self, user_id: int) -> Status:
        chance = hash((self.number, user_id)) % 100  # of numbers it is the same everywhere
        if chance < 94 or self.type == "group":
            return MEMBER if chance < 78 else LEFT
        return MUTED if chance < 97 else KICKED


@dataclass(frozen=True)
class Room:
    """A chat, and who is or could be in it."""

    chat: RoomChat
    roster: Roster
    owner: Person


def draw_people(seed: int) -> Drawn[Person]:
    """By number, those first who do most."""
    return Drawn(lambda number: _person(seed, number))


def first_person_id(seed: int) -> int:
    """The id of number 0; those of the others follow."""
    return _FIRST_PERSON + seed % _SEEDS * MAX_PEOPLE


def _person(seed: int, number: int) -> Person:
    id_, chance = first_person_id(seed) + number, hash((seed, number)) % 2**60
    profile = Profile(
        _FIRST_NAMES[chance % 16], _LAST_NAMES[chance // 16 % 10],
        f"user_{id_}" if chance // 160 % 10 < 6 else None, is_premium=chance // 1600 % 10 == 0,
    )  # fmt: skip
    return Person(id_, profile, _LANGUAGES[chance // 16_000 % 9])


def _size(people: int, number: int) -> int:
    """Many are small, and where there are very many people, also those of which much is said."""
    small = 2 + number * 31 % max(people // 7_500, 7)
    return min(people, MAX_MEMBERS, max(people // (2 * number + 2), small))


def draw_room(seed: int, everybody: Drawn[Person], people: int, number: int) -> Room:
    """A chat of the first so many people, those first where most happens. One in five is a basic
    group, which has no list of the muted and the banned."""
    is_group, roster = number % 5 == 4, Roster(people, number)
    first_id = _FIRST_GROUP if is_group else _FIRST_SUPERGROUP
    owner = everybody[roster[number * 7 % len(roster)]]
    chat = RoomChat(
        first_id - seed % _SEEDS * MAX_CHATS - number, "group" if is_group else "supergroup",
        f"Room {number}", None if is_group or number % 3 else f"room_{seed % _SEEDS}_{number}",
        {owner.id: CREATOR, BOT_ID: ADMINISTRATOR}, number=number,
    )  # fmt: skip
    return Room(chat, roster, owner)
