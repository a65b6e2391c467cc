"""The Bot API fields that a registry reads.

aiogram's models follow one version of the Bot API to the letter and refuse what differs; an update
they refuse must still be recorded. These structs name only what is needed, ignore unknown fields,
and keep the Bot API's words (https://core.telegram.org/bots/api).
"""

from typing import Annotated, Any, Final, Literal, TypeGuard

import msgspec

#: Telegram promises at most 52 significant bits for every identifier.
Id = Annotated[int, msgspec.Meta(ge=-(2**52), le=2**52)]
UpdateId = Annotated[int, msgspec.Meta(ge=0, le=2**52)]
#: Seconds since 1970; Telegram's own are 32 bits wide, which ends in 2106.
UnixTime = Annotated[int, msgspec.Meta(ge=0, lt=2**32)]

#: A chat of any other type is stored as it is, and shown as unknown.
CHAT_TYPES: Final = ("private", "group", "supergroup", "channel")
ChatMemberStatus = Literal["creator", "administrator", "member", "restricted", "left", "kicked"]

#: Senders that stand for a chat or a service, never for a person: service notifications,
#: GroupAnonymousBot, Channel_Bot, Replies. `sender_chat` is the rule, the ids the second line.
FAKE_USER_IDS: Final = frozenset({777000, 1087968824, 136817688, 1271266957})


class _Object(msgspec.Struct, gc=False, kw_only=True, rename={"from_user": "from"}):
    """Objects come straight out of JSON, so they hold no cycles: the collector may skip them."""


class User(_Object):
    id: Id
    is_bot: bool = False
    first_name: str = ""
    last_name: str | None = None
    username: str | None = None
    language_code: str | None = None
    is_premium: bool = False


class Chat(_Object):
    id: Id
    type: str | None = None  # absent in updates of 2015
    title: str | None = None
    username: str | None = None
    is_forum: bool = False
    is_direct_messages: bool = False


class Contact(_Object):
    user_id: Id | None = None


class SharedUser(_Object):
    user_id: Id


class UsersShared(_Object):
    users: list[SharedUser] = []


class ChatOwnerChanged(_Object):
    new_owner: User


class Message(_Object):
    date: UnixTime
    chat: Chat
    from_user: User | None = None
    sender_chat: Chat | None = None
    edit_date: UnixTime | None = None
    text: str | None = None  # read to tell commands from talk; never stored
    new_chat_members: list[User] | None = None
    left_chat_member: User | None = None
    migrate_to_chat_id: Id | None = None
    migrate_from_chat_id: Id | None = None
    group_chat_created: bool = False
    supergroup_chat_created: bool = False
    chat_owner_left: dict[str, Any] | None = None
    chat_owner_changed: ChatOwnerChanged | None = None
    community_chat_joined: dict[str, Any] | None = None
    contact: Contact | None = None
    users_shared: UsersShared | None = None


class FromUser(_Object):
    """A button press, an inline query, a payment …: of all of it the registry reads who."""

    from_user: User


class OfUser(_Object):
    """The same where the Bot API says `user`."""

    user: User


class PollAnswer(_Object):
    user: User | None = None
    voter_chat: Chat | None = None


class MessageReactionUpdated(_Object):
    date: UnixTime
    chat: Chat
    user: User | None = None
    actor_chat: Chat | None = None


class InChat(_Object):
    chat: Chat


class DatedInChat(_Object):
    date: UnixTime
    chat: Chat


class ChatJoinRequest(_Object):
    date: UnixTime
    chat: Chat
    from_user: User


class ChatBoost(_Object):
    add_date: UnixTime


class ChatBoostUpdated(_Object):
    chat: Chat
    boost: ChatBoost


class ChatBoostRemoved(_Object):
    chat: Chat
    remove_date: UnixTime


class ChatMember(_Object):
    status: ChatMemberStatus
    user: User
    is_member: bool | None = None  # only `restricted` says it


class ChatInviteLink(_Object):
    invite_link: str


class ChatMemberUpdated(_Object):
    date: UnixTime
    chat: Chat
    from_user: User
    old_chat_member: ChatMember
    new_chat_member: ChatMember
    invite_link: ChatInviteLink | None = None
    via_join_request: bool = False
    via_chat_folder_invite_link: bool = False


class Update(_Object):
    """One update. `people` is no field of the Bot API: `decode_update` fills it with the accounts
    that stand anywhere in the update: in replies, forwards, mentions, polls, invite links …"""

    update_id: UpdateId
    message: Message | None = None
    edited_message: Message | None = None
    channel_post: Message | None = None
    edited_channel_post: Message | None = None
    business_connection: OfUser | None = None
    business_message: Message | None = None
    edited_business_message: Message | None = None
    guest_message: Message | None = None
    message_reaction: MessageReactionUpdated | None = None
    message_reaction_count: DatedInChat | None = None
    inline_query: FromUser | None = None
    chosen_inline_result: FromUser | None = None
    callback_query: FromUser | None = None
    shipping_query: FromUser | None = None
    pre_checkout_query: FromUser | None = None
    purchased_paid_media: FromUser | None = None
    poll_answer: PollAnswer | None = None
    my_chat_member: ChatMemberUpdated | None = None
    chat_member: ChatMemberUpdated | None = None
    chat_join_request: ChatJoinRequest | None = None
    chat_boost: ChatBoostUpdated | None = None
    removed_chat_boost: ChatBoostRemoved | None = None
    managed_bot: OfUser | None = None
    subscription: OfUser | None = None
    stopped_message_generation: InChat | None = None
    people: list[User] = msgspec.field(default_factory=list, name="(people)")


def is_person(user: User | None) -> TypeGuard[User]:
    """False for the accounts that Telegram puts in the place of a chat or of its services."""
    return user is not None and user.id not in FAKE_USER_IDS


def date_of(update: Update) -> int | None:
    """When it happened, in Unix time; None for kinds that Telegram does not date."""
    for kind in update.__struct_fields__[1:]:
        if event := getattr(update, kind):
            return date_of_event(kind, event)
    return None


def date_of_event(kind: str, event: Any) -> int | None:
    """The same of what stands in an update of that kind, a message, say. One that was edited before
    it was delivered says so, too, but is told of as it was sent."""
    if isinstance(event, ChatBoostUpdated):
        return event.boost.add_date
    dates = ("edit_date", "date") if kind.startswith("edited_") else ("date", "remove_date")
    for name in dates:
        if date := getattr(event, name, None):
            return int(date)
    return None


def chat_id_of(update: Update) -> int | None:
    """The chat it happened in; None where it happened in none of the bot's."""
    event = (
        update.message
        or update.edited_message
        or update.channel_post
        or update.edited_channel_post
        or update.chat_member
        or update.my_chat_member
        or update.message_reaction
        or update.chat_join_request
    )
    return event.chat.id if event else None


def is_present(member: ChatMember) -> bool:
    """Whether that status means being in the chat. `restricted` says so itself, in supergroups."""
    if member.status == "restricted":
        return member.is_member is not False
    return member.status in ("creator", "administrator", "member")
