"""Who may do what. Asked at every command and at every press: a role may end at any time."""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from aiogram import Bot
from aiogram.exceptions import ClientDecodeError, TelegramAPIError

from userreg import administrators
from userreg.bot.look_ups import ask_about_member
from userreg.facts import MembershipFound

logger = logging.getLogger(__name__)

#: Seconds for which Telegram is not asked about the same person in the same chat again.
REMEMBERED: Final = 300.0
#: Answers that are remembered at once; the oldest are dropped.
MOST: Final = 1_000
_ADMINISTRATES: Final = ("creator", "administrator")

Key = tuple[int, int]


class Roles:
    """The administrators of the bot, and those of a chat as Telegram tells of them."""

    def __init__(
        self, admin_ids: frozenset[int], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._admin_ids = admin_ids
        self._clock = clock
        self._told: OrderedDict[Key, tuple[float, bool]] = OrderedDict()
        self._asking: dict[Key, asyncio.Task[bool]] = {}

    @property
    def admin_ids(self) -> frozenset[int]:
        """Those of ADMIN_IDS alone."""
        return self._admin_ids

    async def is_administrator(self, user_id: int) -> bool:
        """Of the bot."""
        return await administrators.is_administrator(user_id, self._admin_ids)

    async def is_chat_administrator(self, bot: Bot, chat_id: int, user_id: int) -> bool:
        """Owner or administrator of the chat, as Telegram said in the last five minutes. False
        where it does not tell; then it is asked again the next time."""
        key = (chat_id, user_id)
        told = self._told.get(key)
        if told is not None and self._clock() - told[0] < REMEMBERED:
            return told[1]
        if key not in self._asking:
            self._asking[key] = asyncio.create_task(self._ask(bot, key))
        # Whoever gives up waiting takes the answer from nobody else.
        return await asyncio.shield(self._asking[key])

    def forget(self, chat_id: int, user_id: int) -> None:
        """Something changed for this person in this chat: ask anew."""
        self._told.pop((chat_id, user_id), None)
        self._asking.pop((chat_id, user_id), None)

    async def _ask(self, bot: Bot, key: Key) -> bool:
        answer: bool | None = None
        try:
            answer = await self._look_up(bot, key)
        finally:
            if self._asking.get(key) is asyncio.current_task():  # nothing has changed meanwhile
                del self._asking[key]
                if answer is not None:
                    self._remember(key, answer)
        return bool(answer)

    async def _look_up(self, bot: Bot, key: Key) -> bool | None:
        """None where Telegram does not tell."""
        try:
            facts = await ask_about_member(bot, *key)
        except (TelegramAPIError, ClientDecodeError) as error:
            logger.warning("not told whether somebody administers a chat: %s", error)
            return None
        found = (fact for fact in facts if isinstance(fact, MembershipFound))
        return any(fact.status in _ADMINISTRATES for fact in found)

    def _remember(self, key: Key, answer: bool) -> None:
        self._told[key] = (self._clock(), answer)
        self._told.move_to_end(key)
        while len(self._told) > MOST:
            self._told.popitem(last=False)
