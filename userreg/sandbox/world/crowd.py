"""An endless stream of updates, as a large crowd makes it: few people and chats make most of it.

Statuses are kept right and time goes on; nothing else of the past is kept, so that it may last.
"""

from bisect import bisect
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from itertools import accumulate
from random import Random
from typing import Any, Final

from . import members, signals, talk
from .chats import CREATOR, KICKED, LEFT, MEMBER, MUTED, MUTED_OUT, Chat, Message, Status
from .crowd_people import (
    MAX_CHATS,
    MAX_PEOPLE,
    Drawn,
    Room,
    draw_people,
    draw_room,
    first_person_id,
)
from .history import History, Log
from .people import BOT_ID, Json, Person, Profile
from .proofs import Update
from .world import World

#: Updates in a second of the crowd's time. Where they are sent faster, their dates stay behind.
PACE: Final = 2_000
#: How many are looked at, at most, until one is found who can do something.
_TRIES: Final = 30
_TEXTS: Final = (
    "ok", "+1", "thanks!", "👍👍", "where are you?", "see you at seven",
    "Хто завтра зможе прийти раніше?", "да, конечно", "¿Alguien tiene las llaves del local?",
    "look at https://example.org/schedule?week=32 before you come",
    "I have been thinking about it the whole day, and I still believe that we should ask first.",
    "#plan for the weekend: meet at the station, walk to the lake, be back before it rains 🌧",
)  # fmt: skip
#: The share of updates that are pressed buttons, where as many or more talk to the bot.
_BUTTONS: Final = 0.03
_COMMANDS: Final = ("/me", "/whereami", "/stats", "/seen")
_BUTTON: Final[Json] = {"inline_keyboard": [[{"text": "More", "callback_data": "more"}]]}


def stream(
    seed: int, *, people: int = 10_000, chats: int = 300, talking: float = _BUTTONS, day: int = 0,
    now: int, first_update_id: int, pace: int = PACE,
) -> Iterator[Update]:  # fmt: skip
    """The same arguments make the same updates; other seeds have other people and chats, and on
    another `day` the same do something else.

    `talking` is the share that wants something of the bot: three in a hundred press buttons, all
    others of them send commands.
    """
    if not (1 < people <= MAX_PEOPLE and 0 < chats <= MAX_CHATS and 0 <= talking <= 1 and pace > 0):
        raise ValueError("no crowd is like that")
    random = Random(hash((seed, day)))  # noqa: S311  no secrets
    everybody = draw_people(seed)
    world = _world(everybody, first_person_id(seed), now, first_update_id)
    draw = partial(draw_room, seed, everybody, people)
    return _Crowd(random, world, (people, chats), everybody, draw, talking).live(pace)


def _world(people: Drawn[Person], first_id: int, now: int, first_update_id: int) -> World:
    """Everybody has started the bot before."""
    bot = Person(BOT_ID, Profile("Register", None, "register_bot", is_bot=True))
    world = World([bot], [], now=now, first_update_id=first_update_id)
    world.people = Drawn(lambda id_: people[id_ - first_id])
    world.chats = Drawn(
        lambda id_: Chat(id_, "private", statuses={BOT_ID: MEMBER}, log=deque(maxlen=2))
    )
    world.history = _Forgetting()
    return world


class _Nothing(Log[Any]):
    def add(self, at: int, key: object, value: object) -> None:
        """Forgotten."""


class _Forgetting(History):
    """For a world of whose past nobody asks for the truth."""

    def __init__(self) -> None:
        self.profiles = _Nothing()
        self.statuses = _Nothing()


class _Crowd:
    """Everybody does by chance what they can."""

    def __init__(
        self, random: Random, world: World, size: tuple[int, int], people: Drawn[Person],
        draw_room: Callable[[int], Room], talking: float,
    ) -> None:  # fmt: skip
        self._random, self._world, self._talking = random, world, talking
        self._size, self._people, self._draw_room = size, people, draw_room
        self._rooms = Drawn(self._open)
        #: Of each rank: the sum of 1/rank up to it.
        self._ranks = list(accumulate(1 / (n + 1) for n in range(max(size))))
        self._menus: dict[int, Message] = {}
        #: Service messages beside changes of memberships. They are room messages, too.
        self._announced = 0

    def live(self, pace: int) -> Iterator[Update]:
        """With every `pace` updates a second goes by. In 100 of them are so many of each."""
        world, begun, count = self._world, self._world.now, 0
        kinds = (self._say, self._say_in_private, self._come_or_go, self._correct)
        odds = list(accumulate((85, 5, 5, 2)))
        while True:
            world.now = begun + count // pace
            if self._random.random() < self._talking:
                self._talk()
            else:
                self._random.choices(kinds, cum_weights=odds)[0]()
            count += len(world.updates)
            yield from world.updates
            world.updates.clear()

    def _rank(self, count: int) -> int:
        """The first of `count` twice as often as the second, thrice as the third …"""
        return bisect(self._ranks, self._random.random() * self._ranks[count - 1], 0, count - 1)

    def _where(self) -> Room:
        return self._rooms[self._rank(self._size[1])]

    def _who(self, room: Room) -> Person:
        """Somebody who may speak here."""
        chat, roster = room.chat, room.roster
        for _ in range(_TRIES):
            person = self._people[roster[self._rank(len(roster))]]
            status = chat.status_of(person.id)
            if status.is_member and status is not MUTED:
                return person
        return room.owner

    def _open(self, number: int) -> Room:
        """With a message of the bot with a button, which stands there since before."""
        room, content = self._draw_room(number), {"text": "Registered.", "reply_markup": _BUTTON}
        self._menus[number] = self._world.remember(room.chat, self._world.bot, content)
        return room

    def _say(self) -> None:
        if self._announced:
            self._announced -= 1
            return
        room, text = self._where(), self._random.choice(_TEXTS)
        log = room.chat.log
        if log and self._random.random() < 0.15:
            talk.reply(self._world, self._who(room), self._lately(log), text)
        else:
            talk.write(self._world, room.chat, self._who(room), text)

    def _lately(self, log: deque[Message]) -> Message:
        return log[-1 - self._random.randrange(min(len(log), 20))]

    def _say_in_private(self) -> None:
        person = self._people[self._rank(self._size[0])]
        talk.write(self._world, self._world.chats[person.id], person, self._random.choice(_TEXTS))

    def _press(self) -> None:
        room = self._where()
        query_id = str(self._random.getrandbits(62))
        signals.press(self._world, self._who(room), self._menus[room.chat.number], "more", query_id)

    def _correct(self) -> None:
        for _ in range(_TRIES):
            log = self._where().chat.log
            message = self._lately(log)
            if message.author not in (None, self._world.bot) and not message.is_service:
                talk.edit(self._world, message, self._random.choice(_TEXTS))
                return

    def _talk(self) -> None:
        if self._random.random() * self._talking < _BUTTONS:
            self._press()
            return
        text, room = self._random.choice(_COMMANDS), self._where()
        person = self._who(room)
        if text == "/seen":
            other = self._who(room)
            text += f" @{other.profile.username}" if other.profile.username else f" {other.id}"
        chat = self._world.chats[person.id] if self._random.random() < 0.5 else room.chat
        talk.write(self._world, chat, person, text)

    # Who comes and goes

    def _come_or_go(self) -> None:
        """Anybody here or not: it is not those who talk most."""
        room = self._where()
        chat, person = room.chat, self._anybody(room)
        for _ in range(_TRIES):
            status = chat.status_of(person.id)
            # Who is there stays more often than not; so most are.
            if status is not CREATOR and (status is not MEMBER or self._random.random() < 0.4):
                break
            person = self._anybody(room)
        else:
            return
        before = len(self._world.updates)
        self._change(room, person, status)
        self._announced += len(self._world.updates) - before - 1

    def _anybody(self, room: Room) -> Person:
        return self._people[self._random.choice(room.roster)]

    def _change(self, room: Room, person: Person, status: Status) -> None:
        world, chat, owner, chance = self._world, room.chat, room.owner, self._random.random()
        if status in (LEFT, MUTED_OUT) and chance < 0.2:
            members.add(world, chat, owner, [person])
        elif status in (LEFT, MUTED_OUT):  # large chats do not announce everybody
            members.join(world, chat, person, is_announced=chat.type == "group" or chance < 0.6)
        elif status is KICKED:
            members.change(world, chat, person, LEFT, owner)
        elif status is MUTED and chance < 0.5:
            members.change(world, chat, person, MEMBER, owner)
        elif status is MEMBER and chance < 0.25 and chat.type != "group":
            members.change(world, chat, person, MUTED, owner)
        elif status is MEMBER and chance < 0.5:
            members.ban(world, chat, person, owner)
        else:
            members.leave(world, chat, person)
