"""About a chat, and about the registry as a whole."""

import logging

from aiogram.exceptions import ClientDecodeError, TelegramAPIError

from userreg import queries, totals
from userreg.bot.asking import Asking
from userreg.bot.look_ups import ask_how_many
from userreg.bot.view import View, button, menu, refresh
from userreg.bot.words import find_title, title_of_chat
from userreg.errors import NotCommitted
from userreg.models import Chat
from userreg.phrases import Markup, lines, say
from userreg.telegram import CHAT_TYPES

logger = logging.getLogger(__name__)


async def here(asking: Asking) -> View:
    """`/whereami`."""
    if not asking.is_private:
        await _count_members(asking)
    chat = await queries.find_chat(asking.chat.id)
    if chat is None:
        return View(say("whereami.id", id=str(asking.chat.id)))
    is_private, topic_id = asking.is_private, asking.topic_id
    text = lines(
        say("whereami.private") if is_private
        else say("whereami.title", chat=title_of_chat(chat.title)),
        say("whereami.type", type=type_of(chat.type)),
        say("whereami.id", id=str(chat.id)),
        say("whereami.topic", id=str(topic_id)) if topic_id is not None else None,
        None if is_private else _bot_status(chat),
        None if is_private else await _members(chat),
        say("whereami.first_seen", at=chat.first_seen_at),
    )  # fmt: skip
    stats_here = [] if is_private else [button(say("buttons.stats"), asking.press("stats"))]
    return View(text, [[refresh(asking, "here"), *stats_here, *menu(asking)]])


async def stats(asking: Asking) -> View:
    """Totals for everybody; administrators are shown the way to more."""
    is_private = asking.is_private
    text = await (_of_all() if is_private else _of_chat(asking))
    may = asking.is_administrator if is_private else asking.is_chat_administrator
    target = 0 if is_private else asking.chat.id
    details = button(say("buttons.details"), asking.press("report", target=target))
    buttons = [[refresh(asking, "stats"), *menu(asking)]]
    return View(text, [[details], *buttons] if await may() else buttons)


async def _of_all() -> Markup:
    people = await totals.count_people()
    types = await totals.count_chats_by_type()
    by_type = [say("stats.chats_of_type", type=type_of(t), amount=n) for t, n in types.items()]
    listed = say("list.separator").join(by_type)
    return lines(
        say("stats.title"),
        say("stats.users", people.total),
        say("stats.chats", sum(types.values()), types=Markup(listed or "–")),
        say("stats.memberships", (await totals.find_coverage(0)).known),
        say("stats.active", day=people.day, week=people.week, month=people.month),
    )


async def _of_chat(asking: Asking) -> Markup:
    members = await totals.count_people_in_chat(asking.chat.id)
    return lines(
        say("stats.chat_title", chat=await find_title(asking.chat.id)),
        say("stats.members", members.total),
        say("stats.active", day=members.day, week=members.week, month=members.month),
    )


def type_of(type_: str | None) -> Markup:
    return say(f"type.{type_}" if type_ in CHAT_TYPES else "type.unknown")


def _bot_status(chat: Chat) -> Markup:
    if chat.bot_status is None:
        return say("whereami.bot_unknown")
    return say("whereami.bot_status", status=say(f"status.{chat.bot_status}"))


async def _members(chat: Chat) -> Markup:
    coverage = await totals.find_coverage(chat.id)
    if chat.member_count is None:
        return say("whereami.known", coverage.known)
    known, confirmed = coverage.known, coverage.confirmed
    return say("whereami.members", known=known, count=chat.member_count, confirmed=confirmed)


async def _count_members(asking: Asking) -> None:
    """Ask Telegram how many members there are; without an answer, the last one stands."""
    try:
        counted = await ask_how_many(asking.parts.bot, asking.chat.id)
        await asking.parts.registry.record(counted)
    except (TelegramAPIError, ClientDecodeError, NotCommitted) as error:
        logger.warning("members not counted: %s", error)
