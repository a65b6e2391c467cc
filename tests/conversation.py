"""Talking with the bot as people do: in a chat of the local Telegram, by writing and by buttons."""

import asyncio
from typing import Any, cast

from userreg.sandbox.api import BotApi
from userreg.sandbox.telegram import LocalTelegram
from userreg.sandbox.world import Message, Person
from userreg.sandbox.world.signals import press
from userreg.sandbox.world.talk import write

#: What is said of the unknown, the hidden and the not shared alike.
NOTHING = "I have nothing to tell about that person."
#: Marks that isolate a name from what stands around it.
_MARKS = str.maketrans("", "", "\u2066\u2068\u2069\u2060\u200e\u200f\u061c")


def plain(text: str) -> str:
    """As it is read."""
    return text.translate(_MARKS)


def buttons_of(message: Message) -> list[dict[str, Any]]:
    rows = message.content.get("reply_markup", {}).get("inline_keyboard", [])
    return [button for row in rows for button in row]


def data_under(message: Message) -> list[str]:
    return [b["callback_data"] for b in buttons_of(message) if "callback_data" in b]


class Conversation:
    """One person in one chat with the bot: their private one unless another is named."""

    def __init__(
        self, telegram: LocalTelegram, api: BotApi, user_id: int, chat_id: int | None = None
    ) -> None:
        self.telegram = telegram
        self.api = api
        self.person: Person = telegram.world.people[user_id]
        self.chat = telegram.world.chats[chat_id or user_id]

    async def write(self, text: str) -> str:
        """Returns what the bot answers."""
        mine = self.telegram.do(write, self.chat, self.person, text)
        async with asyncio.timeout(20):
            await self.api._called.wait_until(lambda: self._newest.message_id > mine.message_id)
        return self.text

    async def write_in_vain(self, text: str) -> None:
        """What the bot keeps silent about."""
        known = self._newest
        self.telegram.do(write, self.chat, self.person, text)
        await self.telegram.wait_until_delivered()
        assert self._newest is known

    async def press(self, label: str) -> str | None:
        """Press the button with this label; returns the alert that is shown, if one is."""
        return await self.send(self.data_of(label))

    async def plant(self, data: str, message: Message | None = None) -> str | None:
        """Press a button that the bot never made, as if it stood below its message."""
        content = (message or self._newest).content
        rows = content.setdefault("reply_markup", {}).setdefault("inline_keyboard", [])
        content["reply_markup"] = {
            "inline_keyboard": [*rows, [{"text": "planted", "callback_data": data}]]
        }
        return await self.send(data, message)

    async def send(self, data: str, message: Message | None = None) -> str | None:
        """What a client of somebody's own making could send, too."""
        query_id, query = self.telegram.new_query()
        self.telegram.do(press, self.person, message or self._newest, data, query_id)
        async with asyncio.timeout(20):
            await self.telegram.changed.wait_until(lambda: query.answer is not None)
        return (query.answer or {}).get("text") or None

    @property
    def message(self) -> Message:
        """The bot's newest."""
        return self._newest

    @property
    def text(self) -> str:
        content = self._newest.content
        return plain(content.get("text") or content.get("caption") or "")

    @property
    def labels(self) -> list[str]:
        return [plain(button["text"]) for button in buttons_of(self._newest)]

    def data_of(self, label: str) -> str:
        found = [b["callback_data"] for b in buttons_of(self._newest) if plain(b["text"]) == label]
        assert found, (label, self.labels)
        return str(found[0])

    @property
    def _newest(self) -> Message:
        of_the_bot = [m for m in self.chat.log if m.is_of_the_bot]
        return of_the_bot[-1] if of_the_bot else cast(Message, _Nothing())


class _Nothing:
    """Where the bot has written nothing yet."""

    def __init__(self) -> None:
        self.message_id = 0
        self.content: dict[str, Any] = {}
