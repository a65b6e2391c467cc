"""Saying a text: languages, plural forms, values, directions."""

import re
import unicodedata
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from userreg.errors import SettingInvalid
from userreg.phrases import (
    LANGUAGES,
    Label,
    Markup,
    choose_language,
    lines,
    month,
    name,
    require_spoken,
    say,
    speaking,
    speaking_by_default,
    unescaped,
)
from userreg.phrases.checks import findings
from userreg.phrases.languages import canonical, is_known, language, lineage
from userreg.phrases.shipped import Place, counts, keys, kind_of, shipped, wanted
from userreg.phrases.speech import use_edits
from userreg.phrases.template import Template, right_to_left
from userreg.sandbox.world.entities import find_entities, parse_html

AT = datetime(2026, 11, 1, 9, 5, tzinfo=UTC)
FSI, PDI, RLM = "\u2068", "\u2069", "\u200f"
locales = pytest.mark.parametrize("locale", LANGUAGES)


@pytest.fixture(autouse=True)
def _as_shipped() -> Any:
    yield
    use_edits({})


def said(locale: str, key: str, count: int | None = None, /, **values: object) -> str:
    with speaking(locale):
        return say(key, count, **values)


# What is shipped


@locales
def test_every_language_has_every_text_and_form_with_its_placeholders(locale: str) -> None:
    assert findings(shipped(locale), locale) == []


@locales
def test_a_language_without_a_text_a_form_or_a_placeholder_is_found_out(locale: str) -> None:
    texts = dict(shipped(locale))
    form = language(locale).categories[-2]
    del texts[Place("me.title")], texts[Place("stats.users", form)]
    texts[Place("me.id")] = "Id"
    assert findings(texts, locale) == [
        (Place("me.id"), "The placeholder {id} is missing."),
        (Place("me.title"), "It is missing in this language."),
        (Place("stats.users", form), "This plural form is missing."),
    ]


def test_a_key_has_room_in_the_database() -> None:
    assert max(map(len, keys())) <= 64


@pytest.mark.parametrize("locale", [locale for locale in LANGUAGES if locale != "en"])
def test_languages_are_translated(locale: str) -> None:
    """But for what holds no words, or words that are the same."""
    english = shipped("en")
    same = [place for place, text in shipped(locale).items() if text == english.get(place)]
    assert not [place for place in same if re.search("[a-z]{3}", _words(english[place]))]


def _words(text: str) -> str:
    return re.sub(r"<[^>]*>|\{\w+\}|[@/]\w+|\bId\b|\b[Cc]hats?\b|\bbot\b", "", text)


# Plural forms

# The rules by the grammars, to hold against those of CLDR as Babel knows them.


def _slavic(n: int) -> str:
    if n % 10 == 1 and n % 100 != 11:
        return "one"
    return "few" if n % 10 in (2, 3, 4) and n % 100 not in (12, 13, 14) else "many"


def _arabic(n: int) -> str:
    if n < 3:
        return ("zero", "one", "two")[n]
    return "few" if 3 <= n % 100 <= 10 else "many" if n % 100 >= 11 else "other"


def _spanish(n: int) -> str:
    return "one" if n == 1 else "many" if n and n % 1_000_000 == 0 else "other"


def _english(n: int) -> str:
    return "one" if n == 1 else "other"


_EXPECTED = {"en": _english, "uk": _slavic, "ru": _slavic, "es": _spanish, "ar": _arabic}
numbers = st.one_of(
    st.integers(0, 130), st.integers(0, 10**7), st.integers(0, 50).map(lambda n: n * 10**6)
)


@locales
@given(count=numbers)
def test_a_number_gets_the_form_that_the_language_has_for_it(locale: str, count: int) -> None:
    category = _EXPECTED[locale](count)
    form = shipped(locale)[Place("stats.users", category)]
    expected = form.replace("{count}", language(locale).number(count))
    assert plain(said(locale, "stats.users", count)) == expected


@locales
def test_the_categories_of_a_language_are_those_of_cldr(locale: str) -> None:
    assert language(locale).categories == {
        "en": ("one", "other"),
        "uk": ("one", "few", "many", "other"),
        "ru": ("one", "few", "many", "other"),
        "es": ("one", "many", "other"),
        "ar": ("zero", "one", "two", "few", "many", "other"),
    }[locale]  # fmt: skip


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
        assert number in _spaced(say("stats.users", 1_234_567))
        assert moment in _spaced(say("me.last_seen", at=AT))
        assert of_month in _spaced(say("seen.held", username="fox", month=month(AT)))
        assert f"{moment.rsplit(', ', 1)[0].split('،')[0]}" in _spaced(
            say("me.last_seen", at=AT.date())
        )


def _spaced(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


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


def plain(text: str) -> str:
    return "".join(c for c in text if c not in FSI + PDI + RLM)


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


# Which language


def test_the_first_language_wanted_that_is_spoken_is_chosen() -> None:
    assert choose_language(None, "pt-br", "es-MX", "ru") == "es"
    assert choose_language("ar", "uk") == "ar"
    assert choose_language("uk_UA") == "uk"
    assert choose_language(None, "tlh", "", "x" * 500, "../en", "\x00") == "en"
    with speaking_by_default("uk"):
        assert choose_language(None, "de") == "uk"
        assert say("start.more") == shipped("uk")[Place("start.more")]
    assert choose_language() == "en"


@given(st.text(max_size=40))
def test_no_code_of_a_language_breaks_an_answer(code: str) -> None:
    assert choose_language(code) in LANGUAGES
    assert "/help" in said(code, "start.more")


def test_a_text_falls_back_to_the_parent_the_default_and_english() -> None:
    use_edits(
        {"es-MX": {Place("start.more"): "¡/help!", Place("stats.users", "one"): "{count} cuate"}}
    )
    assert choose_language("es-mx") == "es-MX"
    assert said("es-MX", "start.more") == "¡/help!"
    assert said("es-MX", "me.no_name") == shipped("es")[Place("me.no_name")]
    assert said("es-MX", "stats.users", 1) == "1 cuate"
    assert said("es-MX", "stats.users", 2000) == "2.000 personas", (
        "numbers as in the text's language"
    )
    with speaking_by_default("ru"):
        assert said("de", "start.more") == shipped("ru")[Place("start.more")]


def test_a_text_that_a_language_lacks_is_said_in_the_default_language_with_its_form(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from userreg.phrases import speech

    def lacking(locale: str) -> dict[Place, str]:
        texts = dict(shipped(locale))
        if locale in ("ar", "uk"):
            del texts[Place("stats.users", "few")], texts[Place("start.more")]
        return texts

    monkeypatch.setattr(speech, "shipped", lacking)
    use_edits({})
    assert said("ar", "stats.users", 3) == "3 people"
    assert said("ar", "start.more") == shipped("en")[Place("start.more")]
    with speaking_by_default("uk"):
        assert said("ar", "stats.users", 3) == "3 people", "few in Ukrainian, too"
        assert _spaced(said("ar", "stats.users", 105)) == "105 людей", "few in Arabic, many there"


@pytest.mark.parametrize("code", ["", "xx", "english", "pt", "../en"])
def test_an_unknown_default_language_is_refused(code: str) -> None:
    with pytest.raises(SettingInvalid, match="DEFAULT_LANGUAGE"):
        require_spoken(code)
    assert require_spoken("UK") == "uk"


def test_codes_of_languages_are_read_as_clients_write_them() -> None:
    assert [canonical(c) for c in ("pt_br", "ZH-hans-cn", "es-419", "e", "en-", "en\n")] == [
        "pt-BR", "zh-Hans-CN", "es-419", None, None, None,
    ]  # fmt: skip
    assert lineage("zh-Hans-CN") == ["zh-Hans-CN", "zh-Hans", "zh"]
    assert is_known("es-MX")
    assert not any(map(is_known, ("es-mx", "pt-BR", "es-XX", "", "de")))
