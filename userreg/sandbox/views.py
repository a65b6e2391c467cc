"""The world as the chat page shows it."""

import re
from typing import Any, Final

from userreg.sandbox.telegram import LocalTelegram
from userreg.sandbox.world import BOT_ID, Chat, Json, Message, Person, World
from userreg.sandbox.world.chats import ADMINISTRATOR, CREATOR, MEMBER, MUTED

#: How many of each the page gets at once.
MESSAGES: Final = 100
MEMBERS: Final = 200
#: Characters that turn the direction of all that follows them.
_DIRECTIONS: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
#: The order in which members are listed: those who are inside first, the mighty before the others.
_RANK: Final = {CREATOR: 0, ADMINISTRATOR: 1, MEMBER: 2, MUTED: 3}


def name_of(person: Person) -> str:
    profile = person.profile
    return f"{profile.first_name} {profile.last_name or ''}".strip() or "Deleted account"


def show_state(telegram: LocalTelegram, person: Person, switches: Json) -> Json:
    world = telegram.world
    public = [c for c in world.chats.values() if c.type != "private" and not c.migrated_to_id]
    chats = [world.chats[person.id], *sorted(public, key=lambda c: -_last_at(c))]
    return {
        "bot": _show_person(world.bot),
        "person": person.id,
        "people": [_show_person(p) for p in world.others()],
        "chats": [_show_chat(world, chat, person) for chat in chats],
        "switches": switches,
        "webhook": {
            "url": telegram.webhook.url, "pending_update_count": len(telegram.outbox),
        },
    }  # fmt: skip


def _show_person(person: Person) -> Json:
    return {
        "id": person.id, "name": name_of(person), "first_name": person.profile.first_name,
        "last_name": person.profile.last_name, "username": person.profile.username,
        "language": person.language_code, "is_bot": person.profile.is_bot,
        "is_deleted": person.is_deleted,
    }  # fmt: skip


def _show_chat(world: World, chat: Chat, person: Person) -> Json:
    is_private = chat.type == "private"
    status, bot_status = chat.status_of(person.id), chat.status_of(BOT_ID)
    last = chat.log[-1] if chat.log else None
    return {
        "id": chat.id, "type": chat.type,
        "title": name_of(world.bot) if is_private else chat.title,
        "username": chat.username, "is_forum": bool(chat.topics),
        "topics": [{"id": id_, "name": name} for id_, name in chat.topics.items()],
        "member_count": 2 if is_private else chat.member_count,
        "status": "member" if is_private else status.name,
        "is_member": is_private or status.is_member,
        "bot_status": bot_status.name, "bot_is_member": bot_status.is_member,
        "migrated_to_id": chat.migrated_to_id,
        "last_text": _in_a_line(world, last) if last else None,
        "last_at": last.date if last else None,
    }  # fmt: skip


def _last_at(chat: Chat) -> int:
    return chat.log[-1].date if chat.log else 0


def show_messages(world: World, chat: Chat, person: Person) -> Json:
    shown = list(chat.log)[-MESSAGES:]
    return {"messages": [_show_message(world, message, person) for message in shown]}


def _show_message(world: World, message: Message, person: Person) -> Json:
    content, author = message.content, message.author
    document = content.get("document")
    photo = content.get("photo")
    return {
        "message_id": message.message_id, "date": message.date,
        "author": author and {
            "id": author.id, "name": name_of(author), "is_bot": author.profile.is_bot,
        },
        "sender_chat": message.stand_in.get("sender_chat", {}).get("title"),
        "is_own": author is person,
        "text": content.get("text") or content.get("caption") or "",
        "entities": content.get("entities") or content.get("caption_entities") or [],
        "service": _service(message) if message.is_service else None,
        "buttons": content.get("reply_markup", {}).get("inline_keyboard", []),
        "photo": photo and f"files/{photo[-1]['file_id']}",
        "document": document and {
            "name": document["file_name"], "url": f"files/{document['file_id']}",
        },
        "edit_date": message.edit_date,
        "topic_id": content.get("message_thread_id"),
        "reply_to": content.get("reply_to_message", {}).get("message_id"),
    }  # fmt: skip


def _isolated(name: str) -> str:
    """A name in a sentence: whatever direction it has, it turns nothing but itself."""
    return f"\u2068{_DIRECTIONS.sub('', name)}\u2069"


def _service(message: Message) -> str:
    """A service message in words, as people see it."""
    content = message.content
    who = _isolated(name_of(message.author)) if message.author else "An administrator"
    if joined := content.get("new_chat_members"):
        names = ", ".join(_isolated(_full_name(user)) for user in joined)
        is_by_itself = message.author and [u["id"] for u in joined] == [message.author.id]
        return f"{who} joined" if is_by_itself else f"{who} added {names}"
    if left := content.get("left_chat_member"):
        is_by_itself = message.author and left["id"] == message.author.id
        return f"{who} left" if is_by_itself else f"{who} removed {_isolated(_full_name(left))}"
    if title := content.get("new_chat_title"):
        return f"{who} changed the title to {_isolated(title)}"
    if "migrate_to_chat_id" in content:
        return "This group has become a supergroup"
    if "migrate_from_chat_id" in content:
        return "This supergroup was a group before"
    return ", ".join(content)


def _full_name(user: Json) -> str:
    return f"{user['first_name']} {user.get('last_name', '')}".strip() or "Deleted account"


def _in_a_line(world: World, message: Message) -> str:
    content = message.content
    if message.is_service:
        return _service(message)
    text: Any = content.get("text") or content.get("caption")
    return str(text or ("Photo" if "photo" in content else "File")).split("\n")[0][:80]


def show_members(world: World, chat: Chat) -> Json:
    """Also those who are known to be out, so that a ban can be lifted."""
    ids = sorted(chat.statuses, key=lambda id_: _RANK.get(chat.statuses[id_], 4))
    shown = [_show_member(world.people[id_], chat) for id_ in ids if id_ in world.people]
    return {"members": shown[:MEMBERS], "total": chat.member_count}


def _show_member(person: Person, chat: Chat) -> Json:
    status = chat.status_of(person.id)
    return {
        "id": person.id, "name": name_of(person), "username": person.profile.username,
        "status": status.name, "is_member": status.is_member, "is_bot": person.profile.is_bot,
    }  # fmt: skip
