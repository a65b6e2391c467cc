"""Not more than people can read: a token bucket for each person, and one for each group.

Recording goes on in any case; what is throttled are only answers.
"""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from aiogram import BaseMiddleware
from aiogram.types import CallbackQuery, Message, TelegramObject

from userreg.bot.asking import language_of
from userreg.phrases import lines, say, speaking

#: For each command of a person that is answered in a minute, so many of their buttons are, and so
#: many commands in a group (where Telegram takes 20 messages a minute from a bot).
_PRESSES: Final = 4
_IN_GROUP: Final = 2
#: Buckets that are kept at once.
_KEPT: Final = 10_000


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float
    is_told: bool = False


class Buckets:
    """`rate` tokens a minute for each key; a full bucket holds as many."""

    def __init__(self, rate: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._buckets: OrderedDict[int, _Bucket] = OrderedDict()

    def take(self, key: int) -> bool:
        """Take a token, if there is one."""
        bucket = self._filled(key)
        if bucket.tokens < 1:
            return False
        bucket.tokens -= 1
        bucket.is_told = False
        return True

    def tell_once(self, key: int) -> bool:
        """Whether the bucket has been empty without anybody being told."""
        bucket = self._filled(key)
        told, bucket.is_told = bucket.is_told, True
        return not told

    def _filled(self, key: int) -> _Bucket:
        now = self._clock()
        bucket = self._buckets.setdefault(key, _Bucket(self._rate, now))
        self._buckets.move_to_end(key)
        if len(self._buckets) > _KEPT:
            self._buckets.popitem(last=False)
        bucket.tokens = min(self._rate, bucket.tokens + (now - bucket.at) * self._rate / 60)
        bucket.at = now
        return bucket


class Throttle(BaseMiddleware):
    """One polite notice, then silence, until there are tokens again."""

    def __init__(self, commands_per_minute: int) -> None:
        self._commands = Buckets(commands_per_minute)
        self._presses = Buckets(commands_per_minute * _PRESSES)
        self._groups = Buckets(commands_per_minute * _IN_GROUP)

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        if isinstance(event, CallbackQuery):
            chat = event.message.chat.id if event.message else event.from_user.id
            if self._presses.take(event.from_user.id) and self._may_speak_in(chat):
                return await handler(event, data)
            with speaking(await language_of(chat, event.from_user)):
                return await event.answer(say("throttle.presses"))
        if not isinstance(event, Message):
            return await handler(event, data)
        sender = event.sender_chat or event.from_user or event.chat
        if self._commands.take(sender.id):
            return await handler(event, data) if self._may_speak_in(event.chat.id) else None
        if self._commands.tell_once(sender.id) and self._may_speak_in(event.chat.id):
            asker = None if event.sender_chat else event.from_user
            with speaking(await language_of(event.chat.id, asker)):
                await event.answer(lines(say("throttle.commands")), disable_notification=True)
        return None

    def _may_speak_in(self, chat_id: int) -> bool:
        return chat_id > 0 or self._groups.take(chat_id)
