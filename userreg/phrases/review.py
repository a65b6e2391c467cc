"""Looking at all texts together: what is said, what was edited, what is wrong."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from userreg.phrases.checks import findings
from userreg.phrases.languages import LANGUAGES, is_known
from userreg.phrases.shipped import Place, Texts, shipped
from userreg.phrases.versions import Text, load
from userreg.phrases.watch import sound_edits

_NOT_SEEDED: Final = "The database does not hold it as it is shipped: run `userreg migrate`."
_NEVER: Final = datetime.fromtimestamp(0, UTC)
#: A locale, a place in it, and what is wrong there.
Finding = tuple[str, Place, str]


async def list_current() -> list[Text]:
    """The current version of every text, by language, in the order of the files. A text that the
    database lacks is the package's."""
    kept = {(text.locale, text.place): text for text in await load()}
    ours = [
        kept.pop((locale, place), Text(place.key, locale, place.category, 0, text, None, _NEVER))
        for locale in LANGUAGES
        for place, text in shipped(locale).items()
    ]
    return [*ours, *(text for text in kept.values() if text.version)]


def is_edited(text: Text) -> bool:
    """Whether something else is said than what is shipped."""
    return text.version > 0 and text.text != shipped(text.locale).get(text.place)


async def list_said() -> dict[str, Texts]:
    """Each language's own texts as they are said: edited, where the edit is sound, else shipped."""
    edits = sound_edits(await load())
    return {
        locale: {**shipped(locale), **edits.get(locale, {})}
        for locale in dict.fromkeys([*LANGUAGES, *edits])
    }


async def review() -> list[Finding]:
    """Everything that is wrong with the texts, shipped and edited, and with how they are kept."""
    kept: dict[str, dict[Place, Text]] = {locale: {} for locale in LANGUAGES}
    for text in await load():
        kept.setdefault(text.locale, {})[text.place] = text
    return [
        (locale, place, fault)
        for locale, texts in kept.items()
        for place, fault in _review_of(locale, texts)
    ]


def _review_of(locale: str, texts: dict[Place, Text]) -> Iterator[tuple[Place, str]]:
    if not is_known(locale):
        yield from ((place, "There is no such language.") for place in texts)
        return
    yield from findings({**shipped(locale), **{p: t.text for p, t in texts.items()}}, locale)
    for place, text in shipped(locale).items():
        row = texts.get(place)
        if row is None or (row.version == 0 and row.text != text):
            yield place, _NOT_SEEDED
