"""What the bot answers: a question to the registry, put into words. No aiogram, no sending."""

from userreg import phrases, queries, totals
from userreg.models import Chat, User
from userreg.phrases import Markup, lines, say
from userreg.queries import KnownMembership, Person

#: Chats listed in one answer.
LISTED = 20
#: What a list may fill of a message; the rest is for what stands above and below it.
_ROOM_FOR_LISTS = 3_000


def start(first_name: str | None) -> Markup:
    greeting = say("start.hello", name=phrases.name(first_name) or say("me.no_name"))
    return lines(greeting, "", say("start.promise"), "", say("start.more"))


def stranger() -> Markup:
    return say("me.stranger")


def help_() -> Markup:
    return say("help.text")


def unknown_command() -> Markup:
    return say("help.unknown_command")


async def me(user_id: int) -> Markup:
    """Everything about the asker. For a private chat: it names all chats."""
    user = await queries.find_user(user_id)
    if user is None:
        return stranger()
    memberships = await queries.list_memberships(user_id, LISTED)
    items = [say("me.chat", chat=_chat(m), status=_status(m)) for m in memberships]
    total = await queries.count_memberships(user_id)
    heading = say("me.chats", total) if total else say("me.no_chats")
    return lines(*_profile(user), heading, *_listed(items, total))


async def me_in_chat(user_id: int, chat_id: int) -> Markup:
    """The asker in this chat alone: the other members are reading."""
    user = await queries.find_user(user_id)
    if user is None:
        return stranger()
    known = await queries.find_membership(user_id, chat_id)
    here = say("me.here", status=_status(known)) if known else say("me.not_here")
    return lines(*_profile(user), here, say("me.elsewhere"))


async def whereami(chat_id: int, topic_id: int | None) -> Markup:
    chat = await queries.find_chat(chat_id)
    if chat is None:
        return say("whereami.id", id=str(chat_id))
    is_private = chat.type == "private"
    return lines(
        say("whereami.private") if is_private else say("whereami.title", chat=_title(chat.title)),
        say("whereami.type", type=chat.type or "unknown"),
        say("whereami.id", id=str(chat.id)),
        say("whereami.topic", id=str(topic_id)) if topic_id is not None else None,
        None if is_private else _bot_status(chat),
        None if is_private else await _members(chat),
        say("whereami.first_seen", at=chat.first_seen_at),
    )


async def stats() -> Markup:
    people = await totals.count_people()
    types = await totals.count_chats_by_type()
    by_type = [say("stats.chats_of_type", type=t, amount=n) for t, n in types.items()]
    return lines(
        say("stats.title"),
        say("stats.users", people.total),
        say("stats.chats", sum(types.values()), types=Markup(", ".join(by_type) or "–")),
        say("stats.memberships", await totals.count_all_memberships()),
        say("stats.active", day=people.day, week=people.week, month=people.month),
    )


async def stats_of_chat(chat_id: int) -> Markup:
    chat = await queries.find_chat(chat_id)
    members = await totals.count_people_in_chat(chat_id)
    return lines(
        say("stats.chat_title", chat=_title(chat.title if chat else None)),
        say("stats.members", members.total),
        say("stats.active", day=members.day, week=members.week, month=members.month),
    )


async def seen(asker_id: int | None, people: list[Person], name: str | None = None) -> Markup:
    """Where the asker, too, is a member; the same words for unknown, hidden and not shared.

    `people`: who bears the username `name`, and who bore it; or the one who was meant otherwise.
    """
    # Asked in any case, with ids that nobody has: no answer comes faster than another.
    people = people or [_NOBODY]
    told = [await _seen_of(asker_id or 0, person, name, len(people)) for person in people]
    found = [answer for answer in told if answer is not None]
    return lines(*found) if found else say("seen.nothing")


async def seen_in_chat(chat_id: int, people: list[Person], name: str | None = None) -> Markup:
    """In a group, of that group alone."""
    told = [await _seen_there(chat_id, person, name) for person in people or [_NOBODY]]
    found = [answer for answer in told if answer is not None]
    return lines(*found) if found else say("seen.nothing")


_NOBODY = Person(0, "", None, False, None, None)


async def _seen_of(asker_id: int, person: Person, name: str | None, of: int) -> Markup | None:
    """What to tell of one of so many people, who share the room in the answer."""
    ids = (asker_id, person.id)
    shared = await queries.list_shared_chats(*ids, LISTED // of)
    total = await queries.count_shared_chats(*ids)
    if not shared:
        return None
    newest, *others = shared
    items = [_known_there(other) for other in others]
    if newest.last_seen_at:
        first = say("seen.last_seen", at=newest.last_seen_at, chat=_chat(newest))
    else:
        first = _known_there(newest)
    also = say("seen.also") if others else None
    listed = _listed(items, total - 1, _ROOM_FOR_LISTS // of)
    return lines(*_headed(person, name), first, also, *listed)


async def _seen_there(chat_id: int, person: Person, name: str | None) -> Markup | None:
    known = await queries.find_membership(person.id, chat_id)
    if known is None or not known.is_member:
        return None
    if known.last_seen_at:
        return lines(*_headed(person, name), say("seen.last_seen_here", at=known.last_seen_at))
    return lines(*_headed(person, name), say("seen.silent_here"))


def _headed(person: Person, name: str | None) -> list[Markup | None]:
    """No more than the month: when exactly may tell of chats that the asker does not share."""
    if person.until_at is None:
        return [_title_of(person)]
    return [_title_of(person), say("seen.held", username=name, month=f"{person.until_at:%Y-%m}")]


def seen_usage() -> Markup:
    return say("seen.usage")


def added(*, reads_everything: bool, is_administrator: bool) -> Markup:
    missing = [
        None if reads_everything or is_administrator else say("added.privacy"),
        None if is_administrator else say("added.administrator"),
    ]
    heading = say("added.missing") if any(missing) else None
    return lines(say("added.hello"), heading, *missing)


def _profile(user: User) -> list[Markup | None]:
    language = user.language_code
    return [
        _title_of(user),
        say("me.id", id=str(user.id)),
        say("me.username", username=user.username) if user.username else say("me.no_username"),
        say("me.language", language=language) if language else say("me.no_language"),
        say("me.first_seen", at=user.first_seen_at),
        say("me.last_seen", at=user.last_seen_at) if user.last_seen_at else None,
    ]


def _title_of(user: User | Person) -> Markup:
    if user.is_gone and isinstance(user, Person):
        return say("seen.gone", name=phrases.name(user.known_as) or say("me.no_name"))
    full_name = phrases.name(f"{user.first_name} {user.last_name or ''}")
    return say("me.title", name=full_name or say("me.no_name"))


def _title(title: str | None) -> Markup:
    return phrases.name(title) or say("whereami.no_title")


def _chat(membership: KnownMembership) -> Markup:
    return _title(membership.title)


def _status(membership: KnownMembership) -> Markup:
    if membership.status is None:
        status = say("status.seen")
    elif membership.status == "restricted" and not membership.is_member:
        status = say("status.restricted_out")
    else:
        status = say(f"status.{membership.status}")
    as_of = membership.as_of_at
    return say("status.as_of", status=status, at=as_of) if as_of else status


def _known_there(membership: KnownMembership) -> Markup:
    if membership.last_seen_at is None:
        return say("seen.known_silent", chat=_chat(membership))
    return say("seen.known", chat=_chat(membership), at=membership.last_seen_at)


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


def _listed(items: list[Markup], total: int, room: int = _ROOM_FOR_LISTS) -> list[str]:
    """The items that have room, and how many more there are."""
    kept = phrases.fitting(items, room)
    more = total - len(kept)
    return [*kept, say("list.more", more)] if more > 0 else kept
