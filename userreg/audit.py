"""The audit: who used more rights than everybody has, on what or whom, and when."""

from datetime import UTC, datetime

from tortoise.backends.base.client import BaseDBAsyncClient

from userreg.decisions import AuditEntry


async def note(
    db: BaseDBAsyncClient,
    action: str,
    *,
    actor_id: int | None = None,
    subject_id: int | None = None,
    detail: str | None = None,
) -> None:
    """Write down what is done, in the same transaction. `actor_id` None: the command line."""
    await AuditEntry.create(
        using_db=db, at=datetime.now(UTC), action=action, actor_id=actor_id,
        subject_id=subject_id, detail=detail,
    )  # fmt: skip
