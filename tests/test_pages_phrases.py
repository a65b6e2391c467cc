"""The texts of the bot on the pages: said, taken back, refused."""

import html
import re

import pytest

from tests import updates
from tests.browsing import ADA, Browser
from tests.browsing import database as database
from tests.browsing import settings as settings
from tests.browsing import visitor as visitor
from tests.conftest import Ask, rows
from tests.phrase_pages import CHATS, FORMS, MORE, boxes, fill, type_text, undo, versions
from tests.phrase_pages import ada_fixture as ada_fixture
from tests.updates import ANN
from userreg.database_url import Database
from userreg.decisions import AuditEntry, Phrase
from userreg.phrases import store
from userreg.phrases.shipped import Place, shipped
from userreg.phrases.versions import history


async def audited() -> list[tuple[str, int | None, str | None]]:
    entries = await AuditEntry.filter(action__startswith="phrases").order_by("id")
    return [(entry.action, entry.actor_id, entry.detail) for entry in entries]


# Saying something else


async def test_what_is_saved_is_the_bots_next_answer_and_taken_back_it_is_not(
    ada: Browser, ask: Ask
) -> None:
    response = await type_text(ada, "save", "Ask me <b>anything</b>.\r\nEven this.")
    assert (response.status, response.headers["Location"]) == (
        303, "/admin/phrases/start.more?locale=en&done=saved",
    )  # fmt: skip
    assert "Ask me anything.\nEven this." in await ask(updates.message(ANN, text="/start"))
    page = await ada.get(f"{MORE}&done=saved")
    assert "the bot says it now" in page
    assert boxes(page) == {"": "Ask me <b>anything</b>.\nEven this."}
    assert f'<a href="/admin/users/{ADA}">{ADA}</a>' in page

    assert (await undo(ada, MORE, "", "0")).status == 303
    assert "Send /help" in await ask(updates.message(ANN, text="/start"))
    assert [text.version for text in await history("start.more", "en")] == [0, 1, 2]
    assert await audited() == [
        ("phrases.save", ADA, "start.more en"), ("phrases.undo", ADA, "start.more en"),
    ]  # fmt: skip


async def test_all_plural_forms_are_saved_together_each_that_is_new(ada: Browser) -> None:
    page = await ada.get(CHATS)
    assert tuple(boxes(page)) == FORMS
    assert boxes(page) == {c: shipped("uk")[Place("me.chats", c)] for c in FORMS}
    assert "I know you in {count} chats" in html.unescape(page)
    response = await fill(ada, CHATS, "save", few="{count} чати", many="{count} чатів")
    assert response.status == 303
    saved = await rows(Phrase, key="me.chats", locale="uk", version=1)
    assert {each["category"]: each["text"] for each in saved} == {
        "few": "{count} чати", "many": "{count} чатів",
    }  # fmt: skip
    assert await audited() == [("phrases.save", ADA, "me.chats uk")]


async def test_saving_what_is_said_already_writes_nothing(ada: Browser) -> None:
    response = await fill(ada, CHATS, "save")
    assert response.headers["Location"].endswith("&done=same")
    assert "said already" in await ada.get(f"{CHATS}&done=same")
    assert (await undo(ada, CHATS, "few", "0")).headers["Location"].endswith("&done=same")
    assert await audited() == []


async def test_a_regions_kind_of_a_language_begins_with_its_parents_texts(ada: Browser) -> None:
    path = "/phrases/start.more?locale=es-MX"
    assert boxes(await ada.get(path)) == {"": shipped("es")[Place("start.more")]}
    assert (await fill(ada, path, "save")).headers["Location"].endswith("&done=same")
    assert (await type_text(ada, "save", "Ándale.", path)).status == 303
    assert [text.text for text in await history("start.more", "es-MX")] == ["Ándale."]
    assert "es-MX" in await ada.get("/phrases")


# What is refused

HOSTILE = [
    ("<script>alert(1)</script>", "Telegram knows no tag <script>."),
    ("<b>never closed", "The tag <b> is not closed."),
    ("Hello, {nobody}", "There is no placeholder {nobody} here; there is: none."),
    ("x" * 5_000, "It may become 5000 characters long, and a message has room for 4096."),
    ("😀" * 5_000, "It may become 10000 characters long"),
    ("", "It is empty."),
    ("a\0b\x1b", "It holds the control character U+0000."),
    ("</textarea><img src=x onerror=alert(1)>", "Telegram knows no tag <img>."),
    ("\n\n<i>lines before</b>", "The tag </b> closes what is not open."),
    ("{__class__}", "There is no placeholder {__class__} here; there is: none."),
    ("\u202eturned around", "It holds the direction mark U+202E"),
]


@pytest.mark.parametrize("deed", ["save", "check"])
@pytest.mark.parametrize(("text", "fault"), HOSTILE)
async def test_a_faulty_text_is_refused_in_words_and_stays_in_its_box(
    ada: Browser, deed: str, text: str, fault: str
) -> None:
    response = await type_text(ada, deed, text)
    page = await response.text()
    assert response.status == (422 if deed == "save" else 200)
    assert fault in html.unescape(page)
    assert boxes(page) == {"": text}
    assert ("Nothing is saved yet" in page) == (deed == "save")
    assert "<script" not in page
    assert "<img" not in page
    assert [kept.version for kept in await history("start.more", "en")] == [0]
    assert await audited() == []


async def test_one_faulty_form_keeps_all_from_being_saved_and_all_stay_in_their_boxes(
    ada: Browser,
) -> None:
    response = await fill(ada, CHATS, "save", few="{count} чати", many="без числа")
    page = await response.text()
    assert response.status == 422
    assert "The placeholder {count} is missing." in page
    assert boxes(page)["few"] == "{count} чати"
    assert boxes(page)["many"] == "без числа"
    assert not await rows(Phrase, key="me.chats", version=1)


async def test_a_form_that_lacks_a_plural_is_refused(ada: Browser) -> None:
    page = await ada.get(CHATS)
    token = re.search(r'name="form_token" value="(\w+)"', page)
    assert token
    texts = {f"text.{c}": "{count} чатів" for c in FORMS if c != "many"}
    response = await ada.post(CHATS, form_token=token[1], deed="save", **versions(page), **texts)
    answer = await response.text()
    assert response.status == 422
    assert "It is empty." in answer
    assert boxes(answer) == {c: "" if c == "many" else "{count} чатів" for c in FORMS}


async def test_what_somebody_else_has_said_meanwhile_is_not_passed_over(
    ada: Browser, database: Database
) -> None:
    old = await ada.get(MORE)
    token = re.search(r'name="form_token" value="(\w+)"', old)
    assert token
    await store.save("start.more", "en", "", "Somebody else's.", 901, database)
    form = {"form_token": token[1], "deed": "save", "text.": "Mine."}
    response = await ada.post(MORE, **form, **versions(old))
    page = await response.text()
    assert response.status == 422
    assert "Somebody has said something else meanwhile" in page
    assert boxes(page) == {"": "Mine."}
    assert "Somebody else&#39;s." in page
    assert (await ada.post(MORE, **form, **versions(page))).status == 303
    assert [kept.text for kept in await history("start.more", "en")][1:] == [
        "Somebody else's.", "Mine.",
    ]  # fmt: skip


@pytest.mark.parametrize("version", ["7", "-1", "x", "", "9" * 5_000, "²"])
async def test_there_is_no_way_back_to_a_version_that_never_was(ada: Browser, version: str) -> None:
    response = await undo(ada, MORE, "", version)
    assert response.status == 422
    assert "has no such version to go back to" in await response.text()


async def test_a_broken_version_is_not_said_again(ada: Browser) -> None:
    for version, text in ((1, "<b>broken"), (2, "Mended.")):
        await Phrase.create(
            key="start.more", locale="en", category="", version=version, text=text,
            updated_at="2026-11-01T00:00:00+00:00",
        )  # fmt: skip
    response = await undo(ada, MORE, "", "1")
    assert response.status == 422
    assert "The tag &lt;b&gt; is not closed." in await response.text()


async def test_a_form_from_another_site_or_without_its_token_is_refused(ada: Browser) -> None:
    form = {"text.": "Theirs.", "version.": "0", "deed": "save"}
    for path in (MORE, MORE.replace("?", "/undo?")):
        assert (await ada.post(path, {"Origin": "https://evil.example"}, **form)).status == 403
        assert (await ada.post(path, form_token="0" * 64, **form)).status == 403
    assert len(await history("start.more", "en")) == 1


@pytest.mark.parametrize(
    "path", ["/phrases/no.such", "/phrases/start.more?locale=xx", "/phrases/start?locale=en",
             "/phrases/start.more?locale=en_us", "/phrases/start.more?locale=%00"]
)  # fmt: skip
async def test_a_text_or_a_language_that_there_is_not(ada: Browser, path: str) -> None:
    assert "Nothing here" in await ada.get(path, 404)


@pytest.mark.parametrize("path", ["/phrases", MORE, "/doctor"])
async def test_these_pages_are_for_administrators_alone(visitor: Browser, path: str) -> None:
    assert "start.more" not in await visitor.get(path, 401)
