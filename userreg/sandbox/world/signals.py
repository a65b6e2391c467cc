"""Buttons, reactions, polls, and messages that belong to another bot's world."""

from .chats import GROUP_ID, SUPERGROUP_ID, Chat, Message
from .choice import Choice
from .people import CHANNEL_BOT, Json, Person, user_json
from .proofs import Acted, Proof
from .world import DAY, World


def press(world: World, person: Person, message: Message, data: str, query_id: str = "1") -> None:
    """A button of the bot's message. Telegram does not date it."""
    body: Json = {
        "id": query_id, "from": user_json(person, is_sender=True), "data": data,
        "chat_instance": str(message.chat.id), "message": world.message_json(message),
    }  # fmt: skip
    proofs = [*world.act(person), world.sight(world.bot)]
    world.emit("callback_query", ("callback", person.id), body, proofs, undated_for=150)


def presses_a_button(world: World, choice: Choice) -> None:
    """Readers and former members press, too. Telegram does not date it."""
    person = choice.of(world.active())
    body: Json = {
        "id": "1", "from": user_json(person, is_sender=True), "chat_instance": "1", "data": "x",
    }  # fmt: skip
    chat = choice.of([None, *world.heard_rooms()])
    if chat is None:
        body["inline_message_id"] = "AAA"
    else:
        body["message"] = {"message_id": 1, "date": 0, "chat": world.show(chat)}
    queue = ("callback", person.id)
    world.emit("callback_query", queue, body, world.act(person), undated_for=150)


def react(
    world: World, chat: Chat, person: Person | None, message_id: int = 1, emoji: str = "👍"
) -> None:
    """Somebody, or an anonymous administrator (None); only an administrator is told of it."""
    if not chat.watches:
        return
    body: Json = {
        "chat": world.show(chat), "message_id": message_id, "old_reaction": [],
        "new_reaction": [{"type": "emoji", "emoji": emoji}],
    }  # fmt: skip
    who = {"actor_chat": world.show(chat)} if person is None else {"user": user_json(person)}
    sighted: list[Proof] = [world.sight(person), Acted(person.id)] if person else []
    world.emit("message_reaction", ("reaction", chat.id), body | who, [world.seen(chat), *sighted])


def reacts(world: World, choice: Choice) -> None:
    chat = choice.of(c for c in world.heard_rooms() if c.watches)
    react(world, chat, choice.of([*world.active(), None]))


def votes_as_a_channel(world: World, choice: Choice) -> None:
    body = {
        "poll_id": "1", "option_ids": [0], "option_persistent_ids": ["0"],
        "user": dict(CHANNEL_BOT), "voter_chat": world.show(world.chats[SUPERGROUP_ID]),
    }  # fmt: skip
    world.emit("poll_answer", ("poll_answer", 1), body, [], undated_for=DAY)


def votes(world: World, choice: Choice) -> None:
    person = choice.of(world.active())
    body = {
        "poll_id": "1", "option_ids": [0], "option_persistent_ids": ["0"],
        "user": user_json(person, is_sender=True),
    }  # fmt: skip
    world.emit("poll_answer", ("poll_answer", 1), body, world.act(person), undated_for=DAY)


def asks_inline(world: World, choice: Choice) -> None:
    """Anywhere: it names no chat."""
    person = choice.of(world.active())
    body = {"id": "1", "from": user_json(person, is_sender=True), "query": "x", "offset": ""}
    world.emit("inline_query", ("inline", person.id), body, world.act(person), undated_for=30)


def writes_to_a_business(world: World, choice: Choice) -> None:
    """The chat has the correspondent's id and is not the private chat with the bot."""
    person = choice.of(world.active())
    body = {
        "business_connection_id": "b", "message_id": 1, "text": "hi",
        "chat": world.show(world.chats[person.id]), "from": user_json(person, is_sender=True),
    }  # fmt: skip
    world.emit("business_message", ("business", person.id), body, world.act(person))


def writes_to_a_guest(world: World, choice: Choice) -> None:
    """The bot is not in that chat, though it may have the id of one that the bot knows."""
    person = choice.of(world.active())
    chat_id = choice.of([GROUP_ID, SUPERGROUP_ID])
    chat = {"id": chat_id, "type": "supergroup", "title": "Abroad"}
    body: Json = {
        "message_id": 1, "text": "hi", "chat": chat, "guest_query_id": "g",
        "from": user_json(person, is_sender=True),
    }  # fmt: skip
    world.emit("guest_message", ("guest", chat_id), body, world.act(person))
