"""About one person: what is known of the asker, and what may be told of somebody else."""

from dataclasses import replace

from aiogram.types import InlineKeyboardButton

from userreg import phrases, queries
from userreg.bot.asking import Asking
from userreg.bot.press import FIRST, long_id, short_id
from userreg.bot.view import PAGE, View, back, button, in_pairs, menu, named, refresh, turn_pages
from userreg.bot.words import find_title, known_there, profile, status_of, title_of, title_of_chat
from userreg.models import User
from userreg.phrases import Markup, lines, say
from userreg.queries import KnownMembership, Person

#: Nobody: asked about all the same, so that no answer comes faster than another.
_NOBODY = Person(0, "", None, False, None, False, None)
_NOTHING = "seen.nothing"


async def me(asking: Asking) -> View:
    """Everything about the asker; in a group, where others read it, only what concerns it."""
    if asking.asker is None:
        return View(say("me.stranger"))
    user = await queries.find_user(asking.asker.id)
    if user is None:
        again = button(say("buttons.remember"), asking.press("remember"))
        return View(say("forget.is_forgotten"), [[again]] if asking.is_private else ())
    if asking.is_private:
        return await _record(replace(asking, target=0), user, "me")
    known = await queries.find_membership(user.id, asking.chat.id)
    here = say("me.here", status=status_of(known)) if known else say("me.not_here")
    text = lines(*profile(user), here, say("me.elsewhere"))
    return View(text, [[refresh(asking, "me")]])


async def _record(asking: Asking, user: User, view: str) -> View:
    """All that is known of an account, with its chats in pages."""
    total = await queries.count_memberships(user.id)
    known = await queries.list_memberships(user.id, PAGE, asking.page.cursor)
    if not known and asking.page.cursor:  # what was on this page has gone
        return await _record(replace(asking, page=FIRST), user, view)
    if user.id == asking.asker_id:
        heading = say("me.chats", total) if total else say("me.no_chats")
    else:
        heading = say("member.chats", total) if total else say("member.no_chats")
    items = [say("me.chat", chat=title_of_chat(m.title), status=status_of(m)) for m in known]
    chats = [_open(asking, membership) for membership in known]
    pages, last = turn_pages(asking, view, known, total), [refresh(asking, view), *menu(asking)]
    return View(lines(*profile(user), heading, *items), [*in_pairs(chats), pages, last])


def _open(asking: Asking, membership: KnownMembership) -> InlineKeyboardButton:
    data = asking.press("in", word=short_id(membership.chat_id))
    return named(membership.title, say("whereami.no_title"), data)


async def membership(asking: Asking) -> View:
    """One person in one chat, in private: the asker, or for administrators anybody."""
    user_id = asking.target or asking.asker_id
    if not asking.is_private or (
        user_id != asking.asker_id and not await asking.is_administrator()
    ):
        return View(say(_NOTHING))
    try:
        chat_id = long_id(asking.word)
    except ValueError:
        return View(say(_NOTHING))
    if user_id != asking.asker_id:
        await asking.note("seen", user_id, str(chat_id))
    known = await queries.find_membership(user_id, chat_id)
    record = await queries.find_record(user_id, chat_id)
    view = "seen" if asking.target else "me"
    buttons = [[refresh(asking, "in"), back(asking, view)]]
    if known is None or record is None:
        return View(say("me.not_there"), buttons)
    text = lines(
        say("me.title", name=title_of_chat(known.title)),
        say("member.status", status=status_of(known)),
        say("member.evidence", evidence=say(f"evidence.{known.evidence}")),
        say("member.joined", at=record.joined_at) if record.joined_at else None,
        say("member.left", at=record.left_at) if record.left_at else None,
        say("me.first_seen", at=record.first_seen_at) if record.first_seen_at else None,
        say("me.last_seen", at=record.last_seen_at) if record.last_seen_at else None,
        say("member.messages", record.messages),
    )
    return View(text, buttons)


async def usage(asking: Asking) -> View:
    return View(say("seen.usage"), [menu(asking)])


async def seen(asking: Asking) -> View:
    """About the person whose id is the target."""
    return await seen_of(asking, await queries.list_people(asking.target))


async def seen_of(asking: Asking, people: list[Person], name: str | None = None) -> View:
    """Where the asker, too, is a member; the same words for unknown, hidden and not shared.

    `people`: who bears the username `name`, and who bore it; or the one who was meant otherwise.
    """
    is_told_all = asking.is_private and await asking.is_administrator()
    if asking.is_private and not is_told_all:
        people = [p for p in people if not p.is_hidden or p.id == asking.asker_id]
    people = people or [_NOBODY]
    if not asking.is_private:
        return await _seen_here(asking, people, name)
    if is_told_all:
        return await _seen_by_administrator(asking, people)
    told = [await _shared_with(asking, person, name, PAGE // len(people)) for person in people]
    found = [one for one in told if one is not None]
    if not found:
        return View(say(_NOTHING))
    if len(found) == 1:
        return found[0]
    return View(lines(*(one.text for one in found)), [menu(asking)])


async def _shared_with(asking: Asking, person: Person, name: str | None, room: int) -> View | None:
    ids = (asking.asker_id, person.id)
    shared = await queries.list_shared_chats(*ids, room, asking.page.cursor)
    total = await queries.count_shared_chats(*ids)
    if not shared:
        if total and asking.page.cursor:
            return await _shared_with(replace(asking, page=FIRST), person, name, room)
        return None
    asking = asking.about(person.id)
    newest = shared[0]
    if newest.last_seen_at and asking.page.cursor is None:
        chat = title_of_chat(newest.title)
        first = say("seen.last_seen", at=newest.last_seen_at, chat=chat)
        also = say("seen.also") if len(shared) > 1 else None
        told = [first, also, *(known_there(other) for other in shared[1:])]
    else:
        told = [known_there(each) for each in shared]
    more = total - len(shared) if room < PAGE else 0
    pages = turn_pages(asking, "seen", shared, total) if room == PAGE else []
    text = lines(*_headed(person, name), *told, say("list.more", more) if more > 0 else None)
    return View(text, [pages, [refresh(asking, "seen"), *menu(asking)]])


async def _seen_here(asking: Asking, people: list[Person], name: str | None) -> View:
    """In a group, of that group alone, what everybody in it may read; its administrators are told
    the rest in private."""
    if await asking.is_chat_administrator():
        await _tell_in_private(asking, people, name)
    visible = [p for p in people if not p.is_hidden or p.id == asking.asker_id] or [_NOBODY]
    told = [await _there(asking, person, name) for person in visible]
    found = [answer for answer in told if answer is not None]
    if not found:
        return View(say(_NOTHING))
    one = visible[0].id if len(visible) == 1 else 0
    return View(lines(*found), [[refresh(asking.about(one), "seen")]] if one else ())


async def _tell_in_private(asking: Asking, people: list[Person], name: str | None) -> None:
    told = [await _all_there(asking, person, name) for person in people]
    found = [answer for answer in told if answer is not None]
    if not found or asking.asker is None:
        return
    for person in people:
        await asking.note("seen", person.id, str(asking.chat.id))
    heading = say("member.in", chat=await find_title(asking.chat.id))
    await asking.send_in_private(lines(heading, *found))


async def _there(asking: Asking, person: Person, name: str | None) -> Markup | None:
    known = await queries.find_membership(person.id, asking.chat.id)
    if known is None or not known.is_member:
        return None
    if known.last_seen_at:
        last = say("seen.last_seen_here", at=known.last_seen_at)
        return lines(*_headed(person, name), last)
    return lines(*_headed(person, name), say("seen.silent_here"))


async def _all_there(asking: Asking, person: Person, name: str | None) -> Markup | None:
    known = await queries.find_membership(person.id, asking.chat.id)
    record = await queries.find_record(person.id, asking.chat.id)
    if known is None or record is None:
        return None
    return lines(
        *_headed(person, name),
        say("seen.last_seen_here", at=known.last_seen_at) if known.last_seen_at else None,
        say("member.status", status=status_of(known)),
        say("member.evidence", evidence=say(f"evidence.{known.evidence}")),
        say("member.joined", at=record.joined_at) if record.joined_at else None,
        say("member.left", at=record.left_at) if record.left_at else None,
        say("member.messages", record.messages),
    )


async def _seen_by_administrator(asking: Asking, people: list[Person]) -> View:
    """Of everybody, wherever they are known; each use is noted."""
    users = [user for one in people if (user := await queries.find_user(one.id)) is not None]
    if not users:
        return View(say(_NOTHING))
    for person in people:
        await asking.note("seen", person.id, None)
    if len(users) == 1:
        return await _record(asking.about(users[0].id), users[0], "seen")
    choices = [
        named(f"{u.first_name} {u.last_name or ''}", str(u.id), asking.press("seen", target=u.id))
        for u in users
    ]
    titles = [title_of(user) for user in users]
    return View(lines(*titles), [*in_pairs(choices), menu(asking)])


def _headed(person: Person, name: str | None) -> list[Markup | None]:
    """No more than the month: when exactly may tell of chats that the asker does not share."""
    if person.until_at is None:
        return [title_of(person)]
    month = phrases.month(person.until_at)
    return [title_of(person), say("seen.held", username=name, month=month)]
