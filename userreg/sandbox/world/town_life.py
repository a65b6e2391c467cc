"""What happens in the town by itself, all day long: people talk, react, come and go."""

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Final

from . import members, signals, talk
from .chats import ADMINISTRATOR, CREATOR, LEFT, MEMBER, MUTED, MUTED_OUT, Chat, Message, Status
from .choice import Choice
from .people import Person, user_json
from .town_names import ANN_ID, NEWS, PLACES, TONGUES, Place, Tongue, is_at_home
from .world import DAY, World

#: How many members are looked at, at most, until one is found who can do something.
_TRIES: Final = 20
#: How often whoever writes is one of those who wrote lately: few people say most.
_HABIT: Final = 0.85

Deed = Callable[[World, Random, Chat], object]
_Saying = Callable[[World, Random, Chat, Person], object]


def something_happens(world: World, random: Random) -> None:
    """Somewhere in the town; Ann, in whose place the visitor is, does nothing by herself."""
    chats = [c for c in world.chats.values() if c.type != "private" and not c.migrated_to_id]
    chat = random.choices(chats, [_bustle(world, c) for c in chats])[0]
    deed = random.choices((None, comes, is_let_in, leaves, renames), (90, 4, 2, 2, 2))[0]
    if deed is None or (deed is is_let_in and not chat.requests):
        chatter(world, random, chat, but=ANN_ID)
    else:
        deed(world, random, chat)


def _bustle(world: World, chat: Chat) -> int:
    place = place_of(world, chat)
    return place.messages if place else 100


# Where and who


def place_of(world: World, chat: Chat) -> Place | None:
    """A supergroup is still the place that it was as a group."""
    if place := PLACES.get(chat.id):
        return place
    olds = (old.id for old in world.chats.values() if old.migrated_to_id == chat.id)
    return PLACES.get(next(olds, 0))


def tongue_of(person: Person) -> Tongue:
    return TONGUES.get(person.language_code or "", TONGUES["en"])


def writer(world: World, random: Random, chat: Chat, but: int | None = None) -> Person | None:
    """Somebody who may write here."""
    for _ in range(_TRIES):
        if chat.log and random.random() < _HABIT:
            person = chat.log[random.randrange(len(chat.log))].author
        else:
            person = world.people[random.choice(list(chat.statuses))]
        if person and person.is_active and person.id != but:
            status = chat.status_of(person.id)
            if status.is_member and status != MUTED:
                return person
    return None


def somebody(world: World, random: Random, chat: Chat, *statuses: Status) -> Person | None:
    """With one of these statuses. Never Ann."""
    found = [
        person for user_id, status in chat.statuses.items()
        if status in statuses and user_id != ANN_ID and (person := world.people[user_id]).is_active
    ]  # fmt: skip
    return random.choice(found) if found else None


def chief(world: World, random: Random, chat: Chat) -> Person | None:
    """An administrator; None is one who does not show who it is, in supergroups only."""
    if chat.type == "supergroup" and random.random() < 0.2:
        return None
    return somebody(world, random, chat, CREATOR, ADMINISTRATOR) or world.people[ANN_ID]


# Talking


def chatter(world: World, random: Random, chat: Chat, but: int | None = None) -> None:
    """Somebody says something, or answers, reacts, corrects it; a channel has news."""
    if chat.type == "channel":
        talk.post(world, chat, random.choice(NEWS))
    elif author := writer(world, random, chat, but):
        saying = random.choices(_SAYINGS, _ODDS)[0]
        saying(world, random, chat, author)


def sentence(world: World, random: Random, chat: Chat, *, is_answer: bool = False) -> str:
    place = place_of(world, chat)
    tongue = TONGUES[random.choice(place.tongues if place else ("en",))]
    if is_answer and random.random() < 0.6:
        return random.choice(tongue.answers)
    return " ".join(random.sample(tongue.says, random.choices((1, 2), (4, 1))[0]))


def says(world: World, random: Random, chat: Chat, author: Person) -> None:
    text = sentence(world, random, chat)
    talk.write(world, chat, author, text, topic_id=_topic(random, chat))


def _topic(random: Random, chat: Chat) -> int | None:
    """None is the general topic of a forum; the older ones are used more."""
    topics = [None, *chat.topics]
    return random.choices(topics, range(len(topics) + 1, 1, -1))[0]


def _answers(world: World, random: Random, chat: Chat, author: Person) -> None:
    if recent := _recent(world, random, chat):
        talk.reply(world, author, recent, sentence(world, random, chat, is_answer=True))
    else:
        says(world, random, chat, author)


def _recent(world: World, random: Random, chat: Chat) -> Message | None:
    """One of the last things that somebody said."""
    last = [chat.log[-n] for n in range(1, min(12, len(chat.log)) + 1)]
    said = [m for m in last if m.author and not m.is_service and m.date > world.now - DAY]
    return random.choice(said) if said else None


def _reacts(world: World, random: Random, chat: Chat, author: Person) -> None:
    if recent := _recent(world, random, chat):
        signals.react(world, chat, author, recent.message_id, random.choice("👍🔥🎉🤔😁"))


def _corrects(world: World, random: Random, chat: Chat, author: Person) -> None:
    """Themselves."""
    for message in reversed(chat.log):
        if message.date < world.now - DAY:
            return
        if message.author is author and not message.is_service:
            talk.edit(world, message, sentence(world, random, chat))
            return


def _commands(world: World, random: Random, chat: Chat, author: Person) -> None:
    command = random.choice(("/whereami", "/me", "/help"))
    talk.write(world, chat, author, f"{command}@{world.bot.profile.username}")


def _forwards(world: World, random: Random, chat: Chat, author: Person) -> None:
    message = _recent(world, random, chat)
    if message and (first := message.author):
        origin = {"type": "user", "date": message.date, "sender_user": user_json(first)}
        text = message.content.get("text", "…")
        talk.write(world, chat, author, text, world.sight(first), forward_origin=origin)


def _hides(world: World, random: Random, chat: Chat, author: Person) -> None:
    """An administrator writes in the name of the supergroup."""
    if chat.type == "supergroup":
        world.say(chat, None, {"text": sentence(world, random, chat)}, [])


_SAYINGS: Final[tuple[_Saying, ...]] = (
    says, _answers, _reacts, _corrects, _commands, _forwards, _hides,
)  # fmt: skip
_ODDS: Final = (64, 20, 6, 5, 2, 2, 1)


# Coming, going, being renamed


def comes(world: World, random: Random, chat: Chat) -> None:
    """By a link, by themselves, or added; where it is guarded, they ask and wait."""
    place = place_of(world, chat)
    out = [
        p for p in world.active()
        if chat.status_of(p.id) in (LEFT, MUTED_OUT) and p.id != ANN_ID
        and is_at_home(p, place) and p not in chat.requests
    ]  # fmt: skip
    if out:
        way = _asks if place and place.is_guarded else random.choice((_by_link, _joins, _added))
        way(world, random, chat, random.choice(out))


def _by_link(world: World, random: Random, chat: Chat, person: Person) -> None:
    link = f"https://t.me/+town{-chat.id % 1000}{random.choice('ab')}"
    members.join(world, chat, person, invite_link=link, is_announced=random.random() < 0.8)


def _joins(world: World, random: Random, chat: Chat, person: Person) -> None:
    members.join(world, chat, person, is_announced_first=random.random() < 0.3)


def _added(world: World, random: Random, chat: Chat, person: Person) -> None:
    if chat.type != "channel" and (actor := writer(world, random, chat, ANN_ID)):
        members.add(world, chat, actor, [person])


def _asks(world: World, random: Random, chat: Chat, person: Person) -> None:
    members.ask_to_join(world, chat, person)


def is_let_in(world: World, random: Random, chat: Chat) -> None:
    """Whoever has waited longest."""
    if chat.requests:
        members.is_approved(world, Choice(random.getrandbits(32)))


def leaves(world: World, random: Random, chat: Chat) -> None:
    if person := somebody(world, random, chat, MEMBER, MUTED):
        members.leave(world, chat, person)


def renames(world: World, random: Random, chat: Chat) -> None:
    """No update tells it: it shows when they write, which they do."""
    person = writer(world, random, chat, ANN_ID)
    if person is None or chat.type == "channel":
        return
    last_name = random.choice((None, *tongue_of(person).last_names))
    world.set_profile(person, replace(person.profile, last_name=last_name))
    says(world, random, chat, person)
