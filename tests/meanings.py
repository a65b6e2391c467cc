"""What each field of a filter means, in plain Python, for the rows that are planted."""

from collections.abc import Callable
from typing import Any

from tests.planted import BUSY, LARGE, PLANTED, Rows
from userreg import lists
from userreg.filters import CHATS, MEMBERSHIPS, USERS, Field
from userreg.models import Chat, Membership, User

PEOPLE = {row["id"]: row for row in PLANTED[User]}
TALKS = {row["id"]: row for row in PLANTED[Chat]}


def _is_back(m: dict[str, Any]) -> bool:
    return bool(m["last_seen_at"] and m.get("status_at") and m["last_seen_at"] > m["status_at"])


def _by_sight(m: dict[str, Any]) -> bool:
    # where Telegram did not say whether a restricted one is a member, nothing contradicts it
    return m.get("status_at") is None or (m["is_member"] is False and _is_back(m))


def is_member(m: dict[str, Any]) -> bool:
    return bool(m.get("status_at") is None or m["is_member"] or _is_back(m))


def _evidence(m: dict[str, Any]) -> str:
    if _by_sight(m):
        return "seen"
    return "carried_over" if m["is_carried_over"] else str(m["evidence"])


def _speaks(user: dict[str, Any], code: str) -> bool:
    spoken = (user["language_code"] or "").lower()
    wanted = code.lower().replace("_", "-")
    return spoken == wanted or spoken.startswith(f"{wanted}-")


def _is_blocked(user_id: int) -> bool:
    return TALKS.get(user_id, {}).get("bot_status") == "kicked"


def _since(row: dict[str, Any], day: str) -> bool:
    return bool(row["last_seen_at"] and row["last_seen_at"].date().isoformat() >= day)


Meaning = dict[str, Callable[[dict[str, Any], str], bool]]
#: Of `yes`; of `no` the contrary.
SWITCHES: dict[str, Callable[[dict[str, Any]], bool]] = {
    "is_bot": lambda row: row["is_bot"], "is_premium": lambda row: row["is_premium"],
    "is_gone": lambda row: row["is_gone"], "has_started": lambda row: row["id"] in TALKS,
    "is_blocked": lambda row: _is_blocked(row.get("user_id", row["id"])),
    "bot_is_out": lambda row: row["bot_is_member"] is False,
    "is_migrated": lambda row: row["migrated_to_id"] is not None, "is_member": is_member,
}  # fmt: skip
OF_USERS: Meaning = {"language": _speaks, "active_since": _since}
OF_CHATS: Meaning = {
    "type": lambda c, value: (c["type"] or "unknown") == value,
    "bot_status": lambda c, value: c["bot_status"] == value, "active_since": _since,
}  # fmt: skip
OF_MEMBERSHIPS: Meaning = {
    "chat_id": lambda m, value: m["chat_id"] == int(value),
    "user_id": lambda m, value: m["user_id"] == int(value),
    "type": lambda m, value: (TALKS[m["chat_id"]]["type"] or "unknown") == value,
    "status": lambda m, value: ("seen" if _by_sight(m) else m["status"]) == value,
    "evidence": lambda m, value: _evidence(m) == value,
    "language": lambda m, value: _speaks(PEOPLE[m["user_id"]], value), "active_since": _since,
}  # fmt: skip
GROUPS = [row for row in PLANTED[Chat] if row["id"] < 0]
LISTS: dict[str, tuple[lists.List, tuple[Field, ...], Meaning, Rows, bool]] = {
    "users": (lists.list_users, USERS, OF_USERS, PLANTED[User], True),
    "chats": (lists.list_chats, CHATS, OF_CHATS, GROUPS, False),
    "memberships": (
        lists.list_memberships, MEMBERSHIPS, OF_MEMBERSHIPS, PLANTED[Membership], True
    ),
}  # fmt: skip
TYPED = {
    "day": ["2026-10-30", "2026-11-01", "2026-11-03", "2030-01-01", "0001-01-01"],
    "language": ["en", "EN", "uk", "pt", "pt_BR", "xx"], "chat": [str(LARGE), "-3", "-9999"],
    "user": [str(BUSY), "1", "99999"],
}  # fmt: skip


def values_of(field: Field) -> list[str]:
    return list(field.choices) or TYPED[field.kind]


def naively(name: str, given: dict[str, str], is_reversed: bool = False) -> list[int]:
    """The ids of what matches, in the order of the list."""
    _, _, meaning, rows, is_falling = LISTS[name]
    key = "user_id" if "chat_id" in given else "id"
    if "user_id" in given:
        key, is_falling = "chat_id", False

    def matches(row: dict[str, Any]) -> bool:
        return all(
            meaning[field](row, value) if field in meaning else SWITCHES[field](row) is
            (value == "yes") for field, value in given.items()
        )  # fmt: skip

    found = sorted(filter(matches, rows), key=lambda row: row[key])
    return [row["id"] for row in (found[::-1] if is_falling != is_reversed else found)]
