"""Who used more rights than everybody has."""

from datetime import UTC, datetime

from tortoise.backends.base.client import BaseDBAsyncClient

from userreg.decisions import AuditEntry
from userreg.forgotten import find_hash


async def note(
    db: BaseDBAsyncClient,
    action: str,
    *,
    actor_id: int | None = None,
    subject_id: int | None = None,
    detail: str | None = None,
) -> None:
    """Note what somebody did, within the caller's `write_transaction`.

    `actor_id` is None for the command line; the subject is a person or a chat. Of whoever is
    forgotten a keyed hash is noted instead of the id, and about them no detail.
    """
    actor_hash = await _hash_of(actor_id, db)
    subject_hash = await _hash_of(subject_id, db)
    entry = AuditEntry(
        at=datetime.now(UTC),
        action=action,
        actor_id=None if actor_hash else actor_id,
        actor_hash=actor_hash,
        subject_id=None if subject_hash else subject_id,
        subject_hash=subject_hash,
        detail=None if subject_hash else detail and detail[:256],
    )
    await entry.save(using_db=db)


async def _hash_of(user_id: int | None, db: BaseDBAsyncClient) -> str | None:
    return await find_hash(user_id, db) if user_id is not None and user_id > 0 else None
