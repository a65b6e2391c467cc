"""Words for what several views tell: a person, a chat, somebody's status in it."""

from userreg import phrases, queries
from userreg.models import User
from userreg.phrases import Markup, say
from userreg.queries import KnownMembership, Person


def profile(user: User) -> list[Markup | None]:
    language = user.language_code
    return [
        title_of(user),
        say("me.id", id=str(user.id)),
        say("me.username", username=user.username) if user.username else say("me.no_username"),
        say("me.language", language=language) if language else say("me.no_language"),
        say("me.first_seen", at=user.first_seen_at),
        say("me.last_seen", at=user.last_seen_at) if user.last_seen_at else None,
    ]


def title_of(user: User | Person) -> Markup:
    if user.is_gone and isinstance(user, Person):
        return say("seen.gone", name=phrases.name(user.known_as) or say("me.no_name"))
    full_name = phrases.name(f"{user.first_name} {user.last_name or ''}")
    return say("me.title", name=full_name or say("me.no_name"))


def title_of_chat(title: str | None) -> Markup:
    return phrases.name(title) or say("whereami.no_title")


async def find_title(chat_id: int) -> Markup:
    """The same of the chat with this id."""
    chat = await queries.find_chat(chat_id)
    return title_of_chat(chat.title if chat else None)


def status_of(membership: KnownMembership) -> Markup:
    if membership.status is None:
        status = say("status.seen")
    elif membership.status == "restricted" and not membership.is_member:
        status = say("status.restricted_out")
    else:
        status = say(f"status.{membership.status}")
    as_of = membership.as_of_at
    return say("status.as_of", status=status, at=as_of) if as_of else status


def known_there(membership: KnownMembership) -> Markup:
    chat = title_of_chat(membership.title)
    if membership.last_seen_at is None:
        return say("seen.known_silent", chat=chat)
    return say("seen.known", chat=chat, at=membership.last_seen_at)
