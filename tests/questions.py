"""Every question to the registry, asked of many rows, and which may read whole tables."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

from tests.grown import ANN, BOB, CHAT, GROWING, NOW
from userreg import (
    browse,
    claims,
    day_by_day,
    dossier,
    filters,
    forgetting,
    gaps,
    insights,
    lists,
    maintenance,
    memory,
    names,
    one_chat,
    queries,
    tables,
    totals,
)
from userreg.database_url import Database
from userreg.db import write_transaction
from userreg.queries import Cursor

PROFILE = {
    "id": ANN, "first_name": "Ann", "last_name": None, "username": "user18", "first_seen_at": NOW,
    "profile_at": NOW, "profile_update_id": 9, "profile_is_dated": True,
}  # fmt: skip
SEEN = {"id": CHAT, "first_seen_at": NOW, "last_seen_at": NOW}
CLAIM = {"bot_id": 1, "update_id": 90_000, "at": NOW}

Call = Callable[[Database], Awaitable[Any]]


async def _read(stream: AsyncIterator[Any]) -> None:
    async for _ in stream:
        pass


async def _export_all(_: Database) -> None:
    for what in tables.TABLES:
        await _read(tables.stream_rows(what, page=5_000))


async def _writing(database: Database, write: Callable[..., Awaitable[Any]], *values: Any) -> None:
    async with write_transaction(database) as db:
        await write(*values, db)


async def _of_all_and_of_one(ask: Callable[[int | None], Awaitable[Any]]) -> None:
    memory._memories.clear()
    await ask(None)
    await ask(CHAT)


async def _busiest() -> None:
    memory._memories.clear()
    await insights.list_busiest_chats(10)


async def _inactive() -> None:
    for after in (None, insights.Cursor(None, 0), insights.Cursor(NOW, 0)):
        await insights.list_inactive(CHAT, NOW, after, 10)


async def _turned(ask: Callable[..., Awaitable[Any]], *ids: int) -> None:
    """The first page, and those after and before a place."""
    for place in (browse.Place(), browse.Place(BOB), browse.Place(BOB, is_backwards=True)):
        await ask(*ids, place)


#: Whose memberships are listed.
OF_ONE = (("chat_id", CHAT), ("user_id", ANN))


async def _narrowed(
    list_: lists.List, fields: tuple[filters.Field, ...], *besides: dict[str, str]
) -> None:
    """By nothing, by each field, and by each together with one chat or person."""
    typed = {"day": "2030-01-01", "language": "uk", "chat": str(CHAT), "user": str(ANN)}
    each = [{f.name: next(iter(f.choices), typed.get(f.kind, ""))} for f in fields]
    for given in [{}, *each, *(one | more for one in each for more in besides)]:
        asked = filters.read(fields, given)
        await _turned(lambda place, asked=asked: list_(place, asked))
        await list_(browse.Place(), asked, True, lists.PORTION)


async def _sorted_lists() -> None:
    for name, id_ in OF_ONE:
        one = filters.read(filters.MEMBERSHIPS, {name: str(id_), "is_blocked": "no"})
        for sort in lists.SORTS:
            await lists.list_sorted(browse.Place(), one, sort)


async def _largest() -> None:
    memory._memories.clear()
    await lists.list_largest_chats(browse.Place())


async def _searched(ask: Callable[[str], Awaitable[Any]], *words: str) -> None:
    for each in words:
        await ask(each)


async def _in_pages(ask: Callable[..., Awaitable[Any]], *ids: int) -> None:
    """From the beginning, forwards and backwards."""
    for cursor in (None, Cursor(NOW, CHAT), Cursor(NOW, CHAT, is_backwards=True)):
        await ask(*ids, 20, cursor)


#: Every question, asked in a registry of many.
CALLS: dict[Callable[..., Any], Call] = {
    queries.find_user: lambda _: queries.find_user(ANN),
    queries.list_people: lambda _: queries.list_people(ANN),
    queries.list_holders: lambda _: queries.list_holders("user17", BOB),
    queries.list_holders_in_chat: lambda _: queries.list_holders_in_chat("user17", CHAT),
    queries.list_holders_anywhere: lambda _: queries.list_holders_anywhere("user17"),
    queries.list_holders_ever_in_chat: lambda _: queries.list_holders_ever_in_chat("user17", CHAT),
    queries.find_record: lambda _: queries.find_record(ANN, CHAT),
    queries.stream_members: lambda _: _read(queries.stream_members(CHAT, page=20)),
    queries.find_chat: lambda _: queries.find_chat(CHAT),
    queries.list_memberships: lambda _: _in_pages(queries.list_memberships, ANN),
    queries.count_memberships: lambda _: queries.count_memberships(ANN),
    queries.find_membership: lambda _: queries.find_membership(ANN, CHAT),
    queries.list_shared_chats: lambda _: _in_pages(queries.list_shared_chats, ANN, BOB),
    queries.count_shared_chats: lambda _: queries.count_shared_chats(ANN, BOB),
    browse.find_users: lambda _: _searched(browse.find_users, "17", "@User17", "P"),
    browse.list_names: lambda _: browse.list_names(ANN),
    browse.list_steps: lambda _: browse.list_steps(ANN),
    # by a part of the title: all groups and channels, but not the private chats, which are as many
    # as people; an index for it would cost every update of a chat more than it saves a search
    browse.find_chats: lambda _: _searched(browse.find_chats, "-17", "@gogo", "hat"),
    browse.list_members: lambda _: _turned(browse.list_members, CHAT),
    browse.list_administrators_of: lambda _: browse.list_administrators_of(CHAT),
    one_chat.count_by_status: lambda _: one_chat.count_by_status(CHAT),
    one_chat.count_by_link: lambda _: one_chat.count_by_link(CHAT),
    one_chat.list_newcomers: lambda _: one_chat.list_newcomers(CHAT),
    one_chat.find_reconciled: lambda _: one_chat.find_reconciled(CHAT),
    browse.list_letters: lambda _: _turned(browse.list_letters),
    browse.find_letter: lambda _: browse.find_letter(1),
    browse.list_audit: lambda _: _turned(browse.list_audit),
    lists.list_users: lambda _: _narrowed(lists.list_users, filters.USERS),
    lists.list_chats: lambda _: _narrowed(lists.list_chats, filters.CHATS),
    lists.list_memberships: lambda _: _narrowed(
        lists.list_memberships, filters.MEMBERSHIPS, *({each: str(id_)} for each, id_ in OF_ONE)
    ),
    lists.list_sorted: lambda _: _sorted_lists(),
    lists.list_largest_chats: lambda _: _largest(),
    lists.stream: lambda _: _read(lists.stream(lists.list_memberships, lists.NOTHING)),
    tables.count_rows: lambda _: tables.count_rows("memberships"),
    tables.stream_rows: _export_all,
    queries.stream_dead_letters: lambda _: _read(queries.stream_dead_letters()),
    gaps.stream_coverage: lambda _: _read(gaps.stream_coverage()),
    gaps.count_to_ask: lambda _: gaps.count_to_ask(NOW),
    gaps.list_to_ask: lambda _: gaps.list_to_ask(NOW, CHAT, 0, 100),
    gaps.list_chats_without_rights: lambda _: gaps.list_chats_without_rights(20),
    gaps.count_chats_without_rights: lambda _: gaps.count_chats_without_rights(),
    gaps.count_dead_letters: lambda _: gaps.count_dead_letters(),
    day_by_day.list_new_by_day: lambda _: _of_all_and_of_one(day_by_day.list_new_by_day),
    day_by_day.list_steps_by_day: lambda _: _of_all_and_of_one(day_by_day.list_steps_by_day),
    day_by_day.list_activity_by_day: lambda _: _of_all_and_of_one(day_by_day.list_activity_by_day),
    insights.list_busiest_chats: lambda _: _busiest(),
    insights.list_most_active: lambda _: insights.list_most_active(CHAT, 10),
    insights.count_languages: lambda _: _of_all_and_of_one(insights.count_languages),
    insights.count_inactive: lambda _: insights.count_inactive(CHAT, NOW),
    insights.list_inactive: lambda _: _inactive(),
    dossier.list_rows_about: lambda _: dossier.list_rows_about(ANN, CHAT),
    dossier.everything_about: lambda _: dossier.everything_about(ANN),
    forgetting.lock: lambda database: _writing(database, forgetting.lock, [7_991]),
    forgetting.erase: lambda database: _writing(database, forgetting.erase, [7_991, 7_992]),
    forgetting.list_letters: lambda database: _writing(database, forgetting.list_letters, ANN),
    maintenance.maintain: lambda database: maintenance.maintain(database, 1),
    totals.count_people: lambda _: totals.count_people(),
    totals.count_people_in_chat: lambda _: totals.count_people_in_chat(CHAT),
    totals.count_chats_by_type: lambda _: totals.count_chats_by_type(),
    totals.find_coverage: lambda _: totals.find_coverage(CHAT),
    totals.prune: lambda database: _writing(database, _pruned),
    totals.recount: lambda database: _writing(database, totals.recount),
    claims.claim: lambda database: _writing(database, claims.claim, [CLAIM], [SEEN], [PROFILE]),
    names.settle_usernames: lambda database: _writing(
        database, names.settle_usernames, [f"user{BOB}"]
    ),
    # last: who was asked before claims what is not current any more
    forgetting.forget: lambda database: forgetting.forget(database, 7_990),
}
#: Which tables some may read as a whole, and why.
SCANS: dict[Callable[..., Any], tuple[set[str], str]] = {
    tables.count_rows: (set(GROWING), "the length of an export's progress bar; it reads all next"),
    gaps.count_to_ask: ({"chats"}, "the beginning of `reconcile`, which goes on for hours"),
    day_by_day.list_new_by_day: ({"users"}, "of all people; remembered for ten minutes"),
    insights.count_languages: ({"users"}, "of all people; remembered for ten minutes"),
    totals.recount: (set(GROWING), "it counts everything: that is what it is for"),
}


async def _pruned(db: Any) -> None:
    await totals.prune(db, NOW.date() - timedelta(days=31))
