"""The world: its clock, its truth, and the updates that Telegram makes of what happens."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from .chats import (
    KICKED,
    Chat,
    Message,
    Status,
    chat_json,
    names_somebody,
    private_chat,
    public_chats,
)
from .choice import Choice, Impossible
from .history import History
from .people import BOT_ID, GROUP_ANONYMOUS_BOT, Json, Person, Profile, inhabitants, user_json
from .proofs import Acted, ChatSeen, Proof, Sighted, Update

START: Final = 1_790_000_000
FIRST_UPDATE_ID: Final = 500_000
DAY: Final = 86_400

_COMMAND: Final = re.compile(r"/\w+(?:@(\w+))?")

Action = Callable[["World", Choice], None]


class World:
    """People, chats and one bot. A few of them, unless others are given.

    Whoever is given no private chat has not started the bot yet.
    """

    def __init__(
        self,
        people: Iterable[Person] | None = None,
        chats: Iterable[Chat] | None = None,
        *,
        now: int = START,
        first_update_id: int = FIRST_UPDATE_ID,
    ) -> None:
        self.now = now
        self.updates: list[Update] = []
        self._next_update_id = first_update_id
        #: Which kinds of updates the bot gets at all; others take no update_id.
        self.allows: Callable[[str], bool] = lambda kind: True
        #: False in privacy mode: where it is no administrator, the bot hears what is meant for it.
        self.reads_everything = True
        #: The chats where something has changed, for whoever looks on.
        self.touched: set[int] = set()
        #: What happened, in words: to be read when a proof fails.
        self.deeds: list[str] = []
        self.people = {p.id: p for p in (inhabitants() if people is None else people)}
        self.bot = self.people[BOT_ID]
        self.chats = {chat.id: chat for chat in (public_chats() if chats is None else chats)}
        self.history = History()
        for person in self.people.values():
            self.history.profiles.add(now, person.id, person.profile)
            if people is None:
                self.chats.setdefault(person.id, private_chat(person))
            else:
                self.chats.setdefault(person.id, Chat(person.id, "private"))
        for chat in self.chats.values():
            for user_id, status in chat.statuses.items():
                self.history.statuses.add(now, (user_id, chat.id), status)

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
        self.touched.add(chat.id)
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
        if not self.allows(kind):
            return
        update_id = self._next_update_id
        self._next_update_id += 1
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
        self,
        chat: Chat,
        author: Person | None,
        content: Json,
        proofs: Sequence[Proof],
        stand_in: Json | None = None,
    ) -> Message:
        """A message of a person, of an anonymous administrator (None), or of what `stand_in` shows.

        It comes to the bot if it is there and may hear it.
        """
        message = self.remember(chat, author, content, stand_in)
        if chat.hears and self.is_heard(message):
            kind = "channel_post" if chat.type == "channel" else "message"
            seen = [self.seen(chat), *self.act(author), *proofs]
            self.emit(kind, ("message", chat.id), self.message_json(message, is_new=True), seen)
        return message

    def remember(
        self, chat: Chat, author: Person | None, content: Json, stand_in: Json | None = None
    ) -> Message:
        """The message stands in the chat; nobody is told."""
        if author is None and stand_in is None:
            stand_in = {"from": dict(GROUP_ANONYMOUS_BOT), "sender_chat": self.show(chat)}
        chat.last_message_id += 1
        message = Message(chat, chat.last_message_id, self.now, author, content, stand_in or {})
        chat.log.append(message)
        self.touched.add(chat.id)
        return message

    def is_heard(self, message: Message) -> bool:
        """Whether the bot, being there, gets it: privacy mode hides what is not meant for it."""
        chat, content = message.chat, message.content
        if self.reads_everything or not chat.is_room or chat.watches or message.is_service:
            return True
        command = _COMMAND.match(content.get("text", ""))
        own_name = (self.bot.profile.username or "").lower()
        is_command = command is not None and (command[1] or own_name).lower() == own_name
        answered: Json = content.get("reply_to_message", {}).get("from", {})
        return is_command or answered.get("id") == BOT_ID

    def message_json(self, message: Message, *, is_new: bool = False) -> Json:
        """A Message, as an update shows it that is about it (`is_new`) or refers to it, which
        names nobody but its author: people may be called otherwise by now."""
        author = message.author
        shown: Json = {
            "message_id": message.message_id, "date": message.date, "chat": self.show(message.chat),
        } | message.stand_in  # fmt: skip
        if author is not None:
            shown["from"] = user_json(author, is_sender=is_new)
        if message.edit_date is not None:
            shown["edit_date"] = message.edit_date
        if is_new:
            return shown | message.content
        return shown | {k: v for k, v in message.content.items() if not names_somebody(k, v)}

    def is_blocked_by(self, person: Person) -> bool:
        return self.chats[person.id].status_of(BOT_ID) == KICKED
