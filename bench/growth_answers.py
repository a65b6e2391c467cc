"""How long the bot's answers take in a large registry."""

import logging
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.exceptions import TelegramNetworkError
from aiogram.types import Chat, User

from bench.fill import SEED, Size
from bench.running import TOKEN
from userreg import queries
from userreg.bot.asking import Asking, Parts
from userreg.bot.client import create_bot
from userreg.bot.roles import Roles
from userreg.bot.views import person, place
from userreg.config import Settings
from userreg.database_url import Database, parse_database_url
from userreg.db import open_database
from userreg.registry import Registry
from userreg.sandbox.world.crowd_people import Room, Roster, draw_people, draw_room

#: Milliseconds that 95 of 100 answers may take.
TARGETS: Final = {
    "me": 20, "me_in_chat": 20, "whereami": 20, "seen": 20, "seen @username": 20,
    "stats_of_chat": 20, "stats": 50,
}  # fmt: skip
#: How often each is asked, and how often in the largest chat; and the one that depends on neither.
_OFTEN, _LARGEST, _WHOLE = 300, 20, 3


@dataclass(frozen=True)
class Question:
    """Somebody in a chat who asks about somebody else there."""

    chat_id: int
    asker_id: int
    other_id: int
    other_username: str | None

    def asked(self, parts: Parts, in_chat: bool = False) -> Asking:
        """In the chat, or in private."""
        asker = User(id=self.asker_id, is_bot=False, first_name="A")
        group = Chat(id=self.chat_id, type="supergroup")
        chat = group if in_chat else Chat(id=self.asker_id, type="private")
        return Asking(parts, asker, chat, self.asker_id)


class _NoTelegram(AiohttpSession):
    """How long Telegram takes is not ours to measure."""

    async def make_request(self, bot: Any, method: Any, timeout: int | None = None) -> Any:
        raise TelegramNetworkError(method=method, message="nobody is there")


async def measure_answers(url: str, size: Size) -> list[str]:
    """Lines of the page. Those who ask, and where, are drawn as they are active."""
    drawn = list(_drawn(size))
    largest = [_question(size, 0, rank) for rank in range(1, _LARGEST + 1)]
    lines = [
        "| answer | target | p50 | p95 ms | largest chat, busiest people: p50 | p95 ms |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    logging.getLogger("userreg").setLevel(logging.ERROR)  # nobody is there: that is known
    database = parse_database_url(f"{url}?command_timeout=600")
    parts = _parts(database)
    async with open_database(database):
        for name, target in TARGETS.items():
            asked = [drawn[:_WHOLE]] if name == "stats" else [drawn, largest]
            shown = [_shown(await _times(name, parts, questions)) for questions in asked]
            lines.append(f"| `{name}` | {target} | {' | '.join([*shown, ' | '][:2])} |")
    return lines


def _parts(database: Database) -> Parts:
    settings = Settings(_env_file=None, bot_token=TOKEN)
    bot = create_bot(settings)
    bot.session = _NoTelegram()
    return Parts(bot, Registry(database, 0), database, settings, Roles(frozenset()))


def _drawn(size: Size) -> Iterator[Question]:
    random = Random(SEED)
    for _ in range(_OFTEN):
        chat = int(size.chats ** random.random()) - 1  # the first twice as often as the second …
        roster = Roster(size.people, chat)
        yield _question(size, chat, int(len(roster) ** random.random()) - 1)


def _question(size: Size, number: int, rank: int) -> Question:
    """The asker of that rank in the chat, about one of those who talk more."""
    people = draw_people(SEED)
    room: Room = draw_room(SEED, people, size.people, number)
    rank = min(rank, len(room.roster) - 1)
    asker, other = people[room.roster[rank]], people[room.roster[rank // 2]]
    return Question(room.chat.id, asker.id, other.id, other.profile.username)


async def _times(name: str, parts: Parts, questions: list[Question]) -> list[float]:
    """Milliseconds of each, after one that is not counted."""
    ask = _ASK[name]
    await ask(questions[0], parts)
    times = []
    for question in questions:
        begun = time.perf_counter()
        await ask(question, parts)
        times.append((time.perf_counter() - begun) * 1000)
    return times


async def _seen(question: Question, parts: Parts) -> object:
    people = await queries.list_people(question.other_id)
    return await person.seen_of(question.asked(parts), people)


async def _seen_by_name(question: Question, parts: Parts) -> object:
    name = question.other_username or "nobody_is_called_so"
    people = await queries.list_holders(name, question.asker_id)
    return await person.seen_of(question.asked(parts), people, name)


_ASK: Final[dict[str, Callable[[Question, Parts], Awaitable[object]]]] = {
    "me": lambda q, parts: person.me(q.asked(parts)),
    "me_in_chat": lambda q, parts: person.me(q.asked(parts, in_chat=True)),
    "whereami": lambda q, parts: place.here(q.asked(parts, in_chat=True)),
    "seen": _seen,
    "seen @username": _seen_by_name,
    "stats_of_chat": lambda q, parts: place.stats(q.asked(parts, in_chat=True)),
    "stats": lambda q, parts: place.stats(q.asked(parts)),
}


def _shown(times: list[float]) -> str:
    p95 = sorted(times)[max(round(len(times) * 0.95) - 1, 0)]
    return f"{statistics.median(times):.1f} | {p95:.1f}"
