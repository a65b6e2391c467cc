"""People and bots, the fakes that stand for chats, and how an update shows them."""

from dataclasses import dataclass
from typing import Any, Final

Json = dict[str, Any]

BOT_ID: Final = 4242424242

#: Senders that Telegram puts in the place of a chat or a service; none of them is a person.
GROUP_ANONYMOUS_BOT: Final[Json] = {
    "id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot",
}  # fmt: skip
CHANNEL_BOT: Final[Json] = {
    "id": 136817688, "is_bot": True, "first_name": "Channel", "username": "Channel_Bot",
}  # fmt: skip
SERVICE_NOTIFICATIONS: Final[Json] = {"id": 777000, "is_bot": False, "first_name": "Telegram"}


@dataclass(frozen=True)
class Profile:
    """What an update shows of an account; an empty first_name is all that a deleted one shows."""

    first_name: str
    last_name: str | None = None
    username: str | None = None
    is_bot: bool = False
    is_premium: bool = False


@dataclass(eq=False)
class Person:
    """An account, with its profile of this moment."""

    id: int
    profile: Profile
    language_code: str | None = None

    @property
    def is_deleted(self) -> bool:
        return not self.profile.first_name

    @property
    def is_active(self) -> bool:
        """Whether it does anything by itself: other bots are silent to a bot."""
        return not self.is_deleted and not self.profile.is_bot


DELETED: Final = Profile("")
NAMES: Final = ("Eve", "<b>Eve</b> & co", "Ève 👩‍👩‍👧", "ɘvƎ\u202e", "=1+1")
USERNAMES: Final = ("gold", "Silver", "ann_a")


def inhabitants() -> list[Person]:
    return [
        Person(101, Profile("Ann", None, "Ann_A"), "en"),
        Person(102, Profile("Bob", "Brown")),
        Person(5_000_000_103, Profile("Cid", None, "cid", is_premium=True), "pt-br"),
        Person(104, Profile("Dee <i>", "& 👩‍👩‍👧")),
        Person(105, Profile("Eve", None, "Silver"), "en"),
        Person(201, Profile("Helper", None, "helper_bot", is_bot=True)),
        Person(BOT_ID, Profile("Register", None, "register_bot", is_bot=True)),
    ]


def user_json(person: Person, *, is_sender: bool = False) -> Json:
    """A User; the language is told of senders only."""
    profile = person.profile
    shown: Json = {"id": person.id, "is_bot": profile.is_bot, "first_name": profile.first_name}
    for name in ("last_name", "username"):
        if value := getattr(profile, name):
            shown[name] = value
    if is_sender and person.language_code:
        shown["language_code"] = person.language_code
    if profile.is_premium:
        shown["is_premium"] = True
    return shown
