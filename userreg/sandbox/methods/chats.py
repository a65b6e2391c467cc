"""Chats and their members, and whether the bot can reach them at all."""

from typing import Any, Final

from userreg.sandbox.errors import BadRequest, Forbidden
from userreg.sandbox.parameters import Parameters
from userreg.sandbox.telegram import LocalTelegram
from userreg.sandbox.world import BOT_ID, Chat, Person, World
from userreg.sandbox.world.bot_life import remove_bot
from userreg.sandbox.world.chats import ADMINISTRATOR, CREATOR, KICKED, LEFT, member_json

#: What every ChatFullInfo has.
_FULL_INFO: Final = {
    "accent_color_id": 0, "max_reaction_count": 11,
    "accepted_gift_types": dict.fromkeys(
        ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription",
         "gifts_from_channels"), False),
}  # fmt: skip


def find_chat(world: World, p: Parameters) -> Chat:
    """The chat that is meant, reachable or not. Raises `ApiError`."""
    chat_id = p.text("chat_id")
    if chat_id in ("", "@"):
        raise BadRequest("chat_id is empty")
    if chat_id.startswith("@"):
        wanted = chat_id[1:].lower()
        found = [c for c in world.chats.values() if (c.username or "").lower() == wanted]
        chat = found[0] if found else None
    else:
        chat = world.chats.get(p.integer("chat_id"))
    if chat is None or chat.id == BOT_ID:
        raise BadRequest("chat not found")
    return chat


def reachable_chat(world: World, p: Parameters) -> Chat:
    """The chat, if the bot is there. Raises `ApiError` in Telegram's words."""
    chat = find_chat(world, p)
    if chat.type == "private":
        _require_started(world, world.people[chat.id], chat)
        return chat
    if chat.migrated_to_id is not None:
        raise BadRequest(
            "group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat.migrated_to_id
        )
    status = chat.status_of(BOT_ID)
    if status == KICKED:
        raise Forbidden(f"bot was kicked from the {chat.type} chat")
    if not status.is_member:
        raise Forbidden(f"bot is not a member of the {chat.type} chat")
    return chat


def _require_started(world: World, person: Person, chat: Chat) -> None:
    if person.is_deleted:
        raise Forbidden("user is deactivated")
    if person.profile.is_bot:
        raise Forbidden("bots can't send messages to bots")
    if world.is_blocked_by(person):
        raise Forbidden("bot was blocked by the user")
    if chat.status_of(BOT_ID) == LEFT:
        raise Forbidden("bot can't initiate conversation with a user")


def writable_chat(world: World, p: Parameters) -> Chat:
    """The chat, if the bot may write there."""
    chat = reachable_chat(world, p)
    status = chat.status_of(BOT_ID)
    if chat.type == "channel" and status != ADMINISTRATOR:
        raise BadRequest("need administrator rights in the channel chat")
    if status.name == "restricted":
        raise BadRequest("not enough rights to send text messages to the chat")
    return chat


async def get_chat(telegram: LocalTelegram, p: Parameters) -> Any:
    chat = reachable_chat(telegram.world, p)
    return telegram.world.show(chat) | _FULL_INFO


async def get_chat_member(telegram: LocalTelegram, p: Parameters) -> Any:
    chat = reachable_chat(telegram.world, p)
    user_id = p.integer("user_id")
    if not user_id:
        raise BadRequest("invalid user_id specified")
    if (person := telegram.world.people.get(user_id)) is None:
        raise BadRequest("user not found")
    if chat.type == "channel" and not chat.watches:
        raise BadRequest("member list is inaccessible")
    return member_json(person, chat.status_of(user_id))


async def get_chat_administrators(telegram: LocalTelegram, p: Parameters) -> Any:
    """Other bots are not told."""
    chat = reachable_chat(telegram.world, p)
    if chat.type == "private":
        raise BadRequest("there are no administrators in the private chat")
    chiefs = telegram.world.inside(chat, CREATOR, ADMINISTRATOR)
    if chat.watches:
        chiefs.append(telegram.world.bot)
    shown = [person for person in chiefs if not person.profile.is_bot or person.id == BOT_ID]
    return [member_json(person, chat.status_of(person.id)) for person in shown]


async def get_chat_member_count(telegram: LocalTelegram, p: Parameters) -> Any:
    return reachable_chat(telegram.world, p).member_count


async def leave_chat(telegram: LocalTelegram, p: Parameters) -> Any:
    chat = reachable_chat(telegram.world, p)
    if chat.type == "private":
        raise BadRequest("chat member status can't be changed in private chats")
    telegram.do(remove_bot, chat, telegram.world.bot)
    return True


METHODS: Final = {
    "getChat": get_chat,
    "getChatMember": get_chat_member,
    "getChatMemberCount": get_chat_member_count,
    "getChatAdministrators": get_chat_administrators,
    "leaveChat": leave_chat,
}
