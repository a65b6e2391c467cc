"""The commands, in private and in groups."""

import logging
import re

from aiogram import Bot, F, Router
from aiogram.enums import ChatType
from aiogram.exceptions import ClientDecodeError, TelegramAPIError
from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from userreg import queries
from userreg.bot import answers
from userreg.errors import NotCommitted
from userreg.facts import MembersCounted
from userreg.queries import Person
from userreg.registry import Registry

logger = logging.getLogger(__name__)


def create_router() -> Router:
    """A new router: aiogram's have one parent for life."""
    router = Router(name="commands")
    in_private = F.chat.type == ChatType.PRIVATE
    router.message.register(start, Command("start"))
    router.message.register(help_, Command("help"))
    router.message.register(me, Command("me"))
    router.message.register(whereami, Command("whereami"))
    router.message.register(stats, Command("stats"))
    router.message.register(seen, Command("seen"))
    router.message.register(unknown_command, in_private, F.text.startswith("/"))
    return router


async def start(message: Message) -> None:
    person = message.from_user if message.sender_chat is None else None
    await message.answer(answers.start(person.first_name if person else None))


async def help_(message: Message) -> None:
    await message.answer(answers.help_())


async def unknown_command(message: Message) -> None:
    await message.answer(answers.unknown_command())


async def me(message: Message) -> None:
    asker_id = _asker_id(message)
    if asker_id is None:
        await message.answer(answers.stranger())
    elif _is_private(message):
        await message.answer(await answers.me(asker_id))
    else:
        await message.answer(await answers.me_in_chat(asker_id, message.chat.id))


async def whereami(message: Message, bot: Bot, registry: Registry) -> None:
    if not _is_private(message):
        await _count_members(message, bot, registry)
    topic_id = message.message_thread_id if message.is_topic_message else None
    await message.answer(await answers.whereami(message.chat.id, topic_id))


async def stats(message: Message) -> None:
    if _is_private(message):
        await message.answer(await answers.stats())
    else:
        await message.answer(await answers.stats_of_chat(message.chat.id))


async def seen(message: Message, command: CommandObject) -> None:
    argument = (command.args or "").strip()
    if not argument and _answered_message(message) is None:
        await message.answer(answers.seen_usage())
        return
    people, name = await _find_people(message, argument)
    if _is_private(message):
        await message.answer(await answers.seen(_asker_id(message), people, name))
    else:
        await message.answer(await answers.seen_in_chat(message.chat.id, people, name))


async def _find_people(message: Message, argument: str) -> tuple[list[Person], str | None]:
    """Whom /seen asks about: an id, whoever wrote the message answered, or those who bear or bore
    @username, with the username."""
    if argument:
        word = argument.split()[0]
        if re.fullmatch(r"[0-9]{1,16}", word):  # 16 digits hold every id, and fit the database
            return await queries.list_people(int(word)), None
        named = re.fullmatch(r"@?([A-Za-z0-9_]{1,64})", word)
        return (await _find_holders(message, named[1]), named[1]) if named else ([], None)
    answered = _answered_message(message)
    author = answered.from_user if answered and answered.sender_chat is None else None
    return (await queries.list_people(author.id) if author else []), None


async def _find_holders(message: Message, username: str) -> list[Person]:
    if _is_private(message):
        return await queries.list_holders(username, _asker_id(message) or 0)
    return await queries.list_holders_in_chat(username, message.chat.id)


def _answered_message(message: Message) -> Message | None:
    """The message replied to. In a topic every message replies to the topic's first: no person."""
    answered = message.reply_to_message
    return None if answered is None or answered.forum_topic_created else answered


async def _count_members(message: Message, bot: Bot, registry: Registry) -> None:
    """Ask Telegram how many members there are; without an answer, the last one stands."""
    try:
        count = await bot.get_chat_member_count(message.chat.id)
        await registry.record([MembersCounted(message.date, 0, message.chat.id, count)])
    except (TelegramAPIError, ClientDecodeError, NotCommitted) as error:
        logger.warning("members not counted: %s", error)


def _asker_id(message: Message) -> int | None:
    """The person who asks; None for an anonymous administrator or a channel."""
    if message.from_user is None or message.sender_chat is not None:
        return None
    return message.from_user.id


def _is_private(message: Message) -> bool:
    return message.chat.type == ChatType.PRIVATE
