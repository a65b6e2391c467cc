"""Is a registry true? By what the updates proved (the ledger), and by what really was so.

A registry is given as plain rows, like the expected ones; columns that nobody expects are free.
"""

from dataclasses import fields, replace

from userreg.sandbox.world.people import BOT_ID, Profile
from userreg.sandbox.world.world import World

from .ledger import Expected, Row, Table

Tables = dict[str, Table]
#: An undated sighting is as old as its delivery took, in seconds.
LONGEST_DELAY = 600


class Untrue(AssertionError):
    """The registry differs from what was proven, or from the truth."""


def compare(wanted: Expected, found: Tables) -> None:
    """Raises `Untrue` at the first difference."""
    for table in [f.name for f in fields(wanted)]:
        rows: Table = getattr(wanted, table)
        for key in sorted({*rows, *found[table]}, key=repr):
            want, have = rows.get(key), found[table].get(key)
            if table == "known_names" and want and have and _bears(found["users"], key):
                want = {"first_at": want["first_at"]}  # its end is in the row of the user
            _compare_rows(f"{table}[{key}]", want, have)


def _compare_rows(name: str, want: Row | None, have: Row | None) -> None:
    if want is None or have is None:
        raise Untrue(f"{name}: expected {want}, found {have}")
    for column, value in want.items():
        if have[column] != value:
            raise Untrue(
                f"{name}.{column}: expected {value!r}, found {have[column]!r}\n"
                f"  expected {want}\n  found    {have}"
            )


def _bears(users: Table, key: tuple[int, str, str]) -> bool:
    user_id, kind, name = key
    user = users[user_id]
    if kind == "username":
        return (user["username"] or "").lower() == name
    return f"{user['first_name']} {user['last_name'] or ''}".strip() == name


def judge_by_the_truth(world: World, found: Tables) -> None:
    """Raises `Untrue` where the registry claims what was never so, whatever the updates said."""
    for user_id, row in found["users"].items():
        if row["profile_at"] is not None and not _was_called_so(world, user_id, row):
            raise Untrue(f"users[{user_id}] never was so: {row}")
    for (user_id, chat_id), row in found["memberships"].items():
        if row["status"] is None or row["is_carried_over"]:
            continue
        is_exact = row["evidence"] == "confirmed"
        status = row["status"] if is_exact else None
        _judge_status(world, user_id, chat_id, status, row["is_member"], row["status_at"])
    for chat_id, row in found["chats"].items():
        if row["bot_status"] is not None:
            told = row["bot_status"], row["bot_is_member"], row["bot_status_at"]
            _judge_status(world, BOT_ID, chat_id, *told)


def _was_called_so(world: World, user_id: int, row: Row) -> bool:
    """A username may be missing, as somebody else has it now."""
    names = ("first_name", "last_name", "username", "is_bot", "is_premium")
    called = Profile(**{name: row[name] for name in names})
    first = row["profile_at"] - (0 if row["profile_is_dated"] else LONGEST_DELAY)
    real = world.history.profiles_between(user_id, first, row["profile_at"])
    return called in real or (
        called.username is None and called in [replace(p, username=None) for p in real]
    )


def _judge_status(
    world: World, user_id: int, chat_id: int, status: str | None, is_member: bool, at: int
) -> None:
    real = world.history.statuses_at(user_id, chat_id, at)
    if not any(s.is_member == is_member and status in (None, s.name) for s in real):
        raise Untrue(f"{user_id} in {chat_id} at {at}: found {status, is_member}, was {real}")
