"""What people say: it proves them, but not their memberships."""

from dataclasses import replace
from typing import Any, Final

from .chats import (
    CHANNEL_ID,
    FOREIGN_CHANNEL,
    KICKED,
    LEFT,
    MEMBER,
    MUTED,
    MUTED_OUT,
    Chat,
    Message,
)
from .choice import Choice, Impossible
from .entities import find_entities
from .people import BOT_ID, CHANNEL_BOT, SERVICE_NOTIFICATIONS, Json, Person, user_json
from .proofs import Proof, Sighted, Wrote
from .world import World

#: What Telegram keeps of a message.
MAX_ENTITIES: Final = 100

# What somebody does


def write(
    world: World,
    /,
    chat: Chat,
    author: Person,
    text: str = "hi",
    *proofs: Proof,
    topic_id: int | None = None,
    **content: Any,
) -> Message:
    """To the bot in private, which starts it, or in a room; `content` comes with the text."""
    if chat.type == "private" and chat.status_of(BOT_ID) == LEFT:
        world.set_status(chat, world.bot, MEMBER)
    said = _text(text)
    if topic_id is not None:
        said |= {"message_thread_id": topic_id, "is_topic_message": True}
    return world.say(chat, author, said | content, [Wrote(author.id, chat.id), *proofs])


def _text(text: str) -> Json:
    entities = find_entities(text)[:MAX_ENTITIES]
    return {"text": text} | ({"entities": entities} if entities else {})


def reply(world: World, author: Person, message: Message, text: str = "hi") -> Message:
    original = world.message_json(message)
    topic_id = message.content.get("message_thread_id")
    return write(
        world, message.chat, author, text, *_author(message), topic_id=topic_id,
        reply_to_message=original,
    )  # fmt: skip


def edit(world: World, message: Message, text: str) -> None:
    """Perhaps after its author has left: an edit proves a person and nothing else."""
    author = message.author
    topic = ("message_thread_id", "is_topic_message")
    kept = {k: v for k, v in message.content.items() if k in topic}
    message.content = kept | _text(text)
    message.edit_date = world.now
    if author is None or not message.chat.hears or not world.is_heard(message):
        return
    body = world.message_json(message, is_new=True)
    sighted = Sighted(author.id, author.profile, author.language_code)
    proofs: list[Proof] = [world.seen(message.chat), sighted]
    world.emit("edited_message", ("message", message.chat.id), body, proofs)


def post(world: World, channel: Chat, text: str = "news") -> Message:
    shown = {"sender_chat": world.show(channel)}
    return world.say(channel, None, {"text": text}, [], shown)


def retitle(world: World, chat: Chat, title: str, actor: Person | None) -> None:
    """It shows a person who is there, as if they had written."""
    chat.title = title
    proofs = [Wrote(actor.id, chat.id)] if actor else []
    world.say(chat, actor, {"new_chat_title": title}, proofs)


def _author(message: Message) -> list[Proof]:
    author = message.author
    return [Sighted(author.id, author.profile)] if author else []


# Whoever can


def _writers(world: World, chat: Chat) -> list[Person]:
    """In a public supergroup one need not be a member to write."""
    if chat.type == "group":
        return [p for p in world.inside(chat) if p.is_active]
    silent = (KICKED, MUTED, MUTED_OUT)
    return [p for p in world.active() if chat.status_of(p.id) not in silent]


def _place(world: World, choice: Choice) -> tuple[Chat, Person]:
    chat = choice.of(world.heard_rooms())
    return chat, choice.of(_writers(world, chat))


def writes(world: World, choice: Choice) -> None:
    chat, sender = _place(world, choice)
    write(world, chat, sender)


def writes_in_private(world: World, choice: Choice) -> None:
    sender = choice.of(p for p in world.active() if not world.is_blocked_by(p))
    write(world, world.chats[sender.id], sender)


def trades_and_shows_it(world: World, choice: Choice) -> None:
    """There and back again, in a second or two, and each time its owner is seen with it."""
    one, other = choice.of(world.active()), choice.of(world.active()[::-1])
    for _ in range(choice.of([3, 2])):
        first, second = one.profile, other.profile
        world.set_profile(one, replace(first, username=second.username))
        world.set_profile(other, replace(second, username=first.username))
        for person in (one, other):
            if not world.is_blocked_by(person):
                write(world, world.chats[person.id], person)
        world.now += choice.of([0, 1])


def replies(world: World, choice: Choice) -> None:
    chat, sender = _place(world, choice)
    reply(world, sender, choice.of(chat.log))


def replies_anonymously(world: World, choice: Choice) -> None:
    chat = choice.of(c for c in world.heard_rooms() if c.type == "supergroup")
    message = choice.of(chat.log)
    original = world.message_json(message)
    world.say(chat, None, {"text": "hi", "reply_to_message": original}, _author(message))


def forwards(world: World, choice: Choice) -> None:
    chat, sender = _place(world, choice)
    author = choice.of(world.others(sender))
    origin = {"type": "user", "date": world.now - 1000, "sender_user": user_json(author)}
    write(world, chat, sender, "hi", world.sight(author), forward_origin=origin)


def mentions(world: World, choice: Choice) -> None:
    chat, sender = _place(world, choice)
    person = choice.of(world.others(sender))
    entity = {"type": "text_mention", "offset": 0, "length": 2, "user": user_json(person)}
    write(world, chat, sender, "hi", world.sight(person), entities=[entity])


def shares_a_contact(world: World, choice: Choice) -> None:
    """A contact shows what the sender's phone calls that person, which is no profile."""
    sender = choice.of(p for p in world.active() if not world.is_blocked_by(p))
    person = choice.of(world.others())
    contact = {"phone_number": "+1555", "first_name": "Granny", "user_id": person.id}
    chat = world.chats[sender.id]
    write(world, chat, sender, "hi", Sighted(person.id, None), contact=contact)


def shares_people(world: World, choice: Choice) -> None:
    """Chosen with a button of the bot, which asked for no names."""
    sender = choice.of(p for p in world.active() if not world.is_blocked_by(p))
    ids = {choice.of(world.others()).id, choice.of(world.others()).id}
    shared = {"request_id": 1, "users": [{"user_id": user_id} for user_id in sorted(ids)]}
    proofs = [Sighted(user_id, None) for user_id in sorted(ids)]
    write(world, world.chats[sender.id], sender, "hi", *proofs, users_shared=shared)


def writes_by_way_of_a_bot(world: World, choice: Choice) -> None:
    chat, sender = _place(world, choice)
    helper = world.people[201]
    write(world, chat, sender, "hi", world.sight(helper), via_bot=user_json(helper))


def edits(world: World, choice: Choice) -> None:
    logs = [chat.log for chat in world.chats.values() if chat.hears]
    said = [m for log in logs for m in log if m.author and m.author.is_active]
    message = choice.of(m for m in said if not m.is_service)
    if message.chat.type == "private" and world.is_blocked_by(world.people[message.chat.id]):
        raise Impossible
    edit(world, message, "ho")


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
    world.say(chat, None, {"text": "hi"} | more, [], {"from": fake, "sender_chat": sender_chat})


def posts(world: World, choice: Choice) -> None:
    channel = world.chats[CHANNEL_ID]
    if not channel.hears:
        raise Impossible
    post(world, channel)


def retitles(world: World, choice: Choice) -> None:
    chat = choice.of(c for c in world.rooms() if c.type == "supergroup")
    retitle(world, chat, choice.of(["Go & <b>", "Go", "囲碁"]), None)
