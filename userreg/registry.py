"""The registry: the one door for updates, and the only writer.

`receive(raw)` decodes, extracts facts and waits for their commit. Within the transaction each
update id is claimed, so an update has its effect once, however often it is delivered. What it
says of people who are forgotten is counted, and nothing more.
"""

import contextlib
import hashlib
import logging
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from tortoise.backends.base.client import BaseDBAsyncClient

from userreg import forgetting, forgotten
from userreg.claims import claim
from userreg.database_url import WRITERS, Database
from userreg.db import describe, is_content_error, translated_errors, write_transaction
from userreg.decode import decode_update
from userreg.errors import NotCommitted
from userreg.extract import extract_facts
from userreg.facts import Fact, UserSeen
from userreg.forgotten import ForgottenPeople, ListChanged
from userreg.group_commit import GroupCommit, Limits
from userreg.logs import current_update
from userreg.migrated_chats import carry_over, find_moves, follow
from userreg.models import (
    Chat,
    DailyActivity,
    DeadLetter,
    KnownName,
    Membership,
    MembershipEvent,
    User,
)
from userreg.names import compare, list_named, settle_usernames, usernames_in
from userreg.record import Record, write_together
from userreg.rows import rows_from
from userreg.tally import Tally
from userreg.telegram import Update, chat_id_of
from userreg.upsert import Row

logger = logging.getLogger(__name__)

DEAD_LETTER_BYTES: Final = 64 * 1024
#: What is written after the chats, whose rows keep all other writers away.
_WRITTEN_TOGETHER: Final[tuple[type[Record], ...]] = (
    User, KnownName, Membership, MembershipEvent, DailyActivity,
)  # fmt: skip


class Outcome(StrEnum):
    """What became of an update; each of them is final."""

    RECORDED = "recorded"
    DUPLICATE = "duplicate"
    DEAD_LETTERED = "dead-lettered"


@dataclass(frozen=True)
class Receipt:
    """The outcome, and the update where it could be read."""

    outcome: Outcome
    update: Update | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Entry:
    """What one caller waits for: facts to record, or, with an `error`, a dead letter to keep.

    `update_id` is None for facts that no update brought, and for what is put aside: a dead letter
    is not claimed, so that it can be replayed. `met`: the hashes of the forgotten whom it named.
    """

    update_id: int | None
    facts: Sequence[Fact]
    received_at: datetime
    body: bytes | None = None
    error: str | None = None
    met: frozenset[str] = frozenset()


class Registry:
    """Records updates of one bot in one database. Any number of replicas may do so at once."""

    def __init__(self, database: Database, bot_id: int, limits: Limits | None = None) -> None:
        if limits is None:
            limits = Limits(writers=WRITERS if database.dialect == "postgres" else 1)
        self._database = database
        self._bot_id = bot_id
        self._forgotten = ForgottenPeople()
        self._commits: GroupCommit[_Entry, Outcome] = GroupCommit(
            self._commit, _set_aside, is_content_error, limits
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
            entry = _Entry(update.update_id, facts, at, raw)
        except Exception as error:  # a fault of ours, too, must not block the chat
            unread = _set_aside(_Entry(None, (), at, raw), error)
            return Receipt(await self._submit(unread))
        return Receipt(await self._submit(entry), update)

    async def _submit(self, update: _Entry) -> Outcome:
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
        outcome = await self._commits.submit(_Entry(None, facts, datetime.now(UTC)))
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

    async def _commit(self, entries: list[_Entry]) -> list[Outcome]:
        begun = time.perf_counter()
        try:
            outcomes = await self._commit_anew(entries)
        except BaseException:
            self.tally.failed_commits += 1
            raise
        self._count(entries, outcomes, time.perf_counter() - begun)
        return outcomes

    def _count(self, entries: list[_Entry], outcomes: list[Outcome], seconds: float) -> None:
        """Once a batch; what no update brought is no update."""
        tally = self.tally
        tally.batch_sizes.add(len(entries))
        tally.commit_seconds.add(seconds)
        both = zip(entries, outcomes, strict=True)
        tally.updates.update([outcome for entry, outcome in both if entry.body is not None])

    async def _commit_anew(self, entries: list[_Entry]) -> list[Outcome]:
        while True:
            try:
                return await self._commit_without(self._forgotten, entries)
            except ListChanged:
                self._forgotten = await forgotten.read_forgotten(self._database)

    async def _commit_without(
        self, people: ForgottenPeople, entries: list[_Entry]
    ) -> list[Outcome]:
        if people:
            entries = [_without(people, entry) for entry in entries]
        first = {e.update_id: e for e in reversed(entries) if e.update_id is not None}
        now = datetime.now(UTC)
        claims = [{"bot_id": self._bot_id, "update_id": u, "at": now} for u in first]
        once = [e for e in entries if e.update_id is None or first[e.update_id] is e]
        letters = [entry for entry in entries if entry.error and entry.body is not None]
        async with write_transaction(self._database) as db:
            fresh = await _record(once, claims, people, db)
            if letters:
                buried = [_letter(entry) for entry in letters]
                await DeadLetter.bulk_create(buried, ignore_conflicts=True, using_db=db)
            await forgotten.count_updates((one for entry in fresh for one in entry.met), db)
        recorded = {id(entry) for entry in fresh}
        return [_outcome(entry, recorded) for entry in entries]


async def _record(
    entries: list[_Entry], claims: list[Row], people: ForgottenPeople, db: BaseDBAsyncClient
) -> list[_Entry]:
    """Write the facts of those entries that have had no effect yet; returns these."""
    facts = [fact for entry in entries for fact in entry.facts]
    rows = rows_from(facts)
    named = list_named(rows[User])
    claimed = await claim(claims, rows[Chat], named, db, people.version)
    if claimed.duplicates:
        fresh = [e for e in entries if e.update_id not in claimed.duplicates]
        return await _record(fresh, [], people, db)
    if moves := await find_moves(claimed.moved, db):
        rows = rows_from(follow(facts, moves))
    rows[KnownName] = compare(named, claimed.people)
    usernames = usernames_in(rows[KnownName])
    await write_together({model: rows[model] for model in _WRITTEN_TOGETHER}, usernames, db)
    await settle_usernames(usernames, db)
    if moves:
        await carry_over(facts, moves, people, db)
    return entries


def _without(people: ForgottenPeople, entry: _Entry) -> _Entry:
    """What may be stored of the entry. Of an update that cannot be read, no body."""
    if entry.error is not None:
        met = people.named_in(entry.body or b"")
        return replace(entry, met=frozenset(met)) if met else entry
    facts, met = people.leave_out(entry.facts)
    # only updates are counted, not answers of Telegram
    return replace(entry, facts=facts, met=frozenset(met if entry.body is not None else ()))


def _set_aside(entry: _Entry, error: BaseException) -> _Entry:
    """The dead letter that takes the place of an entry which cannot be recorded."""
    logger.error("update %s put aside: %s", entry.update_id, describe(error))
    reason = describe(error).replace("\0", "")[:512].encode("utf-8", "replace").decode()
    return _Entry(None, (), entry.received_at, entry.body, reason)


def _letter(entry: _Entry) -> DeadLetter:
    """With the kind of the error alone, where the body names somebody who is forgotten."""
    body, error = entry.body or b"", entry.error or ""
    return DeadLetter(
        digest=hashlib.sha256(body).hexdigest(),
        body=b"" if entry.met else body[:DEAD_LETTER_BYTES],
        size=len(body),
        error=error.partition(":")[0] if entry.met else error,
        received_at=entry.received_at,
        buried_at=datetime.now(UTC),
    )


def _outcome(entry: _Entry, recorded: set[int]) -> Outcome:
    if entry.error is not None:
        return Outcome.DEAD_LETTERED
    return Outcome.RECORDED if id(entry) in recorded else Outcome.DUPLICATE
