"""The methods of the Bot API, by name in small letters: Telegram does not mind the case."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from userreg.sandbox.methods import bot, chats, edits, messages, updates
from userreg.sandbox.parameters import Parameters
from userreg.sandbox.telegram import LocalTelegram

Method = Callable[[LocalTelegram, Parameters], Awaitable[Any]]

METHODS: Final[dict[str, Method]] = {
    name.lower(): method
    for room in (bot, chats, edits, messages, updates)
    for name, method in room.METHODS.items()
}
