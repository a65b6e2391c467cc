"""The registry: the one door for updates, and the only writer.

`receive(raw)` decodes, extracts facts and waits for their commit. Within the transaction each
update id is claimed, so an update has its effect once, however often it is delivered. What it
says of people who are forgotten is counted, and nothing more.
"""

import contextlib
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from userreg import forgetting, forgotten
from userreg.batch import Entry, Outcome, commit_batch, set_aside
from userreg.database_url import WRITERS, Database
from userreg.db import is_content_error, translated_errors, write_transaction
from userreg.decode import decode_update
from userreg.errors import NotCommitted
from userreg.extract import extract_facts
from userreg.facts import Fact, UserSeen
from userreg.forgotten import ForgottenPeople, ListChanged
from userreg.group_commit import GroupCommit, Limits
from userreg.logs import current_update
from userreg.models import DeadLetter
from userreg.tally import Tally
from userreg.telegram import Update, chat_id_of


@dataclass(frozen=True)
class Receipt:
    """The outcome, and the update where it could be read."""

    outcome: Outcome
    update: Update | None = None


class Registry:
    """Records updates of one bot in one database. Any number of replicas may do so at once."""

    def __init__(self, database: Database, bot_id: int, limits: Limits | None = None) -> None:
        if limits is None:
            is_postgres = database.dialect == "postgres"
            limits = Limits(writers=WRITERS if is_postgres else 1, shifts=is_postgres)
        self._database = database
        self._bot_id = bot_id
        self._forgotten = ForgottenPeople()
        self._commits: GroupCommit[Entry, Outcome] = GroupCommit(
            self._commit, set_aside, is_content_error, limits
        )
        self.tally = Tally()
        self.tally.queues["updates"] = lambda: len(self._commits)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Registry"]:
        """Accept updates while the context is open; its end commits what is pending."""
        async with self._commits.running():
            yield self

    def refuse(self) -> None:
        """Accept nothing more: whoever sends gets `NotCommitted`."""
        self._commits.refuse()

    async def receive(self, raw: bytes, received_at: datetime | None = None) -> Receipt:
        """Record the update in `raw`, the bytes as Telegram sent them, and wait for the commit.

        What cannot be read or stored is put aside as a dead letter. Raises `NotCommitted` when
        the database is at fault.
        """
        at = received_at or datetime.now(UTC).replace(microsecond=0)
        try:
            update = decode_update(raw)
            current_update.set((update.update_id, chat_id_of(update)))
            facts = [fact for fact in extract_facts(update, at) if self._is_news(fact)]
            entry = Entry(update.update_id, facts, at, raw)
        except Exception as error:  # a fault of ours, too, must not block the chat
            unread = set_aside(Entry(None, (), at, raw), error)
            return Receipt(await self._submit(unread))
        return Receipt(await self._submit(entry), update)

    async def _submit(self, update: Entry) -> Outcome:
        try:
            return await self._commits.submit(update)
        except NotCommitted:
            self.tally.updates["refused"] += 1
            raise

    def _is_news(self, fact: Fact) -> bool:
        """False where the bot itself is told of: it is nobody's acquaintance, and its status is
        kept with the chat."""
        user_id = fact.user.id if isinstance(fact, UserSeen) else getattr(fact, "user_id", None)
        return user_id != self._bot_id

    async def record(self, facts: Sequence[Fact]) -> None:
        """Record what Telegram's API answered. Raises `NotCommitted`."""
        outcome = await self._commits.submit(Entry(None, facts, datetime.now(UTC)))
        if outcome is Outcome.DEAD_LETTERED:
            raise NotCommitted(f"could not be stored: {facts!r}")

    async def replay_dead_letter(self, letter: DeadLetter) -> Receipt:
        """Receive a dead letter once more; it is dropped when it could be recorded."""
        if letter.size > len(letter.body):
            return Receipt(Outcome.DEAD_LETTERED)  # only its beginning was kept
        receipt = await self.receive(letter.body, letter.received_at)
        if receipt.outcome is not Outcome.DEAD_LETTERED:
            await self.drop_dead_letters([letter.id])
        return receipt

    async def drop_dead_letters(self, ids: Iterable[int] | None = None) -> int:
        """Drop those dead letters, or all of them; returns how many there were."""
        async with write_transaction(self._database) as db:
            letters = DeadLetter.all() if ids is None else DeadLetter.filter(id__in=list(ids))
            return await letters.using_db(db).delete()

    async def forget(self, user_id: int) -> None:
        """Erase a person from every table, dead letters that name them included, for good: what is
        told of them later is counted, and not stored. Not within a transaction of the caller's.

        Raises `DatabaseUnavailable`; to do it again erases what was not yet erased.
        """
        with translated_errors(OSError):
            await forgetting.forget(self._database, user_id)

    async def remember_again(self, user_id: int) -> None:
        """Nobody is forgotten against their will: later updates make them known again. Raises
        `DatabaseUnavailable`."""
        with translated_errors(OSError):
            await forgotten.take_off_the_list(self._database, user_id)

    async def is_forgotten(self, user_id: int) -> bool:
        """Raises `DatabaseUnavailable`."""
        with translated_errors(OSError):
            return await forgotten.is_forgotten(self._database, user_id)

    async def _commit(self, entries: list[Entry]) -> list[Outcome]:
        begun = time.perf_counter()
        try:
            outcomes = await self._commit_anew(entries)
        except BaseException:
            self.tally.failed_commits += 1
            raise
        self._count(entries, outcomes, time.perf_counter() - begun)
        return outcomes

    def _count(self, entries: list[Entry], outcomes: list[Outcome], seconds: float) -> None:
        """Once a batch; what no update brought is no update."""
        tally = self.tally
        tally.batch_sizes.add(len(entries))
        tally.commit_seconds.add(seconds)
        both = zip(entries, outcomes, strict=True)
        tally.updates.update([outcome for entry, outcome in both if entry.body is not None])

    async def _commit_anew(self, entries: list[Entry]) -> list[Outcome]:
        while True:
            try:
                return await commit_batch(self._database, self._bot_id, self._forgotten, entries)
            except ListChanged:
                self._forgotten = await forgotten.read_forgotten(self._database)
