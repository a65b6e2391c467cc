"""What people, and groups, want of the bot: a language, and not to be told of."""

from datetime import UTC, datetime
from typing import Any, Final

from userreg.database_url import Database
from userreg.db import write_transaction
from userreg.decisions import Preference
from userreg.forgotten import find_hash
from userreg.queries import read

_LOCALES: Final = "SELECT id, locale FROM preferences WHERE id = ANY($1::bigint[])"


async def find_language(*chat_ids: int) -> str | None:
    """What was chosen in the first of these chats where something was; a private chat has its
    person's id."""
    rows = await read(_LOCALES, list(chat_ids))
    chosen = {row["id"]: row["locale"] for row in rows}
    return next((chosen[id_] for id_ in chat_ids if chosen.get(id_)), None)


async def is_hidden(user_id: int) -> bool:
    return await Preference.exists(id=user_id, is_hidden=True)


async def choose_language(database: Database, chat_id: int, locale: str | None) -> None:
    """None: whatever language the asker's client has."""
    await _set(database, chat_id, locale=locale)


async def hide(database: Database, user_id: int, is_hidden: bool) -> None:
    """Whether /seen tells nobody of this person."""
    await _set(database, user_id, is_hidden=is_hidden)


async def _set(database: Database, chat_id: int, **wanted: Any) -> None:
    values = wanted | {"updated_at": datetime.now(UTC)}
    async with write_transaction(database) as db:
        if chat_id > 0 and await find_hash(chat_id, db):
            return  # nothing is stored about the forgotten
        new = Preference(id=chat_id, **values)
        await Preference.bulk_create(
            [new], on_conflict=["id"], update_fields=[*values], using_db=db
        )
