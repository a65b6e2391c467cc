"""What Telegram's refusals prove: a group has moved, a chat is lost, an account is gone.

No update need ever tell these. Each request to the Bot API passes here.
"""

import logging
from datetime import datetime
from typing import Final

from aiogram import Bot
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.exceptions import TelegramForbiddenError, TelegramMigrateToChat
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType

from userreg.bot.look_ups import now
from userreg.errors import NotCommitted
from userreg.facts import BotMembershipChanged, ChatMigrated, Fact, UserSeen
from userreg.registry import Registry
from userreg.telegram import User

logger = logging.getLogger(__name__)

#: Words of the Bot API server, and the status that they mean for the bot.
_LOST: Final = {
    "bot was blocked by the user": "kicked",
    "bot was kicked from": "kicked",
    "bot is not a member of": "left",
    "the group chat was deleted": "left",
}
_GONE: Final = "user is deactivated"


class Refusals(BaseRequestMiddleware):
    """Records what a refused request proves; one to a moved group is sent again to where it is.

    Not so a question (`get…`): what is true of the new chat is no answer for the old one.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        chat_id = getattr(method, "chat_id", None)
        at = now()
        try:
            return await make_request(bot, method)
        except TelegramMigrateToChat as error:
            if not isinstance(chat_id, int):
                raise
            new_chat_id = error.migrate_to_chat_id
            await self._learn(ChatMigrated(at, 0, chat_id, new_chat_id))
            if method.__api_method__.startswith("get"):
                raise
            return await make_request(bot, method.model_copy(update={"chat_id": new_chat_id}))
        except TelegramForbiddenError as error:
            if isinstance(chat_id, int) and (fact := _proven(chat_id, at, error.message)):
                await self._learn(fact)
            raise

    async def _learn(self, fact: Fact) -> None:
        try:
            await self._registry.record([fact])
        except NotCommitted as error:
            logger.warning("what Telegram refused was not recorded: %s", error)


def _proven(chat_id: int, at: datetime, description: str) -> Fact | None:
    if _GONE in description and chat_id > 0:
        return UserSeen(at, 0, User(id=chat_id))
    for words, status in _LOST.items():
        if words in description:
            return BotMembershipChanged(at, 0, chat_id, status, is_member=False)
    return None
