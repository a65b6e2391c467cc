"""Everything that the registry holds about one person, as it is kept."""

from typing import Final

from userreg.queries import _fetch
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


async def _list(sql: str, *ids: int) -> list[Row]:
    return await _fetch(f"{sql} LIMIT {_LIMIT}", *ids)
