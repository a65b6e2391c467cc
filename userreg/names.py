"""Who bore which name when. Usernames move: the one who was seen with it last has it.

A message under the name that is known already writes nothing here. A new name is noted, and so is
the end of the one before it; whoever bore a username that somebody else was seen with later bears
it no more.
"""

from collections.abc import Iterable
from functools import reduce
from typing import Any, Final

from tortoise.backends.base.client import BaseDBAsyncClient

from userreg.models import KnownName, User
from userreg.sql import fetch
from userreg.upsert import Row, is_newer

_ORDER: Final = ("profile_at", "profile_update_id")
_DATED: Final = "profile_is_dated"
#: What these people are called, whom nobody renames until the commit.
PROFILES: Final = """
    SELECT id, first_name, last_name, username, profile_at, profile_update_id, profile_is_dated
    FROM users WHERE id = ANY($1::bigint[]) ORDER BY id FOR UPDATE
"""
_LOCK: Final = "SELECT id FROM users WHERE id = ANY($1::bigint[]) ORDER BY id FOR UPDATE"
#: For each claim also what its holder is called now.
_CLAIMS: Final = """
    SELECT k.user_id, k.name, k.last_at, k.last_update_id, k.last_is_dated,
           u.username, u.profile_at, u.profile_update_id, u.profile_is_dated
    FROM known_names k JOIN users u ON u.id = k.user_id
    WHERE k.kind = 'username' AND k.name = ANY($1::text[])
"""


def compare(named: list[Row], people: list[Row]) -> list[Row]:
    """What rows of `users` tell of names, as rows of `known_names`: the sightings that say more
    than "the same name as before, and later". `people`: what `PROFILES` told of those known.
    """
    current = {row["id"]: row for row in people}
    known: list[Row] = []
    for row in named:
        before = current.get(row["id"])
        if before is None or before["profile_at"] is None:
            known += _names_of(row)
            current[row["id"]] = row
        elif not is_newer(row, before, _ORDER, _DATED):
            known += _names_of(row)
        else:
            if _called(row) != _called(before):
                known += [*_names_of(before), *_names_of(row)]
            elif row["profile_at"] < before["profile_at"]:  # which was that of reception
                known += _names_of(row)
            current[row["id"]] = row
    return known


def list_named(rows: list[Row]) -> list[Row]:
    """Those of the rows that tell what somebody is called."""
    return [row for row in rows if row.get("profile_at") is not None]


def _called(row: Row) -> tuple[Any, ...]:
    return (row["first_name"], row["last_name"], (row["username"] or "").lower())


def names_of(row: Row) -> dict[str, str]:
    """The names that a row of `users` tells, as they are kept, by their kind; "" is none."""
    name = f"{row['first_name']} {row['last_name'] or ''}".strip()
    return {"name": name, "username": (row["username"] or "").lower()}


def _names_of(row: Row) -> list[Row]:
    return [_known(row, kind, name) for kind, name in names_of(row).items() if name]


def are_called_one_way(rows: Iterable[Row]) -> bool:
    """Whether all rows of `users` about the same person tell the same names, letter by letter."""
    told: dict[int, tuple[Any, ...]] = {}
    for row in rows:
        names = (row.get("first_name"), row.get("last_name"), row.get("username"))
        if told.setdefault(row["id"], names) != names:
            return False
    return True


def _known(row: Row, kind: str, name: str) -> Row:
    return {
        "user_id": row["id"],
        "kind": kind,
        "name": name,
        "first_at": row["profile_at"],
        "last_at": row["profile_at"],
        "last_update_id": row["profile_update_id"],
        "last_is_dated": row[_DATED],
    }


def usernames_in(known: list[Row]) -> list[str]:
    return sorted({row["name"] for row in known if row["kind"] == "username"})


async def settle_usernames(usernames: list[str], db: BaseDBAsyncClient) -> None:
    """Leave each username that was told of to the one who was seen with it last. After the rows of
    `users` and `known_names` are written, and one replica at a time for each username."""
    if not usernames:
        return
    claims = await fetch(db, _CLAIMS, usernames)
    if len(claims) > len(usernames):  # somebody bore one before: judge by what nobody changes now
        await fetch(db, _LOCK, sorted({claim["user_id"] for claim in claims}))
        claims = await fetch(db, _CLAIMS, usernames)
    rivals: dict[str, list[Row]] = {}
    for row in claims:
        rivals.setdefault(row["name"], []).append(_last_claim(row))
    lost = [loser for claims_to_one in rivals.values() for loser in _losers(claims_to_one)]
    if lost:  # what ended is noted first: the row of the user will not tell it any more
        await KnownName.update_or_create_many([_known(c, "username", c["name"]) for c in lost], db)
        await User.filter(id__in=[c["id"] for c in lost]).using_db(db).update(username=None)


def _last_claim(row: Row) -> Row:
    """When somebody was last seen with a username: that it is borne now is in their own row."""
    bears = (row["username"] or "").lower() == row["name"]
    source = ("profile_at", "profile_update_id", "profile_is_dated")
    last = source if bears else ("last_at", "last_update_id", "last_is_dated")
    times = dict(zip(source, (row[column] for column in last), strict=True))
    return {"id": row["user_id"], "name": row["name"], "bears": bears, **times}


def _losers(claims: Iterable[Row]) -> list[Row]:
    def later(one: Row, other: Row) -> Row:
        return other if is_newer(other, one, _ORDER, _DATED) else one

    rivals = sorted(claims, key=lambda claim: claim["id"])
    holder = reduce(later, rivals)
    return [claim for claim in rivals if claim["bears"] and claim is not holder]
