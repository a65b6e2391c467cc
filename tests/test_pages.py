"""The pages for administrators, over HTTP: their addresses, their deeds, and trouble."""

import asyncio
import json
from itertools import product
from typing import Any
from urllib.parse import quote

import pytest

from tests import updates
from tests.browsing import ADA, Browser, Parsed
from tests.browsing import ada as ada
from tests.browsing import database as database
from tests.browsing import settings as settings
from tests.browsing import visitor as visitor
from tests.conftest import everything, row
from tests.running import Bot
from tests.updates import ANN, BOB, CID, GROUP, SUPERGROUP
from userreg import sessions
from userreg.database_url import Database
from userreg.decisions import AuditEntry, Forgotten
from userreg.errors import DatabaseUnavailable
from userreg.models import Chat, DeadLetter, User
from userreg.registry import Registry
from userreg.web.guard import AT_ONCE

PATHS = ["/", "/users", f"/users/{ANN['id']}", "/chats", f"/chats/{GROUP['id']}", "/letters",
         "/memberships", f"/memberships?user_id={ANN['id']}", "/audit",
         "/charts/growth.light.svg", "/charts/joins.dark.svg?chat=-100",
         "/charts/activity.light.svg?chat=-100"]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
async def test_every_page_is_there_for_administrators_alone(
    bot: Bot, visitor: Browser, database: Database, path: str
) -> None:
    await bot.tell(updates.message(ANN, GROUP), updates.chat_member(ANN, "left", "member", GROUP))
    assert "Ann" not in await visitor.get(path, 401)
    visitor.cookie = "made-up"
    await visitor.get(path, 401)
    assert await visitor.log_in(await sessions.make_link(database, ADA)) == 303
    assert await visitor.get(path)


@pytest.mark.parametrize("path", ["/", "/chats", "/chats/-7"])
async def test_a_type_of_chat_that_is_new_to_telegram_is_unknown(
    bot: Bot, ada: Browser, path: str
) -> None:
    await bot.tell(updates.message(ANN, {"id": -7, "type": "commune", "title": "Den"}))
    assert "unknown" in Parsed(await ada.get(path)).text


async def test_a_chat_shows_who_writes_and_who_administers(bot: Bot, ada: Browser) -> None:
    await bot.tell(
        updates.message(ANN, GROUP, date=int(bot.telegram.clock.time())),
        updates.chat_member(BOB, "left", "administrator", GROUP),
    )
    page = Parsed(await ada.get(f"/chats/{GROUP['id']}"))
    assert "Ann: 1" in page.text
    assert "Bob Brown administrator" in page.text


@pytest.mark.parametrize(
    "old", ["creator", "administrator", "member", "restricted", "restricted-", "left", "kicked"]
)
async def test_every_status_has_a_word(bot: Bot, ada: Browser, old: str) -> None:
    for new in ("member", "left"):
        await bot.tell(
            updates.chat_member(ANN, old, new, SUPERGROUP),
            updates.chat_member(ANN, new, old, SUPERGROUP),
            updates.my_chat_member("member", old, SUPERGROUP),
        )
    for path in (
        f"/users/{ANN['id']}", f"/chats/{SUPERGROUP['id']}", "/chats", "/memberships",
    ):  # fmt: skip
        assert "status." not in await ada.get(path)


# Addresses


@pytest.mark.parametrize(
    "page", ["/users", "/chats", "/chats/-100", "/memberships", "/letters", "/audit"]
)
async def test_a_place_that_is_none_is_the_beginning(bot: Bot, ada: Browser, page: str) -> None:
    await bot.tell(updates.message(ANN, GROUP))
    keys = [
        "", "0", "-1", "--1", "-", "²", "٣", "1e3", "9" * 16, "9" * 17, "9" * 400, "-" + "9" * 16,
        "%00", "%ff", "' OR 1=1", "None", "1;DROP TABLE users",
    ]  # fmt: skip
    for key, name in product(keys, ("after", "before")):
        path = f"{page}?{name}={key if '%' in key else quote(key)}"
        shown = await ada.get(path)
        if page in ("/users", "/memberships"):
            assert "Ann" in shown


async def test_a_picture_of_what_is_no_chat_is_one_of_all(ada: Browser) -> None:
    for chat in ("--1", "²", "٣", "-", "9" * 17, "x", "%00"):
        assert "<svg" in await ada.get(f"/charts/growth.light.svg?chat={quote(chat, safe='%')}")


async def test_what_is_nowhere_is_said_to_be_nowhere(bot: Bot, ada: Browser) -> None:
    await bot.tell(updates.message(ANN))
    for path in (
        "/users/0", "/users/-5", "/users/" + "9" * 16, "/users/" + "9" * 17, "/users/%d9%a3",
        "/users/1/forget", "/chats/0", "/chats/101", "/chats/-" + "9" * 16, "/chats/--100",
        "/chats/-" + "9" * 30, "/letters/1/replay", "/none", "/users/", "//", "/%00", "/%ff",
    ):  # fmt: skip
        response = await ada.ask(path)
        assert response.status in (404, 405), path
        if response.status == 404:
            assert "not in the registry" in await response.text(), path


# Deeds


async def test_somebody_is_forgotten_from_their_page(bot: Bot, ada: Browser) -> None:
    await bot.tell(updates.message(CID, GROUP), updates.message(BOB, GROUP))
    await bot.post(b'{"update_id": "of cid"}')
    path = f"/users/{CID['id']}"
    assert "forget" not in Parsed(await ada.get(path)).text.replace("Forget", "")
    gone = await ada.submit(f"{path}?forget=ask", f"{path}/forget")
    assert (gone.status, gone.headers["Location"]) == (303, "/admin/users")
    await ada.get(path, 404)
    for page in ("/users", f"/chats/{GROUP['id']}", "/letters", f"/users?search={CID['id']}"):
        assert "Cid" not in Parsed(await ada.get(page)).text
    kept = await everything()
    forgotten = (await row(Forgotten))["hash"]
    assert {e["subject_hash"] for e in kept["audit"] if e["action"] == "forget"} == {forgotten}
    assert not [e for e in kept["audit"] if e["subject_id"] == CID["id"]]
    assert CID["id"] not in [v for t in kept.values() for r in t for v in r.values()]
    assert "Bob" in await ada.get("/users")
    assert "forgotten" in Parsed(await ada.get("/audit")).text


async def test_a_look_at_somebody_is_noted(bot: Bot, ada: Browser) -> None:
    await bot.tell(updates.message(ANN))
    await ada.get(f"/users/{ANN['id']}")
    entry = await row(AuditEntry, action="pages.look")
    assert (entry["actor_id"], entry["subject_id"]) == (ADA, ANN["id"])


async def test_dead_letters_are_tried_again_or_dropped(bot: Bot, ada: Browser) -> None:
    for number in (1, 2):
        await bot.post(b'{"update_id": "%d"}' % number)
    first, second = await DeadLetter.all().order_by("id")
    tried = await ada.submit("/letters", f"/letters/{first.id}/replay")
    assert (tried.status, tried.headers["Location"]) == (303, "/admin/letters")
    assert await DeadLetter.all().count() == 2  # it still cannot be read
    good = json.dumps(updates.message(ANN, GROUP)).encode()
    await DeadLetter.filter(id=first.id).update(body=good, size=len(good))
    await ada.submit("/letters", f"/letters/{first.id}/replay")
    assert await User.exists(id=ANN["id"])
    assert [letter.id for letter in await DeadLetter.all()] == [second.id]
    token = await ada.form_token("/letters")
    dropped = f"/letters/{second.id}/drop"
    assert [(await ada.post(dropped, form_token=token)).status for _ in "12"] == [303, 303]
    assert "There are none" in await ada.get("/letters")
    actions = [e.action for e in await AuditEntry.filter(action__startswith="letters")]
    assert sorted(actions) == ["letters.drop", "letters.replay", "letters.replay"]


# Trouble


async def test_a_database_that_does_not_answer_is_told_in_words(ada: Browser) -> None:
    db = User._choose_db()
    await db.execute_script("ALTER TABLE sessions RENAME TO gone")
    try:
        response = await ada.ask("/users")
    finally:
        await db.execute_script("ALTER TABLE gone RENAME TO sessions")
    text = await response.text()
    assert response.status == 503
    assert response.headers["Retry-After"] == "1"
    assert "The database does not answer" in text
    assert "sessions" not in text
    await ada.get("/users")


async def test_somebody_who_cannot_be_forgotten_now_is_told_in_words(
    bot: Bot, ada: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(self: Registry, user_id: int) -> None:
        raise DatabaseUnavailable("somebody holds the lock")

    await bot.tell(updates.message(ANN))
    monkeypatch.setattr(Registry, "forget", fail)
    path = f"/users/{ANN['id']}"
    response = await ada.submit(f"{path}?forget=ask", f"{path}/forget")
    assert response.status == 503
    assert "The database does not answer" in await response.text()


async def test_more_pages_than_there_may_be_are_refused_and_updates_are_recorded(
    bot: Bot, ada: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting, go_on, real = asyncio.Semaphore(0), asyncio.Event(), sessions.find_administrator

    async def slow(*values: Any) -> int | None:
        waiting.release()
        await go_on.wait()
        return await real(*values)

    monkeypatch.setattr(sessions, "find_administrator", slow)
    asked = [asyncio.create_task(ada.get("/users")) for _ in range(AT_ONCE)]
    for _ in asked:
        await waiting.acquire()
    refused = await ada.ask("/users")
    assert refused.status == 503
    assert refused.headers["Retry-After"] == "1"
    assert "Too many pages" in await refused.text()
    assert (await ada.ask("/static/style.css")).status == 200
    await bot.tell(updates.message(ANN, GROUP))
    assert await Chat.exists(id=GROUP["id"])
    assert (await bot.client.get("/readyz")).status == 200
    go_on.set()
    await asyncio.gather(*asked)
    await ada.get("/users")


async def test_pictures_that_wait_for_their_numbers_keep_no_page_away(
    ada: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting, go_on = asyncio.Semaphore(0), asyncio.Event()

    async def slow(*_: Any) -> tuple[list[str], list[Any]]:
        waiting.release()
        await go_on.wait()
        return [], []

    monkeypatch.setattr("userreg.web.overview._numbers", slow)
    pictures = [asyncio.create_task(ada.ask("/charts/joins.light.svg")) for _ in range(AT_ONCE)]
    for _ in pictures:
        await waiting.acquire()
    await ada.get("/users")
    go_on.set()
    assert {answer.status for answer in await asyncio.gather(*pictures)} == {200}
