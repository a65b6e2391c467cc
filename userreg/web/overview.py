"""The registry at a glance: numbers, and how they came about."""

import asyncio
from datetime import UTC, datetime
from typing import Final

from aiohttp import web

from userreg import day_by_day, gaps, replicas, totals
from userreg.charts import Chart, Series, draw_svg
from userreg.decisions import Replica
from userreg.phrases import say
from userreg.web.doctor import DOCTOR
from userreg.web.lists import id_of
from userreg.web.pages import render

#: An SVG that is shown as a picture runs no script; its style is its own.
_SVG: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Cache-Control": "private, max-age=300",
}
KINDS: Final = ("growth", "activity", "joins", "weekdays")
#: Pixels, so that what is written in a picture is as large as what is written around it.
_WIDE: Final = (800, 450)
_NARROW: Final = (480, 320)


async def show(request: web.Request) -> web.Response:
    return render(
        request,
        "overview",
        people=await totals.count_people(),
        chats=await totals.count_chats_by_type(),
        memberships=await totals.find_coverage(0),
        letters=await gaps.count_dead_letters(),
        without_rights=sum((await gaps.count_chats_without_rights()).values()),
        diagnosis=await request.config_dict[DOCTOR].glance(),
        kinds=KINDS,
        replicas=await _list_replicas(),
    )


async def _list_replicas() -> list[tuple[Replica, bool]]:
    """Each with whether it is stale."""
    now = datetime.now(UTC)
    return [(each, replicas.is_stale(each, now)) for each in await replicas.list_replicas()]


async def chart(request: web.Request) -> web.Response:
    """`/admin/charts/growth.light.svg`, of one chat with `?chat=ID`; `narrow` for a telephone."""
    kind, look = request.match_info["kind"], request.match_info["look"]
    if kind not in KINDS or look not in ("light", "dark"):
        raise web.HTTPNotFound
    labels, series = await _numbers(kind, id_of(request, "chat"))
    drawn = Chart(
        say(f"picture.{kind}"), say(f"picture.{kind}"), tuple(labels), tuple(series),
        "bars_against" if kind == "joins" else "bars", look == "dark",
        *(_NARROW if "narrow" in request.query else _WIDE),
    )  # fmt: skip
    svg = await asyncio.to_thread(draw_svg, drawn)
    return web.Response(text=svg, content_type="image/svg+xml", headers=_SVG)


async def _numbers(kind: str, chat_id: int | None) -> tuple[list[str], list[Series]]:
    if kind == "growth":
        new = await day_by_day.list_new_by_day(chat_id)
        series = [Series(say("picture.new_people"), tuple(day.people for day in new))]
        return [f"{day.day:%m-%d}" for day in new], series
    if kind == "joins":
        steps = await day_by_day.list_steps_by_day(chat_id)
        series = [
            Series(say("picture.joined"), tuple(day.joined for day in steps)),
            Series(say("picture.left"), tuple(day.left for day in steps)),
        ]
        return [f"{day.day:%m-%d}" for day in steps], series
    active = await day_by_day.list_activity_by_day(chat_id)
    if kind == "weekdays":
        sums = day_by_day.sum_by_weekday(active)
        days = [str(say(f"picture.{day}")) for day in day_by_day.WEEKDAYS]
        return days, [Series(say("picture.messages"), tuple(sums))]
    series = [Series(say("picture.active_people"), tuple(day.people for day in active))]
    return [f"{day.day:%m-%d}" for day in active], series
