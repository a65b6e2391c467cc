"""Putting the local Telegram into the state that a test is about, without any update of it."""

from typing import Any

from userreg.sandbox.world import BOT_ID, Chat, Json, Person, Profile, Update, World
from userreg.sandbox.world.chats import (
    ADMINISTRATOR,
    CREATOR,
    KICKED,
    LEFT,
    MEMBER,
    MUTED,
    MUTED_OUT,
    Status,
)
from userreg.sandbox.world.people import DELETED

#: By the names that `updates.member` has for them.
STATUSES: dict[str, Status] = {
    "creator": CREATOR, "administrator": ADMINISTRATOR, "member": MEMBER, "restricted": MUTED,
    "restricted-": MUTED_OUT, "left": LEFT, "kicked": KICKED,
}  # fmt: skip


def hand_made(body: Json, at: float) -> Update:
    """An update of a test's own making, in a queue of its own; it proves what the test says."""
    update_id = body["update_id"]
    return Update(update_id, int(at), True, 24 * 3600, ("test", update_id), body, ())


def get_to_know(world: World, body: Json) -> None:
    """Whom and which chat a hand-made update names, Telegram knows too; the bot is there."""
    event: Any = next((v for k, v in body.items() if k != "update_id"), {})
    if not isinstance(event, dict):
        return
    for user in (event.get("from"), event.get("new_chat_member", {}).get("user")):
        if user and user["id"] not in world.people:
            meet(world, user)
    chat = event.get("chat") or event.get("message", {}).get("chat")
    if chat and chat["id"] not in world.chats:
        statuses = {BOT_ID: MEMBER}
        world.chats[chat["id"]] = Chat(chat["id"], chat["type"], chat.get("title"), None, statuses)


def meet(world: World, user: Json) -> Person:
    """Somebody who has started the bot."""
    profile = Profile(
        user["first_name"], user.get("last_name"), user.get("username"), user.get("is_bot", False)
    )
    person = Person(user["id"], profile, user.get("language_code"))
    world.people[person.id] = person
    world.chats[person.id] = Chat(person.id, "private", statuses={BOT_ID: MEMBER})
    return person


def put(world: World, chat_id: int, user: Json, status: str) -> None:
    """Somebody has this status in the chat, and the bot was not told."""
    if user["id"] not in world.people:
        meet(world, user)
    world.chats[chat_id].statuses[user["id"]] = STATUSES[status]


def close(world: World, chat_id: int, status: str = "kicked") -> None:
    """The bot is out of the chat, or blocked, and was not told."""
    world.chats[chat_id].statuses[BOT_ID] = STATUSES[status]


def empty(world: World, *chat_ids: int) -> None:
    """Nobody is in these chats but the bot, and the bot was not told."""
    for chat_id in chat_ids:
        chat = world.chats[chat_id]
        chat.statuses = {BOT_ID: chat.status_of(BOT_ID)}


def fill(world: World, chat_id: int, count: int) -> None:
    """The chat has so many members, of most of whom nothing is ever heard."""
    chat = world.chats[chat_id]
    chat.unheard_members = count - (chat.member_count - chat.unheard_members)


def delete(world: World, user_id: int) -> None:
    """The account is deleted, and the bot was not told."""
    world.people[user_id].profile = DELETED


def move(world: World, old: int, new: int) -> None:
    """The group is a supergroup now, and the bot was not told."""
    if new not in world.chats:
        title = world.chats[old].title
        world.chats[new] = Chat(new, "supergroup", title, statuses=dict(world.chats[old].statuses))
    world.chats[old].migrated_to_id = new
