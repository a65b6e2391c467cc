"""Confirming memberships that nobody has confirmed lately, by asking Telegram about each."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)

from userreg import gaps, queries
from userreg.bot.client import open_bot
from userreg.bot.look_ups import ask_about_member, ask_how_many, ask_who_administers
from userreg.bot.refusals import Refusals
from userreg.config import Settings
from userreg.db import translated_errors
from userreg.errors import UserregError
from userreg.facts import Fact, MembershipFound
from userreg.registry import Registry

logger = logging.getLogger(__name__)
#: Questions a second, and how old a confirmation may be, unless something else is said.
RATE: Final = 20.0
STALE: Final = timedelta(days=7)
_PAGE: Final = 500
#: Refusals of more than one question: of the chat, or of the bot.
_FINAL: Final = (
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramUnauthorizedError,
)


async def require_administrator(chat_id: int) -> None:
    """Raises `UserregError` where Telegram need not answer."""
    chat = await queries.find_chat(chat_id)
    if chat is not None and chat.migrated_to_id is not None:
        raise UserregError(
            f"The group {chat_id} has become chat {chat.migrated_to_id}: name that one instead."
        )
    if chat is None or chat.bot_status != "administrator":
        raise UserregError(
            f"The bot is not known to administer chat {chat_id}, so Telegram need not answer: "
            "make it an administrator there, then start this again."
        )


async def reconcile_chat(
    settings: Settings, registry: Registry, chat_id: int, on_asked: Callable[[], None]
) -> Counter[str]:
    """One chat, within a bot that runs. Raises `UserregError`, in one sentence."""
    async with open_bot(settings) as bot:
        bot.session.middleware(Refusals(registry))
        reconciler = Reconciler(bot, registry, RATE, on_asked)
        with translated_errors(OSError):
            await require_administrator(chat_id)
            await reconciler.run_chat(chat_id, datetime.now(UTC) - STALE)
    return reconciler.counts


class Reconciler:
    """Asks one question at a time, at most `rate` a second, and waits as long as Telegram says.

    Each answer is committed before the next question, so that a run that was stopped goes on where
    it was. `on_asked` is called after each member.
    """

    def __init__(
        self, bot: Bot, registry: Registry, rate: float, on_asked: Callable[[], None]
    ) -> None:
        self._bot = bot
        self._registry = registry
        self._pause = 1 / rate
        self._on_asked = on_asked
        #: `present`, `gone`, and `unanswered`, which is neither.
        self.counts: Counter[str] = Counter()

    async def run(self, chat_ids: Sequence[int], before: datetime) -> None:
        """Ask about the members of these chats whom nobody confirmed since `before`. Raises
        `NotCommitted`, and aiogram's errors where Telegram cannot be reached at all."""
        for chat_id in chat_ids:
            try:
                await self.run_chat(chat_id, before)
            except TelegramForbiddenError as error:
                logger.warning("chat %d is closed to the bot: %s", chat_id, error.message)
            except TelegramMigrateToChat as error:
                logger.warning("chat %d has become %d", chat_id, error.migrate_to_chat_id)

    async def run_chat(self, chat_id: int, before: datetime) -> None:
        """The same of one chat. Raises, too, what Telegram says of a chat that is closed."""
        await self._ask(partial(ask_who_administers, self._bot, chat_id))
        await self._ask(partial(ask_how_many, self._bot, chat_id))
        after = 0
        while user_ids := await gaps.list_to_ask(before, chat_id, after, _PAGE):
            for user_id in user_ids:
                facts = await self._ask(partial(ask_about_member, self._bot, chat_id, user_id))
                self.counts[_outcome(facts)] += 1
                self._on_asked()
            after = user_ids[-1]

    async def _ask(self, question: Callable[[], Awaitable[list[Fact]]]) -> list[Fact]:
        """The answer, once it is committed; nothing where Telegram would not tell."""
        while True:
            await asyncio.sleep(self._pause)
            try:
                facts = await question()
                break
            except TelegramRetryAfter as error:
                logger.warning("Telegram asks to wait %d s", error.retry_after)
                await asyncio.sleep(error.retry_after)
            except _FINAL:
                raise
            except (TelegramAPIError, ClientDecodeError) as error:
                logger.info("not told: %s", error)
                return []
        await self._registry.record(facts)
        return facts


def _outcome(facts: Sequence[Fact]) -> str:
    found = next((fact for fact in facts if isinstance(fact, MembershipFound)), None)
    if found is None:
        return "unanswered"
    return "present" if found.is_member else "gone"
