"""A question, however it was put: a typed command and a pressed button become the same."""

import logging
from dataclasses import dataclass, replace
from typing import Final

from aiogram import Bot
from aiogram.enums import ChatType
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.types import CallbackQuery, Chat, InlineKeyboardMarkup, InputFile, Message, User

from userreg import audit, preferences, queries
from userreg.bot.press import FIRST, Page, Press
from userreg.bot.roles import Roles
from userreg.config import Settings
from userreg.database_url import Database
from userreg.db import write_transaction
from userreg.phrases import choose_language
from userreg.registry import Registry

logger = logging.getLogger(__name__)

#: Buttons below an answer to a chat: anybody in it may press them.
NOBODY: Final = 0


async def language_of(chat_id: int, asker: User | None) -> str:
    """What was chosen in this chat, else what the asker chose, else what their client speaks, else
    the default."""
    if asker is None:
        return choose_language(await preferences.find_language(chat_id))
    return choose_language(await preferences.find_language(chat_id, asker.id), asker.language_code)


@dataclass(frozen=True)
class Parts:
    """What views need of the running bot."""

    bot: Bot
    registry: Registry
    database: Database
    settings: Settings
    roles: Roles


@dataclass(frozen=True)
class Asking:
    """Who asks, where, and about whom or what.

    `asker` is None for whoever writes in the name of a chat; `is_anonymous` where that chat is this
    one: then it is one of its administrators. `owner_id` is who may press the buttons below the
    answer. `target` is a person or a chat, 0 is none; `word` is what is chosen among a few.
    """

    parts: Parts
    asker: User | None
    chat: Chat
    owner_id: int
    is_anonymous: bool = False
    topic_id: int | None = None
    target: int = 0
    word: str = ""
    page: Page = FIRST

    @classmethod
    def of_message(cls, message: Message, parts: Parts) -> "Asking":
        stand_in = message.sender_chat
        asker = message.from_user if stand_in is None else None
        return cls(
            parts,
            asker,
            message.chat,
            asker.id if asker else NOBODY,
            is_anonymous=stand_in is not None and stand_in.id == message.chat.id,
            topic_id=message.message_thread_id if message.is_topic_message else None,
        )

    @classmethod
    def of_press(
        cls, query: CallbackQuery, message: Message, press: Press, parts: Parts
    ) -> "Asking":
        topic_id = message.message_thread_id if message.is_topic_message else None
        return cls(
            parts, query.from_user, message.chat, press.owner_id, topic_id=topic_id,
            target=press.target_id, word=press.word, page=press.page,
        )  # fmt: skip

    @property
    def asker_id(self) -> int:
        """An id that nobody has, where nobody is known to ask."""
        return self.asker.id if self.asker else NOBODY

    @property
    def is_private(self) -> bool:
        return self.chat.type == ChatType.PRIVATE

    async def language(self) -> str:
        return await language_of(self.chat.id, self.asker)

    async def is_administrator(self) -> bool:
        """Of the bot."""
        return self.asker is not None and await self.parts.roles.is_administrator(self.asker.id)

    async def is_chat_administrator(self) -> bool:
        """Of the group or channel in which this is asked."""
        if self.is_private:
            return False
        if self.is_anonymous:
            return True
        roles, bot = self.parts.roles, self.parts.bot
        return self.asker is not None and await roles.is_chat_administrator(
            bot, self.chat.id, self.asker.id
        )

    def press(
        self, view: str, *, target: int | None = None, word: str = "", page: Page | None = None
    ) -> str:
        """The data of a button that asks for a view, with this target unless another is named."""
        return Press.of(
            view, self.owner_id, self.target if target is None else target, word, page or FIRST
        ).pack()

    async def is_forgotten(self) -> bool:
        """Whether nothing is kept of the asker: what failed half way can be done again."""
        is_listed = await self.parts.registry.is_forgotten(self.asker_id)
        return is_listed and await queries.find_user(self.asker_id) is None

    async def note(self, action: str, subject_id: int | None, detail: str | None) -> None:
        """Write down that more rights were used than everybody has. Details name nobody."""
        actor_id = self.asker_id or (self.chat.id if self.is_anonymous else None)
        async with write_transaction(self.parts.database) as db:
            await audit.note(db, action, actor_id=actor_id, subject_id=subject_id, detail=detail)

    async def send_in_private(
        self,
        text: str,
        keyboard: InlineKeyboardMarkup | None = None,
        document: InputFile | None = None,
    ) -> bool:
        """To whoever asks in a group, as the caption of a `document` if there is one; False where
        they have not begun to talk to the bot."""
        bot = self.parts.bot
        try:
            if document is None:
                await bot.send_message(self.asker_id, text, reply_markup=keyboard)
            else:
                await bot.send_document(
                    self.asker_id, document, caption=text, reply_markup=keyboard
                )
        except (TelegramForbiddenError, TelegramBadRequest) as error:
            logger.info("not told in private: %s", error.message)
            return False
        return True

    def in_private(self) -> "Asking":
        """The same question, asked in the asker's own chat with the bot."""
        chat = Chat(id=self.asker_id, type=ChatType.PRIVATE)
        return replace(self, chat=chat, owner_id=self.asker_id, topic_id=None)

    def about(self, target: int) -> "Asking":
        return replace(self, target=target)
