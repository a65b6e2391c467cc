"""The local Telegram reads HTML as Telegram does, and finds in a text what Telegram finds."""

from contextlib import suppress
from html import escape
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from userreg.sandbox.world.entities import (
    EntitiesInvalid,
    find_entities,
    parse_html,
    utf16_length,
)

#: What a client of the Bot API is shown of each tag.
TAGS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline",
    "ins": "underline", "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough",
    "tg-spoiler": "spoiler", "code": "code", "pre": "pre", "blockquote": "blockquote",
}  # fmt: skip
#: A markup, its text, and of each entity the type and the text.
Marked = tuple[str, str, list[tuple[str, str]]]
#: Telegram makes blanks of control characters, and strips blanks.
BLANKS = "".join(map(chr, range(33)))
WORDS = st.sampled_from(
    ["word", "слово", "שלום", "سلام", "🙂", "👩‍👩‍👧", "🇨🇭", "𝔘", "é", "a<b", "&amp;"]
)


def cut(text: str, entity: dict[str, Any]) -> str:
    """The text of an entity, as clients cut it out."""
    units = text.encode("utf-16-le")
    begin = 2 * entity["offset"]
    return units[begin : begin + 2 * entity["length"]].decode("utf-16-le")


def shown(markup: str) -> list[tuple[Any, ...]]:
    """Of each entity: its text, its type, and whatever else it tells."""
    text, entities = parse_html(markup)
    more = [set(e) - {"type", "offset", "length"} for e in entities]
    return [
        (cut(text, e), e["type"], *(e[key] for key in sorted(keys)))
        for e, keys in zip(entities, more, strict=True)
    ]


def mistake(markup: str) -> str:
    with pytest.raises(EntitiesInvalid) as refused:
        parse_html(markup)
    return str(refused.value)


# Lengths


@pytest.mark.parametrize(("text", "length"), [("", 0), ("é", 1), ("سلام", 4), ("🙂", 2), ("🇨🇭", 4)])
def test_lengths_count_utf16_code_units(text: str, length: int) -> None:
    assert utf16_length(text) == length


# What HTML means


@pytest.mark.parametrize(("tag", "type_"), TAGS.items())
def test_a_tag_marks_its_text(tag: str, type_: str) -> None:
    assert parse_html(f"🙂 <{tag}>x</{tag}> y") == (
        "🙂 x y",
        [{"type": type_, "offset": 3, "length": 1}],
    )


@pytest.mark.parametrize(
    ("markup", "wanted"),
    [
        ('<span class="tg-spoiler">x</span>', ("x", "spoiler")),
        ("<span class=TG-Spoiler>x</span>", ("x", "spoiler")),
        ("<blockquote expandable>x</blockquote>", ("x", "expandable_blockquote")),
        ('<blockquote expandable="">x</blockquote>', ("x", "expandable_blockquote")),
        ('<tg-emoji emoji-id="5368324170671202286">👍</tg-emoji>',
         ("👍", "custom_emoji", "5368324170671202286")),
        ("<a href='tg://user?id=42'>Ann</a>", ("Ann", "text_mention", 42)),
        ('<a href="http://x.org/?a=1&amp;b=&quot;2&quot;">x</a>',
         ("x", "text_link", 'http://x.org/?a=1&b="2"')),
        ("<a href = 'https://x.org/\"'\n>x</a >", ("x", "text_link", 'https://x.org/"')),
        ("<a>https://x.org/</a>", ("https://x.org/", "text_link", "https://x.org/")),
        ('<a href="tg://resolve?domain=x">x</a>', ("x", "text_link", "tg://resolve?domain=x")),
        ('<pre><code class="language-c++">x</code></pre>', ("x", "pre", "c++")),
        ('<code class="language-c++"><pre>x</pre></code>', ("x", "pre", "c++")),
        ("<pre><code>x</code></pre>", ("x", "pre")),
        ('<pre>a<code class="language-c">x</code></pre>', ("ax", "pre")),
        ('<code class="language-c">x</code>', ("x", "code")),
        ("<B>x</b>", ("x", "bold")),
        ("<b title='>'>x</b\n>", ("x", "bold")),
        ("<b>x</>", ("x", "bold")),
    ],
)  # fmt: skip
def test_tags_say_more_than_their_name(markup: str, wanted: tuple[Any, ...]) -> None:
    assert shown(markup) == [wanted]


@pytest.mark.parametrize("href", ["localhost", "x", "/path.html", "http://x", "#"])
def test_a_link_that_leads_nowhere_is_only_text(href: str) -> None:
    assert parse_html(f'<a href="{href}">x</a>') == ("x", [])


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("&lt;b&gt; &amp;amp; &quot;", '<b> &amp; "'),
        ("&#39;&#x27;&#x1F642;&#128578;", "''🙂🙂"),
        ("&lt&#39x", "<'x"),
        ("&nbsp;&apos;&copy;&LT;", "&nbsp;&apos;&copy;&LT;"),
        ("&#0;&#x0;&#;&#x;&#X27;&;&", "&#0;&#x0;&#;&#x;&#X27;&;&"),
        ("&#x10FFFF;&#99999999;&#x0000027;", "&#x10FFFF;&#99999999;&#x0000027;"),
        ("&#1114110;", "\U0010fffe"),
        ("a > b", "a > b"),
    ],
)
def test_few_references_are_known_and_others_stay(markup: str, text: str) -> None:
    assert parse_html(markup) == (text, [])


# Which entities may lie in one another


def test_entities_lie_in_one_another_the_outer_first() -> None:
    assert shown("<i>🙂<b>a<u>b</u></b></i> <s>c</s>") == [
        ("🙂ab", "italic"), ("ab", "bold"), ("b", "underline"), ("c", "strikethrough"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("markup", "wanted"),
    [
        ("<i><b>x</b></i>", [("x", "bold"), ("x", "italic")]),
        ("<b><blockquote>x</blockquote></b>", [("x", "blockquote"), ("x", "bold")]),
        ("<b>a</b><strong>b</strong>", [("ab", "bold")]),
        ("<b>a<b>b</b></b>", [("ab", "bold")]),
        ("<code>a<b>b</b></code>", [("ab", "code")]),
        ("<b>a<code>b</code>c</b>", [("a", "bold"), ("b", "code"), ("c", "bold")]),
        ("<b><pre>a</pre></b>", [("a", "pre")]),
        ('<a href="x.org">a<code>b</code></a>', [("ab", "text_link", "x.org")]),
        ("<blockquote>a<blockquote>b</blockquote></blockquote>", [("ab", "blockquote")]),
        ("<code>a<blockquote>b</blockquote></code>", [("b", "blockquote")]),
        ("<blockquote><code>a</code>b</blockquote>", [("ab", "blockquote"), ("a", "code")]),
    ],
)
def test_what_may_not_lie_in_one_another_gives_way(
    markup: str, wanted: list[tuple[Any, ...]]
) -> None:
    assert shown(markup) == wanted


@pytest.mark.parametrize("markup", ["<b></b>x", "x<a href='x.org'></a>", "<tg-emoji></tg-emoji>x"])
def test_an_empty_entity_is_dropped(markup: str) -> None:
    assert parse_html(markup) == ("x", [])


# Stripping


@pytest.mark.parametrize(
    ("markup", "text", "wanted"),
    [
        (" \n<b>x</b>\t ", "x", [("x", "bold")]),
        ("<b>x \n</b> ", "x", [("x", "bold")]),
        ("<i><b>x</b> </i>", "x", [("x", "bold"), ("x", "italic")]),
        ("x <b> </b>", "x", []),
        (" <b> x</b>", " x", [(" x", "bold")]),
        (" a <b>🙂</b>", "a 🙂", [("🙂", "bold")]),
        ("\xa0x\u3000", "\xa0x\u3000", []),
        (" <b> </b>\n", "", []),
        ("", "", []),
    ],
)
def test_blanks_around_a_text_are_stripped_and_its_entities_cut(
    markup: str, text: str, wanted: list[tuple[str, str]]
) -> None:
    assert parse_html(markup)[0] == text
    assert shown(markup) == wanted


# What is refused


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("é<blink>x</blink>", 'Unsupported start tag "blink" at byte offset 2'),
        ("<Имя>", 'Unsupported start tag "Имя" at byte offset 0'),
        ("a < b > c", 'Unsupported start tag "" at byte offset 2'),
        ("<br/>", 'Unsupported start tag "br/" at byte offset 0'),
        ("<!-- x -->", 'Unsupported start tag "!--" at byte offset 0'),
        ("🙂 <b", "Unclosed start tag at byte offset 5"),
        ("1 <", "Unclosed start tag at byte offset 2"),
        ("<a href", 'Unclosed start tag "a" at byte offset 0'),
        ("<a href = ", 'Unclosed start tag "a" at byte offset 0'),
        ("<a href='x>x</a>", "Unclosed start tag at byte offset 0"),
        ("<a href='x'", "Unclosed start tag at byte offset 0"),
        ("<a href=x", "Unclosed start tag at byte offset 0"),
        ("<b ", 'Empty attribute name in the tag "b" at byte offset 0'),
        ("<b />", 'Empty attribute name in the tag "b" at byte offset 0'),
        ("<b a='1'\"2\">", 'Empty attribute name in the tag "b" at byte offset 0'),
        ("é<a href=x/y>z</a>", "Unexpected end of name token at byte offset 10"),
        ("<a href=/>z</a>", "Unexpected end of name token at byte offset 8"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<span class='spoiler'>x</span>",
         'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b>x</b></b>", "Unexpected end tag at byte offset 8"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<b>x</b c>", "Unclosed end tag at byte offset 4"),
        ("<b>🙂</I>", 'Unmatched end tag at byte offset 7, expected "</b>", found "</i>"'),
        ("<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("<b>x<i>y</i>", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<i><B>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<tg-emoji>x</tg-emoji>", "Invalid custom emoji identifier specified"),
        ("<tg-emoji emoji-id='0'>x</tg-emoji>", "Invalid custom emoji identifier specified"),
        ("&#xD83D;", "Text contains invalid Unicode characters after decoding HTML entities, "
         "check for unmatched surrogate code units"),
    ],
)  # fmt: skip
def test_a_mistake_is_refused_in_telegrams_words(markup: str, words: str) -> None:
    assert mistake(markup) == words


def test_the_first_mistake_is_told() -> None:
    assert mistake("<b>x</i><blink>").startswith("Unmatched end tag")


@given(st.text("<>/=\"'& ab\0\nspan-tg", max_size=30))
def test_any_markup_is_read_or_refused(markup: str) -> None:
    with suppress(EntitiesInvalid):
        text, entities = parse_html(markup)
        ends = [e["offset"] + e["length"] for e in entities]
        assert all(end <= utf16_length(text) for end in ends)


# Properties


@given(st.text())
def test_an_escaped_text_comes_back_as_it_was(text: str) -> None:
    assert parse_html(escape(text)) == (text.strip(BLANKS), [])


@st.composite
def marked(draw: st.DrawFn, tags: tuple[str, ...] = ("b", "i", "u", "s")) -> Marked:
    """Words in tags that lie in one another, each of another kind than those around it."""
    markup, text, entities = "", "", list[tuple[str, str]]()
    for _ in range(draw(st.integers(1, 3))):
        word = draw(WORDS)
        inner = draw(marked(tags[1:])) if tags[1:] else (escape(word), word, [])
        if draw(st.booleans()):
            markup += f"<{tags[0]}>{inner[0]}</{tags[0]}>."
            entities.append((TAGS[tags[0]], inner[1]))
        else:
            markup += f"{inner[0]}."
        text += f"{inner[1]}."
        entities += inner[2]
    return markup, text, entities


@given(marked())
def test_entities_cut_out_exactly_what_was_marked(case: Marked) -> None:
    markup, wanted_text, wanted = case
    text, entities = parse_html(markup)
    assert text == wanted_text
    assert [(e["type"], cut(text, e)) for e in entities] == wanted
    assert entities == sorted(entities, key=lambda e: (e["offset"], -e["length"]))


# What is found in plain text


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("/start", [("bot_command", "/start")]),
        ("🙂/me@userreg_bot, /a_1.", [("bot_command", "/me@userreg_bot"), ("bot_command", "/a_1")]),
        ("س /me", [("bot_command", "/me")]),
        ("a/b //c /d/ </e> /f@ab /é /" + "x" * 65, []),
        ("@ann_1 (@bob2)", [("mention", "@ann_1"), ("mention", "@bob2")]),
        ("a@ann_1 @ann @" + "x" * 33 + " @annё", []),
        ("#tag #слово_1,#a@b", [("hashtag", "#tag"), ("hashtag", "#слово_1"), ("hashtag", "#a")]),
        ("#tag@userreg", [("hashtag", "#tag@userreg")]),
        ("a#b #1 #_ #c#d #c@ann_1#", []),
        ("🙂 https://x.org/a?b=/c#d!", [("url", "https://x.org/a?b=/c#d")]),
        ("HTTP://пример.рф:80 (http://x.org/)", [("url", "HTTP://пример.рф:80"),
                                                ("url", "http://x.org/")]),
        ("http://127.0.0.1:8080/x.", [("url", "http://127.0.0.1:8080/x")]),
        ("http://localhost/ xhttp://x.org list.csv", []),
        ("ann.b+c@x.co.org.", [("email", "ann.b+c@x.co.org")]),
        ("Hi there & 50 / 2 = 25, a@b #", []),
        ("", []),
    ],
)  # fmt: skip
def test_telegram_finds_what_can_be_pressed(text: str, wanted: list[tuple[str, str]]) -> None:
    assert [(e["type"], cut(text, e)) for e in find_entities(text)] == wanted


def test_a_long_hashtag_is_cut() -> None:
    assert find_entities("#" + "x" * 300) == [{"type": "hashtag", "offset": 0, "length": 257}]


@given(
    st.lists(WORDS.filter(lambda word: "&" not in word)), st.sampled_from(["/me", "@ann_1", "#tag"])
)
def test_offsets_of_what_is_found_count_utf16_code_units(words: list[str], found: str) -> None:
    text = " ".join([*words, found])
    assert [cut(text, e) for e in find_entities(text)] == [found]
