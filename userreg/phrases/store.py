"""Editing: a text is checked, stored as a new version, and said at once."""

from typing import Final

from tortoise.exceptions import IntegrityError

from userreg.database_url import Database
from userreg.db import write_transaction
from userreg.errors import CheckFailed, UserregError
from userreg.phrases.checks import faults_of
from userreg.phrases.languages import LANGUAGES, is_known, language
from userreg.phrases.shipped import Place, counts, keys, shipped
from userreg.phrases.versions import history, list_versions, new_version
from userreg.phrases.watch import refresh

#: Tries of writers who number their versions at the same moment.
_TRIES: Final = 10


async def save(
    key: str, locale: str, category: str, text: str, by_id: int | None, database: Database
) -> int | None:
    """Say this text from now on; returns its version, None when it is said already.

    Raises `UserregError` where there is no such text or language, `CheckFailed` with everything
    that is wrong with the text.
    """
    place = require_place(key, locale, category)
    if faults := faults_of(place, locale, text):
        raise CheckFailed(f"{place.within(locale)} is not saved. {' '.join(faults)}")
    return await _append(place, locale, text, by_id, database)


async def undo(
    key: str, locale: str, category: str, by_id: int | None, database: Database,
    version: int | None = None,
) -> int | None:  # fmt: skip
    """Say an earlier version again, the one before the present one unless told which; returns the
    number of the new version, None when its text is said already. Raises `UserregError`."""
    place = require_place(key, locale, category)
    versions = await history(key, locale, category)
    numbers = [each.version for each in versions]
    if version is None:
        version = numbers[-2] if len(numbers) > 1 else -1
    if version not in numbers:
        raise UserregError(f"{place.within(locale)} has no such version to go back to.")
    text = versions[numbers.index(version)].text
    return await save(key, locale, category, text, by_id, database)


def require_place(key: str, locale: str, category: str) -> Place:
    """Raises `UserregError` for a text, a language or a plural form that does not exist."""
    if key not in keys():
        raise UserregError(f"There is no text {key}: `userreg phrases list` shows all.")
    if not is_known(locale):
        raise UserregError(f"{locale} is no language of ours: {', '.join(LANGUAGES)}.")
    forms = language(locale).categories if counts(key) else ("",)
    if category in forms:
        return Place(key, category)
    wrong = f"no plural form {category}" if category else "plural forms, so say of which"
    have = f": {', '.join(forms)}" if counts(key) else ", it counts nothing"
    raise UserregError(f"{key} in {locale} has {wrong}{have}.")


async def _append(
    place: Place, locale: str, text: str, by_id: int | None, database: Database
) -> int | None:
    for attempt in range(1, _TRIES + 1):
        try:
            async with write_transaction(database) as db:
                versions = await list_versions(place, locale, db)
                now = versions[-1].text if versions else shipped(locale).get(place)
                if now == text:
                    return None
                version = max(1, versions[-1].version + 1 if versions else 1)
                row = new_version(place, locale, version, text, by_id)
                await row.save(using_db=db, force_create=True)
            break
        except IntegrityError:  # somebody else took the number
            if attempt == _TRIES:
                raise
    await refresh()
    return version
