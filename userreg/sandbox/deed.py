"""One deed at the chat page: who does it, where, to whom; and who may."""

from dataclasses import dataclass
from typing import Final

from userreg.sandbox.telegram import LocalTelegram
from userreg.sandbox.views import name_of
from userreg.sandbox.world import BOT_ID, Chat, Person
from userreg.sandbox.world.chats import ADMINISTRATOR, CREATOR, MUTED, MUTED_OUT, Status

_CHIEFS: Final = (CREATOR, ADMINISTRATOR)


class NotPossible(Exception):
    """Why they cannot, in one sentence."""


@dataclass(frozen=True)
class Deed:
    """Who does it, where, to whom, and with what words."""

    telegram: LocalTelegram
    person: Person
    chat: Chat
    target: Person | None = None
    text: str = ""
    topic_id: int | None = None
    message_id: int | None = None
    data: str = ""
    first_name: str = ""
    last_name: str = ""
    username: str = ""

    @property
    def status(self) -> Status:
        return self.chat.status_of(self.person.id)

    @property
    def other(self) -> Person:
        if self.target is None:
            raise NotPossible("Say whom: nobody was chosen.")
        if self.target.id == BOT_ID:
            raise NotPossible("For the bot there are deeds of its own.")
        return self.target


def require_public(deed: Deed) -> None:
    if deed.chat.type == "private":
        raise NotPossible("This is a private chat.")


def require_member(deed: Deed) -> None:
    require_public(deed)
    if not deed.status.is_member:
        raise NotPossible(f"{name_of(deed.person)} is not in this chat.")


def require_bot(deed: Deed) -> None:
    require_public(deed)
    if not deed.chat.hears:
        raise NotPossible("The bot is not in this chat.")


def require_chief(deed: Deed) -> None:
    """Names somebody who may: to find them among hundreds would be a nuisance."""
    require_public(deed)
    if deed.status in _CHIEFS:
        return
    chiefs = [p for p in deed.telegram.world.inside(deed.chat, *_CHIEFS) if p.is_active]
    who = f" {name_of(chiefs[0])} is one." if chiefs else ""
    raise NotPossible(f"{name_of(deed.person)} is no administrator of this chat.{who}")


def require_above(deed: Deed) -> None:
    """Of administrators, and least of all of oneself, only the owner disposes."""
    if deed.other is deed.person:
        raise NotPossible("Nobody does this to themselves.")
    if deed.chat.status_of(deed.other.id) == ADMINISTRATOR and deed.status != CREATOR:
        raise NotPossible(f"{name_of(deed.other)} is administrator: only the owner can do this.")


def require_voice(deed: Deed) -> None:
    chat, status = deed.chat, deed.status
    if chat.type == "private":
        if deed.telegram.world.is_blocked_by(deed.person):
            raise NotPossible("The bot is blocked: unblock it first.")
    elif status in (MUTED, MUTED_OUT):
        raise NotPossible(f"{name_of(deed.person)} is muted here.")
    elif not status.is_member:
        raise NotPossible(f"{name_of(deed.person)} is not in this chat: join first.")
