"""The bot is added to a group."""

from aiogram import Router
from aiogram.enums import ChatMemberStatus
from aiogram.filters import JOIN_TRANSITION, ChatMemberUpdatedFilter
from aiogram.types import ChatMemberUpdated

from userreg import preferences
from userreg.bot.asking import Parts
from userreg.bot.handlers.filters import in_group
from userreg.phrases import choose_language, lines, say, speaking


def create_router() -> Router:
    router = Router(name="chats")
    router.my_chat_member.register(added, in_group, ChatMemberUpdatedFilter(JOIN_TRANSITION))
    return router


async def added(event: ChatMemberUpdated, parts: Parts) -> None:
    """Say what is remembered, and what is missing for it to work."""
    me = await parts.bot.me()
    is_administrator = event.new_chat_member.status == ChatMemberStatus.ADMINISTRATOR
    reads_everything = bool(me.can_read_all_group_messages)
    chosen = await preferences.find_language(event.chat.id)
    with speaking(choose_language(chosen, event.from_user.language_code)):
        missing = [
            None if reads_everything or is_administrator else say("added.privacy"),
            None if is_administrator else say("added.administrator"),
        ]
        heading = say("added.missing") if any(missing) else None
        text = lines(say("added.hello"), heading, *missing)
        await event.answer(text, disable_notification=True)
