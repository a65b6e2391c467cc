"""The bot is added to a group."""

from aiogram import Bot, F, Router
from aiogram.enums import ChatMemberStatus, ChatType
from aiogram.filters import JOIN_TRANSITION, ChatMemberUpdatedFilter
from aiogram.types import ChatMemberUpdated

from userreg.bot import answers


def create_router() -> Router:
    router = Router(name="chats")
    in_group = F.chat.type.in_({ChatType.GROUP, ChatType.SUPERGROUP})
    router.my_chat_member.register(added, in_group, ChatMemberUpdatedFilter(JOIN_TRANSITION))
    return router


async def added(event: ChatMemberUpdated, bot: Bot) -> None:
    """Say what is remembered, and what is missing for it to work."""
    me = await bot.me()
    is_administrator = event.new_chat_member.status == ChatMemberStatus.ADMINISTRATOR
    await event.answer(
        answers.added(
            reads_everything=bool(me.can_read_all_group_messages),
            is_administrator=is_administrator,
        )
    )
