"""Asking Telegram what no update told: who administers a chat, who is in it, how many there are.

Answers are read as tolerantly as updates are: aiogram's models refuse those of older servers.
"""

from datetime import UTC, datetime
from typing import Any

import msgspec
from aiogram import Bot
from aiogram.exceptions import ClientDecodeError
from aiogram.methods import GetChatMemberCount, TelegramMethod

from userreg.facts import Fact, MembersCounted, MembershipFound, UserSeen
from userreg.telegram import ChatMember, Update, is_person, is_present


class _GetChatMember(TelegramMethod[dict[str, Any]]):
    __returning__ = dict[str, Any]
    __api_method__ = "getChatMember"

    chat_id: int
    user_id: int


class _GetChatAdministrators(TelegramMethod[list[dict[str, Any]]]):
    __returning__ = list[dict[str, Any]]
    __api_method__ = "getChatAdministrators"

    chat_id: int


def became_administrator(update: Update) -> bool:
    """From now on Telegram answers for this chat."""
    changed = update.my_chat_member
    if changed is None or changed.chat.id > 0:
        return False
    before, after = changed.old_chat_member.status, changed.new_chat_member.status
    return after == "administrator" != before


async def ask_who_administers(bot: Bot, chat_id: int) -> list[Fact]:
    """The administrators of a chat. Raises `TelegramAPIError`."""
    at = now()
    members = await bot(_GetChatAdministrators(chat_id=chat_id))
    return [fact for member in members for fact in _found(bot, chat_id, member, at)]


async def ask_how_many(bot: Bot, chat_id: int) -> list[Fact]:
    """The number of a chat's members. Raises `TelegramAPIError`."""
    at = now()
    return [MembersCounted(at, 0, chat_id, await bot(GetChatMemberCount(chat_id=chat_id)))]


async def ask_about_member(bot: Bot, chat_id: int, user_id: int) -> list[Fact]:
    """Somebody's status. Raises `TelegramAPIError` where Telegram does not tell, which proves
    nothing: least of all that they have left."""
    at = now()
    return _found(bot, chat_id, await bot(_GetChatMember(chat_id=chat_id, user_id=user_id)), at)


def _found(bot: Bot, chat_id: int, answer: dict[str, Any], at: datetime) -> list[Fact]:
    """What a ChatMember proves; nothing of the bot, whose status is the chat's."""
    try:
        member = msgspec.convert(answer, ChatMember)
    except msgspec.ValidationError as error:
        raise ClientDecodeError("not a ChatMember", error, None) from error
    if not is_person(member.user) or member.user.id == bot.id:
        return []
    status, is_member = member.status, is_present(member)
    return [
        UserSeen(at, 0, member.user),
        MembershipFound(at, 0, member.user.id, chat_id, status, is_member),
    ]


def now() -> datetime:
    """In whole seconds, as Telegram tells the time. Taken before the question, so that whatever
    happens meanwhile is later."""
    return datetime.now(UTC).replace(microsecond=0)
