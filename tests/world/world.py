"""The world: its clock, its truth, and the updates that Telegram makes of what happens."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeVar

from .chats import MEMBER, Chat, Status, chat_json, private_chat, public_chats
from .history import History
from .people import BOT_ID, GROUP_ANONYMOUS_BOT, Json, Person, Profile, inhabitants, user_json
from .proofs import Acted, ChatSeen, Proof, Sighted, Update

START: Final = 1_790_000_000
FIRST_UPDATE_ID: Final = 500_000
DAY: Final = 86_400
T = TypeVar("T")


class Impossible(Exception):
    """Nobody is there who could do it now."""


class Choice:
    """All choices of one action, out of one number: 0 always takes the first."""

    def __init__(self, number: int) -> None:
        self._number = number

    def of(self, options: Iterable[T]) -> T:
        options = list(options)
        if not options:
            raise Impossible
        self._number, index = divmod(self._number, len(options))
        return options[index]

    def once_in(self, times: int) -> bool:
        return self.of(range(times)) == times - 1


Action = Callable[["World", Choice], None]


class World:
    """A few people, a few chats and one bot."""

    def __init__(self) -> None:
        self.now = START
        self.updates: list[Update] = []
        #: What happened, in words: to be read when a proof fails.
        self.deeds: list[str] = []
        self.people = {person.id: person for person in inhabitants()}
        self.bot = self.people[BOT_ID]
        self.chats = {chat.id: chat for chat in public_chats()}
        #: What may be answered, forwarded or edited: (chat, message_id, date, author).
        self.said: list[tuple[Chat, int, int, Person | None]] = []
        self.history = History()
        for person in self.people.values():
            self.history.profiles.add(START, person.id, person.profile)
            self.chats.setdefault(person.id, private_chat(person))
        for chat in self.chats.values():
            for user_id, status in chat.statuses.items():
                self.history.statuses.add(START, (user_id, chat.id), status)

    def happen(self, action: Action, number: int, seconds: int) -> None:
        """`seconds` later, something happens; nothing where nobody could do it."""
        self.now += seconds
        known = len(self.updates)
        try:
            action(self, Choice(number))
        except Impossible:
            return
        told = [update.update_id for update in self.updates[known:]]
        if action.__name__ != "nothing":
            self.deeds.append(f"{self.now} {action.__name__} {told}")

    def wait_for_midnight(self) -> None:
        """To the last second of the day (UTC)."""
        self.now += DAY - 1 - self.now % DAY

    # Who and where

    def active(self) -> list[Person]:
        return [person for person in self.people.values() if person.is_active]

    def others(self, *but: Person) -> list[Person]:
        """Anybody but these and the bot: those who are only mentioned may be gone, or bots."""
        return [p for p in self.people.values() if p not in but and p is not self.bot]

    def rooms(self) -> list[Chat]:
        return [chat for chat in self.chats.values() if chat.is_room]

    def heard_rooms(self) -> list[Chat]:
        return [chat for chat in self.rooms() if chat.hears]

    def inside(self, chat: Chat, *statuses: Status) -> list[Person]:
        """The people with one of these statuses, or with any that means being there."""
        return [
            p for p in self.others()
            if (chat.status_of(p.id) in statuses if statuses else chat.status_of(p.id).is_member)
        ]  # fmt: skip

    # The truth

    def set_profile(self, person: Person, profile: Profile) -> None:
        person.profile = profile
        self.history.profiles.add(self.now, person.id, profile)

    def set_status(self, chat: Chat, person: Person, status: Status) -> Status:
        """Returns the status of before."""
        before = chat.status_of(person.id)
        chat.statuses[person.id] = status
        self.history.statuses.add(self.now, (person.id, chat.id), status)
        return before

    # What updates say

    def emit(
        self,
        kind: str,
        queue: tuple[str, int],
        body: Json,
        proofs: Sequence[Proof],
        *,
        undated_for: int = 0,
    ) -> None:
        """An update; `undated_for` is the lifetime of one that Telegram does not date."""
        update_id = FIRST_UPDATE_ID + len(self.updates)
        dated: Json = {} if undated_for else {"date": self.now}
        whole = {"update_id": update_id, kind: dated | body}
        proven = tuple(dict.fromkeys(proofs))
        lifetime = undated_for or DAY
        self.updates.append(
            Update(update_id, self.now, not undated_for, lifetime, queue, whole, proven)
        )

    def show(self, chat: Chat) -> Json:
        return chat_json(chat, self.people[chat.id] if chat.type == "private" else None)

    def seen(self, chat: Chat) -> ChatSeen:
        return ChatSeen(chat.id, chat.type, chat.title)

    def sight(self, person: Person) -> Sighted:
        return Sighted(person.id, person.profile)

    def act(self, person: Person | None) -> list[Proof]:
        """The proofs of a sender or actor; None is an anonymous administrator."""
        if person is None:
            return []
        return [Sighted(person.id, person.profile, person.language_code), Acted(person.id)]

    def actor_json(self, person: Person | None) -> Json:
        return user_json(person, is_sender=True) if person else dict(GROUP_ANONYMOUS_BOT)

    def say(
        self, chat: Chat, sender: Person | None, content: Json, proofs: Sequence[Proof]
    ) -> None:
        """A message, of a person or of an anonymous administrator; it comes if the bot is there."""
        if not chat.hears:
            return
        chat.messages += 1
        body: Json = {
            "message_id": chat.messages, "chat": self.show(chat), "from": self.actor_json(sender),
        }  # fmt: skip
        if sender is None:
            body["sender_chat"] = self.show(chat)
        shown = [self.seen(chat), *self.act(sender), *proofs]
        self.emit("message", ("message", chat.id), body | content, shown)
        self.said.append((chat, chat.messages, self.now, sender))

    def is_blocked_by(self, person: Person) -> bool:
        return self.chats[person.id].status_of(BOT_ID) != MEMBER
