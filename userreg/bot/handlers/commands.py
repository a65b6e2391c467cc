"""The typed commands: each reads the question, and sends the view that answers it."""

import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from userreg import administrators, queries
from userreg.bot.asking import Asking, Parts
from userreg.bot.command_lists import set_commands_of
from userreg.bot.handlers.filters import by_whoever_sends_it, in_private, like_a_command
from userreg.bot.handlers.sending import send
from userreg.bot.view import View
from userreg.bot.views import VIEWS, administration, home, person
from userreg.db import FAULTS
from userreg.errors import describe
from userreg.phrases import choose_language, say, speaking
from userreg.queries import Person

logger = logging.getLogger(__name__)

#: Commands that are the name of a view, or another word for one.
_VIEWS = {
    "help": "help", "me": "me", "whereami": "here", "stats": "stats", "settings": "settings",
    "language": "language", "privacy": "privacy", "export": "export", "forget": "forget",
}  # fmt: skip
#: What makes sense where only chats speak.
_IN_CHANNELS = ("whereami", "stats")


def create_router() -> Router:
    """A new router: aiogram's have one parent for life."""
    router = Router(name="commands")
    router.message.filter(by_whoever_sends_it)
    router.message.register(start, Command("start"))
    router.message.register(seen, Command("seen"))
    router.message.register(admin, Command("admin"), in_private)
    router.message.register(command, Command(*_VIEWS))
    router.message.register(unknown_command, in_private, like_a_command)
    router.channel_post.register(command, Command(*_IN_CHANNELS))
    return router


async def answer(message: Message, parts: Parts, show: Callable[[Asking], Awaitable[View]]) -> None:
    asking = Asking.of_message(message, parts)
    try:
        with speaking(await asking.language()):
            await send(message, await show(asking))
    except FAULTS as error:
        logger.warning("a command could not be answered: %s", describe(error))
        with speaking(choose_language(asking.asker.language_code if asking.asker else None)):
            await send(message, View(say("press.failed")))


async def command(message: Message, command: CommandObject, parts: Parts) -> None:
    await answer(message, parts, VIEWS[_VIEWS[command.command.lower()]])


async def start(message: Message, command: CommandObject, parts: Parts) -> None:
    """With a code from the command line whoever sends it becomes an administrator."""

    async def show(asking: Asking) -> View:
        code = command.args or ""
        may_claim = asking.is_private and asking.asker is not None and code != ""
        if may_claim and await administrators.claim(parts.database, code, asking.asker_id):
            await set_commands_of(parts.bot, asking.asker_id, is_administrator=True)
            return await administration.admin(asking)
        return await home.start(asking)

    await answer(message, parts, show)


async def unknown_command(message: Message, parts: Parts) -> None:
    await answer(message, parts, home.unknown_command)


async def admin(message: Message, command: CommandObject, parts: Parts) -> None:
    """`/admin`, `/admin list`, `/admin add ID`, `/admin remove ID`."""

    async def show(asking: Asking) -> View:
        change = re.fullmatch(r"(add|remove) +([1-9][0-9]{0,15})", command.args or "")
        if change:
            return await administration.change(asking, change[1], int(change[2]))
        return await administration.admin(asking)

    await answer(message, parts, show)


async def seen(message: Message, command: CommandObject, parts: Parts) -> None:
    argument = (command.args or "").strip()

    async def show(asking: Asking) -> View:
        if not argument and _answered_message(message) is None:
            return await person.usage(asking)
        people, name = await _find_people(asking, message, argument)
        if len(people) == 1:
            asking = replace(asking, target=people[0].id)
        return await person.seen_of(asking, people, name)

    await answer(message, parts, show)


async def _find_people(
    asking: Asking, message: Message, argument: str
) -> tuple[list[Person], str | None]:
    """Whom /seen asks about: an id, whoever wrote the message answered, or those who bear or bore
    @username, with the username."""
    if argument:
        word = argument.split()[0]
        if re.fullmatch(r"[0-9]{1,16}", word):  # 16 digits hold every id, and fit the database
            return await queries.list_people(int(word)), None
        named = re.fullmatch(r"@?([A-Za-z0-9_]{1,64})", word)
        return (await _find_holders(asking, named[1]), named[1]) if named else ([], None)
    answered = _answered_message(message)
    author = answered.from_user if answered and answered.sender_chat is None else None
    return (await queries.list_people(author.id) if author else []), None


async def _find_holders(asking: Asking, username: str) -> list[Person]:
    """Among those of whom the asker may know."""
    if asking.is_private:
        if await asking.is_administrator():
            return await queries.list_holders_anywhere(username)
        return await queries.list_holders(username, asking.asker_id)
    if await asking.is_chat_administrator():
        return await queries.list_holders_ever_in_chat(username, asking.chat.id)
    return await queries.list_holders_in_chat(username, asking.chat.id)


def _answered_message(message: Message) -> Message | None:
    """The message replied to. In a topic every message replies to the topic's first: no person."""
    answered = message.reply_to_message
    return None if answered is None or answered.forum_topic_created else answered
