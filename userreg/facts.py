"""What one update proves about people, chats and memberships. Pure: no I/O, no clock.

Every fact carries the time of its event (`at`, UTC) and the `update_id` that breaks ties, so that
facts may be recorded in any order, any number of times, with the same result.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Final, TypeGuard

import msgspec

from userreg.telegram import (
    FAKE_USER_IDS,
    CallbackQuery,
    Chat,
    ChatMemberUpdated,
    Message,
    Update,
    User,
    is_present,
)


class _Fact(msgspec.Struct, frozen=True, gc=False):
    at: datetime
    update_id: int


class UserSeen(_Fact, frozen=True):
    """The account existed with this profile; `is_active`: it did something itself."""

    user: User
    is_active: bool = True


class ChatSeen(_Fact, frozen=True):
    """The bot was in this chat, which looked like this."""

    chat: Chat


class MessageSent(_Fact, frozen=True):
    """The person wrote in the chat: known from there, though perhaps not a member."""

    user_id: int
    chat_id: int
    is_private: bool = False


class MembershipChanged(_Fact, frozen=True):
    """Somebody's membership, as Telegram told it.

    `evidence` is `confirmed` (chat_member, getChatMember) or `announced` (a service message).
    `was_member` is None where the update does not say. `is_carried_over`: it was told of a group
    that has become this chat.
    """

    user_id: int
    chat_id: int
    new_status: str
    is_member: bool
    evidence: str
    old_status: str | None = None
    was_member: bool | None = None
    actor_id: int | None = None
    invite_link: str | None = None
    is_carried_over: bool = False


class BotMembershipChanged(_Fact, frozen=True):
    """The bot's own status in a chat; in a private chat `kicked` means that the user blocked it."""

    chat_id: int
    new_status: str
    is_member: bool
    was_member: bool
    actor_id: int | None


class ChatMigrated(_Fact, frozen=True):
    """A group became a supergroup under a new id."""

    old_chat_id: int
    new_chat_id: int


class MembersCounted(_Fact, frozen=True):
    """Telegram's own count of a chat's members (getChatMemberCount)."""

    chat_id: int
    member_count: int


Fact = (
    UserSeen
    | ChatSeen
    | MessageSent
    | MembershipChanged
    | BotMembershipChanged
    | ChatMigrated
    | MembersCounted
)


def extract_facts(update: Update, received_at: datetime) -> list[Fact]:
    """The facts that `update` proves, in no particular order; none for kinds without any.

    `received_at` (UTC) stands in for the time of an event that Telegram does not date: a button
    press; every other time is Telegram's, so that replicas with different clocks agree.
    """
    for kind, extract in _EXTRACTORS.items():
        if (event := getattr(update, kind)) is not None:
            return list(extract(event, update.update_id, received_at))
    return []


def is_person(user: User | None) -> TypeGuard[User]:
    """False for the accounts that Telegram puts in the place of a chat or of its services."""
    return user is not None and user.id not in FAKE_USER_IDS


def _from_message(message: Message, update_id: int, received_at: datetime) -> Iterator[Fact]:
    at = _utc(message.date)
    yield ChatSeen(at, update_id, message.chat)
    sender = message.from_user
    if message.sender_chat is None and is_person(sender):
        yield UserSeen(at, update_id, sender)
        if not _announces(message):  # "Ann left the group" is not something that Ann wrote
            yield MessageSent(at, update_id, sender.id, message.chat.id, _is_private(message.chat))
    if _announces(message):
        yield from _from_announcement(message, at, update_id)


def _announces(message: Message) -> bool:
    return (
        bool(message.new_chat_members)
        or message.left_chat_member is not None
        or message.migrate_to_chat_id is not None
        or message.migrate_from_chat_id is not None
    )


def _from_announcement(message: Message, at: datetime, update_id: int) -> Iterator[Fact]:
    chat_id = message.chat.id
    for user in message.new_chat_members or ():
        yield from _announced(message, user, "member", at, update_id)
    if message.left_chat_member is not None:
        yield from _announced(message, message.left_chat_member, "left", at, update_id)
    new_chat_id = message.migrate_to_chat_id or chat_id
    old_chat_id = message.migrate_from_chat_id or chat_id
    if old_chat_id != new_chat_id and max(old_chat_id, new_chat_id) < 0:  # groups are negative
        yield ChatMigrated(at, update_id, old_chat_id, new_chat_id)


def _announced(
    message: Message, user: User, status: str, at: datetime, update_id: int
) -> Iterator[Fact]:
    if not is_person(user):
        return
    is_member = status == "member"
    yield UserSeen(at, update_id, user, is_active=False)
    yield MembershipChanged(
        at, update_id, user.id, message.chat.id, status, is_member, "announced",
        was_member=not is_member, actor_id=_actor_id(message.from_user, message.sender_chat),
    )  # fmt: skip


def _from_what_proves_no_presence(
    message: Message, update_id: int, received_at: datetime
) -> Iterator[Fact]:
    """An edit may come long after its author has left; a channel's posts are the channel's."""
    at = _utc(message.edit_date or message.date)
    yield ChatSeen(at, update_id, message.chat)
    if message.sender_chat is None and is_person(message.from_user):
        yield UserSeen(at, update_id, message.from_user, is_active=False)


def _from_callback(query: CallbackQuery, update_id: int, received_at: datetime) -> Iterator[Fact]:
    """Former members and mere readers can press a button too: it proves a person, no more."""
    if is_person(query.from_user):
        yield UserSeen(received_at, update_id, query.from_user)


def _from_chat_member(
    event: ChatMemberUpdated, update_id: int, received_at: datetime
) -> Iterator[Fact]:
    """The subject is `new_chat_member.user`; `from` is only the one who did it."""
    at = _utc(event.date)
    subject = event.new_chat_member.user
    link = event.invite_link.invite_link if event.invite_link else None
    yield ChatSeen(at, update_id, event.chat)
    yield from _actor_seen(event, at, update_id)
    if not is_person(subject):
        return
    yield UserSeen(at, update_id, subject, is_active=False)
    yield MembershipChanged(
        at, update_id, subject.id, event.chat.id,
        event.new_chat_member.status, is_present(event.new_chat_member), "confirmed",
        event.old_chat_member.status, is_present(event.old_chat_member),
        _actor_id(event.from_user), link,
    )  # fmt: skip


def _from_my_chat_member(
    event: ChatMemberUpdated, update_id: int, received_at: datetime
) -> Iterator[Fact]:
    at = _utc(event.date)
    new = event.new_chat_member
    yield ChatSeen(at, update_id, event.chat)
    yield from _actor_seen(event, at, update_id)
    yield BotMembershipChanged(
        at, update_id, event.chat.id, new.status, is_present(new),
        is_present(event.old_chat_member), _actor_id(event.from_user),
    )  # fmt: skip


def _actor_seen(event: ChatMemberUpdated, at: datetime, update_id: int) -> Iterator[Fact]:
    if is_person(event.from_user):
        yield UserSeen(at, update_id, event.from_user)


def _actor_id(user: User | None, sender_chat: Chat | None = None) -> int | None:
    return user.id if sender_chat is None and is_person(user) else None


def _is_private(chat: Chat) -> bool:
    return chat.type == "private" or chat.id > 0


def _utc(date: int) -> datetime:
    return datetime.fromtimestamp(date, UTC)


_EXTRACTORS: Final[dict[str, Callable[..., Iterator[Fact]]]] = {
    "message": _from_message,
    "edited_message": _from_what_proves_no_presence,
    "channel_post": _from_what_proves_no_presence,
    "edited_channel_post": _from_what_proves_no_presence,
    "callback_query": _from_callback,
    "chat_member": _from_chat_member,
    "my_chat_member": _from_my_chat_member,
}
