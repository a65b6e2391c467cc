"""A list shows what its filter means: the rows that plain Python finds, each once, in order, turned
there and back, however little a page looks through."""

import random
import shutil
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.postgres import Postgres
from userreg import filters, lists
from userreg.browse import Listed, Place
from userreg.database_url import Database, parse_database_url
from userreg.db import open_database
from userreg.errors import TooLarge
from userreg.filters import CHATS, MEMBERSHIPS, USERS, Field, Filter, read
from userreg.migrate import upgrade
from userreg.models import Chat, Membership, User

DAY = datetime(2026, 11, 1, tzinfo=UTC)
LARGE, BUSY = -7, 33
STATUSES = ("creator", "administrator", "member", "restricted", "left", "kicked")
Rows = list[dict[str, Any]]


def _plant() -> dict[type, Rows]:
    """People, chats and memberships with everything that can be told apart."""
    pick = random.Random(7)

    def when() -> datetime | None:
        return pick.choice([None, *(DAY + timedelta(hours=pick.randint(-72, 72)) for _ in "ab")])

    languages = [None, "en", "uk", "pt", "pt-br", "EN-gb", "ukx"]
    users: Rows = [
        {"id": n, "first_name": f"P{n}", "language_code": pick.choice(languages),
         "is_bot": pick.random() < 0.1, "is_premium": pick.random() < 0.3,
         "is_gone": pick.random() < 0.1, "first_seen_at": DAY, "last_seen_at": when()}
        for n in pick.sample(range(1, 1_000), 150)
    ]  # fmt: skip
    users.append(users[0] | {"id": BUSY}) if all(u["id"] != BUSY for u in users) else None
    chats: Rows = [
        {"id": -n, "type": pick.choice([None, "group", "supergroup", "channel"]),
         "bot_status": pick.choice([None, *STATUSES[1:]]),
         "bot_is_member": pick.choice([None, True, False]), "first_seen_at": DAY,
         "migrated_to_id": pick.choice([None, None, -3]), "last_seen_at": when()}
        for n in [*range(1, 10), *pick.sample(range(10, 500), 110)]
    ]  # fmt: skip
    private: Rows = [
        {"id": user["id"], "type": "private", "bot_status": pick.choice([None, "member", "kicked"]),
         "first_seen_at": DAY}
        for user in users[::2]
    ]  # fmt: skip
    pairs = [(user["id"], LARGE) for user in users] + [(BUSY, chat["id"]) for chat in chats]
    pairs += [(pick.choice(users)["id"], pick.choice(chats)["id"]) for _ in range(150)]
    pairs = pick.sample(sorted(set(pairs)), len(set(pairs)))
    memberships = [
        {"id": n, "user_id": user_id, "chat_id": chat_id, "messages": pick.randint(0, 9),
         "first_seen_at": DAY, "last_seen_at": when(), "joined_at": when()} | _told(pick, when)
        for n, (user_id, chat_id) in enumerate(pairs, 5)
        if n % 9
    ]  # fmt: skip
    return {User: users, Chat: chats + private, Membership: memberships}


def _told(pick: random.Random, when: Callable[[], datetime | None]) -> dict[str, Any]:
    """What Telegram said of a membership, if anything."""
    if (told_at := when()) is None:
        return {}
    status = pick.choice(STATUSES)
    is_member = {"left": False, "kicked": False, "restricted": pick.choice([True, False, None])}
    return {
        "status": status, "is_member": is_member.get(status, True), "status_at": told_at,
        "evidence": pick.choice(["confirmed", "announced"]), "is_carried_over": pick.random() < 0.2,
    }  # fmt: skip


PLANTED = _plant()
PEOPLE = {row["id"]: row for row in PLANTED[User]}
TALKS = {row["id"]: row for row in PLANTED[Chat]}


@pytest.fixture(scope="module", params=["sqlite", "postgres"], autouse=True)
async def planted(
    request: pytest.FixtureRequest,
    postgres: Postgres,
    migrated_sqlite: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Database]:
    path: Path = tmp_path_factory.mktemp("planted") / "registry.sqlite3"
    url = f"sqlite://{path}"
    shutil.copy(migrated_sqlite, path)
    if request.param == "postgres":
        connection = await asyncpg.connect(postgres.url())
        await connection.execute("CREATE DATABASE planted")
        await connection.close()
        url = postgres.url("planted")
        await upgrade(parse_database_url(url))
    database = parse_database_url(url)
    async with open_database(database):
        for model, rows in PLANTED.items():
            await model.bulk_create(model(**row) for row in rows)  # type: ignore[attr-defined]
        yield database


SHORT, LONG = (37, 11), (lists.LOOK, lists.FEW)


def _look(patch: pytest.MonkeyPatch, rows: tuple[int, int]) -> None:
    """How far one page looks."""
    for name, number in zip(("LOOK", "FEW"), rows, strict=True):
        patch.setattr(lists, name, number)


# What each field means, in plain Python


def _is_back(m: dict[str, Any]) -> bool:
    return bool(m["last_seen_at"] and m.get("status_at") and m["last_seen_at"] > m["status_at"])


def _by_sight(m: dict[str, Any]) -> bool:
    # where Telegram did not say whether a restricted one is a member, nothing contradicts it
    return m.get("status_at") is None or (m["is_member"] is False and _is_back(m))


def _is_member(m: dict[str, Any]) -> bool:
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
    "is_migrated": lambda row: row["migrated_to_id"] is not None, "is_member": _is_member,
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


def _values(field: Field) -> list[str]:
    return list(field.choices) or TYPED[field.kind]


def _naively(name: str, given: dict[str, str], is_reversed: bool = False) -> list[int]:
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


async def _shown(
    name: str, given: dict[str, str], is_reversed: bool = False, limit: int = 20
) -> list[int]:
    """The ids that the pages show from the first to the last, and back the same."""
    list_, fields = LISTS[name][:2]
    filter_ = read(fields, given)
    assert not filter_.unclear
    there, listed = list[int](), await list_(Place(), filter_, is_reversed, limit)
    assert listed.before is None
    while True:
        there += _ids(listed)
        assert len(listed.rows) <= limit
        if listed.after is None:
            break
        assert listed.looked or len(listed.rows) == limit
        listed = await list_(listed.after, filter_, is_reversed, limit)
    back = _ids(listed)
    while listed.before is not None:
        listed = await list_(listed.before, filter_, is_reversed, limit)
        back = _ids(listed) + back
    assert back == there
    return there


def _ids(listed: Listed) -> list[int]:
    return [row["id"] for row in listed.rows]


EACH = [
    (name, field.name, value)
    for name, (_, fields, *_) in LISTS.items()
    for field in fields
    for value in _values(field)
]


@pytest.mark.parametrize("rows", [SHORT, LONG], ids=["short", "long"])
@pytest.mark.parametrize("name", LISTS)
async def test_each_value_of_each_field_finds_what_it_says(
    name: str, rows: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    _look(monkeypatch, rows)
    empty: set[str] = set()
    for _, field, value in (each for each in EACH if each[0] == name):
        found = await _shown(name, {field: value})
        assert found == _naively(name, {field: value}), (field, value)
        empty |= set() if found else {value}
    assert empty <= {"2030-01-01", "xx", "-9999", "99999", "1"}


@pytest.mark.parametrize("name", LISTS)
@settings(max_examples=25)
@given(
    data=st.data(), is_reversed=st.booleans(), limit=st.integers(1, 60),
    rows=st.sampled_from([SHORT, LONG]),
)  # fmt: skip
async def test_fields_together_find_what_each_of_them_finds(
    monkeypatch: pytest.MonkeyPatch, name: str, data: st.DataObject, is_reversed: bool, limit: int,
    rows: tuple[int, int],
) -> None:  # fmt: skip
    _look(monkeypatch, rows)
    fields = data.draw(st.lists(st.sampled_from(LISTS[name][1]), max_size=3, unique=True))
    given = {field.name: data.draw(st.sampled_from(_values(field))) for field in fields}
    shown = await _shown(name, given, is_reversed, limit)
    assert shown == _naively(name, given, is_reversed)


async def test_a_page_that_looked_far_says_so_and_the_next_finds_the_late_row(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _look(monkeypatch, SHORT)
    last = min(row["id"] for row in PLANTED[Membership])
    late = Filter(((Field("late", "day", "m.id = {}"), last),))
    listed, pages = await lists.list_memberships(Place(), late), 1
    while not listed.rows:
        assert listed.looked == lists.LOOK
        assert listed.after
        listed, pages = await lists.list_memberships(listed.after, late), pages + 1
    assert _ids(listed) == [last]
    assert listed.looked in (None, lists.LOOK)
    assert pages == -(-len(PLANTED[Membership]) // lists.LOOK)


# Sorted


@pytest.mark.parametrize("sort", lists.SORTS)
@pytest.mark.parametrize(
    "given", [{"chat_id": str(LARGE)}, {"user_id": str(BUSY)},
              {"chat_id": str(LARGE), "is_member": "yes"}, {"user_id": "1"}],
    ids=str,
)  # fmt: skip
async def test_the_memberships_of_one_are_sorted(sort: str, given: dict[str, str]) -> None:
    column = {"last_seen": "last_seen_at", "joined": "joined_at"}.get(sort, sort)
    never = datetime(1970, 1, 1, tzinfo=UTC)
    rows = {row["id"]: row for row in PLANTED[Membership]}

    def place(id_: int) -> tuple[Any, int]:
        value = rows[id_][column]
        return (-value if sort == "messages" else -(value or never).timestamp(), id_)

    filter_, there = read(MEMBERSHIPS, given), []
    listed = await lists.list_sorted(Place(), filter_, sort)
    pages = [_ids(listed)]
    while listed.after:
        listed = await lists.list_sorted(listed.after, filter_, sort)
        pages.append(_ids(listed))
    there = [id_ for page in pages for id_ in page]
    assert there == sorted(_naively("memberships", given), key=place)
    for page in reversed(pages[:-1]):
        assert listed.before
        listed = await lists.list_sorted(listed.before, filter_, sort)
        assert _ids(listed) == page
    assert listed.before is None
    beyond = await lists.list_sorted(Place(10**9), filter_, sort)
    assert _ids(beyond) == there[: len(pages[0])]


async def test_too_many_memberships_are_not_sorted(monkeypatch: pytest.MonkeyPatch) -> None:
    count = len(_naively("memberships", {"chat_id": str(LARGE)}))
    large = read(MEMBERSHIPS, {"chat_id": str(LARGE)})
    monkeypatch.setattr(lists, "FEW", count)
    assert (await lists.list_sorted(Place(), large, "messages")).rows
    monkeypatch.setattr(lists, "FEW", count - 1)
    with pytest.raises(TooLarge):
        await lists.list_sorted(Place(), large, "messages")


@pytest.mark.parametrize("given", [{}, {"type": "group"}], ids=str)
async def test_chats_are_sorted_by_their_known_members(
    given: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {chat["id"]: 0 for chat in GROUPS}
    for m in filter(_is_member, PLANTED[Membership]):
        known[m["chat_id"]] += 1
    expected = sorted(_naively("chats", given), key=lambda id_: (-known[id_], id_))
    listed = await lists.list_largest_chats(Place(), read(CHATS, given))
    found = _ids(listed)
    while listed.after:
        listed = await lists.list_largest_chats(listed.after, read(CHATS, given))
        found += _ids(listed)
    assert found == expected
    assert [row["known"] for row in listed.rows] == [known[id_] for id_ in _ids(listed)]
    monkeypatch.setattr(lists, "LARGEST", 3)
    listed = await lists.list_largest_chats(Place(), read(CHATS, given))
    assert (_ids(listed), listed.after) == (expected[:3], None)


# What is typed


@pytest.mark.parametrize("name", LISTS)
@given(text=st.text() | st.from_regex(r"[-0-9a-z_]{1,20}"))
def test_what_is_typed_is_never_a_part_of_the_sql(name: str, text: str) -> None:
    fields = LISTS[name][1]
    for field in fields:
        asked, values = read(fields, {field.name: text}), list[Any]()
        if asked.unclear or not text.strip():
            assert (asked.sql(values), values) == ("true", [])
        elif field.choices:
            assert asked.sql(values) == f"({field.choices[text.strip()]})"
        else:
            assert asked.sql(values) == f"({field.sql.replace('{}', '$1')})"
            assert len(values) == 1


@pytest.mark.parametrize(
    ("kind", "text"),
    [("day", "2026-13-01"), ("day", "yesterday"), ("day", "2026-11-1x"), ("day", "٢٠٢٦-١١-٠١"),
     ("language", "%"), ("language", "u"), ("language", "uk'--"), ("language", "uk-%"),
     ("language", "україна"), ("chat", "5"), ("chat", "-"), ("chat", "-²"),
     ("chat", "-" + "9" * 17), ("user", "-5"), ("user", "1e3"), ("user", "٣"),
     ("user", "9" * 17), ("choice", "YES"), ("choice", "true")],
)  # fmt: skip
def test_what_is_no_value_is_not_understood(kind: str, text: str) -> None:
    fields = [f for f in (*USERS, *CHATS, *MEMBERSHIPS) if f.kind == kind]
    for field in fields:
        asked = filters.read((field,), {field.name: text})
        assert (asked.chosen, asked.unclear) == ((), (field.name,))
        assert asked.given == {field.name: text}
