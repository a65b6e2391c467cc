"""What is wrong with a text, in words. A text without faults can be said with any values."""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from html.parser import HTMLParser
from typing import Final

from userreg.phrases.languages import language
from userreg.phrases.markup import BIDI, MESSAGE_LENGTH, NAME_LENGTH, utf16_length
from userreg.phrases.shipped import (
    MARKED_UP,
    PLACEHOLDER,
    Kind,
    Place,
    counts,
    keys,
    kind_of,
    placeholders,
    wanted,
)

#: Telegram's tags, and the attributes that each may have.
TAGS: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(("b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "pre"), ()),
    "code": ("class",), "span": ("class",), "tg-spoiler": (), "a": ("href",),
    "tg-emoji": ("emoji-id",), "blockquote": ("expandable",),
}  # fmt: skip
_ENTITIES: Final = ("lt", "gt", "amp", "quot")
NO_TEXT: Final = "There is no such text."
_NO_FORM: Final = "It counts nothing: it has to be one text without plural forms."
_STRAY: Final = "A < that begins no tag has to be written &lt;."
_ANGLES: Final = re.compile("<[^<>]*>")
_TAG: Final = re.compile(
    r"""</[A-Za-z-]+>|<[A-Za-z-]+(?:\s+[a-z-]+(?:=(?:"[^"]*"|'[^']*'|[A-Za-z0-9.-]+))?)*>"""
)
_LINK: Final = re.compile(r"(https?://|tg://|mailto:|\{\w+\}).*", re.DOTALL)
#: Telegram's limits, and what a value may take of it: a name in a message, a number elsewhere.
_ROOM: Final[dict[Kind, tuple[int, int]]] = {
    "message": (MESSAGE_LENGTH, 2 * NAME_LENGTH + 2), "button": (64, 8), "command": (256, 8),
    "page": (MESSAGE_LENGTH, 8), "caption": (1024, 2 * NAME_LENGTH + 2), "alert": (200, 8),
    "description": (512, 8), "short description": (120, 8),
}  # fmt: skip


def faults_of(place: Place, locale: str, text: str) -> list[str]:
    """What is wrong with this text, a sentence each; of a key and a locale that there are."""
    key, category = place
    forms = language(locale).categories if counts(key) else ("",)
    if category not in forms:
        wrong = f"has the forms {', '.join(forms)} here" if counts(key) else "counts nothing"
        return [f"It {wrong}, so there is no form '{category}'."]
    if not text.strip():
        return ["It is empty."]
    kind = kind_of(key)
    return [
        *_faults_of_characters(text),
        *_faults_of_placeholders(text, wanted(key), _may_leave_out(category, locale)),
        *(_faults_of_markup(text) if kind in MARKED_UP else _faults_of_plain_text(text)),
        *_faults_of_length(text, kind),
    ]


def gaps_of(texts: Collection[Place], locale: str) -> Iterator[tuple[Place, str]]:
    """Which texts and plural forms the language lacks; in a region's kind of a language, which
    forms of the texts that it has."""
    has = {place.key for place in texts}
    for key in keys():
        if key not in has and "-" not in locale:
            yield Place(key), "It is missing in this language."
        elif key in has:
            for form in language(locale).categories if counts(key) else ("",):
                if Place(key, form) not in texts:
                    yield Place(key, form), "This plural form is missing." if form else _NO_FORM


def findings(texts: Mapping[Place, str], locale: str) -> list[tuple[Place, str]]:
    """Everything that is wrong with a language's texts."""
    known = set(keys())
    found = [(place, NO_TEXT) for place in texts if place.key not in known]
    for place, text in texts.items():
        if place.key in known:
            found += [(place, fault) for fault in faults_of(place, locale, text)]
    return [*found, *gaps_of(texts.keys(), locale)]


def _may_leave_out(category: str, locale: str) -> set[str]:
    """ "One member" need not say 1, where the form is for that number alone."""
    return {"count"} if category in language(locale).exact_categories else set()


def _faults_of_characters(text: str) -> Iterator[str]:
    for character in sorted(set(text)):
        if character != "\n" and unicodedata.category(character) in ("Cc", "Cs"):
            yield f"It holds the control character U+{ord(character):04X}."
        elif ord(character) in BIDI:
            yield (
                f"It holds the direction mark U+{ord(character):04X}: leave it out, directions "
                "are set when the text is said."
            )


def _faults_of_placeholders(text: str, wanted: set[str], may_lack: set[str]) -> Iterator[str]:
    found = placeholders(text)
    for name in sorted(wanted - found - may_lack):
        yield f"The placeholder {{{name}}} is missing."
    for name in sorted(found - wanted - may_lack):
        have = ", ".join(f"{{{each}}}" for each in sorted(wanted)) or "none"
        yield f"There is no placeholder {{{name}}} here; there is: {have}."
    if set("{}") & set(PLACEHOLDER.sub("", text)):
        yield "A brace belongs to no placeholder."


def _faults_of_plain_text(text: str) -> Iterator[str]:
    if re.search(r"</?[a-z][^>]*>", text):
        yield "It is plain text, without tags."
    if re.search(r"&(#\w+|\w+);", text):
        yield "It is plain text: write the sign itself instead of its entity."


def _faults_of_length(text: str, kind: Kind) -> Iterator[str]:
    limit, of_value = _ROOM[kind]
    values = PLACEHOLDER.findall(text)
    length = utf16_length(PLACEHOLDER.sub("", text)) + len(values) * of_value
    if length > limit:
        yield f"It may become {length} characters long, and a {kind} has room for {limit}."


def _faults_of_markup(text: str) -> list[str]:
    reader = _Reader()
    reader.feed(text)
    reader.close()
    unclosed = [f"The tag <{tag}> is not closed." for tag in reversed(reader.open)]
    # The parser forgives a tag that is cut off, or filled with anything.
    stray = [_STRAY] if "<" in _ANGLES.sub("", text) else []
    odd = [
        f"{tag} is not how a tag is written."
        for tag in _ANGLES.findall(text)
        if not _TAG.fullmatch(tag)
    ]
    return list(dict.fromkeys([*reader.faults, *unclosed, *stray, *odd]))


class _Reader(HTMLParser):
    """Reads as strictly as Telegram, which refuses a whole message for one fault."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.open: list[str] = []
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        if tag not in TAGS:
            self.faults.append(f"Telegram knows no tag <{tag}>.")
            return
        for name, value in attrs:
            if name not in TAGS[tag]:
                self.faults.append(f"The tag <{tag}> has no attribute {name}.")
            elif name == "href" and not _LINK.fullmatch(value or ""):
                self.faults.append("A link has to begin with https://, http://, tg:// or mailto:.")
            elif name == "emoji-id" and not (value or "").isdecimal():
                self.faults.append("The tag <tg-emoji> has to name a number as its emoji-id.")
        if tag == "span" and ("class", "tg-spoiler") not in attrs:
            self.faults.append('The tag <span> has to say class="tg-spoiler".')

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.faults.append(f"Telegram knows no tag <{tag}/>.")

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1] == tag:
            self.open.pop()
        elif tag in self.open:
            self.faults.append(f"The tag <{self.open[-1]}> is still open where </{tag}> stands.")
            while self.open.pop() != tag:
                pass
        else:
            self.faults.append(f"The tag </{tag}> closes what is not open.")

    def handle_data(self, data: str) -> None:
        if "<" in data:
            self.faults.append(_STRAY)

    def handle_entityref(self, name: str) -> None:
        if name not in _ENTITIES:
            self.faults.append(f"Telegram knows no &{name};: write the sign itself, &amp; for a &.")

    def handle_charref(self, name: str) -> None:
        number = int(name[1:], 16) if name[:1] in "xX" else int(name)
        if not 32 <= number <= 0x10FFFF or 0xD800 <= number < 0xE000:
            self.faults.append(f"&#{name}; is no character.")

    def handle_comment(self, data: str) -> None:
        self.faults.append("Telegram knows no <!-- comments -->.")

    def handle_decl(self, decl: str) -> None:
        self.faults.append(f"Telegram knows no <!{decl}>.")

    def unknown_decl(self, data: str) -> None:
        self.faults.append(f"Telegram knows no <![{data}]>.")

    def handle_pi(self, data: str) -> None:
        self.faults.append(f"Telegram knows no <?{data}>.")
