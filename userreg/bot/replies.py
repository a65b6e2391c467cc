"""Answers, after the commit: a bounded queue of their own, so that a slow Telegram holds up none
of the recording. A crash may lose an answer, never a registration."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import Final

from aiogram import Dispatcher
from aiogram.exceptions import ClientDecodeError, TelegramAPIError
from aiogram.types import Update as AiogramUpdate
from pydantic import ValidationError

from userreg.batch import Outcome
from userreg.bot.asking import Parts
from userreg.bot.look_ups import ask_how_many, ask_who_administers, became_administrator
from userreg.errors import NotCommitted
from userreg.logs import current_update
from userreg.registry import Receipt
from userreg.telegram import Update, chat_id_of

logger = logging.getLogger(__name__)

WORKERS: Final = 8
#: Answers that may wait; what comes on top is dropped, and said in the log.
WAITING: Final = 200
#: Seconds for the answers that are still waiting when the process is told to stop.
DRAIN: Final = 3.0


def wants_answer(update: Update) -> bool:
    """Whether somebody talks to the bot: a command, a button, or the bot's own membership."""
    message = update.message or update.channel_post
    if message is not None:
        return message.text is not None and message.text.startswith("/")
    return update.my_chat_member is not None or update.callback_query is not None


class Replies:
    """Hands updates to the dispatcher, a few at a time."""

    def __init__(self, dispatcher: Dispatcher, parts: Parts) -> None:
        self._dispatcher = dispatcher
        self._bot = parts.bot
        self._registry = parts.registry
        self._roles = parts.roles
        self._queue: asyncio.Queue[tuple[Update, bytes]] = asyncio.Queue(WAITING)
        self._tally = parts.registry.tally
        self._tally.queues["replies"] = self._queue.qsize

    def follow(self, receipt: Receipt, raw: bytes) -> None:
        """After the commit: answer the update, when its turn comes. Never waits."""
        update = receipt.update
        if update is None or receipt.outcome is not Outcome.RECORDED:
            return
        if (changed := update.chat_member) is not None:
            self._roles.forget(changed.chat.id, changed.new_chat_member.user.id)
        if not wants_answer(update):
            return
        try:
            self._queue.put_nowait((update, raw))
        except asyncio.QueueFull:
            self._tally.replies["dropped"] += 1
            logger.warning("update %d stays without an answer: too many wait", update.update_id)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Replies"]:
        """Answer while the context is open; its end gives what still waits a moment."""
        workers = [asyncio.create_task(self._work(), name="replies") for _ in range(WORKERS)]
        try:
            yield self
        finally:
            try:
                await asyncio.wait_for(self._queue.join(), DRAIN)
            except TimeoutError:
                self._tally.replies["dropped"] += self._queue.qsize()
                logger.warning("stopped with answers left unsent")
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)

    async def _work(self) -> None:
        while True:
            update, raw = await self._queue.get()
            current_update.set((update.update_id, chat_id_of(update)))
            outcome = "failed"
            try:
                if became_administrator(update):
                    await self._fill_the_gap(update)
                if await self._answer(raw):
                    outcome = "answered"
            except TelegramAPIError as error:
                logger.warning("no answer could be sent: %s", error)
            except Exception:
                logger.exception("an answer failed")
            finally:
                self._tally.replies[outcome] += 1
                self._queue.task_done()

    async def _fill_the_gap(self, update: Update) -> None:
        """Telegram tells an administrator what it has not told before: ask once."""
        chat_id = chat_id_of(update) or 0
        for ask in (ask_who_administers, ask_how_many):
            try:
                await self._registry.record(await ask(self._bot, chat_id))
            except (TelegramAPIError, ClientDecodeError, NotCommitted) as error:
                logger.warning("%s: no answer: %s", ask.__name__, error)

    async def _answer(self, raw: bytes) -> bool:
        """False where aiogram cannot read what was recorded."""
        try:
            update = AiogramUpdate.model_validate_json(raw, context={"bot": self._bot})
        except ValidationError as error:
            # Recorded all the same: only aiogram's strict models refuse it.
            logger.warning("not answered, aiogram refuses %d fields of it", error.error_count())
            return False
        await self._dispatcher.feed_update(self._bot, update)
        return True
