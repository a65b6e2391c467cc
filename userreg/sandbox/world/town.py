"""A town with a past: `build_town` lives it day by day, and every update of it is true."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from operator import itemgetter
from random import Random
from typing import Final

from . import bot_life, members, talk, town_life
from .chats import ADMINISTRATOR, CREATOR, KICKED, LEFT, MEMBER, MUTED, Chat, Message, Status
from .people import DELETED, Person
from .town_life import Deed, chief, says, somebody
from .town_names import ANN_ID, CHOIR, HILLS, KITCHEN, PLACES, STAIR, Place, draw_chats, draw_people
from .world import DAY, World

#: So many people block the bot, and the first of them regret it.
_BLOCKERS: Final = 8
_REGRET: Final = 3
#: So much happens in an hour, compared with others: weekdays, and weekends.
_WEEKDAY: Final = (1, 1, 0, 0, 0, 1, 4, 8, 8, 6, 6, 7, 10, 8, 6, 6, 8, 12, 17, 21, 22, 17, 9, 3)
_WEEKEND: Final = (4, 3, 1, 0, 0, 0, 1, 3, 7, 12, 15, 16, 15, 13, 13, 14, 14, 15, 17, 18, 19, 17,
                   12, 7)  # fmt: skip
_HOUR: Final = 3600

Happening = Callable[[World, Random], object]
Calendar = list[tuple[int, Happening]]


def build_town(seed: int, now: int, days: int = 60) -> World:
    """The same seed and `now` make the same town, to the last byte of its updates."""
    random = Random(seed)  # noqa: S311  no secrets
    people = draw_people(random)
    first = now - days * DAY
    world = World(people, draw_chats(random, people), now=first)
    world.reads_everything = False
    plans = (
        _daily_life(random, first, now),
        _story(first, now),
        _private(random, people, first, now),
    )
    calendar = [entry for plan in plans for entry in plan]
    for at, happens in sorted(calendar, key=itemgetter(0)):
        world.now = at
        happens(world, random)
    world.now = now
    world.touched.clear()
    return world


# When


def _moments(random: Random, first: int, last: int, count: int) -> Iterator[int]:
    """Times between the two, few of them at night."""
    while count > 0:
        at = random.randrange(first, last)
        is_weekend = (at // DAY + 3) % 7 >= 5
        hours = _WEEKEND if is_weekend else _WEEKDAY
        if random.random() * 22 < hours[at % DAY // _HOUR]:
            count -= 1
            yield at


def _conversations(random: Random, first: int, last: int, count: int) -> Iterator[int]:
    """One word gives another: messages come in handfuls."""
    while count > 0:
        at = next(_moments(random, first, last, 1))
        for _ in range(min(count, random.choice((1, 1, 2, 3, 6)))):
            count -= 1
            yield min(at, last)
            at += random.randint(4, 180)


def _in(chat_id: int, deed: Deed) -> Happening:
    """In the chat, or in the supergroup that it has become."""

    def happens(world: World, random: Random) -> None:
        chat = world.chats[chat_id]
        deed(world, random, world.chats[chat.migrated_to_id or chat_id])

    return happens


def _daily_life(random: Random, first: int, now: int) -> Calendar:
    """What happens over and over; and in each chat something of the last day."""
    calendar = []
    for place in PLACES.values():
        count = place.messages * (now - first) // (60 * DAY)
        times = [*_conversations(random, first, now, count)]
        times += _moments(random, max(first, now - 30 * _HOUR), now, 4)
        calendar += [(at, _in(place.id, town_life.chatter)) for at in times]
        for deed, often in _deeds(place):
            calendar += [(at, _in(place.id, deed)) for at in _moments(random, first, now, often)]
    return calendar


def _deeds(place: Place) -> Iterator[tuple[Deed, int]]:
    yield town_life.comes, place.size // 3
    yield town_life.leaves, place.size // 9
    if place.is_guarded:
        yield town_life.is_let_in, place.size // 4
    if place.type != "channel":
        yield from ((town_life.renames, 3), (_promotes, 1), (_demotes, 1))
    if place.type == "supergroup":
        yield from ((_punishes, place.size // 12), (_forgives, place.size // 18))


# What administrators do


def _punishes(world: World, random: Random, chat: Chat) -> None:
    actor = chief(world, random, chat)
    if person := somebody(world, random, chat, MEMBER):
        if random.random() < 0.6:
            members.change(world, chat, person, MUTED, actor)
        else:
            members.ban(world, chat, person, actor)


def _forgives(world: World, random: Random, chat: Chat) -> None:
    actor = chief(world, random, chat)
    if person := somebody(world, random, chat, MUTED, KICKED):
        new = MEMBER if chat.status_of(person.id) == MUTED else LEFT
        members.change(world, chat, person, new, actor)


def _promotes(world: World, random: Random, chat: Chat) -> None:
    if person := somebody(world, random, chat, MEMBER):
        members.change(world, chat, person, ADMINISTRATOR, _owner(world, chat))


def _demotes(world: World, random: Random, chat: Chat) -> None:
    if person := somebody(world, random, chat, ADMINISTRATOR):
        members.change(world, chat, person, MEMBER, _owner(world, chat))


def _owner(world: World, chat: Chat) -> Person:
    return world.people[next(id_ for id_, status in chat.statuses.items() if status == CREATOR)]


# What happens once


def _story(first: int, now: int) -> Calendar:
    """By the part of the time that has passed until then."""
    bot_comes = [
        (0.002 * n, place.id, _bot_comes_as(MEMBER if place.id == KITCHEN else place.bot))
        for n, place in enumerate(PLACES.values(), 1) if place.bot != LEFT
    ]  # fmt: skip
    story: list[tuple[float, int, Deed]] = [
        *bot_comes,
        (0.2, KITCHEN, _bot_becomes_administrator),
        (0.3, STAIR, _another_bot_comes),
        (0.4, STAIR, lambda world, _, chat: bot_life.migrate(world, chat, _owner(world, chat))),
        (0.45, CHOIR, lambda world, _, chat: bot_life.remove_bot(world, chat, _owner(world, chat))),
        (0.5, STAIR, _is_retitled),
        (0.55, CHOIR, _bot_comes_as(ADMINISTRATOR)),
        (0.6, HILLS, _username_moves),
        (0.7, HILLS, _account_is_deleted),
        (0.8, HILLS, _username_moves),
    ]
    return [(first + int((now - first) * part), _in(id_, deed)) for part, id_, deed in story]


def _bot_comes_as(status: Status) -> Deed:
    return lambda world, _, chat: bot_life.add_bot(world, chat, _owner(world, chat), status)


def _bot_becomes_administrator(world: World, random: Random, chat: Chat) -> None:
    bot_life.change(world, chat, _owner(world, chat), ADMINISTRATOR)


def _another_bot_comes(world: World, random: Random, chat: Chat) -> None:
    bots = [p for p in world.people.values() if p.profile.is_bot and p is not world.bot]
    members.add(world, chat, _owner(world, chat), bots[:1])


def _is_retitled(world: World, random: Random, chat: Chat) -> None:
    """By an administrator who does not show who it is."""
    talk.retitle(world, chat, f"{chat.title} (and right)", None)


def _said_lately(chat: Chat) -> dict[Person, Message]:
    """The last word of each plain member."""
    return {
        m.author: m for m in chat.log
        if m.author and m.author.is_active and m.author.id != ANN_ID and not m.is_service
        and chat.status_of(m.author.id) == MEMBER
    }  # fmt: skip


def _username_moves(world: World, random: Random, chat: Chat) -> None:
    """From one person to another, and both are seen again."""
    people = list(_said_lately(chat))
    random.shuffle(people)
    people.sort(key=lambda person: person.profile.username is None)
    if len(people) > 1:
        giver, taker = people[0], people[-1]
        username = giver.profile.username
        world.set_profile(giver, replace(giver.profile, username=None))
        world.set_profile(taker, replace(taker.profile, username=username))
        for person in (taker, giver):
            says(world, random, chat, person)


def _account_is_deleted(world: World, random: Random, chat: Chat) -> None:
    """No update tells it: it shows when somebody answers what it had said."""
    said = _said_lately(chat)
    if len(said) > 1:
        gone = random.choice(list(said))
        world.set_profile(gone, DELETED)
        friend = random.choice([person for person in said if person is not gone])
        talk.reply(world, friend, said[gone], "Where has everybody gone?")


# In private


def _private(random: Random, people: list[Person], first: int, now: int) -> Calendar:
    """A third of the people start the bot, and Ann does. Some block it, and some of them regret."""
    able = [person for person in people if person.is_active]
    calendar = []
    for number, person in enumerate([able[0], *random.sample(able[1:], len(able) // 3)]):
        times = sorted(_moments(random, first, now, random.choice((1, 1, 1, 2, 3, 5))))
        commands = ["/start", *random.choices(("/me", "/help", "/start"), k=len(times) - 1)]
        deeds = [_tells_the_bot(command) for command in commands]
        if 1 <= number <= _BLOCKERS:
            times += sorted(_moments(random, times[-1], now, 2))
            deeds += (_blocks, _unblocks) if number <= _REGRET else (_blocks,)
        calendar += [(at, _in(person.id, deed)) for at, deed in zip(times, deeds, strict=False)]
    return calendar


def _tells_the_bot(text: str) -> Deed:
    def tells(world: World, random: Random, chat: Chat) -> None:
        if world.people[chat.id].is_active:
            talk.write(world, chat, world.people[chat.id], text)

    return tells


def _blocks(world: World, random: Random, chat: Chat) -> None:
    bot_life.change(world, chat, world.people[chat.id], KICKED)


def _unblocks(world: World, random: Random, chat: Chat) -> None:
    bot_life.change(world, chat, world.people[chat.id], MEMBER)
