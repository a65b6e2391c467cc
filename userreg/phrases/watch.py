"""Saying what was edited, by whichever process: the database is asked now and then for news."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import Final

from tortoise.connection import get_connection

from userreg.database_url import Database
from userreg.errors import describe
from userreg.phrases.checks import NO_TEXT, faults_of
from userreg.phrases.languages import is_known
from userreg.phrases.shipped import Texts, keys, shipped
from userreg.phrases.speech import use_edits
from userreg.phrases.versions import Text, load
from userreg.sql import fetch

logger = logging.getLogger(__name__)

#: Seconds between two looks at the database.
PERIOD: Final = 10.0
#: Both: who takes a number first may commit last.
_MARK: Final = "SELECT max(id) AS newest, count(*) AS versions FROM phrases"
#: Rows that the log has told of.
_told: set[Text] = set()


@contextlib.asynccontextmanager
async def watching(database: Database, period: float = PERIOD) -> AsyncIterator[None]:
    """While the context is open, an edit is said within `period` seconds, whoever makes it. With
    the database away, what is known of it goes on being said."""
    watcher = _Watcher(database)
    await watcher.look()
    task = asyncio.create_task(_look_again(watcher, period), name="phrases")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})
        use_edits({})


async def refresh() -> None:
    """Say what the database holds now."""
    use_edits(sound_edits(await load()))


def sound_edits(texts: list[Text]) -> dict[str, Texts]:
    """The edits by locale, without those that are broken, which the log tells of once.

    What the package ships it knows best itself, so that an old row is nothing to go by.
    """
    edits: dict[str, Texts] = {}
    for text in texts:
        if text.version == 0 or text.text == shipped(text.locale).get(text.place):
            continue
        if faults := _faults_of_row(text):
            _tell_once(text, faults)
        else:
            edits.setdefault(text.locale, {})[text.place] = text.text
    return edits


def _faults_of_row(text: Text) -> list[str]:
    if text.key not in keys():
        return [NO_TEXT]
    if not is_known(text.locale):
        return ["There is no such language."]
    return faults_of(text.place, text.locale, text.text)


def _tell_once(text: Text, faults: list[str]) -> None:
    if text not in _told:
        _told.add(text)
        where = f"{text.place.within(text.locale)}, version {text.version}"
        logger.warning("text %s cannot be said: %s", where, " ".join(faults))


class _Watcher:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._mark: object = None
        self._is_away = False

    async def look(self) -> None:
        """Once; never raises for a database that is away, or not migrated yet."""
        try:
            (mark,) = await fetch(get_connection(self._database.dialect), _MARK)
            if mark != self._mark:
                await refresh()
                self._mark = mark
            self._is_away = False
        except Exception as error:
            if not self._is_away:
                logger.warning("edited texts are not looked for: %s", describe(error))
            self._is_away = True


async def _look_again(watcher: _Watcher, period: float) -> None:
    while True:
        await asyncio.sleep(period)
        await watcher.look()
