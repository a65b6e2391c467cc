"""Groups that became supergroups: one chat in the end, whichever message comes first.

Both chats may have rows already, and updates of the old one may still arrive. What is known of the
old chat moves to the new one, merged by the rules of the models; later facts follow. What is told
of the old chat's members after the move is no news: that chat was only closed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from msgspec.structs import replace
from tortoise.backends.base.client import BaseDBAsyncClient

from userreg.facts import ChatMigrated, Fact, MembershipChanged, MembershipFound, MessageSent
from userreg.forgotten import ForgottenPeople
from userreg.models import DailyActivity, Membership, MembershipEvent
from userreg.sql import fetch
from userreg.upsert import Row

#: Those of these chats that have moved.
MOVES: Final = """
    SELECT id, migrated_to_id, migrated_at FROM chats
    WHERE id = ANY($1::bigint[]) AND migrated_to_id IS NOT NULL
"""
#: What the group chose, unless something has been chosen in the new one.
_WISHES: Final = (
    "INSERT INTO preferences (id, locale, is_hidden, updated_at) SELECT $2, locale, is_hidden,"
    " updated_at FROM preferences WHERE id = $1 ON CONFLICT (id) DO NOTHING",
    "DELETE FROM preferences WHERE id = $1",
)


@dataclass(frozen=True)
class Move:
    """Where a chat went, and when. The newest that was told, should there be several."""

    new_chat_id: int
    at: datetime


Moves = dict[int, Move]


async def find_moves(written: Iterable[Row], db: BaseDBAsyncClient) -> Moves:
    """The moves of the chats that were just written, and of those they moved to.

    What was written is locked: no replica moves one of these chats until the commit.
    """
    moves: Moves = {}
    rows = [row for row in written if row["migrated_to_id"] is not None]
    while rows:
        moves |= {r["id"]: Move(r["migrated_to_id"], r["migrated_at"]) for r in rows}
        wanted = {row["migrated_to_id"] for row in rows} - moves.keys()
        rows = await fetch(db, MOVES, sorted(wanted)) if wanted else []
    return moves


def follow(facts: Sequence[Fact], moves: Moves) -> list[Fact]:
    """The facts with what concerns a migrated group put where it belongs now."""
    return [followed for fact in facts if (followed := _follow(fact, moves)) is not None]


async def carry_over(
    facts: Sequence[Fact], moves: Moves, people: ForgottenPeople, db: BaseDBAsyncClient
) -> None:
    """Move what is known of the chats whose migration these facts announce."""
    announced = [fact for fact in facts if isinstance(fact, ChatMigrated)]
    # all events of a large chat may have to be looked through, so not for whoever is refused there
    is_earlier = any(moves[one.old_chat_id].at == one.at for one in announced)
    for old in sorted({chat_id for one in announced for chat_id in _path(one.old_chat_id, moves)}):
        new = _final(old, moves)
        if new != old:
            await _carry_over(old, new, moves[old].at, people, db)
            if is_earlier:
                path = _path(old, moves)
                last_move = max(moves[chat_id].at for chat_id in path if chat_id in moves)
                await _take_back(new, last_move, db)


def _follow(fact: Fact, moves: Moves) -> Fact | None:
    if not isinstance(fact, MessageSent | MembershipChanged | MembershipFound):
        return fact
    chat_id = _final(fact.chat_id, moves)
    if chat_id == fact.chat_id:
        return fact
    if isinstance(fact, MessageSent):
        return replace(fact, chat_id=chat_id)
    if fact.at > moves[fact.chat_id].at:
        return None
    return replace(fact, chat_id=chat_id, is_carried_over=True)


def _path(chat_id: int, moves: Moves) -> list[int]:
    """The chats on the way from this one to where it is now, itself first."""
    path: list[int] = []
    while chat_id not in path:
        path.append(chat_id)
        if chat_id not in moves:
            break
        chat_id = moves[chat_id].new_chat_id
    return path


def _final(chat_id: int, moves: Moves) -> int:
    """The end of the way. Where it goes round, the oldest move was undone by the later ones."""
    path = _path(chat_id, moves)
    if path[-1] not in moves:
        return path[-1]
    round_ = path[path.index(moves[path[-1]].new_chat_id) :]
    return min(round_, key=lambda c: (moves[c].at, moves[c].new_chat_id))


async def _carry_over(
    old: int, new: int, moved_at: datetime, people: ForgottenPeople, db: BaseDBAsyncClient
) -> None:
    events = await _take(MembershipEvent, old, people, db)
    told: dict[int, list[Row]] = {}
    for event in events:
        told.setdefault(event["user_id"], []).append(event)
    memberships = [
        _as_of_the_move(row, told.get(row["user_id"], []), moved_at)
        for row in await _take(Membership, old, people, db)
    ]
    known = [row for row in memberships if row["status_at"] is not None or row["messages"]]
    kept = [event for event in events if event["at"] <= moved_at]
    activity = await _take(DailyActivity, old, people, db)
    here: Row = {"chat_id": new, "is_carried_over": True}
    await Membership.update_or_create_many([_carried(row, new) for row in known], db)
    await MembershipEvent.update_or_create_many([event | here for event in kept], db)
    await DailyActivity.update_or_create_many([row | {"chat_id": new} for row in activity], db)
    await fetch(db, _WISHES[0], old, new)
    await fetch(db, _WISHES[1], old)


async def _take(
    model: Any, chat_id: int, people: ForgottenPeople, db: BaseDBAsyncClient
) -> list[Row]:
    """The rows, out of the table. Whoever is being forgotten goes nowhere."""
    of_chat = model.filter(chat_id=chat_id).using_db(db)
    rows: list[Row] = await of_chat.values()
    await of_chat.delete()
    return people.leave_out_rows(rows)


def _as_of_the_move(row: Row, events: list[Row], moved_at: datetime) -> Row:
    """A membership as it was when the group moved: what was told later is taken back."""
    if row["status_at"] is None or row["status_at"] <= moved_at:
        return row
    valid = [event for event in events if event["at"] <= moved_at]
    return _as_told(row, valid, [event for event in events if event["at"] > moved_at], moved_at)


def _as_told(row: Row, valid: list[Row], late: list[Row], moved_at: datetime) -> Row:
    """A membership as the valid events tell of it, without those that were told too late."""
    valid = valid or _told_afterwards(row, late, moved_at)
    joined = [e["at"] for e in valid if e["is_member"] and e["was_member"] is False]
    left = [e["at"] for e in valid if e["was_member"] and e["is_member"] is False]
    # who wrote may have done so between a sight that is no longer one and the last
    wrote = row["last_seen_at"] if _is_first_sight(late, row) else row["first_seen_at"]
    seen = [e["at"] for e in valid] + ([wrote] if row["messages"] else [])
    last = max(valid, key=lambda e: (e["at"], e["evidence"], e["update_id"]), default=None)
    return row | {
        "status": last and last["new_status"],
        "is_member": last and last["is_member"],
        "evidence": last and last["evidence"],
        "is_carried_over": last and last["is_carried_over"],
        "status_at": last and last["at"],
        "status_update_id": last and last["update_id"],
        "joined_at": max(joined, default=None),
        "left_at": max(left, default=None),
        "first_seen_at": min(seen, default=row["status_at"]),
    }


def _is_first_sight(events: list[Row], row: Row) -> bool:
    return any(event["at"] <= row["first_seen_at"] for event in events)


async def _take_back(chat_id: int, moved_at: datetime, db: BaseDBAsyncClient) -> None:
    """What was carried over although it was told after the move, which was thought to be later: its
    two messages may be of different seconds, and who is refused learns of it later still."""
    of_chat = MembershipEvent.filter(chat_id=chat_id).using_db(db)
    too_late = of_chat.filter(is_carried_over=True, at__gt=moved_at)
    late: dict[int, list[Row]] = {}
    for event in await too_late.values():
        late.setdefault(event["user_id"], []).append(event)
    if not late:
        return
    await too_late.delete()
    told: dict[int, list[Row]] = {user_id: [] for user_id in late}
    for event in await of_chat.filter(user_id__in=list(late)).values():
        told[event["user_id"]].append(event)
    members = Membership.filter(chat_id=chat_id).using_db(db)
    for row in await members.filter(user_id__in=list(late)).values():
        user_id = row["user_id"]
        kept = _without_what_was_late(row, told[user_id], late[user_id], moved_at)
        one = members.filter(id=kept.pop("id"))
        is_known = kept["status_at"] is not None or kept["messages"]
        await (one.update(**kept) if is_known else one.delete())


def _without_what_was_late(row: Row, events: list[Row], late: list[Row], moved_at: datetime) -> Row:
    before = _as_told(row, events, late, moved_at)
    if row["is_carried_over"] and row["status_at"] > moved_at:
        return before
    # of its status there was later news
    names = ["joined_at", "left_at", *(["first_seen_at"] if _is_first_sight(late, row) else [])]
    return row | {name: before[name] for name in names}


def _told_afterwards(row: Row, events: list[Row], moved_at: datetime) -> list[Row]:
    """Somebody known from before the move by an answer of Telegram, which makes no event: the first
    one after it tells what they were until then."""
    first = min(events, key=lambda e: (e["at"], e["update_id"]), default=None)
    is_known_before = row["first_seen_at"] <= moved_at and not row["messages"]
    if first is None or not first["was_member"] or not is_known_before:
        return []
    was = {"new_status": first["old_status"] or "member", "is_member": True, "was_member": None}
    return [first | was | {"at": moved_at, "update_id": 0}]


def _carried(row: Row, chat_id: int) -> Row:
    is_told = row["status_at"] is not None
    return row | {"chat_id": chat_id, **({"is_carried_over": True} if is_told else {})}
