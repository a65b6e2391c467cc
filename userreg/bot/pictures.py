"""Pictures for administrators, each with a caption that says the same in words."""

import html
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal

from userreg import day_by_day
from userreg.bot.words import find_title
from userreg.charts import Chart, Series, draw_png
from userreg.phrases import Markup, lines, say

_TAG: Final = re.compile(r"<[^>]*>|[\u2060\u2066-\u2069]")


@dataclass(frozen=True)
class _Drawing:
    """What is to be drawn, and told: named values, one for each label. `days`: the first and the
    last of them."""

    title: Markup
    labels: Sequence[str]
    names: Sequence[str | date]
    series: Sequence[tuple[Markup, Sequence[int]]]
    days: tuple[date, date]
    kind: Literal["bars", "bars_against"] = "bars"
    #: False where one person counts on each of many days.
    adds_up: bool = True


async def picture(kind: str, chat_id: int | None, *, is_dark: bool = False) -> tuple[bytes, Markup]:
    """A PNG and its caption, of all chats (`chat_id` None) or of one. `kind`: one of `PICTURES`.
    Raises `PictureFailed`, and KeyError for another kind."""
    drawing = await PICTURES[kind](chat_id)
    caption = await _caption(drawing, chat_id)
    series = tuple(Series(_plain(name), tuple(values)) for name, values in drawing.series)
    chart = Chart(
        _plain(drawing.title), _plain(caption), tuple(drawing.labels), series, drawing.kind, is_dark
    )
    return await draw_png(chart), caption


async def _growth(chat_id: int | None) -> _Drawing:
    days = await day_by_day.list_new_by_day(chat_id)
    series = [(say("picture.new_people"), [day.people for day in days])]
    return _of_days(say("picture.growth"), [day.day for day in days], series)


async def _activity(chat_id: int | None) -> _Drawing:
    days = await day_by_day.list_activity_by_day(chat_id)
    series = [(say("picture.active_people"), [day.people for day in days])]
    return replace(_of_days(say("picture.activity"), [d.day for d in days], series), adds_up=False)


async def _messages(chat_id: int | None) -> _Drawing:
    days = await day_by_day.list_activity_by_day(chat_id)
    series = [(say("picture.messages"), [day.messages for day in days])]
    return _of_days(say("picture.messages_by_day"), [day.day for day in days], series)


async def _joins(chat_id: int | None) -> _Drawing:
    days = await day_by_day.list_steps_by_day(chat_id)
    series = [
        (say("picture.joined"), [day.joined for day in days]),
        (say("picture.left"), [day.left for day in days]),
    ]
    title = say("picture.joins")
    return _of_days(title, [day.day for day in days], series, "bars_against")


async def _weekdays(chat_id: int | None) -> _Drawing:
    days = await day_by_day.list_activity_by_day(chat_id)
    names = [say(f"picture.{day}") for day in day_by_day.WEEKDAYS]
    sums = day_by_day.sum_by_weekday(days)
    series = [(say("picture.messages"), sums)]
    compared = day_by_day.compared(days)
    between = (compared[0].day, compared[-1].day)
    return _Drawing(say("picture.weekdays"), [_plain(n) for n in names], names, series, between)


#: Every kind of picture.
PICTURES: Final[dict[str, Callable[[int | None], Awaitable[_Drawing]]]] = {
    "growth": _growth,
    "activity": _activity,
    "messages": _messages,
    "joins": _joins,
    "weekdays": _weekdays,
}


def _of_days(
    title: Markup,
    days: Sequence[date],
    series: Sequence[tuple[Markup, Sequence[int]]],
    kind: Literal["bars", "bars_against"] = "bars",
) -> _Drawing:
    labels, names = [f"{day:%m-%d}" for day in days], list(days)
    return _Drawing(title, labels, names, series, (days[0], days[-1]), kind)


async def _caption(drawing: _Drawing, chat_id: int | None) -> Markup:
    first, last = drawing.days
    return lines(
        say("picture.title", title=drawing.title),
        say("picture.all_chats") if chat_id is None else await find_title(chat_id),
        say("picture.days", first=first, last=last),
        *(_told(name, values, drawing) for name, values in drawing.series),
    )


def _told(name: Markup, values: Sequence[int], drawing: _Drawing) -> Markup:
    most = max(values)
    if not most:
        return say("picture.none", name=name)
    on = drawing.names[values.index(most)]
    if drawing.adds_up:
        return say("picture.sum", name=name, sum=sum(values), most=most, on=on)
    average = round(sum(values) / len(values))
    return say("picture.average", name=name, average=average, most=most, on=on)


def _plain(text: str) -> str:
    """What is read, of Telegram HTML."""
    return html.unescape(_TAG.sub("", text))
