"""Everything that the registry holds about one person, as it is kept."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from tortoise.backends.base.client import BaseDBAsyncClient

from userreg.decisions import (
    Administrator,
    AuditEntry,
    Forgotten,
    OneTimeCode,
    Phrase,
    Preference,
    Session,
)
from userreg.forgetting import list_letters
from userreg.forgotten import find_hash
from userreg.models import Chat, DailyActivity, KnownName, Membership, MembershipEvent, User
from userreg.queries import read
from userreg.upsert import Row

#: Rows of one table, at most.
_LIMIT: Final = 100
_OF_THE_PERSON: Final = {
    "users": "SELECT * FROM users WHERE id = $1",
    "known_names": "SELECT * FROM known_names WHERE user_id = $1 ORDER BY first_at DESC",
}
_IN_A_CHAT: Final = {
    "memberships": "SELECT * FROM memberships WHERE user_id = $1 AND chat_id = $2",
    "membership_events": (
        "SELECT * FROM membership_events WHERE user_id = $1 AND chat_id = $2 "
        "ORDER BY at DESC, update_id DESC"
    ),
    "daily_activity": (
        "SELECT * FROM daily_activity WHERE user_id = $1 AND chat_id = $2 ORDER BY day DESC"
    ),
}


async def list_rows_about(user_id: int, chat_id: int) -> dict[str, list[Row]]:
    """By table: the person, the chat, and the person in that chat; the newest first."""
    rows = {"users": await _list(_OF_THE_PERSON["users"], user_id)}
    rows["chats"] = await _list("SELECT * FROM chats WHERE id = $1", chat_id)
    for table, sql in _IN_A_CHAT.items():
        rows[table] = await _list(sql, user_id, chat_id)
    rows["known_names"] = await _list(_OF_THE_PERSON["known_names"], user_id)
    return rows


async def everything_about(user_id: int) -> dict[str, Any]:
    """All of it as plain data for a JSON document, times as in ISO 8601. Of others there is nothing
    in it: who did something to this person, and to whom this person did something, is left out."""
    db = User._choose_db()
    memberships = await Membership.filter(user_id=user_id).order_by("chat_id").values()
    titles = await _find_titles(row["chat_id"] for row in memberships)
    chat_ids = [*(row["chat_id"] for row in memberships), user_id]
    activity = DailyActivity.filter(user_id=user_id, chat_id__in=chat_ids)
    events = await MembershipEvent.filter(user_id=user_id).order_by("at", "update_id").values()
    added = Chat.filter(added_by_id=user_id).order_by("added_at")
    found = {
        "user_id": user_id,
        "user": await User.filter(id=user_id).first().values(),
        "names": await KnownName.filter(user_id=user_id).order_by("first_at").values(),
        "private_chat": await Chat.filter(id=user_id).first().values(),
        "memberships": [row | {"chat_title": titles.get(row["chat_id"])} for row in memberships],
        "events": [_of_nobody_else(event, user_id) for event in events],
        "acts": await _list_acts(user_id),
        "chats_where_they_added_the_bot": await added.values("title", "added_at", chat_id="id"),
        "activity": await activity.order_by("day").values("chat_id", "day", "messages"),
        **await _list_decisions(user_id),
        "audit": await _list_audit(user_id),
        "dead_letters": len(await list_letters(user_id, db)),
        "forgotten": await _find_forgotten(user_id, db),
    }
    return {name: _plain(value) for name, value in found.items()}


async def _list_acts(user_id: int) -> list[Row]:
    """What this person did to others."""
    acts = MembershipEvent.filter(actor_id=user_id).exclude(user_id=user_id).order_by("at")
    return await acts.values("chat_id", "at", "update_id", "old_status", "new_status")


async def _find_titles(chat_ids: Iterable[int]) -> dict[int, str | None]:
    chats = await Chat.filter(id__in=list(chat_ids)).values("id", "title")
    return {chat["id"]: chat["title"] for chat in chats}


async def _list_decisions(user_id: int) -> dict[str, Any]:
    edited = Phrase.filter(updated_by_id=user_id).order_by("id")
    codes = OneTimeCode.filter(user_id=user_id).order_by("expires_at")
    sessions = Session.filter(user_id=user_id).order_by("created_at")
    return {
        "preferences": await Preference.filter(id=user_id).first().values(),
        "administrator": await Administrator.filter(user_id=user_id).first().values("added_at"),
        "codes": await codes.values("purpose", "expires_at"),
        "sessions": await sessions.values("created_at", "seen_at", "expires_at"),
        "phrases": await edited.values("key", "locale", "category", "version", "updated_at"),
    }


async def _list_audit(user_id: int) -> list[Row]:
    """What they did, and what was done about them."""
    did = AuditEntry.filter(actor_id=user_id).order_by("id")
    told = AuditEntry.filter(subject_id=user_id).order_by("id")
    return [
        *({**row, "role": "actor"} for row in await did.values("at", "action")),
        *({**row, "role": "subject"} for row in await told.values("at", "action", "detail")),
    ]


async def _find_forgotten(user_id: int, db: BaseDBAsyncClient) -> Row | None:
    found = await Forgotten.filter(hash=await find_hash(user_id, db) or "").first()
    return {"at": found.at, "updates": found.updates} if found else None


def _of_nobody_else(event: Row, user_id: int) -> Row:
    return event if event["actor_id"] == user_id else event | {"actor_id": None}


def _plain(value: Any) -> Any:
    """Without the numbers of rows: whose rows they are is said by `user_id` and `chat_id`."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items() if name != "id"}
    return value.isoformat() if isinstance(value, date) else value


async def _list(sql: str, *ids: int) -> list[Row]:
    return await read(f"{sql} LIMIT {_LIMIT}", *ids)
