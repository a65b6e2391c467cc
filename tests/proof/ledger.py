"""What a registry has to hold, given the updates that were delivered: their proofs, by event time.

Rows are dicts by key, as plain values; times are Unix seconds. Where an update has no date, the
second of its reception stands in for it, and an action lies up to its lifetime before that.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from userreg.sandbox.world.people import BOT_ID, DELETED, Profile
from userreg.sandbox.world.proofs import (
    Acted,
    BotTold,
    ChatSeen,
    Migrated,
    Proof,
    Sighted,
    Told,
    Update,
    Wrote,
)
from userreg.sandbox.world.world import DAY

from .delivery import Delivery

Row = dict[str, Any]
Table = dict[Any, Row]
P = TypeVar("P", bound=Proof)

UNKNOWN: Final = Profile("")


@dataclass
class Expected:
    """The registry, table by table."""

    users: Table = field(default_factory=dict)
    chats: Table = field(default_factory=dict)
    memberships: Table = field(default_factory=dict)
    events: Table = field(default_factory=dict)
    activity: Table = field(default_factory=dict)
    #: By (user_id, "name" or "username", the name; usernames in small letters).
    known_names: Table = field(default_factory=dict)


@dataclass(frozen=True)
class _Fact:
    """A proof with the time of its update."""

    update: Update
    at: int
    proof: Any

    @property
    def order(self) -> int:
        return self.update.update_id


def expected(deliveries: Iterable[Delivery], *, knows_the_bot: bool = True) -> Expected:
    """The state after these deliveries, in any order; of an update, the first one counts.

    `knows_the_bot` is False for a registry that keeps the bot's own status with the chats, and no
    row of it among people and members.
    """
    first = {d.update.update_id: d for d in reversed(list(deliveries))}
    facts = [
        _Fact(d.update, d.update.at if d.update.is_dated else d.received_at, proof)
        for _, d in sorted(first.items())
        for proof in d.update.proofs
        if knows_the_bot or getattr(proof, "user_id", None) != BOT_ID
    ]
    moves = {f.proof.old_chat_id: f for f in _of(facts, Migrated)}
    told = [f for f in _of(facts, Told) if not _is_late(f, moves)]
    wrote = list(_of(facts, Wrote))
    return Expected(
        users=_users(facts),
        known_names=_known_names(facts),
        chats=_chats(facts),
        memberships=_memberships(told, wrote, moves),
        events=_events(told, moves),
        activity=_activity(wrote, moves),
    )


def _of(facts: Iterable[_Fact], kind: type[P]) -> Iterator[_Fact]:
    return (f for f in facts if isinstance(f.proof, kind))


def _grouped(facts: Iterable[_Fact], key: Any) -> dict[Any, list[_Fact]]:
    groups = defaultdict(list)
    for fact in facts:
        groups[key(fact)].append(fact)
    return groups


# People


def _users(facts: list[_Fact]) -> Table:
    sighted = _grouped(_of(facts, Sighted), lambda f: f.proof.user_id)
    acted = _grouped(_of(facts, Acted), lambda f: f.proof.user_id)
    holders = _holders(facts)
    return {
        user_id: _user(user_id, seen, acted[user_id], holders) for user_id, seen in sighted.items()
    }


def _user(user_id: int, seen: list[_Fact], acted: list[_Fact], holders: dict[str, int]) -> Row:
    profiles = [f.proof.profile for f in seen if f.proof.profile]
    newest = profiles[-1] if profiles else UNKNOWN
    languages = [f.proof.language_code for f in seen if f.proof.language_code]
    is_holder = newest.username and holders[newest.username.lower()] == user_id
    return {
        "first_name": newest.first_name,
        "last_name": newest.last_name,
        "username": newest.username if is_holder else None,
        "is_bot": newest.is_bot,
        "is_premium": newest.is_premium,
        "is_gone": bool(profiles) and newest == DELETED,
        "language_code": languages[-1] if languages else None,
        "first_seen_at": min(f.at for f in seen),
        "last_seen_at": max(map(_acted_at, acted), default=None),
    }


def _acted_at(fact: _Fact) -> int:
    return fact.at if fact.update.is_dated else fact.at - fact.update.lifetime


def _holders(facts: list[_Fact]) -> dict[str, int]:
    """Who was last seen with each username, in small letters."""
    return {
        f.proof.profile.username.lower(): f.proof.user_id
        for f in _of(facts, Sighted)
        if f.proof.profile and f.proof.profile.username
    }


def _known_names(facts: list[_Fact]) -> Table:
    """When each person was seen first, and last, with each name."""
    names: Table = {}
    for fact in _of(facts, Sighted):
        for kind, name in _names(fact.proof.profile):
            row = names.setdefault((fact.proof.user_id, kind, name), {"first_at": fact.at})
            row |= {"first_at": min(row["first_at"], fact.at), "last_at": fact.at}
    return names


def _names(profile: Profile | None) -> list[tuple[str, str]]:
    if profile is None:
        return []
    whole = f"{profile.first_name} {profile.last_name or ''}".strip()
    named = [("name", whole), ("username", (profile.username or "").lower())]
    return [(kind, name) for kind, name in named if name]


# Chats


def _chats(facts: list[_Fact]) -> Table:
    chats: Table = {}
    for fact in _of(facts, Migrated):
        for chat_id, kind in (
            (fact.proof.old_chat_id, "group"), (fact.proof.new_chat_id, "supergroup"),
        ):  # fmt: skip
            row = chats.setdefault(chat_id, _new_chat(fact.at))
            row["type"] = kind
        chats[fact.proof.old_chat_id]["migrated_to_id"] = fact.proof.new_chat_id
    for fact in _of(facts, ChatSeen):
        row = chats.setdefault(fact.proof.chat_id, _new_chat(fact.at))
        row |= {"type": fact.proof.type, "title": fact.proof.title, "last_seen_at": fact.at}
        row["first_seen_at"] = min(row["first_seen_at"], fact.at)
    for fact in _of(facts, BotTold):
        status = fact.proof.new
        chats[fact.proof.chat_id] |= {
            "bot_status": status.name, "bot_is_member": status.is_member, "bot_status_at": fact.at,
        }  # fmt: skip
    return chats


def _new_chat(at: int) -> Row:
    names = ("type", "title", "last_seen_at", "bot_status", "bot_is_member", "bot_status_at",
             "migrated_to_id")  # fmt: skip
    return dict.fromkeys(names) | {"first_seen_at": at}


# Who is where


def _is_late(told: _Fact, moves: dict[int, _Fact]) -> bool:
    """Told of a group that had become a supergroup before."""
    move = moves.get(told.proof.chat_id)
    return move is not None and told.at > move.at


def _home(fact: _Fact, moves: dict[int, _Fact]) -> int:
    move = moves.get(fact.proof.chat_id)
    home: int = move.proof.new_chat_id if move else fact.proof.chat_id
    return home


def _memberships(told: list[_Fact], wrote: list[_Fact], moves: dict[int, _Fact]) -> Table:
    in_rooms = [f for f in wrote if f.proof.chat_id < 0]
    groups = _grouped([*told, *in_rooms], lambda f: (f.proof.user_id, _home(f, moves)))
    return {key: _membership(facts, moves) for key, facts in groups.items()}


def _membership(facts: list[_Fact], moves: dict[int, _Fact]) -> Row:
    told, wrote = list(_of(facts, Told)), list(_of(facts, Wrote))
    turns = [(f.proof.was_member, f.proof.new.is_member, f.at) for f in told]
    row: Row = {
        "messages": len(wrote),
        "first_seen_at": min(f.at for f in facts),
        "last_seen_at": max((f.at for f in wrote), default=None),
        "joined_at": max((at for was, now, at in turns if now and not was), default=None),
        "left_at": max((at for was, now, at in turns if was and not now), default=None),
    }
    return row | _status(told, moves)


def _status(told: list[_Fact], moves: dict[int, _Fact]) -> Row:
    """The newest telling; a chat_member says more than the service message of the same second."""
    if not told:
        names = ("status", "is_member", "evidence", "status_at", "is_carried_over")
        return dict.fromkeys(names)
    newest = max(told, key=lambda f: (f.at, f.proof.evidence == "confirmed", f.order))
    return {
        "status": newest.proof.new.name,
        "is_member": newest.proof.new.is_member,
        "evidence": newest.proof.evidence,
        "status_at": newest.at,
        "is_carried_over": newest.proof.chat_id in moves,
    }


def _events(told: list[_Fact], moves: dict[int, _Fact]) -> Table:
    return {
        (f.proof.user_id, _home(f, moves), f.at, f.order): {
            "old_status": f.proof.old.name if f.proof.old else None,
            "new_status": f.proof.new.name,
            "was_member": f.proof.was_member,
            "is_member": f.proof.new.is_member,
            "evidence": f.proof.evidence,
            "actor_id": f.proof.actor_id,
            "invite_link": f.proof.invite_link,
            "via_join_request": f.proof.via_join_request,
        }
        for f in told
    }


def _activity(wrote: list[_Fact], moves: dict[int, _Fact]) -> Table:
    days = _grouped(wrote, lambda f: (_home(f, moves), f.proof.user_id, f.at // DAY))
    return {key: {"messages": len(facts)} for key, facts in days.items()}
