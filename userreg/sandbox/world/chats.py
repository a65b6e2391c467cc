"""Chats, the statuses that an account can have in them, and how an update shows both."""

from collections import deque
from dataclasses import dataclass, field
from typing import Any, Final

from .people import BOT_ID, Json, Person, user_json


@dataclass(frozen=True)
class Status:
    """A ChatMember status, and whether it means being in the chat."""

    name: str
    is_member: bool


CREATOR: Final = Status("creator", True)
ADMINISTRATOR: Final = Status("administrator", True)
MEMBER: Final = Status("member", True)
MUTED: Final = Status("restricted", True)
#: A muted person who left: the restriction waits for the next visit.
MUTED_OUT: Final = Status("restricted", False)
LEFT: Final = Status("left", False)
KICKED: Final = Status("kicked", False)


@dataclass(eq=False)
class Message:
    """Something said: `content` is text, picture, buttons, or what a service message tells.

    Without an author it shows `stand_in`: the `from` and `sender_chat` in the place of one.
    """

    chat: "Chat"
    message_id: int
    date: int
    author: Person | None
    content: Json
    stand_in: Json = field(default_factory=dict)
    edit_date: int | None = None
    is_of_the_bot: bool = False

    @property
    def is_service(self) -> bool:
        return not self.content.keys() & _SPOKEN


#: What people say themselves; everything else is a service message.
_SPOKEN: Final = {"text", "photo", "document", "contact", "users_shared"}
_NAMING: Final = {
    "new_chat_members", "left_chat_member", "reply_to_message", "forward_origin", "via_bot",
    "contact", "users_shared",
}  # fmt: skip
#: How many messages of a chat are remembered.
_REMEMBERED: Final = 200


def names_somebody(name: str, value: Any) -> bool:
    """Whether this part of a message shows other people than its author."""
    return name in _NAMING or (name == "entities" and any("user" in each for each in value))


@dataclass(eq=False)
class Chat:
    """A chat and everybody's status in it. A private chat has its person's id."""

    id: int
    type: str
    title: str | None = None
    username: str | None = None
    statuses: dict[int, Status] = field(default_factory=dict)
    #: The topics of a forum, by message_thread_id.
    topics: dict[int, str] = field(default_factory=dict)
    #: What may be answered, forwarded or edited, oldest first.
    log: deque[Message] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    last_message_id: int = 0
    #: The people who asked to join and wait.
    requests: list[Person] = field(default_factory=list)
    #: Members of whom nothing is ever heard.
    unheard_members: int = 0
    migrated_to_id: int | None = None
    migrated_at: int = 0

    def status_of(self, user_id: int) -> Status:
        return self.statuses.get(user_id, LEFT)

    @property
    def member_count(self) -> int:
        known = sum(status.is_member for status in self.statuses.values())
        return known + self.unheard_members

    @property
    def is_room(self) -> bool:
        """Where people talk with each other: neither private nor a channel."""
        return self.type in ("group", "supergroup") and self.migrated_to_id is None

    @property
    def hears(self) -> bool:
        """Whether the bot is there, so that updates come from there."""
        return self.status_of(BOT_ID).is_member and self.migrated_to_id is None

    @property
    def watches(self) -> bool:
        """Whether the bot is administrator: without it no chat_member and no reactions come."""
        return self.status_of(BOT_ID) == ADMINISTRATOR and self.hears


GROUP_ID: Final = -100
SUPERGROUP_ID: Final = -1001000000001
CHANNEL_ID: Final = -1001000000002
FIRST_MIGRATED_ID: Final = -1001000000077
#: A channel in whose name people write elsewhere; the bot is not in it.
FOREIGN_CHANNEL: Final[Json] = {"id": -1001000000055, "type": "channel", "title": "Elsewhere"}


def public_chats() -> list[Chat]:
    ann, bob, cid = 101, 102, 5_000_000_103
    group = {ann: CREATOR, bob: ADMINISTRATOR, cid: MEMBER, BOT_ID: ADMINISTRATOR}
    return [
        Chat(GROUP_ID, "group", "Chess", statuses=group),
        Chat(
            SUPERGROUP_ID, "supergroup", "Go", "gogo",
            statuses={bob: CREATOR, ann: MEMBER, 104: MUTED, BOT_ID: ADMINISTRATOR},
        ),
        Chat(CHANNEL_ID, "channel", "News", statuses={ann: CREATOR, BOT_ID: ADMINISTRATOR}),
    ]  # fmt: skip


def private_chat(person: Person) -> Chat:
    return Chat(person.id, "private", statuses={BOT_ID: MEMBER})


def chat_json(chat: Chat, person: Person | None = None) -> Json:
    """A Chat; a private one shows the names of its person."""
    shown: Json = {"id": chat.id, "type": chat.type}
    if person is not None:
        names = user_json(person)
        return shown | {k: v for k, v in names.items() if k not in ("id", "is_bot", "is_premium")}
    if chat.username:
        shown["username"] = chat.username
    if chat.topics:
        shown["is_forum"] = True
    return shown | {"title": chat.title}


_RESTRICTED_TO_NOTHING: Final[Json] = dict.fromkeys(
    ("can_send_messages", "can_send_audios", "can_send_documents", "can_send_photos",
     "can_send_videos", "can_send_video_notes", "can_send_voice_notes", "can_send_polls",
     "can_send_other_messages", "can_add_web_page_previews", "can_change_info",
     "can_invite_users", "can_pin_messages", "can_manage_topics", "can_edit_tag",
     "can_react_to_messages"), False,
)  # fmt: skip
_RIGHTS: Final[Json] = {"can_be_edited": False} | dict.fromkeys(
    ("is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats",
     "can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users",
     "can_post_stories", "can_edit_stories", "can_delete_stories",
     "can_send_welcome_messages"), True,
)  # fmt: skip


def member_json(person: Person, status: Status) -> Json:
    """A ChatMember with every field that Bot API 10.3 requires."""
    fields: Json = {"status": status.name, "user": user_json(person)}
    if status.name == "restricted":
        return fields | {"is_member": status.is_member, "until_date": 0} | _RESTRICTED_TO_NOTHING
    if status == ADMINISTRATOR:
        return fields | _RIGHTS
    if status == KICKED:
        return fields | {"until_date": 0}
    return fields | ({"is_anonymous": False} if status == CREATOR else {})
