"""The long lists: people, chats, memberships, as far as a filter matches. Reads only.

They go by a key that has an index, and a page looks through so many rows at most: where few match,
it says how far it came, and the next one goes on from there. So it takes as long at any place of
any table, whatever is wanted.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from userreg.browse import CHAT, PAGE, PERSON, Listed, Place
from userreg.errors import TooLarge
from userreg.filters import Filter
from userreg.memory import recall
from userreg.queries import EVIDENCE, IS_MEMBER, STATUS, read
from userreg.totals import total_of
from userreg.upsert import Row

#: Rows that one page looks through at most; fewer where they lie scattered, as those of one chat
#: do, where something is looked up for each of them, or where they are sorted.
LOOK: Final = 20_000
FEW: Final = 5_000
#: Chats that are remembered by their size.
LARGEST: Final = 1_000
#: Rows of a download that are read and written at once: little, for others wait meanwhile.
PORTION: Final = 250
NOTHING: Final = Filter()
#: Beyond every id.
_FAR: Final = 2**62
_WHO: Final = "(SELECT u.{0} FROM users u WHERE u.id = m.user_id)"
_WHERE: Final = "(SELECT c.{0} FROM chats c WHERE c.id = m.chat_id) AS {0}"
#: Nothing is joined: for a page, PostgreSQL might read all people.
_MEMBERSHIP: Final = f"""
    m.id, m.user_id, m.chat_id, coalesce({_WHO.format("first_name")}, '') AS first_name,
    {_WHO.format("last_name")} AS last_name, {_WHO.format("username")} AS username,
    {_WHERE.format("title")}, {_WHERE.format("type")}, {STATUS} AS status,
    {IS_MEMBER} AS is_member, {EVIDENCE} AS evidence, m.joined_at, m.left_at, m.first_seen_at,
    m.last_seen_at, m.messages
"""
#: How the memberships of one chat or person can be sorted besides: few enough to be read for it.
SORTS: Final = {
    "last_seen": "m.last_seen_at DESC NULLS LAST",
    "joined": "m.joined_at DESC NULLS LAST",
    "messages": "m.messages DESC",
}


@dataclass(frozen=True)
class _Walk:
    """A way through a table, along an index: by the ids below `top`, or of one chat or person by
    the ids of the other. `alias` is what its rows are called when they are looked at."""

    table: str
    alias: str
    columns: str
    key: str = "id"
    of: str = ""
    of_id: int = 0
    top: int = _FAR
    is_falling: bool = True

    def span(self, values: list[Any], low: int, high: int) -> str:
        """The condition for the keys between these two. Of one chat PostgreSQL expects a few
        members, to be read and sorted, also of a large one: for it, this is a range."""
        if not self.of:
            values += [low, high]
            return f"p.{self.key} > ${len(values) - 1} AND p.{self.key} < ${len(values)}"
        values += [self.of_id, low, high]
        of, least, most = (f"${len(values) - n}" for n in (2, 1, 0))
        pair = f"(p.{self.of}, p.{self.key})"
        return f"{pair} > ({of}, {least}) AND {pair} < ({of}, {most})"

    def order(self, is_falling: bool) -> str:
        sign = "DESC" if is_falling else "ASC"
        return f"p.{self.of} {sign}, p.{self.key} {sign}" if self.of else f"p.{self.key} {sign}"


List = Callable[..., Awaitable[Listed]]


async def list_users(
    place: Place, filter_: Filter = NOTHING, is_reversed: bool = False, limit: int = PAGE
) -> Listed:
    """The newest accounts first, for ids rise with time."""
    return await _turn(_Walk("users", "u", PERSON), place, filter_, is_reversed, limit)


async def list_chats(
    place: Place, filter_: Filter = NOTHING, is_reversed: bool = False, limit: int = PAGE
) -> Listed:
    """Groups and channels, the newest of each kind first, for their ids fall with time."""
    walk = _Walk("chats", "c", CHAT, top=0, is_falling=False)
    return await _turn(walk, place, filter_, is_reversed, limit)


async def list_memberships(
    place: Place, filter_: Filter = NOTHING, is_reversed: bool = False, limit: int = PAGE
) -> Listed:
    """Those that were learnt of last first; of one chat the newest accounts, of one person the
    newest chats."""
    return await _turn(_walk_of(filter_), place, filter_, is_reversed, limit)


def _walk_of(filter_: Filter) -> _Walk:
    chat_id, user_id = filter_.find("chat_id"), filter_.find("user_id")
    found = ("memberships", "m", _MEMBERSHIP)
    if user_id is not None:
        return _Walk(*found, key="chat_id", of="user_id", of_id=user_id, is_falling=False)
    if chat_id is not None:
        return _Walk(*found, key="user_id", of="chat_id", of_id=chat_id)
    return _Walk(*found)


async def _turn(
    walk: _Walk, place: Place, filter_: Filter, is_reversed: bool, limit: int
) -> Listed:
    is_falling = (walk.is_falling != is_reversed) != place.is_backwards
    step = -1 if is_falling else 1
    low, high = -_FAR, walk.top
    if place.key is not None:
        low, high = (low, min(high, place.key)) if is_falling else (max(low, place.key), high)
    look = FEW if walk.of or filter_.asks_elsewhere else LOOK
    looked, end = await _reach(walk, low, high, is_falling, look) if filter_ else (0, None)
    if end is not None:
        low, high = (end - 1, high) if is_falling else (low, end + 1)
    rows = await _match(walk, low, high, is_falling, filter_, limit + 1)
    rows, is_more = rows[:limit], len(rows) > limit
    last = rows[-1][walk.key] if is_more else end if looked == look else None
    if not rows and place.key is not None and not filter_:  # they are gone: the beginning
        return await _turn(walk, Place(), filter_, is_reversed, limit)
    onwards = None if last is None else Place(last, place.is_backwards)
    # The other way the first row on this page comes next, if there is one.
    back = None if place.key is None else Place(place.key + step, not place.is_backwards)
    shown = looked if last is not None and not is_more else None
    if place.is_backwards:
        return Listed(rows[::-1], onwards, back, shown)
    return Listed(rows, back, onwards, shown)


async def _reach(
    walk: _Walk, low: int, high: int, is_falling: bool, look: int
) -> tuple[int, int | None]:
    """How many rows a page looks through, and the last key of them."""
    values: list[Any] = []
    rows = await read(
        f"SELECT count(*) AS looked, {'min' if is_falling else 'max'}(w.key) AS last FROM"
        f" (SELECT p.{walk.key} AS key FROM {walk.table} p WHERE {walk.span(values, low, high)}"
        f" ORDER BY {walk.order(is_falling)} LIMIT {look}) AS w",
        *values,
    )
    return rows[0]["looked"], rows[0]["last"]


async def _match(
    walk: _Walk, low: int, high: int, is_falling: bool, filter_: Filter, limit: int
) -> list[Row]:
    """The first rows between these keys that match. What is looked through comes first, in its
    order; only of what was found more is read."""
    values: list[Any] = []
    order = f"{walk.alias}.{walk.key} {'DESC' if is_falling else 'ASC'}"
    span, most = walk.span(values, low, high), LOOK if filter_ else limit
    return await read(
        f"SELECT {walk.columns} FROM (SELECT {walk.alias}.* FROM (SELECT p.* FROM {walk.table} p"
        f" WHERE {span} ORDER BY {walk.order(is_falling)} LIMIT {most}) AS {walk.alias}"
        f" WHERE {filter_.sql(values)} ORDER BY {order} LIMIT {limit}) AS {walk.alias}"
        f" ORDER BY {order}",
        *values,
    )


async def list_sorted(place: Place, filter_: Filter, sort: str) -> Listed:
    """The memberships of one chat or person, by one of `SORTS`. Raises `TooLarge` where they are
    more than can be sorted for each page."""
    walk, values = _walk_of(filter_), list[Any]()
    looked, _ = await _reach(walk, -_FAR, _FAR, walk.is_falling, FEW + 1)
    if looked > FEW:
        raise TooLarge(FEW)
    rows = await read(
        f"SELECT m.id FROM (SELECT p.* FROM memberships p WHERE {walk.span(values, -_FAR, _FAR)}"
        f" ORDER BY {walk.order(walk.is_falling)} LIMIT {FEW}) AS m"
        f" WHERE {filter_.sql(values)} ORDER BY {SORTS[sort]}, m.id",
        *values,
    )
    return await _pick([row["id"] for row in rows], place, _MEMBERSHIP, "memberships m")


async def list_largest_chats(place: Place, filter_: Filter = NOTHING) -> Listed:
    """The chats with the most known members, as they were in the last ten minutes."""
    values: list[Any] = []
    sql = (
        f"SELECT c.id FROM chats c WHERE c.id < 0 AND {filter_.sql(values)}"
        f" ORDER BY {total_of('members', 'c.id')} DESC, c.id LIMIT {LARGEST}"
    )
    rows = await recall(sql, *values)
    return await _pick([row["id"] for row in rows], place, CHAT, "chats c")


async def _pick(ids: list[int], place: Place, columns: str, source: str) -> Listed:
    """A page of what has these ids, in their order; the first, where the place is not among
    them."""
    at = ids.index(place.key) if place.key in ids else -1
    begin = max(at - PAGE, 0) if place.is_backwards else at + 1
    picked = ids[begin : at if place.is_backwards and at > 0 else begin + PAGE]
    alias = source.split()[1]
    rows = await read(
        f"SELECT {columns} FROM {source} WHERE {alias}.id = ANY($1::bigint[])", picked
    )
    by_id = {row["id"]: row for row in rows}
    return Listed(
        [by_id[id_] for id_ in picked if id_ in by_id],
        Place(picked[0], is_backwards=True) if begin > 0 and picked else None,
        Place(picked[-1]) if picked and picked[-1] != ids[-1] else None,
    )


async def stream(list_: List, filter_: Filter) -> AsyncGenerator[list[Row], None]:
    """Everything that matches, portion by portion, each as it is by then."""
    place: Place | None = Place()
    while place is not None:
        listed = await list_(place, filter_, limit=PORTION)
        yield listed.rows
        place = listed.after
