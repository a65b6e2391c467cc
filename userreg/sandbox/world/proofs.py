"""What an update proves, in the world's own words. Its time and update_id are the update's."""

from dataclasses import dataclass

from .chats import Status
from .people import Json, Profile


@dataclass(frozen=True)
class Sighted:
    """The account exists; with this profile, unless only its id was told."""

    user_id: int
    profile: Profile | None
    language_code: str | None = None


@dataclass(frozen=True)
class Acted:
    """The account did something itself."""

    user_id: int


@dataclass(frozen=True)
class Wrote:
    """The person wrote in the chat; in private the chat has the person's id."""

    user_id: int
    chat_id: int


@dataclass(frozen=True)
class Told:
    """A membership, as Telegram told it. Service messages do not tell the `old` status."""

    user_id: int
    chat_id: int
    new: Status
    was_member: bool
    evidence: str
    old: Status | None = None
    actor_id: int | None = None
    invite_link: str | None = None
    via_join_request: bool = False


@dataclass(frozen=True)
class BotTold:
    """The bot's own status in a chat, private ones included."""

    chat_id: int
    new: Status


@dataclass(frozen=True)
class ChatSeen:
    """The chat looked like this to the bot."""

    chat_id: int
    type: str
    title: str | None


@dataclass(frozen=True)
class Migrated:
    """The group goes on as a supergroup with another id."""

    old_chat_id: int
    new_chat_id: int


Proof = Sighted | Acted | Wrote | Told | BotTold | ChatSeen | Migrated


@dataclass(frozen=True)
class Update:
    """One update: when it happened, in which queue it waits, its JSON, and what it proves.

    Telegram goes on delivering it for `lifetime` seconds.
    """

    update_id: int
    at: int
    is_dated: bool
    lifetime: int
    queue: tuple[str, int]
    body: Json
    proofs: tuple[Proof, ...]
