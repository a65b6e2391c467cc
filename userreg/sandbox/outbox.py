"""The updates that wait for the bot, as Telegram keeps them: first in, first out in each queue."""

import json
import logging
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final

from userreg.sandbox.signal import Signal
from userreg.sandbox.world import Update

logger = logging.getLogger(__name__)

Queue = tuple[str, int]

#: Telegram builds an update in a buffer of this size, in bytes; a larger one is lost.
MAX_BYTES: Final = 64 * 1024
#: What is not delivered unless the bot names it.
OFF_BY_DEFAULT: Final = {"chat_member", "message_reaction", "message_reaction_count"}


class Outbox:
    """What Telegram still has to deliver."""

    def __init__(self) -> None:
        self._queues: dict[Queue, deque[Update]] = {}
        self.changed = Signal()
        #: What was lost lately, as its time had run out or it was too large.
        self.lost: deque[Update] = deque(maxlen=1000)

    def __len__(self) -> int:
        return sum(map(len, self._queues.values()))

    def put(self, updates: Iterable[Update]) -> None:
        for update in updates:
            if len(serialize(update)) > MAX_BYTES:
                logger.warning("update %d is too large, and lost", update.update_id)
                self.lost.append(update)
            else:
                self._queues.setdefault(update.queue, deque()).append(update)
        self.changed.notify()

    def queues(self) -> list[Queue]:
        """Those where something waits."""
        return list(self._queues)

    def first_of(self, queue: Queue, now: float) -> Update | None:
        """The next to be delivered; what is too old by now is dropped."""
        waiting = self._queues.get(queue, deque())
        while waiting and _is_expired(waiting[0], now):
            self.lose(waiting[0])
        return waiting[0] if waiting else None

    def lose(self, update: Update) -> None:
        """Nobody answered it in time."""
        self.lost.append(update)
        self.remove(update)

    def remove(self, update: Update) -> None:
        """It was delivered."""
        if (waiting := self._queues.get(update.queue)) and update in waiting:
            waiting.remove(update)
            if not waiting:
                del self._queues[update.queue]
        self.changed.notify()

    def since(self, update_id: int, now: float) -> list[Update]:
        """All of this id and later, by id."""
        found = [u for u in self._all() if u.update_id >= update_id and not _is_expired(u, now)]
        return sorted(found, key=lambda update: update.update_id)

    def confirm(self, update_id: int) -> None:
        """All before this id were received."""
        for update in [u for u in self._all() if u.update_id < update_id]:
            self.remove(update)

    def clear(self) -> None:
        self._queues.clear()
        self.changed.notify()

    def _all(self) -> Iterator[Update]:
        for waiting in self._queues.values():
            yield from waiting


def serialize(update: Update) -> bytes:
    """The bytes that are sent: pure ASCII, as Telegram's own."""
    return json.dumps(update.body, separators=(",", ":")).encode()


def _is_expired(update: Update, now: float) -> bool:
    return now >= update.at + update.lifetime
