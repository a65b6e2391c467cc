"""Saying a text with values: as the language writes them, as plain text, in their direction."""

import re
import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.saying import FSI, PDI, RLM, locales, numbers, plain, said, spaced
from tests.saying import as_shipped as as_shipped
from userreg.phrases import Label, Markup, lines, month, name, say, speaking, unescaped
from userreg.phrases.languages import language
from userreg.phrases.shipped import counts, keys, kind_of, shipped, wanted
from userreg.phrases.template import Template, right_to_left
from userreg.sandbox.world.entities import find_entities, parse_html

AT = datetime(2026, 11, 1, 9, 5, tzinfo=UTC)


# Values


@pytest.mark.parametrize(
    ("locale", "number", "moment", "of_month"),
    [
        ("en", "1,234,567", "Nov 1, 2026, 09:05 UTC", "November 2026"),
        ("uk", "1 234 567", "1 лист. 2026 р., 09:05 UTC", "листопад 2026 р."),
        ("ru", "1 234 567", "1 нояб. 2026 г., 09:05 UTC", "ноябрь 2026 г."),
        ("es", "1.234.567", "1 nov 2026, 9:05 UTC", "noviembre de 2026"),
        ("ar", "1,234,567", "1 نوفمبر 2026، 09:05 UTC", "نوفمبر 2026"),
    ],
)
def test_numbers_and_dates_are_written_as_the_language_does(
    locale: str, number: str, moment: str, of_month: str
) -> None:
    with speaking(locale):
        assert number in spaced(say("stats.users", 1_234_567))
        assert moment in spaced(say("me.last_seen", at=AT))
        assert of_month in spaced(say("seen.held", username="fox", month=month(AT)))
        assert f"{moment.rsplit(', ', 1)[0].split('،')[0]}" in spaced(
            say("me.last_seen", at=AT.date())
        )


def test_a_time_is_told_in_utc_whatever_its_zone() -> None:
    there = datetime.fromisoformat("2026-11-02T01:30:00+09:00")
    assert say("me.last_seen", at=there) == "Last seen: Nov 1, 2026, 16:30 UTC"


hostile = st.one_of(
    st.text(max_size=80),
    st.text("<>&/\"'{}@=b \n\t\x00\u202e\u2066\u2069\u200f\ud800é", max_size=40),
    st.sampled_from(["<b>", "</code>", "{count}", "{values}", "&lt;", "\u2069\u202e"]),
    st.integers(), st.floats(), st.booleans(), st.none(),
    st.datetimes(datetime(1970, 1, 2), datetime(9998, 1, 1), timezones=st.just(UTC)), st.dates(),
)  # fmt: skip


TAGS = re.compile("<[^>]*>")


@locales
@given(data=st.data(), value=hostile)
def test_any_value_comes_out_as_plain_text_and_breaks_nothing(
    locale: str, data: st.DataObject, value: object
) -> None:
    key = data.draw(st.sampled_from([key for key in keys() if kind_of(key) == "message"]))
    count = data.draw(numbers) if counts(key) else None
    values = dict.fromkeys(wanted(key) - ({"count"} if counts(key) else set()), value)

    answer = said(locale, key, count, **values)

    harmless = said(locale, key, count, **dict.fromkeys(values, "x"))
    assert TAGS.findall(answer) == TAGS.findall(harmless)
    assert not set(answer) & {"\x00", "\u202e", "\ud800"}
    assert answer.count("\n") == harmless.count("\n")
    assert answer.encode()
    for line in answer.split("\n"):
        assert _is_closed(line), "a direction goes on after its value"
    if isinstance(value, str) and values:
        assert _shown(value) in plain(parse_html(answer)[0]), "as Telegram parses it"


def _shown(value: str) -> str:
    marks = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C}
    spaced = " ".join("".join(c for c in value if ord(c) not in marks).split())
    kept = "".join(c for c in spaced if unicodedata.category(c) not in ("Cc", "Cs"))
    return " ".join(kept.split())


def _is_closed(line: str) -> bool:
    depth = 0
    for character in line:
        depth += (character == FSI) - (character == PDI)
        if depth < 0:
            return False
    return depth == 0


def test_markup_passes_and_a_label_inside_of_a_message_does_not() -> None:
    assert say("me.id", id=Markup("<i>7</i>")) == "Id: <code><i>7</i></code>"
    assert say("me.id", id=Label("<i>7</i>")) == "Id: <code>&lt;i&gt;7&lt;/i&gt;</code>"
    assert lines(Label("a<b"), Markup("<b>c</b>"), None) == "a&lt;b\n<b>c</b>"


def test_a_button_is_plain_text_whatever_its_values_are() -> None:
    template = Template("{chat} & {n}", language("en"), is_plain=True)
    label = template.fill({"chat": name("Tom & <b>Jerry</b>"), "n": 1234})
    assert isinstance(label, Label)
    assert plain(label) == "Tom & <b>Jerry<\u2060".partition("<\u2060")[0] + "</\u2060b> & 1,234"
    assert unescaped("<b>a</b> &lt;b&gt;") == "a <b>"


@given(value=hostile)
def test_a_button_stays_one_line_of_one_direction(value: object) -> None:
    label = Template("{x}!", language("ar"), is_plain=True).fill({"x": value})
    assert label.encode()
    assert label.endswith(f"{PDI}!")
    assert len(label.splitlines()) == 1
    assert _is_closed(label)


def test_a_missing_value_or_text_is_the_callers_fault() -> None:
    for wrong in (("me.nobody",), ("me.id",), ("stats.users",), ("me.id", 3)):
        with pytest.raises(KeyError):
            say(*wrong)


def test_nothing_of_a_value_can_be_reached_by_a_placeholder() -> None:
    template = Template("{a.__class__} {a!r} {a[0]} {a}", language("en"), is_plain=False)
    assert template.fill({"a": "x"}) == "{a.__class__} {a!r} {a[0]} x"


# From right to left


@locales
def test_each_line_begins_in_the_direction_of_its_language(locale: str) -> None:
    is_arabic = locale == "ar"
    for place in shipped(locale):
        values = dict.fromkeys(wanted(place.key), "Fox")
        values.pop("count", None) if counts(place.key) else None
        numbers = {language(locale).category(n): n for n in (100, 11, 3, 2, 1, 0)}
        if place.category and place.category not in numbers:
            continue
        answer = said(locale, place.key, numbers.get(place.category), **values)
        for line in filter(None, answer.split("\n")):
            assert line.startswith(RLM) == is_arabic, line


def test_in_arabic_commands_usernames_ids_and_code_keep_their_order() -> None:
    shown = right_to_left(
        "/me – شيء\n\n@{username} و /seen @username أو <b>{x}</b>: <code>{id}</code>"
    )
    shown = shown.replace(FSI, "[").replace(PDI, "]").replace(RLM, "~")
    assert shown == (
        "~[/me] – شيء\n\n~[@{username}] و [/seen @username] أو <b>[{x}]</b>: [<code>{id}</code>]"
    )
    linked = right_to_left('<a href="https://example.org/me?id={id}">هنا</a> https://a.org/me')
    assert linked == (
        f'{RLM}<a href="https://example.org/me?id={{id}}">هنا</a> {FSI}https://a.org/me{PDI}'
    )


def test_nothing_stands_inside_of_code_or_of_a_link_that_would_be_copied_too() -> None:
    assert f"{FSI}<code>-1001</code>{PDI}" in said("ar", "me.id", id="-1001")
    assert f"{FSI}@fox{PDI}" in said("ar", "me.username", username="fox")
    linked = Template('<a href="tg://x?{at}">{at}</a>', language("ar"), is_plain=False)
    href = re.search('href="([^"]*)"', linked.fill({"at": "é"}))
    assert href
    assert href[1] == "tg://x?é"


def test_commands_in_the_arabic_help_are_isolated_and_still_commands() -> None:
    text, _ = parse_html(said("ar", "help.private") + said("ar", "help.seen"))
    commands = [e for e in find_entities(text) if e["type"] == "bot_command"]
    assert len(commands) == 10
    for command in ("/me", "/whereami", "/stats", "/seen @username", "/help", "/seen"):
        assert f"{FSI}{command}{PDI}" in text
