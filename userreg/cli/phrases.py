"""`userreg phrases list | show | edit | undo | diff | export | import | check`."""

import difflib
import json
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, TextIO

import click

from userreg.cli import T, opened, prepare, run_async
from userreg.cli.export import opened_output
from userreg.errors import CheckFailed
from userreg.logs import printable

if TYPE_CHECKING:
    from userreg.config import Settings
    from userreg.database_url import Database
    from userreg.phrases.review import Finding
    from userreg.phrases.shipped import Texts
    from userreg.phrases.versions import Text


def _canonical(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    from userreg.phrases.languages import LANGUAGES, canonical, is_known

    found = canonical(value or "")
    if value is None or (found and is_known(found)):
        return found
    raise click.BadParameter(f"it is none of {', '.join(LANGUAGES)}, nor one with a region.")


_locale = click.option(
    "--locale", callback=_canonical, help="A language: en, uk, ru, es, ar, or es-MX for a region."
)
_which = click.option(
    "--locale", required=True, callback=_canonical, help="The language: en, uk, ru, es, ar, es-MX …"
)
_of_file = click.option(
    "--locale", callback=_canonical, help="The language, where a file does not say it itself."
)
_category = click.option(
    "--category", default="", help="The plural form of a text that counts: one, few, other …"
)
_json = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")


@click.group()
def phrases() -> None:
    """The texts that the bot says, in its languages. The bot may run meanwhile."""


@phrases.command("list")
@_locale
@click.option("--edited", is_flag=True, help="Only those that differ from what is shipped.")
@_json
def list_(locale: str | None, edited: bool, as_json: bool) -> None:
    """Show every text: key, language, plural form, version, text."""
    for text in run_async(_current(prepare(), locale, edited)):
        if as_json:
            click.echo(json.dumps(_as_row(text)))
        else:
            where = (text.key, text.locale, text.category or "-", str(text.version))
            click.echo("\t".join((*map(printable, where), _on_one_line(text.text))))


@phrases.command()
@click.argument("key")
@_locale
@_json
def show(key: str, locale: str | None, as_json: bool) -> None:
    """Show a text in each language, with all its versions; the last one is said."""
    for text in run_async(_versions(prepare(), key, locale)):
        if as_json:
            click.echo(json.dumps(_as_row(text)))
        else:
            click.echo(f"{_title(text)}\n    {_on_one_line(text.text)}")


@phrases.command()
@click.argument("key")
@_which
@_category
@click.option("--text", help="The new text; else it is read from stdin, or $EDITOR is opened.")
def edit(key: str, locale: str, category: str, text: str | None) -> None:
    """Say something else. The text is checked first; a running bot says it within seconds."""
    settings = prepare()
    if text is None and not sys.stdin.isatty():
        text = sys.stdin.read()
    if text is None:
        text = click.edit(run_async(_said(settings, key, locale, category)))
    if text is None:
        click.echo("Nothing was changed.", err=True)
        return
    text = text.replace("\r\n", "\n").removesuffix("\n")
    from userreg.phrases.store import save

    _report(run_async(_ask(settings, lambda db: save(key, locale, category, text, None, db))))


@phrases.command()
@click.argument("key")
@_which
@_category
@click.option("--version", type=click.IntRange(0), help="Go back to this one, not the one before.")
def undo(key: str, locale: str, category: str, version: int | None) -> None:
    """Say an earlier version again, as a new version; version 0 is the shipped text."""
    settings = prepare()
    from userreg.phrases import store

    work = _ask(settings, lambda db: store.undo(key, locale, category, None, db, version))
    _report(run_async(work))


@phrases.command()
@_locale
@_json
def diff(locale: str | None, as_json: bool) -> None:
    """Show what was edited: the shipped text (-) and what is said instead (+)."""
    from userreg.phrases.shipped import shipped

    for text in run_async(_current(prepare(), locale, edited=True)):
        before = shipped(text.locale).get(text.place, "")
        if as_json:
            click.echo(json.dumps({**_as_row(text), "shipped": before}))
        else:
            click.echo("\n".join([_title(text), *_difference(before, text.text)]))


@phrases.command()
@_locale
@click.option("-o", "--output", default="-", show_default=True, help="A file; - is stdout.")
def export(locale: str | None, output: str) -> None:
    """Write what is said as TOML, in the format of the shipped files."""
    settings = prepare()
    with opened_output(output) as out:
        out.write(run_async(_export(settings, locale)))


@phrases.command("import")
@click.argument("file", type=click.File(encoding="utf-8"))
@_of_file
def import_(file: TextIO, locale: str | None) -> None:
    """Save the texts of a FILE that differ from what is said: all of them, or none if any is
    wrong."""
    settings = prepare()
    languages = _read(file, locale)
    from userreg.phrases.store import faults_of_all, save_all

    _refuse(faults_of_all(languages), as_json=False)
    saved = run_async(_ask(settings, lambda db: save_all(languages, None, db)))
    total = sum(map(len, languages.values()))
    click.echo(f"saved: {saved}\nsame: {total - saved}")


@phrases.command()
@click.argument("files", nargs=-1, type=click.File(encoding="utf-8"))
@_of_file
@_json
def check(files: tuple[TextIO, ...], locale: str | None, as_json: bool) -> None:
    """Look for missing texts and plural forms, lost placeholders, tags that are not closed, texts
    that are too long: in what is said, or in FILES. Exit 6 when there is something to mend."""
    if files:
        from userreg.phrases.checks import findings

        found = [
            (code, place, fault)
            for file in files
            for code, texts in _read(file, locale).items()
            for place, fault in findings(texts, code)
        ]
    else:
        settings = prepare()
        from userreg.phrases.review import review

        found = run_async(_ask(settings, lambda _: review()))
    _refuse(found, as_json)
    click.echo("Nothing is wrong with the texts.", err=True)


async def _ask(settings: "Settings", question: "Callable[[Database], Awaitable[T]]") -> T:
    async with opened(settings) as database:
        return await question(database)


async def _current(settings: "Settings", locale: str | None, edited: bool) -> "list[Text]":
    from userreg.phrases.review import is_edited, list_current

    async with opened(settings):
        texts = await list_current()
    return [
        text for text in texts
        if locale in (None, text.locale) and (is_edited(text) or not edited)
    ]  # fmt: skip


async def _versions(settings: "Settings", key: str, locale: str | None) -> "list[Text]":
    from userreg.phrases.review import list_current
    from userreg.phrases.store import require_key
    from userreg.phrases.versions import history

    require_key(key)
    async with opened(settings):
        said = [t for t in await list_current() if t.key == key and locale in (None, t.locale)]
        kept = [await history(t.key, t.locale, t.category) or [t] for t in said]
    return [version for versions in kept for version in versions]


async def _said(settings: "Settings", key: str, locale: str, category: str) -> str:
    """What an editor begins with: the text of the language, or of its parent."""
    from userreg.phrases.languages import lineage
    from userreg.phrases.review import list_said
    from userreg.phrases.store import require_place

    place = require_place(key, locale, category)
    async with opened(settings):
        said = await list_said()
    texts = (said.get(code, {}).get(place) for code in lineage(locale))
    return next((text for text in texts if text is not None), "")


async def _export(settings: "Settings", locale: str | None) -> str:
    from userreg.phrases.exchange import to_toml
    from userreg.phrases.review import list_said

    async with opened(settings):
        said = await list_said()
    return to_toml(said if locale is None else {locale: said.get(locale, {})})


def _read(file: TextIO, locale: str | None) -> "dict[str, Texts]":
    from userreg.phrases.exchange import from_toml

    try:
        return from_toml(file.read(), locale)
    except UnicodeDecodeError:
        raise click.UsageError(f"{file.name} is no text in UTF-8.") from None


def _refuse(found: "Iterable[Finding]", as_json: bool) -> None:
    """Raises `CheckFailed` when something was found, after it was shown."""
    found = list(found)
    for locale, place, fault in found:
        if as_json:
            where = {"key": place.key, "locale": locale, "category": place.category}
            click.echo(json.dumps({**where, "finding": fault}))
        else:
            click.echo(printable(f"{place.within(locale)}: {fault}"))
    if found:
        have = "thing has" if len(found) == 1 else "things have"
        raise CheckFailed(f"{len(found)} {have} to be mended.")


def _report(version: int | None) -> None:
    if version is None:
        click.echo("It is said like that already.", err=True)
    else:
        click.echo(f"saved: version {version}")


def _as_row(text: "Text") -> dict[str, Any]:
    return {
        "key": text.key, "locale": text.locale, "category": text.category,
        "version": text.version, "text": text.text, "updated_by_id": text.updated_by_id,
        "updated_at": text.updated_at.isoformat(),
    }  # fmt: skip


def _title(text: "Text") -> str:
    by = f" by {text.updated_by_id}" if text.updated_by_id is not None else ""
    at = f", {text.updated_at:%Y-%m-%d %H:%M} UTC" if text.updated_at.year > 1970 else ""
    return printable(f"{text.place.within(text.locale)}, version {text.version}{by}{at}")


def _difference(before: str, after: str) -> Iterator[str]:
    for line in difflib.ndiff(before.split("\n"), after.split("\n")):
        if line[0] in "-+":
            yield printable(line)


def _on_one_line(text: str) -> str:
    return printable(text.replace("\\", "\\\\"))
