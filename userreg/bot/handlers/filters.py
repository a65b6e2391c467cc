"""Which messages a handler is for. Coroutines: all that is none, `F` included, aiogram gives to a
thread, which costs more than the question and waits for its turn on a busy process."""

from aiogram.enums import ChatType
from aiogram.types import ChatMemberUpdated, Message


async def in_private(event: Message) -> bool:
    return event.chat.type == ChatType.PRIVATE


async def in_group(event: ChatMemberUpdated) -> bool:
    return event.chat.type in (ChatType.GROUP, ChatType.SUPERGROUP)


async def by_whoever_sends_it(message: Message) -> bool:
    """What somebody else wrote is nobody's command, whoever passes it on."""
    return message.forward_origin is None and message.via_bot is None


async def like_a_command(message: Message) -> bool:
    return message.text is not None and message.text.startswith("/")
