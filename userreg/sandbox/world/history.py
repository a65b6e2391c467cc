"""The ground truth over time: which value everything had in each second."""

from collections import defaultdict
from collections.abc import Hashable
from typing import Generic, TypeVar

from .chats import LEFT, Status
from .people import Profile

T = TypeVar("T")


class Log(Generic[T]):
    """The values that each key has had."""

    def __init__(self) -> None:
        self._entries: dict[Hashable, list[tuple[int, T]]] = defaultdict(list)

    def add(self, at: int, key: Hashable, value: T) -> None:
        self._entries[key].append((at, value))

    def between(self, key: Hashable, first: int, last: int) -> list[T]:
        """The values that it had in those seconds, both included."""
        entries = self._entries[key]
        before = [value for at, value in entries if at < first]
        return before[-1:] + [value for at, value in entries if first <= at <= last]


class History:
    """What was really so, for whoever claims something of a moment."""

    def __init__(self) -> None:
        self.profiles: Log[Profile] = Log()
        self.statuses: Log[Status] = Log()

    def profiles_between(self, user_id: int, first: int, last: int) -> list[Profile]:
        return self.profiles.between(user_id, first, last)

    def statuses_at(self, user_id: int, chat_id: int, at: int) -> list[Status]:
        """Whoever never was in a chat counts as one who has left it."""
        return self.statuses.between((user_id, chat_id), at, at) or [LEFT]
