"""The commands that Telegram shows in its menus, by place and language, and how it shows the bot.

Who may use a command is checked when it comes: what a menu shows gives no right.
"""

import logging
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Final

from aiogram import Bot
from aiogram.enums import BotCommandScopeType
from aiogram.exceptions import TelegramAPIError
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    BotCommandScopeUnion,
)

from userreg.phrases import LANGUAGES, choose_language, say, speaking

logger = logging.getLogger(__name__)

IN_PRIVATE: Final = (
    "start", "me", "seen", "stats", "whereami", "settings", "privacy", "export", "forget", "help",
)  # fmt: skip
IN_GROUPS: Final = ("me", "seen", "stats", "whereami", "privacy", "help")
_LISTS: Final[tuple[tuple[BotCommandScopeUnion, Sequence[str]], ...]] = (
    (BotCommandScopeAllPrivateChats(), IN_PRIVATE),
    (BotCommandScopeAllGroupChats(), IN_GROUPS),
    (BotCommandScopeAllChatAdministrators(), (*IN_GROUPS, "settings")),
)
#: Telegram shows what has no language to those for whose language there is nothing.
_CODES: Final = (None, *LANGUAGES)


async def set_commands(bot: Bot, administrators: Iterable[int]) -> list[str]:
    """Tell Telegram all lists and descriptions that it does not know yet; returns what differed.
    Raises `TelegramAPIError`."""
    changed = [found async for found in _set_descriptions(bot)]
    for scope, names in _LISTS:
        changed += [found async for found in _set_list(bot, scope, names)]
    for user_id in administrators:
        changed += await set_commands_of(bot, user_id, is_administrator=True)
    return changed


async def set_commands_of(bot: Bot, user_id: int, *, is_administrator: bool) -> list[str]:
    """The list in the private chat of somebody who became an administrator, or is one no more."""
    scope = BotCommandScopeChat(chat_id=user_id)
    try:
        if is_administrator:
            return [found async for found in _set_list(bot, scope, (*IN_PRIVATE, "admin"))]
        for code in _CODES:
            await bot.delete_my_commands(scope, code)
    except TelegramAPIError as error:
        # They have not begun to talk to the bot, or it is Telegram's: the release step sets it.
        logger.info("no list of commands for %d: %s", user_id, error.message)
    return []


async def _set_list(
    bot: Bot, scope: BotCommandScopeUnion, names: Sequence[str]
) -> AsyncIterator[str]:
    for code in _CODES:
        with speaking(choose_language(code)):
            wanted = {name: str(say(f"commands.{name}")) for name in names}
        known = await bot.get_my_commands(scope, code)
        if [(one.command, one.description) for one in known] != list(wanted.items()):
            commands = [BotCommand(command=n, description=d) for n, d in wanted.items()]
            await bot.set_my_commands(commands, scope, code)
            yield f"{BotCommandScopeType(scope.type).value} {code or 'default'}"


async def _set_descriptions(bot: Bot) -> AsyncIterator[str]:
    for code in _CODES:
        with speaking(choose_language(code)):
            long, short = str(say("about.description")), str(say("about.short_description"))
        if (await bot.get_my_description(code)).description != long:
            await bot.set_my_description(long, code)
            yield f"description {code or 'default'}"
        if (await bot.get_my_short_description(code)).short_description != short:
            await bot.set_my_short_description(short, code)
            yield f"short_description {code or 'default'}"
