"""What can be known of people, chats and memberships: every fact that the registry records.

Each carries the time of its event (`at`, UTC) and the `update_id` that breaks ties (0 for what an
answer of the Bot API told), so that facts may be recorded in any order, any number of times, with
the same result.
"""

from datetime import datetime

import msgspec

from userreg.telegram import Chat, User


class _Fact(msgspec.Struct, frozen=True, gc=False):
    at: datetime
    update_id: int


class UserSeen(_Fact, frozen=True):
    """The account existed with this profile.

    `active_at`: the last moment at which it had done something itself for sure; None where others
    only named it. `is_dated` is False where `at` is not Telegram's time but that of reception.
    """

    user: User
    active_at: datetime | None = None
    is_dated: bool = True


class UserExists(_Fact, frozen=True):
    """There is an account with this id; nothing is known of its profile (a shared contact)."""

    user_id: int


class ChatSeen(_Fact, frozen=True):
    """The bot was in this chat, which looked like this."""

    chat: Chat


class ChatExists(_Fact, frozen=True):
    """There is a chat with this id, by that time; when the bot was there is not told."""

    chat: Chat


class MessageSent(_Fact, frozen=True):
    """The person wrote in the chat: known from there, though perhaps not a member."""

    user_id: int
    chat_id: int
    is_private: bool = False


class MembershipChanged(_Fact, frozen=True):
    """Somebody's membership, as Telegram told it.

    `evidence` is `confirmed` (chat_member) or `announced` (a service message). `was_member` is
    None where the update does not say. `is_carried_over`: it was told of a group that has become
    this chat.
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
    via_join_request: bool = False
    via_chat_folder_invite_link: bool = False
    is_carried_over: bool = False


class MembershipFound(_Fact, frozen=True):
    """Somebody's status as the Bot API answered (getChatMember): true then, since when is open."""

    user_id: int
    chat_id: int
    status: str
    is_member: bool
    is_carried_over: bool = False


class BotMembershipChanged(_Fact, frozen=True):
    """The bot's own status in a chat; in a private chat `kicked` means that the user blocked it.

    `was_member` is None where it is not told, as by an error of the Bot API.
    """

    chat_id: int
    new_status: str
    is_member: bool
    was_member: bool | None = None
    actor_id: int | None = None


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
    | UserExists
    | ChatSeen
    | ChatExists
    | MessageSent
    | MembershipChanged
    | MembershipFound
    | BotMembershipChanged
    | ChatMigrated
    | MembersCounted
)
