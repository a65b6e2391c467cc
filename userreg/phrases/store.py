"""Editing: a text is checked, stored as a new version, and said at once."""

from collections.abc import Mapping

from tortoise.backends.base.client import BaseDBAsyncClient

from userreg.database_url import Database
from userreg.errors import CheckFailed, NoSuchThing
from userreg.forgotten import find_hash
from userreg.phrases.checks import NO_TEXT, faults_of
from userreg.phrases.languages import LANGUAGES, is_known, language
from userreg.phrases.shipped import Place, Texts, counts, keys, shipped
from userreg.phrases.versions import history, list_versions, new_version, numbering
from userreg.phrases.watch import refresh


async def save(
    key: str, locale: str, category: str, text: str, by_id: int | None, database: Database
) -> int | None:
    """Say this text from now on; returns its version, None when it is said already.

    Raises `NoSuchThing` where there is no such text or language, `CheckFailed` with everything
    that is wrong with the text.
    """
    place = require_place(key, locale, category)
    if faults := faults_of(place, locale, text):
        raise CheckFailed(f"{place.within(locale)} is not saved. {' '.join(faults)}")
    async with numbering(database) as db:
        version = await _append(place, locale, text, by_id, db)
    await refresh()
    return version


async def undo(
    key: str, locale: str, category: str, by_id: int | None, database: Database,
    version: int | None = None,
) -> int | None:  # fmt: skip
    """Say an earlier version again, the one before the present one unless told which; returns the
    number of the new version, None when its text is said already. Raises `NoSuchThing`."""
    place = require_place(key, locale, category)
    versions = await history(key, locale, category)
    numbers = [each.version for each in versions]
    if version is None:
        version = numbers[-2] if len(numbers) > 1 else -1
    if version not in numbers:
        raise NoSuchThing(f"{place.within(locale)} has no such version to go back to.")
    text = versions[numbers.index(version)].text
    return await save(key, locale, category, text, by_id, database)


async def save_all(languages: Mapping[str, Texts], by_id: int | None, database: Database) -> int:
    """Save the texts, by language, that differ from what is said; returns how many. All of them
    or, if any is wrong, none: raises `CheckFailed`."""
    if found := faults_of_all(languages):
        locale, place, fault = found[0]
        raise CheckFailed(f"{place.within(locale)} is not saved. {fault}")
    saved = 0
    async with numbering(database) as db:
        for locale, texts in languages.items():
            for place, text in texts.items():
                saved += await _append(place, locale, text, by_id, db) is not None
    await refresh()
    return saved


def faults_of_all(languages: Mapping[str, Texts]) -> list[tuple[str, Place, str]]:
    """What is wrong with each of the texts, by language, whatever is missing beside them."""
    known = set(keys())
    return [
        (locale, place, fault)
        for locale, texts in languages.items()
        for place, text in texts.items()
        for fault in (faults_of(place, locale, text) if place.key in known else [NO_TEXT])
    ]


def require_key(key: str) -> None:
    """Raises `NoSuchThing` for a text that does not exist."""
    if key not in keys():
        raise NoSuchThing(f"There is no text {key}: `userreg phrases list` shows all.")


def require_place(key: str, locale: str, category: str) -> Place:
    """Raises `NoSuchThing` for a text, a language or a plural form that does not exist."""
    require_key(key)
    if not is_known(locale):
        raise NoSuchThing(f"{locale} is no language of ours: {', '.join(LANGUAGES)}.")
    forms = language(locale).categories if counts(key) else ("",)
    if category in forms:
        return Place(key, category)
    wrong = f"no plural form {category}" if category else "plural forms, so say --category"
    have = f": {', '.join(forms)}" if counts(key) else ", it counts nothing"
    raise NoSuchThing(f"{key} in {locale} has {wrong}{have}.")


async def _append(
    place: Place, locale: str, text: str, by_id: int | None, db: BaseDBAsyncClient
) -> int | None:
    versions = await list_versions(place, locale, db)
    if text == (versions[-1].text if versions else shipped(locale).get(place)):
        return None
    version = versions[-1].version + 1 if versions else 1
    if by_id is not None and await find_hash(by_id, db):
        by_id = None  # nothing is stored about the forgotten
    row = new_version(place, locale, version, text, by_id)
    await row.save(using_db=db, force_create=True)
    return version
