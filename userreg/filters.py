"""What the long lists can be narrowed to. All SQL is written here; what somebody types is only ever
a value beside it.

In it `u` is a person, `c` a group or channel, `m` a membership. What is of another table is asked
for each row: joined, PostgreSQL might read that table as a whole.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from userreg.queries import EVIDENCE, IS_MEMBER, STATUS


def _read_day(text: str) -> datetime | None:
    """The beginning of a day, in UTC."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC) if text.isascii() else None
    except ValueError:
        return None


def _read_language(text: str) -> str | None:
    """A code as it is compared: `pt-br`."""
    code = text.lower().replace("_", "-")
    return code if re.fullmatch(r"[a-z]{2,8}(-[a-z0-9]{1,8}){0,3}", code) else None


def _read_chat_id(text: str) -> int | None:
    """Of a group or channel: nobody is a member of a private chat."""
    return int(text) if re.fullmatch(r"-[0-9]{1,16}", text) else None


def _read_user_id(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]{1,16}", text) else None


#: How a value is read that is typed; None for what is no such value.
_READ: Final[Mapping[str, Callable[[str], Any]]] = {
    "day": _read_day, "language": _read_language, "chat": _read_chat_id, "user": _read_user_id,
}  # fmt: skip


@dataclass(frozen=True)
class Field:
    """`choices` is what can be chosen, with the SQL of each, and `words` the table of phrases that
    names them. Without choices a value of that `kind` is typed; `{}` stands for it in `sql`."""

    name: str
    kind: str = "choice"
    sql: str = ""
    choices: Mapping[str, str] = field(default_factory=dict, hash=False)
    words: str = "page"

    @property
    def asks_elsewhere(self) -> bool:
        """Whether a row is looked up in another table for it."""
        return "SELECT" in "".join([self.sql, *self.choices.values()])

    def read(self, text: str) -> Any:
        """None for what is not understood."""
        if self.kind == "choice":
            return text if text in self.choices else None
        return _READ[self.kind](text)


@dataclass(frozen=True)
class Filter:
    """What was asked for: what each field means, as it was given, and what was not understood."""

    chosen: tuple[tuple[Field, Any], ...] = ()
    given: Mapping[str, str] = field(default_factory=dict)
    unclear: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.chosen)

    @property
    def asks_elsewhere(self) -> bool:
        return any(each.asks_elsewhere for each, _ in self.chosen)

    def find(self, name: str) -> Any:
        """The value of a field; None where it was not asked for."""
        return next((value for each, value in self.chosen if each.name == name), None)

    def sql(self, values: list[Any]) -> str:
        """The condition; its values are added to those that the statement has already."""
        parts = []
        for each, value in self.chosen:
            if each.kind == "choice":
                parts.append(each.choices[value])
            else:
                values.append(value)
                parts.append(each.sql.replace("{}", f"${len(values)}"))
        return " AND ".join(f"({part})" for part in parts) or "true"


def read(fields: tuple[Field, ...], given: Mapping[str, str]) -> Filter:
    """A filter of an address: of what is given by the names of these fields and is not empty."""
    asked = {each: text for each in fields if (text := given.get(each.name, "").strip())}
    chosen = {each: each.read(text) for each, text in asked.items()}
    return Filter(
        tuple((each, value) for each, value in chosen.items() if value is not None),
        {each.name: text for each, text in asked.items()},
        tuple(each.name for each, value in chosen.items() if value is None),
    )


def _switch(name: str, sql: str) -> Field:
    is_so = f"coalesce({sql}, false)"
    return Field(name, choices={"yes": is_so, "no": f"NOT {is_so}"})


def _one_of(name: str, words: str, sql: str, *values: str) -> Field:
    choices = {value: f"{sql} = '{value}'" for value in values}
    if words == "type":
        choices["unknown"] = f"{sql} IS NULL"
    return Field(name, choices=choices, words=words)


_SPEAKS: Final = "(lower(u.language_code) = {} OR lower(u.language_code) LIKE {} || '-%')"
_IS_BLOCKED: Final = (
    "coalesce((SELECT p.bot_status FROM chats p WHERE p.id = {}), '') = 'kicked'"
)  # fmt: skip
_TYPES: Final = ("group", "supergroup", "channel")
_STATUSES: Final = ("creator", "administrator", "member", "restricted", "left", "kicked")

USERS: Final = (
    Field("language", "language", _SPEAKS),
    Field("active_since", "day", "u.last_seen_at >= {}"),
    _switch("is_bot", "u.is_bot"),
    _switch("is_premium", "u.is_premium"),
    _switch("is_gone", "u.is_gone"),
    _switch("has_started", "(SELECT p.id FROM chats p WHERE p.id = u.id) IS NOT NULL"),
    _switch("is_blocked", _IS_BLOCKED.format("u.id")),
)
CHATS: Final = (
    _one_of("type", "type", "c.type", *_TYPES),
    _one_of("bot_status", "status", "c.bot_status", *_STATUSES[1:]),
    _switch("bot_is_out", "NOT c.bot_is_member"),
    _switch("is_migrated", "c.migrated_to_id IS NOT NULL"),
    Field("active_since", "day", "c.last_seen_at >= {}"),
)
MEMBERSHIPS: Final = (
    Field("chat_id", "chat", "m.chat_id = {}"),
    Field("user_id", "user", "m.user_id = {}"),
    _one_of(
        "type", "type", "(SELECT c.type FROM chats c WHERE c.id = m.chat_id)", *_TYPES
    ),
    _one_of("status", "status", f"({STATUS})", *_STATUSES, "seen"),
    _switch("is_member", IS_MEMBER),
    _one_of(
        "evidence", "evidence", f"({EVIDENCE})", "confirmed", "announced", "seen", "carried_over"
    ),
    Field("language", "language", f"(SELECT {_SPEAKS} FROM users u WHERE u.id = m.user_id)"),
    Field("active_since", "day", "m.last_seen_at >= {}"),
    _switch("is_blocked", _IS_BLOCKED.format("m.user_id")),
)  # fmt: skip
