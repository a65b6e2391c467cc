"""Lists of the pages turn there and back: every row once, in order, however many there are."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import parse_database_url
from userreg import browse, lists
from userreg.browse import PAGE, Listed, Place
from userreg.db import open_database
from userreg.decisions import AuditEntry
from userreg.models import Chat, DeadLetter, Membership, User

NOW = datetime(2026, 11, 1, tzinfo=UTC)
CHAT = -100


@pytest.fixture
async def opened(database_url: str) -> AsyncIterator[None]:
    async with open_database(parse_database_url(database_url)):
        yield


def user(n: int) -> User:
    return User(id=n, first_name="P", first_seen_at=NOW)


def chat(n: int) -> Chat:
    return Chat(id=-n, type="group", title="C", first_seen_at=NOW)


def member(n: int, chat_id: int = CHAT) -> Membership:
    return Membership(id=n if chat_id == CHAT else n + 100_000, user_id=n, chat_id=chat_id)


def letter(n: int) -> DeadLetter:
    return DeadLetter(
        id=n, digest=str(n), body=b"{}", size=2, error="x", received_at=NOW, buried_at=NOW
    )


def entry(n: int) -> AuditEntry:
    return AuditEntry(id=n, at=NOW, action="x")


async def _members(place: Place) -> Listed:
    return await browse.list_members(CHAT, place)


async def put(list_: Callable[..., Any], ids: list[int]) -> None:
    models: dict[Any, Any] = {
        lists.list_users: user, lists.list_chats: chat, browse.list_letters: letter,
        browse.list_audit: entry, lists.list_memberships: member,
    }  # fmt: skip
    for model in (Membership, User, Chat, DeadLetter, AuditEntry):
        await model.all().delete()
    if list_ is _members:
        await User.bulk_create(map(user, ids))
        neighbours = [member(n, CHAT - 1) for n in ids]
        await Membership.bulk_create([*map(member, ids), *neighbours])
    else:
        make = models[list_]
        await type(make(1)).bulk_create(map(make, ids))


#: Each list, what its key is called, and whether it begins with the greatest.
LISTS = [
    (lists.list_users, "id", True), (lists.list_chats, "id", False), (_members, "user_id", False),
    (lists.list_memberships, "id", True), (browse.list_letters, "id", True),
    (browse.list_audit, "id", True),
]  # fmt: skip


@pytest.mark.parametrize(("list_", "key", "newest"), LISTS)
@settings(max_examples=12)
@given(
    size=st.sampled_from([0, 1, PAGE - 1, PAGE, PAGE + 1, 2 * PAGE, 2 * PAGE + 1, 3 * PAGE + 7])
    | st.integers(0, 4 * PAGE),
    turns=st.lists(st.booleans(), max_size=12),
    places=st.lists(st.tuples(st.integers(-2, 10), st.booleans()), max_size=4),
    seed=st.integers(0, 99),
)
async def test_a_list_turns_there_and_back(
    opened: None, list_: Callable[[Place], Awaitable[Listed]], key: str, newest: bool,
    size: int, turns: list[bool], places: list[tuple[int, bool]], seed: int,
) -> None:  # fmt: skip
    ids = random.Random(seed).sample(range(1, 1_000), size)
    await put(list_, ids)
    shown = [-n for n in ids] if list_ is lists.list_chats else ids
    order = sorted(shown, reverse=newest)

    seen, listed = [], await list_(Place())
    while True:
        seen += [row[key] for row in listed.rows]
        if listed.after is None:
            break
        listed = await list_(listed.after)
    assert seen == order

    listed, at = await list_(Place()), 0
    for is_forwards in turns:
        assert (listed.before is None) is (at == 0)
        assert (listed.after is None) is (at + PAGE >= size)
        place = listed.after if is_forwards else listed.before
        if place is not None:
            at += PAGE if is_forwards else -PAGE
            listed = await list_(place)
        assert [row[key] for row in listed.rows] == order[at : at + PAGE]

    for part, is_backwards in places:  # as if rows had come and gone since
        place_key = (part * 100 + 3) * (-1 if list_ is lists.list_chats else 1)
        is_before = [(n > place_key) is newest and n != place_key for n in order]
        before = [n for n, is_it in zip(order, is_before, strict=True) if is_it]
        after = [n for n in order if n not in before and n != place_key]
        expected = (before[-PAGE:] if is_backwards else after[:PAGE]) or order[:PAGE]
        rows = (await list_(Place(place_key, is_backwards))).rows
        assert [row[key] for row in rows] == expected
