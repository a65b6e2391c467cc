"""Saying a text: whether it is there, in which plural form, in which language."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.saying import as_shipped as as_shipped
from tests.saying import locales, numbers, plain, said, spaced
from userreg.errors import SettingInvalid
from userreg.phrases import LANGUAGES, choose_language, require_spoken, say, speaking_by_default
from userreg.phrases.checks import findings
from userreg.phrases.languages import canonical, is_known, language, lineage
from userreg.phrases.shipped import Place, keys, shipped
from userreg.phrases.speech import use_edits

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
        assert spaced(said("ar", "stats.users", 105)) == "105 людей", "few in Arabic, many there"


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
