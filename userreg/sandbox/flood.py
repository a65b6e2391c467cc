"""How much a bot may send: the limits that the Bot API's FAQ names."""

from collections import defaultdict, deque
from typing import Final

from userreg.sandbox.errors import TooManyRequests

#: Messages to a group in a minute.
_PER_GROUP: Final = (20, 60.0)
#: To one person: about one a second; short bursts pass.
_PER_PERSON: Final = (30, 30.0)


class Flood:
    """Counts what is sent to each chat. A limit is so many messages in so many seconds."""

    def __init__(
        self,
        per_group: tuple[int, float] = _PER_GROUP,
        per_person: tuple[int, float] = _PER_PERSON,
    ) -> None:
        self._per_group, self._per_person = per_group, per_person
        self._sent: defaultdict[int, deque[float]] = defaultdict(deque)

    def check(self, chat_id: int, now: float) -> None:
        """Counts one message. Raises `ApiError` where it is one too many."""
        most, seconds = self._per_person if chat_id > 0 else self._per_group
        sent = self._sent[chat_id]
        while sent and sent[0] <= now - seconds:
            sent.popleft()
        if len(sent) >= most:
            raise TooManyRequests(int(sent[0] + seconds - now) + 1)
        sent.append(now)
