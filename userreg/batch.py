"""One batch of updates, from their claims to the commit.

Each update id is claimed within the transaction, so an update has its effect once. A usual batch is
written in one call (`record_batch`, PostgreSQL); any other step by step, each of which may find
something to think about: duplicates, chats that have moved, names that have changed.
"""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from tortoise.backends.base.client import BaseDBAsyncClient

from userreg import forgotten
from userreg.claims import claim
from userreg.database_url import Database
from userreg.db import write_transaction
from userreg.errors import describe
from userreg.facts import Fact
from userreg.forgotten import ForgottenPeople
from userreg.migrated_chats import carry_over, find_moves, follow
from userreg.models import (
    Chat,
    ClaimedUpdate,
    DailyActivity,
    DeadLetter,
    KnownName,
    Membership,
    MembershipEvent,
    User,
)
from userreg.names import compare, list_named, settle_usernames, usernames_in
from userreg.record import Record, write_together
from userreg.record_batch import record_batch
from userreg.rows import rows_from
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


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
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


async def commit_batch(
    database: Database, bot_id: int, people: ForgottenPeople, entries: Sequence[Entry]
) -> list[Outcome]:
    """Record the entries, all or none. Raises `ListChanged` where `people` are no longer those who
    are forgotten."""
    if people:
        entries = [_without(people, entry) for entry in entries]
    first = {e.update_id: e for e in reversed(entries) if e.update_id is not None}
    once = [e for e in entries if e.update_id is None or first[e.update_id] is e]
    now = datetime.now(UTC)
    claims: list[Row] = [{"bot_id": bot_id, "update_id": u, "at": now} for u in first]
    fresh = once
    if not await _record_in_one_call(database, once, claims, people):
        fresh = await _record_step_by_step(database, once, claims, people)
    recorded = {id(entry) for entry in fresh}
    return [_outcome(entry, recorded) for entry in entries]


async def _record_in_one_call(
    database: Database, entries: list[Entry], claims: list[Row], people: ForgottenPeople
) -> bool:
    """False, and nothing is written, where there is something to think about."""
    if database.dialect != "postgres" or any(entry.error or entry.met for entry in entries):
        return False
    rows = rows_from(fact for entry in entries for fact in entry.facts)
    return await record_batch(database, {ClaimedUpdate: claims, **rows}, people.version)


async def _record_step_by_step(
    database: Database, entries: list[Entry], claims: list[Row], people: ForgottenPeople
) -> list[Entry]:
    """Returns those that have had no effect before."""
    letters = [_letter(entry) for entry in entries if entry.error and entry.body is not None]
    async with write_transaction(database) as db:
        fresh = await _record(entries, claims, people, db)
        if letters:
            await DeadLetter.bulk_create(letters, ignore_conflicts=True, using_db=db)
        await forgotten.count_updates((one for entry in fresh for one in entry.met), db)
    return fresh


async def _record(
    entries: list[Entry], claims: list[Row], people: ForgottenPeople, db: BaseDBAsyncClient
) -> list[Entry]:
    """Write the facts of those entries that have had no effect yet; returns these."""
    facts = [fact for entry in entries for fact in entry.facts]
    rows = rows_from(facts)
    claimed = await claim(claims, rows[Chat], rows[User], db, people.version)
    if claimed.duplicates:
        fresh = [e for e in entries if e.update_id not in claimed.duplicates]
        return await _record(fresh, [], people, db)
    if moves := await find_moves(claimed.moved, db):
        rows = rows_from(follow(facts, moves))
    rows[KnownName] = compare(list_named(rows[User]), claimed.people)
    usernames = usernames_in(rows[KnownName])
    await write_together({model: rows[model] for model in _WRITTEN_TOGETHER}, usernames, db)
    await settle_usernames(usernames, db)
    if moves:
        await carry_over(facts, moves, people, db)
    return entries


def _without(people: ForgottenPeople, entry: Entry) -> Entry:
    """What may be stored of the entry. Of an update that cannot be read, no body."""
    if entry.error is not None:
        met = people.named_in(entry.body or b"")
        return replace(entry, met=frozenset(met)) if met else entry
    facts, met = people.leave_out(entry.facts)
    # only updates are counted, not answers of Telegram
    return replace(entry, facts=facts, met=frozenset(met if entry.body is not None else ()))


def set_aside(entry: Entry, error: BaseException) -> Entry:
    """The dead letter that takes the place of an entry which cannot be recorded."""
    logger.error("update %s put aside: %s", entry.update_id, describe(error))
    reason = describe(error).replace("\0", "")[:512].encode("utf-8", "replace").decode()
    return Entry(None, (), entry.received_at, entry.body, reason)


def _letter(entry: Entry) -> DeadLetter:
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


def _outcome(entry: Entry, recorded: set[int]) -> Outcome:
    if entry.error is not None:
        return Outcome.DEAD_LETTERED
    return Outcome.RECORDED if id(entry) in recorded else Outcome.DUPLICATE
