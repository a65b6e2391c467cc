"""What people say, press and react to: people are proven by it, but not their memberships."""

from dataclasses import replace

from .chats import CHANNEL_ID, FOREIGN_CHANNEL, KICKED, MUTED, MUTED_OUT, Chat
from .people import (
    CHANNEL_BOT,
    GROUP_ANONYMOUS_BOT,
    SERVICE_NOTIFICATIONS,
    Json,
    Person,
    user_json,
)
from .proofs import Proof, Sighted, Wrote
from .world import Choice, Impossible, World

Said = tuple[Chat, int, int, Person | None]


def _writers(world: World, chat: Chat) -> list[Person]:
    """In a public supergroup one need not be a member to write."""
    if chat.type == "group":
        return [p for p in world.inside(chat) if p.is_active]
    silent = (KICKED, MUTED, MUTED_OUT)
    return [p for p in world.active() if chat.status_of(p.id) not in silent]


def _place(world: World, choice: Choice) -> tuple[Chat, Person]:
    chat = choice.of(world.heard_rooms())
    return chat, choice.of(_writers(world, chat))


def _write(world: World, chat: Chat, sender: Person, content: Json, *proofs: Proof) -> None:
    world.say(chat, sender, {"text": "hi"} | content, [Wrote(sender.id, chat.id), *proofs])


def writes(world: World, choice: Choice) -> None:
    chat, sender = _place(world, choice)
    _write(world, chat, sender, {})


def writes_in_private(world: World, choice: Choice) -> None:
    sender = choice.of(p for p in world.active() if not world.is_blocked_by(p))
    _write(world, world.chats[sender.id], sender, {})


def trades_and_shows_it(world: World, choice: Choice) -> None:
    """There and back again, in a second or two, and each time its owner is seen with it."""
    one, other = choice.of(world.active()), choice.of(world.active()[::-1])
    for _ in range(choice.of([3, 2])):
        first, second = one.profile, other.profile
        world.set_profile(one, replace(first, username=second.username))
        world.set_profile(other, replace(second, username=first.username))
        for person in (one, other):
            if not world.is_blocked_by(person):
                _write(world, world.chats[person.id], person, {})
        world.now += choice.of([0, 1])


def replies(world: World, choice: Choice) -> None:
    chat, sender = _place(world, choice)
    said = choice.of(s for s in world.said if s[0] is chat)
    _write(world, chat, sender, {"reply_to_message": _original(world, said)}, *_author(said))


def replies_anonymously(world: World, choice: Choice) -> None:
    chat = choice.of(c for c in world.heard_rooms() if c.type == "supergroup")
    said = choice.of(s for s in world.said if s[0] is chat)
    world.say(chat, None, {"reply_to_message": _original(world, said)}, _author(said))


def _author(said: Said) -> list[Proof]:
    author = said[3]
    return [Sighted(author.id, author.profile)] if author else []


def _original(world: World, said: Said) -> Json:
    chat, message_id, date, author = said
    shown: Json = {"message_id": message_id, "date": date, "chat": world.show(chat), "text": "hi"}
    if author is None:
        return shown | {"from": dict(GROUP_ANONYMOUS_BOT), "sender_chat": world.show(chat)}
    return shown | {"from": user_json(author)}


def forwards(world: World, choice: Choice) -> None:
    chat, sender = _place(world, choice)
    author = choice.of(world.others(sender))
    origin = {"type": "user", "date": world.now - 1000, "sender_user": user_json(author)}
    _write(world, chat, sender, {"forward_origin": origin}, world.sight(author))


def mentions(world: World, choice: Choice) -> None:
    chat, sender = _place(world, choice)
    person = choice.of(world.others(sender))
    entity = {"type": "text_mention", "offset": 0, "length": 2, "user": user_json(person)}
    _write(world, chat, sender, {"entities": [entity]}, world.sight(person))


def shares_a_contact(world: World, choice: Choice) -> None:
    """A contact shows what the sender's phone calls that person, which is no profile."""
    sender = choice.of(p for p in world.active() if not world.is_blocked_by(p))
    person = choice.of(world.others())
    contact = {"phone_number": "+1555", "first_name": "Granny", "user_id": person.id}
    chat = world.chats[sender.id]
    _write(world, chat, sender, {"contact": contact}, Sighted(person.id, None))


def shares_people(world: World, choice: Choice) -> None:
    """Chosen with a button of the bot, which asked for no names."""
    sender = choice.of(p for p in world.active() if not world.is_blocked_by(p))
    ids = {choice.of(world.others()).id, choice.of(world.others()).id}
    shared = {"request_id": 1, "users": [{"user_id": user_id} for user_id in sorted(ids)]}
    proofs = [Sighted(user_id, None) for user_id in sorted(ids)]
    _write(world, world.chats[sender.id], sender, {"users_shared": shared}, *proofs)


def writes_by_way_of_a_bot(world: World, choice: Choice) -> None:
    chat, sender = _place(world, choice)
    helper = world.people[201]
    _write(world, chat, sender, {"via_bot": user_json(helper)}, world.sight(helper))


def edits(world: World, choice: Choice) -> None:
    """Perhaps after having left; an edit proves a person and nothing else."""
    said = choice.of(s for s in world.said if s[0].hears and s[3] and s[3].is_active)
    chat, message_id, date, author = said
    if author is None or (chat.type == "private" and world.is_blocked_by(author)):
        raise Impossible
    body: Json = {
        "message_id": message_id, "date": date, "edit_date": world.now, "text": "ho",
        "chat": world.show(chat), "from": user_json(author, is_sender=True),
    }  # fmt: skip
    sighted = Sighted(author.id, author.profile, author.language_code)
    world.emit("edited_message", ("message", chat.id), body, [world.seen(chat), sighted])


def writes_anonymously(world: World, choice: Choice) -> None:
    chat = choice.of(c for c in world.heard_rooms() if c.type == "supergroup")
    world.say(chat, None, {"text": "hi"}, [])


def writes_as_a_channel(world: World, choice: Choice) -> None:
    chat = choice.of(c for c in world.heard_rooms() if c.type == "supergroup")
    _as_a_chat(world, chat, CHANNEL_BOT, FOREIGN_CHANNEL)


def forwards_by_itself(world: World, choice: Choice) -> None:
    """The post of a linked channel, as its discussion group shows it."""
    chat = choice.of(c for c in world.heard_rooms() if c.type == "supergroup")
    more = {"is_automatic_forward": True}
    _as_a_chat(world, chat, SERVICE_NOTIFICATIONS, FOREIGN_CHANNEL, **more)


def _as_a_chat(world: World, chat: Chat, fake: Json, sender_chat: Json, **more: object) -> None:
    chat.messages += 1
    body = {"message_id": chat.messages, "chat": world.show(chat), "from": dict(fake), "text": "hi"}
    body |= {"sender_chat": dict(sender_chat)} | more
    world.emit("message", ("message", chat.id), body, [world.seen(chat)])


def posts(world: World, choice: Choice) -> None:
    channel = world.chats[CHANNEL_ID]
    if not channel.hears:
        raise Impossible
    channel.messages += 1
    shown = world.show(channel)
    body = {"message_id": channel.messages, "chat": shown, "sender_chat": shown, "text": "news"}
    world.emit("channel_post", ("message", channel.id), body, [world.seen(channel)])


def retitles(world: World, choice: Choice) -> None:
    chat = choice.of(c for c in world.rooms() if c.type == "supergroup")
    chat.title = choice.of(["Go & <b>", "Go", "囲碁"])
    world.say(chat, None, {"new_chat_title": chat.title}, [])
