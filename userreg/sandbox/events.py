"""What happens in a local Telegram, for whoever looks on."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Iterator
from typing import Any, Final

#: How many events one who looks on may be behind; what is older is skipped.
_WAITING: Final = 1000

Event = dict[str, Any]


class _Mailbox:
    """The events that one who looks on has not seen yet."""

    def __init__(self) -> None:
        self._events: deque[Event] = deque(maxlen=_WAITING)
        self._filled = asyncio.Event()

    def put(self, event: Event) -> None:
        self._events.append(event)
        self._filled.set()

    async def get(self) -> Event:
        while not self._events:
            self._filled.clear()
            await self._filled.wait()
        return self._events.popleft()

    def all(self) -> list[Event]:
        """Those that are there already."""
        events = list(self._events)
        self._events.clear()
        return events


class Events:
    """Anybody may look on; nobody holds anything up."""

    def __init__(self) -> None:
        self._mailboxes: set[_Mailbox] = set()

    def publish(self, type_: str, **values: Any) -> None:
        for mailbox in self._mailboxes:
            mailbox.put({"type": type_, **values})

    @contextlib.contextmanager
    def subscribed(self) -> Iterator[_Mailbox]:
        """All that happens while the context is open."""
        mailbox = _Mailbox()
        self._mailboxes.add(mailbox)
        try:
            yield mailbox
        finally:
            self._mailboxes.discard(mailbox)
