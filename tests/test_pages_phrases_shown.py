"""The texts of the bot on the pages: looked through, marked, previewed."""

import html
import re
from urllib.parse import quote

import pytest

from tests.browsing import Browser
from tests.browsing import database as database
from tests.browsing import settings as settings
from tests.browsing import visitor as visitor
from tests.phrase_pages import CHATS, MORE, boxes, type_text
from tests.phrase_pages import ada_fixture as ada_fixture
from tests.running import Bot
from userreg.database_url import Database
from userreg.decisions import Phrase
from userreg.phrases import LANGUAGES, store
from userreg.phrases.languages import language
from userreg.phrases.shipped import (
    MARKED_UP,
    Place,
    counts,
    keys,
    kind_of,
    placeholders,
    shipped,
    wanted,
)
from userreg.phrases.versions import history
from userreg.web.preview import numbers_of, preview

# Looking through them


async def test_languages_stand_side_by_side(ada: Browser) -> None:
    page = html.unescape(await ada.get("/phrases?locale=en&locale=ar&locale=uk"))
    for locale in ("en", "ar", "uk"):
        assert shipped(locale)[Place("start.more")] in page
    assert shipped("es")[Place("start.more")] not in page
    assert all(f"<code>{key.replace('.', '.<wbr>')}</code>" in page for key in keys())
    assert shipped("uk")[Place("start.more")] in await ada.get("/phrases")


def listed(page: str) -> list[str]:
    return re.findall(r'<th scope="row"><code>([\w.]+)</code>', page.replace("<wbr>", ""))


async def test_texts_are_found_by_table_and_by_words_of_key_or_text(ada: Browser) -> None:
    assert listed(await ada.get("/phrases?table=seen")) == [k for k in keys() if k[:5] == "seen."]
    assert listed(await ada.get("/phrases?search=START.MORE")) == ["start.more"]
    assert "start.more" in listed(await ada.get("/phrases?search=ASK+send"))
    assert listed(await ada.get(f"/phrases?locale=uk&search={quote('надішліть ЗАПИТАТИ')}")) == [
        "start.more"
    ]
    assert "No text is like that" in await ada.get("/phrases?search=%3Cscript%3E")
    assert "No text is like that" in await ada.get("/phrases?table=nowhere")


async def test_what_is_edited_and_what_is_faulty_is_marked(
    ada: Browser, database: Database
) -> None:
    path = "/phrases?locale=es&table=start"
    assert not listed(await ada.get(f"{path}&mark=edited"))
    await store.save("start.more", "es", "", "Otra cosa.", None, database)
    await Phrase.create(
        key="start.menu", locale="es", category="", version=1, text="<b>broken",
        updated_at="2026-11-01T00:00:00+00:00",
    )  # fmt: skip
    assert listed(await ada.get(f"{path}&mark=edited")) == ["start.more", "start.menu"]
    assert listed(await ada.get(f"{path}&mark=faulty")) == ["start.menu"]
    page = await ada.get("/phrases/start.menu?locale=es")
    assert "The tag &lt;b&gt; is not closed." in page
    assert boxes(page) == {"": "<b>broken"}


async def test_a_text_of_any_kind_has_a_page(ada: Browser) -> None:
    for key in {kind_of(key): key for key in keys()}.values():
        assert f"<h1><code>{key}</code></h1>" in await ada.get(f"/phrases/{key}?locale=uk")


# The preview


async def test_a_check_shows_the_text_as_telegram_would_and_saves_nothing(ada: Browser) -> None:
    text = '<b>{name}</b> &lt;3 <a href="https://x.org">here</a> <tg-spoiler>!</tg-spoiler>'
    path = "/phrases/start.hello?locale=en"
    page = await (await type_text(ada, "check", text, path)).text()
    assert '<strong>\u2068Ann Example\u2069</strong> &lt;3 <span class="link">here</span>' in page
    assert '<span class="spoiler">!</span>' in page
    assert 'href="https://x.org' not in page
    assert [kept.version for kept in await history("start.hello", "en")] == [0]


async def test_a_form_names_its_numbers_and_placeholders(ada: Browser) -> None:
    page = await ada.get(CHATS)
    assert "1 · 21 · 31 · 41 …" in page
    assert "0,5 · 1,5" in page
    assert "<code>{count}</code>" in page
    assert "What is filled in:" in page
    assert "Nothing is filled in." in await ada.get(MORE)


@pytest.mark.parametrize("locale", LANGUAGES)
def test_every_shipped_text_can_be_previewed_with_values_for_all_it_names(locale: str) -> None:
    for place, text in shipped(locale).items():
        shown = str(preview(place, locale, text))
        assert not placeholders(shown)
        assert "<script" not in shown
        if kind_of(place.key) not in MARKED_UP:
            assert "<" not in shown


def test_a_caption_is_previewed_as_the_markup_that_it_is() -> None:
    shown = preview(Place("picture.title"), "en", "<b>{title}</b>")
    assert shown == "<strong>Chess club</strong>"


def test_every_placeholder_has_an_example_of_its_own() -> None:
    for key in keys():
        place = Place(key, "other" if counts(key) else "")
        for name in wanted(key):
            assert str(preview(place, "en", f"{{{name}}}")) != name


@pytest.mark.parametrize("locale", LANGUAGES)
def test_every_plural_form_has_numbers_that_want_it(locale: str) -> None:
    for category in language(locale).categories:
        numbers = numbers_of(locale, category)
        assert numbers
        assert {language(locale).category(number) for number in numbers} == {category}


async def test_the_bots_own_pages_are_edited_like_all_else(bot: Bot, ada: Browser) -> None:
    path = "/phrases/page.users?locale=en"
    assert "plain text" in await ada.get(path)
    assert (await type_text(ada, "save", "Humans & <3", path)).status == 303
    assert "<h1>Humans &amp; &lt;3</h1>" in await ada.get("/users")
