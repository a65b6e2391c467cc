"""The texts in the database: every version of each, the highest of which is said.

Version 0 is what the package ships. Edits are versions of their own, and so is taking one back.
"""

import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from tortoise.backends.base.client import BaseDBAsyncClient

from userreg.database_url import Database
from userreg.db import write_transaction
from userreg.decisions import Phrase
from userreg.phrases.languages import LANGUAGES
from userreg.phrases.shipped import Place, shipped
from userreg.sql import fetch

#: A locale and a place in it.
_At = tuple[str, Place]
_Shipped = Mapping[_At, str]
_KEY: Final = ["key", "locale", "category", "version"]
_COLUMNS: Final = "key, locale, category, version, text, updated_by_id, updated_at"
_VERSIONS: Final = f"""
    SELECT {_COLUMNS} FROM phrases WHERE key = $1 AND locale = $2 AND category = $3
    ORDER BY version
"""
_OF_KEY: Final = f"SELECT {_COLUMNS} FROM phrases WHERE key = $1 ORDER BY version"
_SHIPPED: Final = f"SELECT {_COLUMNS} FROM phrases WHERE version = 0"
_CURRENT: Final = f"""
    SELECT {_COLUMNS} FROM phrases p WHERE version = (
        SELECT max(version) FROM phrases q
        WHERE q.key = p.key AND q.locale = p.locale AND q.category = p.category
    ) ORDER BY id
"""


@dataclass(frozen=True)
class Text:
    """One version of a text in one language. `updated_by_id` is None for the package itself and
    for the command line."""

    key: str
    locale: str
    category: str
    version: int
    text: str
    updated_by_id: int | None
    updated_at: datetime

    @property
    def place(self) -> Place:
        return Place(self.key, self.category)


async def seed(database: Database) -> int:
    """Bring version 0 of each text to what this package ships; returns how many texts it was not.
    A text that nobody edited, or whose edit was taken back, is said anew; an edit stays.

    Any number of processes may do it at once.
    """
    ours = {
        (locale, place): text for locale in LANGUAGES for place, text in shipped(locale).items()
    }
    if {at: kept.text for at, kept in (await _shipped(Phrase._meta.db)).items()} == ours:
        return 0
    async with numbering(database) as db:
        kept = await _shipped(db)
        changed = {at: text for at, text in ours.items() if at not in kept or kept[at].text != text}
        await _say_anew(changed, kept, db)
        await Phrase.bulk_create(
            [new_version(place, locale, 0, text) for (locale, place), text in changed.items()],
            on_conflict=_KEY, update_fields=["text", "updated_at"], using_db=db,
        )  # fmt: skip
        gone = [kept[at] for at in kept.keys() - ours.keys()]
        for old in gone:
            same = {name: getattr(old, name) for name in _KEY}
            await Phrase.filter(**same).using_db(db).delete()
    return len(changed) + len(gone)


@contextlib.asynccontextmanager
async def numbering(database: Database) -> AsyncIterator[BaseDBAsyncClient]:
    """A transaction that numbers versions: one after another, whoever else does."""
    async with write_transaction(database) as db:
        if database.dialect == "postgres":
            await db.execute_query("LOCK TABLE phrases IN SHARE ROW EXCLUSIVE MODE")
        yield db


async def _say_anew(changed: _Shipped, kept: Mapping[_At, Text], db: BaseDBAsyncClient) -> None:
    """Where somebody went back to the shipped text, its change is another version."""
    current = _by_place(await _texts(db, _CURRENT))
    anew = []
    for (locale, place), text in changed.items():
        before, said = kept.get((locale, place)), current.get((locale, place))
        if before and said and said.version and said.text == before.text:
            anew.append(new_version(place, locale, said.version + 1, text))
    await Phrase.bulk_create(anew, using_db=db)


async def load() -> list[Text]:
    """The current version of every text, in one query."""
    return await _texts(Phrase._meta.db, _CURRENT)


async def history(key: str, locale: str, category: str = "") -> list[Text]:
    """All versions of a text, the oldest first."""
    return await list_versions(Place(key, category), locale, Phrase._meta.db)


async def list_of_key(key: str) -> list[Text]:
    """All versions of a text in all languages and plural forms, the oldest first."""
    return await _texts(Phrase._meta.db, _OF_KEY, key)


async def list_versions(place: Place, locale: str, db: BaseDBAsyncClient) -> list[Text]:
    """The same, as this connection sees them."""
    return await _texts(db, _VERSIONS, place.key, locale, place.category)


async def _shipped(db: BaseDBAsyncClient) -> Mapping[_At, Text]:
    return _by_place(await _texts(db, _SHIPPED))


async def _texts(db: BaseDBAsyncClient, sql: str, *values: Any) -> list[Text]:
    return [Text(**row) for row in await fetch(db, sql, *values)]


def _by_place(texts: list[Text]) -> Mapping[_At, Text]:
    return {(text.locale, text.place): text for text in texts}


def new_version(
    place: Place, locale: str, version: int, text: str, by_id: int | None = None
) -> Phrase:
    """A row that is not stored yet."""
    return Phrase(
        key=place.key, locale=locale, category=place.category, version=version, text=text,
        updated_by_id=by_id, updated_at=datetime.now(UTC).replace(microsecond=0),
    )  # fmt: skip
