"""A list shows what its filter means: the rows that plain Python finds, each once, in order, turned
there and back, however little a page looks through."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.meanings import GROUPS, LISTS, is_member, naively, values_of
from tests.planted import BUSY, LARGE, PLANTED
from tests.planted import planted_fixture as planted_fixture
from userreg import filters, lists
from userreg.browse import Listed, Place
from userreg.errors import TooLarge
from userreg.filters import CHATS, MEMBERSHIPS, USERS, Field, Filter, read
from userreg.models import Membership

SHORT, LONG = (37, 11), (lists.LOOK, lists.FEW)


def _look(patch: pytest.MonkeyPatch, rows: tuple[int, int]) -> None:
    """How far one page looks."""
    for name, number in zip(("LOOK", "FEW"), rows, strict=True):
        patch.setattr(lists, name, number)


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
    for value in values_of(field)
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
        assert found == naively(name, {field: value}), (field, value)
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
    given = {field.name: data.draw(st.sampled_from(values_of(field))) for field in fields}
    shown = await _shown(name, given, is_reversed, limit)
    assert shown == naively(name, given, is_reversed)


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
    assert there == sorted(naively("memberships", given), key=place)
    for page in reversed(pages[:-1]):
        assert listed.before
        listed = await lists.list_sorted(listed.before, filter_, sort)
        assert _ids(listed) == page
    assert listed.before is None
    beyond = await lists.list_sorted(Place(10**9), filter_, sort)
    assert _ids(beyond) == there[: len(pages[0])]


async def test_too_many_memberships_are_not_sorted(monkeypatch: pytest.MonkeyPatch) -> None:
    count = len(naively("memberships", {"chat_id": str(LARGE)}))
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
    for m in filter(is_member, PLANTED[Membership]):
        known[m["chat_id"]] += 1
    expected = sorted(naively("chats", given), key=lambda id_: (-known[id_], id_))
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
