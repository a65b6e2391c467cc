"""Formatted texts: Telegram's HTML, and what Telegram finds in a text by itself.

Offsets and lengths count UTF-16 code units, as the Bot API does.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final, NamedTuple

from .people import Json

#: What each tag makes of its text.
_TYPES: Final = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline",
    "ins": "underline", "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough",
    "tg-spoiler": "spoiler", "span": "spoiler", "a": "text_link", "code": "code", "pre": "pre",
    "blockquote": "blockquote", "tg-emoji": "custom_emoji",
}  # fmt: skip
_QUOTES: Final = ("blockquote", "expandable_blockquote")
_VERBATIM: Final = ("pre", "code")
_STYLES: Final = ("bold", "italic", "underline", "strikethrough", "spoiler")
#: Which of two entities of the same text comes first, and survives where only one may.
_RANKS: Final = (*_QUOTES, *_VERBATIM, "text_link", "text_mention", *_STYLES, "custom_emoji")

#: Where `_Reader` takes them, they match. It sees the end of the markup as \0, a blank.
_TEXT: Final = re.compile("[^<]*")
_BLANKS: Final = re.compile(r"[ \t\r\n\v]*")
_TAG: Final = re.compile(r"</?([^ \t\r\n\v\0>]*)")
_ATTRIBUTE: Final = re.compile(
    r"""(?P<name>[^ \t\r\n\v\0=>/"']*)[ \t\r\n\v]*(?P<equals>=[ \t\r\n\v]*)?(?P<value>(?(equals)"""
    r"""(?:"(?P<double>[^"\0]*)"?|'(?P<single>[^'\0]*)'?|(?P<token>[A-Za-z0-9.-]*))))"""
)
_REFERENCE: Final = re.compile(
    r"&(?:#x([0-9a-fA-F]{1,6})(?![0-9a-fA-F])|#([0-9]{1,7})(?![0-9])|(lt|gt|amp|quot)(?![a-zA-Z]));?"
)
_NAMED: Final = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
#: Telegram makes blanks of control characters before it strips a text.
_STRIPPED: Final = "".join(map(chr, range(33)))
_PERSON: Final = re.compile(r"tg:(?://)?user/?\?(?:[^#]*&)?id=([1-9][0-9]{0,12})(?:[&#].*)?", re.I)
#: Telegram forgets links that lead nowhere.
_LEADING: Final = re.compile(r"(?:tg|ton|tonsite):|(?:https?://)?[^\s/?#]+\.[^\s/?#]+", re.I)
#: A letter of a hashtag.
_L: Final = r"[\w\u200c\u00b7\u0d80-\u0dff]"
_FOUND: Final = re.compile(
    r"(?P<url>\b(?i:https?)://(?:[\w~-]+\.)+(?:[^\W\d_]{2,}|[0-9]{1,3})(?![\w~-])"
    r"(?::[0-9]{1,5})?(?:[/?#](?:[^\s<>\"«»]*[^\s<>\"«».:;,('?!`)])?)?)"
    r"|(?P<email>(?<![^\s(<>,;])[A-Za-z0-9_.+-]{1,64}@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,8}(?![\w@/?#:-]))"
    r"|(?P<bot_command>(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32}|(?!@))(?![\w/<>]))"
    r"|(?P<mention>(?<!\w)@[A-Za-z0-9_]{4,32}(?!\w))"
    rf"|(?P<hashtag>(?<!{_L})#(?={_L}{{0,255}}[^\W\d_]){_L}{{1,256}}+(?:@[A-Za-z0-9_]{{3,32}})?+(?!#))"
)


class EntitiesInvalid(Exception):
    """Why a markup cannot be read: Telegram's words after "can't parse entities: "."""


def utf16_length(text: str) -> int:
    """In UTF-16 code units: characters beyond the Basic Multilingual Plane count twice."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _place(text: str, begin: int, end: int) -> Json:
    return {"offset": utf16_length(text[:begin]), "length": utf16_length(text[begin:end])}


def parse_html(markup: str) -> tuple[str, list[Json]]:
    """The text without its markup, stripped, and its entities. Raises `EntitiesInvalid`."""
    reader = _Reader(markup)
    reader.read()
    return _stripped(reader.text, _untangled(reader.entities))


def find_entities(text: str) -> list[Json]:
    """Commands, mentions, hashtags and addresses, as Telegram finds them in plain text."""
    return [{"type": m.lastgroup} | _place(text, *m.span()) for m in _FOUND.finditer(text)]


class _Tag(NamedTuple):
    """A tag that is open; the text had `begins` characters by then."""

    name: str
    given: dict[str, str]
    begins: int


class _Reader:
    """Reads from left to right, as Telegram does: the first mistake is the one that it tells."""

    def __init__(self, markup: str) -> None:
        self._markup = markup
        self._at = 0
        self._open: list[_Tag] = []
        self.text = ""
        self.entities: list[Json] = []

    def read(self) -> None:
        while self._at < len(self._markup):
            if self._next() != "<":
                self.text += _REFERENCE.sub(_character, self._take(_TEXT)[0])
            else:
                (self._close if self._markup.startswith("</", self._at) else self._begin)()
        if self._open:
            name = self._open[-1].name
            raise EntitiesInvalid(f'Can\'t find end tag corresponding to start tag "{name}"')
        if re.search(r"[\ud800-\udfff]", self.text):
            raise EntitiesInvalid(
                "Text contains invalid Unicode characters after decoding HTML entities, "
                "check for unmatched surrogate code units"
            )

    def _next(self) -> str:
        return self._markup[self._at : self._at + 1] or "\0"

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str]:
        found = next(pattern.finditer(self._markup, self._at))
        self._at = found.end()
        return found

    def _mistake(self, words: str, index: int, more: str = "") -> EntitiesInvalid:
        offset = len(self._markup[:index].encode("utf-8", "surrogatepass"))
        return EntitiesInvalid(f"{words} at byte offset {offset}{more}")

    def _begin(self) -> None:
        begin = self._at
        name = _lower(self._take(_TAG)[1])
        if self._next() == "\0":
            raise self._mistake("Unclosed start tag", begin)
        if name not in _TYPES:
            raise self._mistake(f'Unsupported start tag "{name}"', begin)
        attributes = dict(self._attributes(name, begin))
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise self._mistake('Tag "span" must have class "tg-spoiler"', begin)
        self._open.append(_Tag(name, attributes, len(self.text)))

    def _attributes(self, tag: str, begin: int) -> Iterator[tuple[str, str]]:
        self._take(_BLANKS)
        while self._next() != ">":
            found = self._take(_ATTRIBUTE)
            if not found["name"]:
                raise self._mistake(f'Empty attribute name in the tag "{tag}"', begin)
            if self._next() == "\0":
                shown = "" if found["value"] else f' "{tag}"'
                raise self._mistake(f"Unclosed start tag{shown}", begin)
            if found["token"] is not None and self._next() not in " \t\r\n\v>":
                raise self._mistake("Unexpected end of name token", found.start("token"))
            quoted = _REFERENCE.sub(_character, found["double"] or found["single"] or "")
            yield found["name"], quoted or _lower(found["token"] or "")
            self._take(_BLANKS)
        self._at += 1

    def _close(self) -> None:
        begin = self._at
        if not self._open:
            raise self._mistake("Unexpected end tag", begin)
        name = _lower(self._take(_TAG)[1])
        self._take(_BLANKS)
        if self._next() != ">":
            raise self._mistake("Unclosed end tag", begin)
        self._at += 1
        tag = self._open.pop()
        if name not in ("", tag.name):
            more = f', expected "</{tag.name}>", found "</{name}>"'
            raise self._mistake("Unmatched end tag", begin, more)
        if (text := self.text[tag.begins :]) and (meaning := _meaning(tag, text)):
            self.entities.append(meaning | _place(self.text, tag.begins, len(self.text)))


def _lower(name: str) -> str:
    return re.sub("[A-Z]", lambda letter: letter[0].lower(), name)


def _character(reference: re.Match[str]) -> str:
    """What it stands for; itself, if that is no character for Telegram."""
    hexadecimal, decimal, name = reference.groups()
    code = int(hexadecimal or "0", 16) or int(decimal or "0")
    return chr(code) if 0 < code < 0x10FFFF else _NAMED.get(name, reference[0])


def _meaning(tag: _Tag, text: str) -> Json | None:
    """The entity's type, and what belongs to it; None where the tag means nothing."""
    name, given, _ = tag
    if name == "a":
        url = given.get("href") or text
        if person := _PERSON.fullmatch(url):
            return {"type": "text_mention", "user_id": int(person[1])}
        return {"type": "text_link", "url": url} if _LEADING.match(url) else None
    if name == "tg-emoji":
        if not re.fullmatch("-?0*[1-9][0-9]{0,18}", given.get("emoji-id", "")):
            raise EntitiesInvalid("Invalid custom emoji identifier specified")
        return {"type": "custom_emoji", "custom_emoji_id": str(int(given["emoji-id"]))}
    if name == "blockquote" and "expandable" in given:
        return {"type": "expandable_blockquote"}
    if name == "code" and given.get("class", "").startswith("language-"):
        return {"type": "code", "language": given["class"].removeprefix("language-")}
    return {"type": _TYPES[name]}


def _untangled(entities: list[Json]) -> list[Json]:
    """What Telegram keeps: code holds nothing else, links and emoji no links, quotes no quotes."""
    ordered = sorted(entities, key=_order)
    quotes = _apart(e for e in ordered if e["type"] in _QUOTES)
    whole = [
        {key: value for key, value in e.items() if (e["type"], key) != ("code", "language")}
        for e in _apart(e for e in ordered if e["type"] not in _QUOTES + _STYLES)
        if not any(q["offset"] in _units(e) and q["length"] < e["length"] for q in quotes)
    ]
    code = {unit for e in whole if e["type"] in _VERBATIM for unit in _units(e)}
    styles = [run for style in _STYLES for run in _runs(style, ordered, code)]
    return sorted(quotes + whole + styles, key=_order)


def _order(entity: Json) -> tuple[int, int, int]:
    return entity["offset"], -entity["length"], _RANKS.index(entity["type"])


def _units(entity: Json) -> range:
    return range(entity["offset"], entity["offset"] + entity["length"])


def _apart(entities: Iterable[Json]) -> list[Json]:
    """Those that begin in no other; code in a pre of the same length only says its language."""
    kept: list[Json] = []
    for entity in entities:
        if not kept or entity["offset"] not in _units(kept[-1]):
            kept.append(entity)
        elif "language" in entity and kept[-1].items() <= (entity | {"type": "pre"}).items():
            kept[-1] = entity | {"type": "pre"}
    return kept


def _runs(style: str, entities: list[Json], code: set[int]) -> Iterator[Json]:
    """One entity for each unbroken piece of text in this style."""
    units = {unit for e in entities if e["type"] == style for unit in _units(e)} - code
    for _, run in groupby(enumerate(sorted(units)), lambda each: each[1] - each[0]):
        offset, *more = (unit for _, unit in run)
        yield {"type": style, "offset": offset, "length": 1 + len(more)}


def _stripped(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Without blanks at both ends; those at the begin of an entity stay, as in Telegram."""
    text = text.rstrip(_STRIPPED)
    end = utf16_length(text)
    cut = [e | {"length": min(e["length"], end - e["offset"])} for e in entities]
    kept = [e for e in cut if e["length"] > 0]
    first = kept[0]["offset"] if kept else end
    blanks = min(len(text) - len(text.lstrip(_STRIPPED)), first)
    kept = [e | {"offset": e["offset"] - blanks} for e in kept]
    return text[blanks:], sorted(kept, key=_order)
