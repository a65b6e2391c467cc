"""Asking Telegram about the members of one chat, while the pages go on."""

import asyncio
import logging
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from userreg import audit
from userreg.database_url import Database
from userreg.db import write_transaction
from userreg.errors import UserregError, describe
from userreg.logs import redact
from userreg.web.pages import Reconcile

logger = logging.getLogger(__name__)

#: Chats at once; others wait for their turn.
AT_ONCE: Final = 2


@dataclass
class Run:
    """How far it is."""

    asked: int = 0

    def count(self) -> None:
        self.asked += 1


class Reconciling:
    """One run at a time for each chat. That it began, and its result, is written to the audit,
    where every replica finds it."""

    def __init__(self, reconcile: Reconcile, database: Database) -> None:
        self._reconcile = reconcile
        self._database = database
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._runs: dict[int, Run] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def find(self, chat_id: int) -> Run | None:
        """The one that goes on in this process."""
        return self._runs.get(chat_id)

    async def begin(self, chat_id: int, actor_id: int) -> bool:
        """False while one goes on."""
        if chat_id in self._runs:
            return False
        run = self._runs[chat_id] = Run()
        try:
            await self._note(chat_id, actor_id, "reconcile", None)
        except BaseException:
            del self._runs[chat_id]
            raise
        task = asyncio.create_task(self._work(chat_id, actor_id, run), name="reconciling")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def stop(self, app: web.Application) -> None:
        """What was answered is committed; the rest is asked when somebody begins again."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _work(self, chat_id: int, actor_id: int, run: Run) -> None:
        try:
            action, detail = await self._ask(chat_id, run)
            await self._note(chat_id, actor_id, action, detail)
        except Exception as error:
            logger.warning("what reconciling found is not noted: %s", describe(error))
        finally:
            del self._runs[chat_id]

    async def _ask(self, chat_id: int, run: Run) -> tuple[str, str]:
        try:
            async with self._turns:
                counts = await self._reconcile(chat_id, run.count)
        except UserregError as error:
            return "reconcile.failed", redact(str(error))
        except Exception as error:
            logger.exception("reconciling failed")
            return "reconcile.failed", f"A fault of userreg ({type(error).__name__}): see its log."
        named = (f"{name}={counts[name]}" for name in ("present", "gone", "unanswered"))
        return "reconcile.done", " ".join(named)

    async def _note(self, chat_id: int, actor_id: int, action: str, detail: str | None) -> None:
        async with write_transaction(self._database) as db:
            await audit.note(db, action, actor_id=actor_id, subject_id=chat_id, detail=detail)


RECONCILING: Final = web.AppKey("RECONCILING", Reconciling)
