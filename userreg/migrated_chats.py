"""Groups that became supergroups: one chat in the end, whichever message comes first.

Both chats may have rows already, and updates of the old one may still arrive. What is known of the
old chat moves to the new one, merged by the rules of the models; later facts follow.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec.structs import replace
from tortoise.backends.base.client import BaseDBAsyncClient

from userreg.facts import ChatMigrated, ChatSeen, Fact, MembershipChanged, MessageSent
from userreg.models import Chat, DailyActivity, Membership, MembershipEvent
from userreg.upsert import Row


@dataclass(frozen=True, order=True)
class Migration:
    old_chat_id: int
    new_chat_id: int


async def follow_migrations(
    facts: Sequence[Fact], db: BaseDBAsyncClient
) -> tuple[list[Fact], list[Migration]]:
    """The facts with the memberships of migrated groups put where they belong now.

    Also the migrations that these facts announce, whose rows are still to be carried over.
    """
    groups = sorted({f.chat.id for f in facts if isinstance(f, ChatSeen) and _is_group(f)})
    announced = {f.old_chat_id: f.new_chat_id for f in facts if isinstance(f, ChatMigrated)}
    if not groups and not announced:
        return list(facts), []
    await _lock(sorted({*groups, *announced}), list(announced), db)
    known = Chat.filter(id__in=groups, migrated_to_id__isnull=False).using_db(db)
    moved = dict(await known.values_list("id", "migrated_to_id")) | announced
    migrations = [Migration(old, _final(old, moved)) for old in sorted(announced)]
    return [_follow(fact, moved) for fact in facts], migrations


async def carry_over(migration: Migration, db: BaseDBAsyncClient) -> None:
    """Move memberships, timeline and activity of the old chat to the new one."""
    if migration.old_chat_id == migration.new_chat_id:
        return  # where a cycle was cut
    for model in (Membership, MembershipEvent, DailyActivity):
        of_old = model.filter(chat_id=migration.old_chat_id).using_db(db)
        rows = [_carried(row, migration.new_chat_id) for row in await of_old.values()]
        await model.update_or_create_many(rows, db)
        await of_old.delete()


def _is_group(fact: ChatSeen) -> bool:
    return fact.chat.type == "group"  # supergroups and channels keep their id for life


async def _lock(chat_ids: list[int], migrating: list[int], db: BaseDBAsyncClient) -> None:
    """No replica writes to a group while another one moves it (until the transaction ends)."""
    if db.capabilities.dialect != "postgres":
        return
    await db.execute_query_dict(
        "SELECT CASE WHEN id = ANY($2::bigint[]) THEN pg_advisory_xact_lock(id)"
        " ELSE pg_advisory_xact_lock_shared(id) END FROM unnest($1::bigint[]) AS id",
        [chat_ids, migrating],
    )


def _final(chat_id: int, moved: dict[int, int]) -> int:
    """The end of a chain of migrations; a cycle, which Telegram cannot make, is cut."""
    seen = {chat_id}
    while (following := moved.get(chat_id)) is not None and following not in seen:
        chat_id = following
        seen.add(chat_id)
    return chat_id


def _follow(fact: Fact, moved: dict[int, int]) -> Fact:
    if not isinstance(fact, MessageSent | MembershipChanged) or fact.chat_id not in moved:
        return fact
    chat_id = _final(fact.chat_id, moved)
    if isinstance(fact, MembershipChanged):
        return replace(fact, chat_id=chat_id, is_carried_over=True)
    return replace(fact, chat_id=chat_id)


def _carried(row: Row, new_chat_id: int) -> Row:
    carried = {**row, "chat_id": new_chat_id}
    if carried.get("status_at") is not None:
        carried["is_carried_over"] = True
    return carried
