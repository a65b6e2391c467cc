"""Strangers' words are words on every page, and are found by whatever words are searched for."""

import json
from typing import Any
from urllib.parse import quote

import pytest

from tests import updates
from tests.browsing import Browser, Parsed
from tests.browsing import ada as ada
from tests.browsing import database as database
from tests.browsing import settings as settings
from tests.running import Bot
from tests.updates import ANN, GROUP, SUPERGROUP
from userreg import audit
from userreg.database_url import Database
from userreg.db import write_transaction
from userreg.decisions import AuditEntry
from userreg.phrases.markup import visible_line

HOSTILE = [
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "' onmouseover='alert(1)",
    "{{ 7 * 7 }}{% raw %}", "</title><script>alert(1)</script>", "javascript:alert(1)",
    "\u202egnp.exe\u2066", "&lt;b&gt;&#60;", "<!-- ", "]]>", "a" + "\u0300" * 90, "\u3164",
    "</textarea></td></table>", "W" * 256, "--></pre></details>", "\u2028\u2029x", "\x1b[31m",
]  # fmt: skip
#: What the pages themselves are made of.
TAGS = {
    "html", "head", "meta", "title", "link", "body", "a", "header", "nav", "form", "input",
    "button", "main", "h1", "h2", "section", "p", "dl", "div", "dt", "dd", "table", "thead",
    "tbody", "tr", "th", "td", "ul", "ol", "li", "span", "time", "bdi", "label", "picture",
    "source", "img", "code", "article", "details", "summary", "pre", "select", "option",
}  # fmt: skip


def assert_harmless(html: str) -> Parsed:
    page = Parsed(html)
    assert page.tags <= TAGS, page.tags - TAGS
    names = {name for name, _ in page.attributes}
    assert not {name for name in names if name.startswith("on") or name == "style"}
    assert all(link.startswith(("/admin", "#main")) for link in page.links), page.links
    assert "49" not in page.text.split()
    return page


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_strangers_words_are_words_on_every_page(
    bot: Bot, ada: Browser, database: Database, name: str
) -> None:
    eve: dict[str, Any] = {
        "id": 777, "is_bot": False, "first_name": name, "last_name": name, "username": name[:60],
        "language_code": name[:30],
    }  # fmt: skip
    den = {"id": -777, "type": "supergroup", "title": name, "username": name[:60]}
    await bot.tell(
        updates.message(eve, den, date=int(bot.telegram.clock.time())),
        updates.chat_member(eve, "left", "administrator", den),
        updates.message(eve | {"first_name": "Eve"}, den),
        updates.message(eve, den),
    )
    await bot.post(b"[" + json.dumps(name, ensure_ascii=False).encode())
    async with write_transaction(database) as db:
        await audit.note(db, "test", actor_id=777, subject_id=-777, detail=name)
    searched = quote(name)
    shown = {
        path: assert_harmless(await ada.get(path))
        for path in ("/users", "/users/777", "/users/777?forget=ask", "/chats", "/chats/-777",
                     "/letters", "/audit", "/audit?after=9999", f"/users?search={searched}",
                     f"/chats?search={searched}", "/users?search=777", "/chats?search=-777",
                     "/memberships", "/memberships?chat_id=-777&sort=messages",
                     "/memberships?user_id=777", "/chats?sort=known")
    }  # fmt: skip
    whole, title = visible_line(f"{name} {name}"), visible_line(name)
    for path in ("/users", "/users/777", "/chats/-777", "/users?search=777", "/memberships"):
        assert (whole or "no visible name") in shown[path].text, path
    for path in ("/chats", "/chats/-777", "/users/777", "/chats?search=-777", "/memberships"):
        assert (title or "no title") in shown[path].text, path
    assert visible_line(name) in shown["/audit"].text
    assert Parsed(await ada.get("/letters")).tags >= {"pre"}


# Searched for


SOUGHT = [
    *HOSTILE, "%", "_", "\\", "%%%", "'; DROP TABLE users; --", "\0", "@", "@@", "-", "-0",
    "9" * 16,
    "9" * 40, "٣", "x" * 5_000, " ", "\ud800".encode("utf-8", "replace").decode(),
]  # fmt: skip


@pytest.mark.parametrize("page", ["/users", "/chats"])
async def test_any_words_can_be_searched_for(ada: Browser, page: str) -> None:
    for words in SOUGHT:
        assert_harmless(await ada.get(f"{page}?search={quote(words)}"))


async def test_people_are_found_by_what_they_are_and_were_called(bot: Bot, ada: Browser) -> None:
    await bot.tell(updates.message(ANN), updates.message(ANN | {"username": "Later"}))
    for words in ("101", "@Ann_A", "ann_a", "LATER", "Ann"):
        assert "Ann" in Parsed(await ada.get(f"/users?search={quote(words)}")).text, words
    assert "Nobody has this" in await ada.get("/users?search=An")
    looks = [entry.detail for entry in await AuditEntry.filter(action="pages.look")]
    assert looks == ["search"] * 6


@pytest.mark.parametrize("title", ["Chess_100%", "Шахи", "ÉCHECS", "a\\b"])
async def test_chats_are_found_by_a_part_of_their_title(bot: Bot, ada: Browser, title: str) -> None:
    await bot.tell(updates.message(ANN, GROUP | {"title": title}), updates.message(ANN, SUPERGROUP))
    for words in (title, title[1:], title[:-1], title.capitalize() if title == "Шахи" else title):
        found = Parsed(await ada.get(f"/chats?search={quote(words)}")).text
        assert title in found, words
        assert "Go" not in found.split()
    assert "Go" in Parsed(await ada.get("/chats?search=@GoGo")).text


async def test_a_capital_is_found_by_a_small_letter(bot: Bot, ada: Browser) -> None:
    await bot.tell(updates.message(ANN, GROUP | {"title": "Шахи у Львові"}))
    for words in ("шахи", "Шахи", "chess"):
        found = "Шахи" in Parsed(await ada.get(f"/chats?search={quote(words)}")).text
        assert found is (words != "chess")
