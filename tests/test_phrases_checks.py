"""Checks of texts: each fault is found, and what is sound is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from userreg.errors import UserregError
from userreg.phrases import LANGUAGES, checks, speaking
from userreg.phrases.checks import faults_of, findings
from userreg.phrases.exchange import from_toml, to_toml
from userreg.phrases.languages import language
from userreg.phrases.shipped import Place, keys, kind_of, shipped, texts_of, wanted
from userreg.phrases.template import Template
from userreg.sandbox.world.entities import parse_html

ID, MORE, USERS = Place("me.id"), Place("start.more"), Place("stats.users", "other")


@pytest.fixture
def english(monkeypatch: pytest.MonkeyPatch) -> dict[Place, str]:
    """What the package ships in English, with texts for places without markup."""
    texts = dict(shipped("en")) | {
        Place("button.back"): "Back", Place("seen.buttons.page"): "{page} of {pages}",
        Place("commands.me"): "What I know about you", Place("page.title"): "The registry",
    }  # fmt: skip
    monkeypatch.setattr("userreg.phrases.shipped.shipped", lambda locale: texts)
    return texts


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("<b>{id}", "The tag <b> is not closed."),
        ("{id}</b>", "The tag </b> closes what is not open."),
        ("<b><i>{id}</b></i>", "The tag <i> is still open where </b> stands."),
        ("<b>{id}</b", "The tag <b> is not closed."),
        ("<b>{id}</b'>", "</b'> is not how a tag is written."),
        ("{id} <b", "A < that begins no tag has to be written &lt;."),
        ("{id} < 3", "A < that begins no tag has to be written &lt;."),
        ("<{id}>", "A < that begins no tag has to be written &lt;."),
        ("<img src=x>{id}", "Telegram knows no tag <img>."),
        ("<script>{id}</script>", "Telegram knows no tag <script>."),
        ("{id}<br/>", "Telegram knows no tag <br/>."),
        ("<b class='x'>{id}</b>", "The tag <b> has no attribute class."),
        ("<span class='x'>{id}</span>", 'The tag <span> has to say class="tg-spoiler".'),
        ("<span>{id}</span>", 'The tag <span> has to say class="tg-spoiler".'),
        (
            "<a href='javascript:x'>{id}</a>",
            "A link has to begin with https://, http://, tg:// or mailto:.",
        ),
        ("<!-- x -->{id}", "Telegram knows no <!-- comments -->."),
        ("{id}&nbsp;", "Telegram knows no &nbsp;: write the sign itself, &amp; for a &."),
        ("Id", "The placeholder {id} is missing."),
        ("{id} {Id}", "There is no placeholder {Id} here; there is: {id}."),
        ("{id} {0}", "There is no placeholder {0} here; there is: {id}."),
        ("{id} {id.__class__}", "A brace belongs to no placeholder."),
        ("{{id}}", "A brace belongs to no placeholder."),
        ("{id} {", "A brace belongs to no placeholder."),
        (" \n", "It is empty."),
        ("{id}\x00", "It holds the control character U+0000."),
        ("{id}\ud800", "It holds the control character U+D800."),
        ("\u202e{id}", "It holds the direction mark U+202E"),
        ("{id}" + "x" * 4000, "and a message has room for 4096."),
        ("{id}" + "\U0001f600" * 2000, "and a message has room for 4096."),
    ],
)
def test_each_fault_of_a_message_is_found(text: str, fault: str) -> None:
    assert any(fault in found for found in faults_of(ID, "en", text)), faults_of(ID, "en", text)


@pytest.mark.parametrize(
    "text",
    [
        "{id}", "<b>{id}</b> <i>a</i>", "<B>{id}</B>", "a &lt; b &amp; c &#8212; > {id} & 'd'",
        '<a href="https://example.org/?a=1&amp;b={id}">x</a>', '<a href="tg://user?id={id}">x</a>',
        '<span class="tg-spoiler">{id}</span>', '<pre><code class="language-c">{id}</code></pre>',
        "<blockquote expandable>{id}</blockquote>", '<tg-emoji emoji-id="5">👍</tg-emoji> {id}',
        "\n{id}\n", "{id}" + "\U0001f600" * 1900, "المعرّف {id} 日本 \u200d",
    ],
)  # fmt: skip
def test_what_telegram_takes_is_sound(text: str) -> None:
    parse_html(text)
    assert faults_of(ID, "en", text) == []


def test_a_number_may_be_left_out_only_where_the_form_is_for_one_number() -> None:
    assert faults_of(Place("stats.users", "one"), "en", "one person") == []
    assert faults_of(Place("stats.users", "two"), "ar", "شخصان") == []
    for place, locale in ((USERS, "en"), (Place("stats.users", "one"), "ru")):
        assert faults_of(place, locale, "кто-то") == ["The placeholder {count} is missing."]
    assert faults_of(Place("stats.chats", "two"), "ar", "اثنان") == [
        "The placeholder {types} is missing."
    ]


def test_forms_that_a_language_does_not_have_are_found() -> None:
    assert faults_of(Place("stats.users", "two"), "en", "{count}") == [
        "It has the forms one, other here, so there is no form 'two'."
    ]
    assert faults_of(Place("me.id", "one"), "en", "{id}") == [
        "It counts nothing, so there is no form 'one'."
    ]


@pytest.mark.parametrize(
    ("key", "text", "fault"),
    [
        ("button.back", "<b>Back</b>", "It is plain text, without tags."),
        ("button.back", "Back &lt;", "It is plain text: write the sign itself"),
        (
            "button.back",
            "x" * 65,
            "It may become 65 characters long, and a button has room for 64.",
        ),
        ("button.back", "\U0001f600" * 33, "and a button has room for 64."),
        ("seen.buttons.page", "{page} {pages}" + "x" * 60, "and a button has room for 64."),
        ("seen.buttons.page", "{page}", "The placeholder {pages} is missing."),
        ("commands.me", "x" * 257, "and a command has room for 256."),
        ("page.title", "<h1>Title</h1>", "It is plain text, without tags."),
    ],
)
def test_faults_of_texts_without_markup_are_found(
    english: dict[Place, str], key: str, text: str, fault: str
) -> None:
    assert any(fault in found for found in faults_of(Place(key), "en", text))
    assert (
        faults_of(Place(key), "en", "‹ & {page}/{pages} ›" if "page" in wanted(key) else "‹ &")
        == []
    )


def test_what_a_text_is_for_is_told_by_its_table() -> None:
    assert [kind_of(key) for key in ("button.x", "a.buttons.x", "commands.x", "page.x.y", "a.x",
                                     "buttons.x", "me.page", "me.button")] == [
        "button", "button", "command", "page", "message", "button", "message", "message",
    ]  # fmt: skip


def test_tables_of_plural_forms_and_tables_in_tables_are_told_apart() -> None:
    table = {"a": {"x": "X", "n": {"one": "1", "other": "n"}, "buttons": {"x": "Y"}}}
    assert texts_of(table) == {
        Place("a.x"): "X", Place("a.n", "one"): "1", Place("a.n", "other"): "n",
        Place("a.buttons.x"): "Y",
    }  # fmt: skip
    for wrong in ({"x": "X"}, {"a": {"x": 1}}, {"a": {"x": ["X"]}}, {"a": {"n": {"one": 1}}}):
        with pytest.raises(UserregError, match="is no text"):
            texts_of(wrong)


pieces = st.sampled_from(
    ["<b>", "</b>", "<i>", "</i>", "<B>", "</ b>", "<b", ">", "<", "&lt;", "&x", "&", " ", "\n",
     "<code>", "</code>", "<a href='tg://x'>", "</a>", "{id}", "<span class=tg-spoiler>", "</span>",
     "<blockquote expandable>", "</blockquote>", "<b/>", "<!", "<?", "&#1;", "&#x41;", '"', "'"]
)  # fmt: skip


@given(st.lists(pieces, max_size=8).map("".join))
def test_what_the_checks_let_through_telegram_takes(text: str) -> None:
    """Held against the local Telegram's parser, which refuses what Telegram's does."""
    text += "{id}"
    if not faults_of(ID, "en", text):
        parse_html(Template(text, language("en"), is_plain=False).fill({"id": "<&>"}))


# As TOML


@pytest.mark.parametrize("locale", LANGUAGES)
def test_what_is_exported_is_read_as_it_was(locale: str) -> None:
    assert from_toml(to_toml({locale: dict(shipped(locale))})) == {locale: shipped(locale)}


def test_all_languages_stand_in_one_document() -> None:
    everything = {locale: dict(shipped(locale)) for locale in LANGUAGES}
    document = to_toml(everything)
    assert document.startswith("[en.start]\n")
    assert from_toml(document) == everything


@given(
    st.dictionaries(
        st.sampled_from([MORE, ID, USERS]),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
        min_size=1,
    )
)
def test_any_text_survives_the_way_out_and_back(texts: dict[Place, str]) -> None:
    document = to_toml({"uk": texts})
    assert from_toml(document) == {"uk": texts}
    assert all(c.isprintable() for c in document.replace("\n", "")), "safe for a terminal"


def test_a_shipped_file_is_read_with_its_language_said_beside_it() -> None:
    assert from_toml('[start]\nmore = "x"', "uk") == {"uk": {MORE: "x"}}
    assert from_toml('locale = "es-mx"\n[start]\nmore = "x"') == {"es-MX": {MORE: "x"}}


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ("x", "The file is not TOML"),
        ("", "does not say its language"),
        ('[start]\nmore = "x"', "does not say its language"),
        ('locale = "de"\n[start]\nmore = "x"', "de is no language of ours"),
        ("locale = 5", "5 is no language of ours"),
        ('locale = "en"\nstart = "x"', "start is no text"),
    ],
)
def test_what_is_no_file_of_texts_is_said_to_be_none(document: str, sentence: str) -> None:
    with pytest.raises(UserregError, match=sentence):
        from_toml(document)


def test_findings_name_what_a_languages_texts_lack() -> None:
    texts = {**shipped("uk"), Place("gone.text"): "x", ID: "<b>Id"}
    del texts[MORE], texts[Place("stats.users", "many")]
    assert findings(texts, "uk") == [
        (Place("gone.text"), checks.NO_TEXT),
        (ID, "The placeholder {id} is missing."),
        (ID, "The tag <b> is not closed."),
        (MORE, "It is missing in this language."),
        (Place("stats.users", "many"), "This plural form is missing."),
    ]


def test_a_regions_kind_of_a_language_needs_not_every_text_but_every_form() -> None:
    assert findings({MORE: "x", Place("stats.users", "one"): "1"}, "es-MX") == [
        (Place("stats.users", "many"), "This plural form is missing."),
        (Place("stats.users", "other"), "This plural form is missing."),
    ]


def test_every_text_can_be_said_in_every_language() -> None:
    for locale in LANGUAGES:
        with speaking(locale):
            for place, text in shipped(locale).items():
                template = Template(
                    text, language(locale), is_plain=kind_of(place.key) != "message"
                )
                assert template.fill(dict.fromkeys({*wanted(place.key), "count"}, "x"))
    assert len(keys()) > 50
