"""What administrators are told: of all chats (`chat_id` None), or of one. No aiogram, no sending.

Every text fits into one message: a section by itself, and all of them together, shortened.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final

from userreg import day_by_day, insights, phrases, queries, totals
from userreg.bot.words import find_title, title_of_chat
from userreg.insights import ActivePerson, BusyChat, InactiveMember
from userreg.phrases import Markup, lines, say

#: A member who was not seen for so many days is said to be inactive.
SILENT_DAYS: Final = 30


@dataclass(frozen=True)
class Extent:
    """How much a section tells: items of a list, days, and UTF-16 units for the list."""

    items: int
    days: int
    room: int


FULL: Final = Extent(10, 14, 3_000)
BRIEF: Final = Extent(3, 7, 700)


async def report(chat_id: int | None) -> Markup:
    """All sections, shortened."""
    told = [await section(chat_id, BRIEF) for section in SECTIONS.values()]
    told.append(say("report.age"))
    return lines(await _heading(chat_id), *(f"\n{section}" for section in told))


async def _heading(chat_id: int | None) -> Markup:
    if chat_id is None:
        return say("report.title")
    return say("report.chat_title", chat=await find_title(chat_id))


async def growth(chat_id: int | None, _: Extent = FULL) -> Markup:
    """New people today, in the last 7 and in the last 30 days."""
    days = await day_by_day.list_new_by_day(chat_id)
    return lines(say("report.growth"), _periods([day.people for day in days]))


async def activity(chat_id: int | None, extent: Extent = FULL) -> Markup:
    """Who wrote, and how many messages, on each of the last days."""
    days = await day_by_day.list_activity_by_day(chat_id, extent.days)
    told = (say("report.day", day=d.day, people=d.people, messages=d.messages) for d in days)
    return lines(say("report.activity"), *reversed(list(told)))


async def joins(chat_id: int | None, _: Extent = FULL) -> Markup:
    """Joins and leaves today, in the last 7 and in the last 30 days."""
    days = await day_by_day.list_steps_by_day(chat_id)
    return lines(
        say("report.joins"),
        say("report.joined", periods=_periods([day.joined for day in days])),
        say("report.left", periods=_periods([day.left for day in days])),
    )


async def chats(chat_id: int | None, extent: Extent = FULL) -> Markup:
    """The busiest chats; of one chat its most active people."""
    if chat_id is not None:
        people = await insights.list_most_active(chat_id, extent.items)
        told = [say("report.item", name=_name(one), count=one.messages) for one in people]
        return _listed(say("report.most_active"), told, extent)
    busiest = await insights.list_busiest_chats(extent.items)
    told = [
        say("report.item", name=title_of_chat(one.title), count=one.messages) for one in busiest
    ]
    return _listed(say("report.chats"), told, extent)


async def coverage(chat_id: int | None, extent: Extent = FULL) -> Markup:
    """How many of the members are known; of all chats for the busiest."""
    known = await totals.find_coverage(chat_id or 0)
    if chat_id is not None:
        chat = await queries.find_chat(chat_id)
        count = chat.member_count if chat else None
        return lines(say("report.coverage"), _covered(known.known, known.confirmed, count))
    busiest = await insights.list_busiest_chats(extent.items)
    told = [
        say("report.covered_chat", chat=title_of_chat(c.title), covered=_of(c)) for c in busiest
    ]
    all_ = _covered(known.known, known.confirmed, None)
    return _listed(lines(say("report.coverage"), all_), told, extent)


async def languages(chat_id: int | None, extent: Extent = FULL) -> Markup:
    """How many people speak which."""
    spoken = list((await insights.count_languages(chat_id)).items())
    told = [
        say("report.item", name=phrases.name(language) or say("report.no_language"), count=people)
        for language, people in spoken[: extent.items]
    ]
    if others := sum(people for _, people in spoken[extent.items :]):
        told.append(say("report.item", name=say("report.other_languages"), count=others))
    return _listed(say("report.languages"), told, extent)


async def inactive(chat_id: int | None, extent: Extent = FULL) -> Markup:
    """Who has not been seen for a month: of one chat those who are silent longest by name."""
    title = say("report.inactive", days=SILENT_DAYS)
    if chat_id is None:
        people = await totals.count_people()
        silent = people.total - people.month
        return lines(title, say("report.silent_people", count=silent, of=people.total))
    before = silent_since()
    total = await insights.count_inactive(chat_id, before)
    members = await insights.list_inactive(chat_id, before, None, extent.items)
    kept = phrases.fitting([silent_member(member) for member in members], extent.room)
    more = say("list.more", total - len(kept)) if total > len(kept) else None
    return lines(title, say("report.silent_members", count=total), *kept, more)


def silent_since() -> datetime:
    """Those last seen before this are inactive: the same the whole day, for all pages."""
    return datetime.combine(day_by_day.today(), time(), UTC) - timedelta(days=SILENT_DAYS)


def silent_member(member: InactiveMember) -> Markup:
    """A line about an inactive member."""
    if member.last_seen_at is None:
        return say("report.never_seen", name=_name(member))
    return say("report.last_seen", name=_name(member), at=member.last_seen_at)


#: Every section by its name, in the order of the report; each takes a `chat_id` and an `Extent`.
SECTIONS: Final[dict[str, Callable[..., Awaitable[Markup]]]] = {
    "growth": growth,
    "activity": activity,
    "joins": joins,
    "chats": chats,
    "coverage": coverage,
    "languages": languages,
    "inactive": inactive,
}


def _periods(days: Sequence[int]) -> Markup:
    week, month = sum(days[-7:]), sum(days[-30:])
    return say("report.periods", day=days[-1], week=week, month=month)


def _listed(title: Markup, items: Iterable[Markup], extent: Extent) -> Markup:
    kept = phrases.fitting(items, extent.room)
    return lines(title, *(kept or [say("report.nothing")]))


def _of(chat: BusyChat) -> Markup:
    return _covered(chat.known, chat.confirmed, chat.member_count)


def _covered(known: int, confirmed: int, count: int | None) -> Markup:
    if count is None:
        return say("report.covered", known=known, confirmed=confirmed)
    return say("report.covered_of", known=known, confirmed=confirmed, count=count)


def _name(person: ActivePerson | InactiveMember) -> Markup:
    full_name = phrases.name(f"{person.first_name} {person.last_name or ''}")
    return full_name or say("me.no_name")
