"""What one update proves. Pure: no I/O, no clock. `docs/truth.md` says it in words."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from userreg.facts import (
    BotMembershipChanged,
    ChatExists,
    ChatMigrated,
    ChatSeen,
    Fact,
    MembershipChanged,
    MessageSent,
    UserExists,
    UserSeen,
)
from userreg.telegram import (
    Chat,
    ChatBoostRemoved,
    ChatBoostUpdated,
    ChatJoinRequest,
    ChatMemberUpdated,
    DatedInChat,
    FromUser,
    InChat,
    Message,
    MessageReactionUpdated,
    OfUser,
    PollAnswer,
    Update,
    User,
    date_of_event,
    is_person,
    is_present,
)

#: How long Telegram goes on delivering what it does not date, in seconds: it happened at most so
#: long before its reception. Not named: 24 hours, the longest there is.
LIFETIMES: Final = {
    "callback_query": 150,
    "inline_query": 30,
    "chosen_inline_result": 600,
    "shipping_query": 150,
    "pre_checkout_query": 150,
}
_LONGEST: Final = 24 * 3600


def extract_facts(update: Update, received_at: datetime) -> list[Fact]:
    """The facts that `update` proves, in no particular order; none for kinds without any.

    `received_at` (UTC) stands in for the time of an event that Telegram does not date; every other
    time is Telegram's, so that replicas with different clocks agree.
    """
    for kind, extract in _EXTRACTORS.items():
        if (event := getattr(update, kind)) is not None:
            seen = _Sightings(kind, update, date_of_event(kind, event), received_at)
            return [*extract(event, seen), *seen.of_the_others()]
    return []


class _Sightings:
    """The people of one update: the one who acts, and all whom it names besides."""

    def __init__(self, kind: str, update: Update, date: int | None, received_at: datetime) -> None:
        self.is_dated = date is not None
        self.at = received_at if date is None else _utc(date)
        self.update_id = update.update_id
        self._people = update.people
        self._lifetime = LIFETIMES.get(kind, _LONGEST)
        self._seen: set[int] = set()

    def actor(self, user: User | None) -> Iterator[UserSeen]:
        """Somebody who did this, unless it is a stand-in. An undated act is as old as it can be:
        the registry may say too little, never too much."""
        if is_person(user):
            self._seen.add(user.id)
            at = self.at if self.is_dated else self.at - timedelta(seconds=self._lifetime)
            yield UserSeen(self.at, self.update_id, user, at, self.is_dated)

    def bystander(self, user: User | None) -> Iterator[UserSeen]:
        """Somebody whom the update names."""
        if is_person(user) and user.id not in self._seen:
            self._seen.add(user.id)
            yield UserSeen(self.at, self.update_id, user, None, self.is_dated)

    def of_the_others(self) -> Iterator[UserSeen]:
        for user in self._people:
            yield from self.bystander(user)


def _from_message(message: Message, seen: _Sightings) -> Iterator[Fact]:
    at, update_id, chat = seen.at, seen.update_id, message.chat
    yield ChatSeen(at, update_id, chat)
    sender = message.from_user
    if message.sender_chat is None and is_person(sender):
        yield from seen.actor(sender)
        # "Ann left the group" is nothing that Ann wrote; and a private chat is its person's, with
        # whom all of it is forgotten
        if not _announces(message) and (_has_members(chat) or chat.id == sender.id):
            yield MessageSent(at, update_id, sender.id, chat.id, _is_private(chat))
    yield from _from_announcement(message, seen)
    yield from _from_shared_ids(message, seen)


def _announces(message: Message) -> bool:
    return (
        bool(message.new_chat_members)
        or message.left_chat_member is not None
        or message.migrate_to_chat_id is not None
        or message.migrate_from_chat_id is not None
        or message.community_chat_joined is not None
        or message.chat_owner_left is not None
    )


def _from_announcement(message: Message, seen: _Sightings) -> Iterator[Fact]:
    chat_id = message.chat.id
    for user in message.new_chat_members or ():
        yield from _announced(message, user, "member", seen)
    if message.left_chat_member is not None:
        yield from _announced(message, message.left_chat_member, "left", seen)
    if message.community_chat_joined is not None:
        yield from _announced(message, message.from_user, "member", seen)
    if message.group_chat_created or message.supergroup_chat_created:
        yield from _announced(message, message.from_user, "creator", seen)
    if message.chat_owner_changed is not None:
        yield from _announced(message, message.chat_owner_changed.new_owner, "creator", seen)
    new_chat_id = message.migrate_to_chat_id or chat_id
    old_chat_id = message.migrate_from_chat_id or chat_id
    if old_chat_id != new_chat_id and max(old_chat_id, new_chat_id) < 0:  # groups are negative
        yield ChatMigrated(seen.at, seen.update_id, old_chat_id, new_chat_id)


def _announced(
    message: Message, user: User | None, status: str, seen: _Sightings
) -> Iterator[Fact]:
    if not is_person(user) or (user is message.from_user and message.sender_chat is not None):
        return
    is_member = status != "left"
    yield from seen.bystander(user)
    if not _has_members(message.chat):
        return
    yield MembershipChanged(
        seen.at, seen.update_id, user.id, message.chat.id, status, is_member, "announced",
        # a new owner may have been in the chat before
        was_member=None if message.chat_owner_changed else not is_member,
        actor_id=_actor_id(message.from_user, message.sender_chat),
    )  # fmt: skip


def _from_shared_ids(message: Message, seen: _Sightings) -> Iterator[Fact]:
    """A contact's name is what the sender calls them: only the account is proven."""
    ids = [shared.user_id for shared in message.users_shared.users] if message.users_shared else []
    if message.contact and message.contact.user_id:
        ids.append(message.contact.user_id)
    for user_id in ids:
        if user_id > 0:
            yield UserExists(seen.at, seen.update_id, user_id)


def _from_what_proves_no_presence(message: Message, seen: _Sightings) -> Iterator[Fact]:
    """An edit may come long after its author has left; a channel's posts are the channel's."""
    yield ChatSeen(seen.at, seen.update_id, message.chat)
    if message.sender_chat is None:
        yield from seen.bystander(message.from_user)
    yield from _from_shared_ids(message, seen)


def _from_another_namespace(message: Message, seen: _Sightings) -> Iterator[Fact]:
    """Messages of a business account, or of a chat where the bot is a guest: their chats only
    happen to bear ids like those of the bot's own. Whoever wrote exists, and that is all."""
    if message.sender_chat is None:
        yield from seen.actor(message.from_user)


def _from_edit_in_another_namespace(message: Message, seen: _Sightings) -> Iterator[Fact]:
    if message.sender_chat is None:
        yield from seen.bystander(message.from_user)


def _from_user(event: FromUser, seen: _Sightings) -> Iterator[Fact]:
    """Former members and mere readers can press a button too: it proves a person, no more."""
    yield from seen.actor(event.from_user)


def _of_user(event: OfUser, seen: _Sightings) -> Iterator[Fact]:
    yield from seen.actor(event.user)


def _from_poll_answer(answer: PollAnswer, seen: _Sightings) -> Iterator[Fact]:
    if answer.voter_chat is None:
        yield from seen.actor(answer.user)


def _from_reaction(reaction: MessageReactionUpdated, seen: _Sightings) -> Iterator[Fact]:
    """Readers of a public chat react as well: no membership."""
    yield ChatSeen(seen.at, seen.update_id, reaction.chat)
    if reaction.actor_chat is None:
        yield from seen.actor(reaction.user)


def _from_join_request(request: ChatJoinRequest, seen: _Sightings) -> Iterator[Fact]:
    yield ChatSeen(seen.at, seen.update_id, request.chat)
    yield from seen.actor(request.from_user)


def _in_chat(
    event: DatedInChat | ChatBoostUpdated | ChatBoostRemoved, seen: _Sightings
) -> Iterator[Fact]:
    """Who boosted stands in the update, but may only have been given the boost."""
    yield ChatSeen(seen.at, seen.update_id, event.chat)


def _of_chat(event: InChat, seen: _Sightings) -> Iterator[Fact]:
    yield ChatExists(seen.at, seen.update_id, event.chat)


def _from_chat_member(event: ChatMemberUpdated, seen: _Sightings) -> Iterator[Fact]:
    """The subject is `new_chat_member.user`; `from` is only the one who did it."""
    yield ChatSeen(seen.at, seen.update_id, event.chat)
    yield from seen.actor(event.from_user)
    old, new = event.old_chat_member, event.new_chat_member
    subject = new.user
    if not is_person(subject):
        return
    yield from seen.bystander(subject)
    if not _has_members(event.chat):
        return
    yield MembershipChanged(
        seen.at, seen.update_id, subject.id, event.chat.id,
        new.status, is_present(new), "confirmed", old.status, is_present(old),
        _actor_id(event.from_user), event.invite_link.invite_link if event.invite_link else None,
        event.via_join_request, event.via_chat_folder_invite_link,
    )  # fmt: skip


def _from_my_chat_member(event: ChatMemberUpdated, seen: _Sightings) -> Iterator[Fact]:
    """The bot is no member like others: its status is the chat's."""
    new = event.new_chat_member
    yield ChatSeen(seen.at, seen.update_id, event.chat)
    yield from seen.actor(event.from_user)
    yield BotMembershipChanged(
        seen.at, seen.update_id, event.chat.id, new.status, is_present(new),
        is_present(event.old_chat_member), _actor_id(event.from_user),
    )  # fmt: skip


def _actor_id(user: User | None, sender_chat: Chat | None = None) -> int | None:
    return user.id if sender_chat is None and is_person(user) else None


def _has_members(chat: Chat) -> bool:
    """False for private chats, and for the direct messages to the staff of a channel."""
    return not (_is_private(chat) or chat.is_direct_messages)


def _is_private(chat: Chat) -> bool:
    return chat.type == "private" or chat.id > 0


def _utc(date: int) -> datetime:
    return datetime.fromtimestamp(date, UTC)


_EXTRACTORS: Final[dict[str, Callable[[Any, _Sightings], Iterator[Fact]]]] = {
    "message": _from_message,
    "edited_message": _from_what_proves_no_presence,
    "channel_post": _from_what_proves_no_presence,
    "edited_channel_post": _from_what_proves_no_presence,
    "callback_query": _from_user,
    "chat_member": _from_chat_member,
    "my_chat_member": _from_my_chat_member,
    "message_reaction": _from_reaction,
    "message_reaction_count": _in_chat,
    "chat_join_request": _from_join_request,
    "chat_boost": _in_chat,
    "removed_chat_boost": _in_chat,
    "inline_query": _from_user,
    "chosen_inline_result": _from_user,
    "shipping_query": _from_user,
    "pre_checkout_query": _from_user,
    "purchased_paid_media": _from_user,
    "poll_answer": _from_poll_answer,
    "business_connection": _of_user,
    "business_message": _from_another_namespace,
    "edited_business_message": _from_edit_in_another_namespace,
    "guest_message": _from_another_namespace,
    "managed_bot": _of_user,
    "subscription": _of_user,
    "stopped_message_generation": _of_chat,
}
