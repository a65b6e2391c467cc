"""A chat's page: its members by status, how they came, and Telegram asked about them."""

import asyncio
import html
import re
from typing import Any

import pytest

from tests import updates
from tests.browsing import ADA, Browser
from tests.browsing import ada as ada
from tests.browsing import database as database
from tests.browsing import settings as settings
from tests.conftest import row
from tests.conversation import plain
from tests.running import Bot
from tests.stage import empty, put
from tests.updates import ANN, BOB, CID, SUPERGROUP
from userreg import audit, one_chat
from userreg.config import Settings
from userreg.database_url import Database
from userreg.db import write_transaction
from userreg.decisions import AuditEntry
from userreg.models import Membership
from userreg.sandbox.api import BotApi
from userreg.sandbox.errors import ApiError
from userreg.sandbox.telegram import TOKEN

GO = SUPERGROUP["id"]
PAGE = f"/chats/{GO}"
ASKS = f"{PAGE}?reconcile=ask"
EVE, DAN, FAY = ({"id": n, "is_bot": False, "first_name": f"P{n}"} for n in (301, 302, 303))


def told_by_link(person: updates.Json, link: str | None, **more: Any) -> updates.Json:
    update = updates.chat_member(person, "left", "member")
    invite = {
        "invite_link": link, "creator": ANN, "creates_join_request": False, "is_primary": False,
        "is_revoked": False,
    }  # fmt: skip
    update["chat_member"] |= ({"invite_link": invite} if link else {}) | more
    return update


async def shown(ada: Browser, path: str = PAGE) -> str:
    """The page as it is read, with a space for each tag."""
    text = html.unescape(re.sub(r"<[^>]*>", " ", await ada.get(path)))
    return " ".join(plain(text).split())


async def test_members_are_counted_by_status(bot: Bot, ada: Browser) -> None:
    for person, status in (
        (ANN, "creator"), (BOB, "member"), (CID, "member"), (EVE, "restricted"),
        (DAN, "restricted-"), (FAY, "kicked"),
    ):  # fmt: skip
        await bot.tell(updates.chat_member(person, "left", status))
    await bot.tell(updates.message(EVE | {"id": 304}, SUPERGROUP))
    text = await shown(ada)
    assert "By status member 2 " in text
    assert all(f" {part}" in text for part in ("owner 1", "restricted member 1", "seen there 1"))
    assert all(f" {part}" in text for part in ("not a member, restricted 1", "banned 1"))
    assert "50,000" not in text


async def test_of_a_very_large_chat_the_newest_accounts_are_counted_and_it_says_so(
    bot: Bot, ada: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bot.tell(updates.chat_member(BOB, "left", "creator"))
    await bot.tell(*[updates.chat_member(person, "left", "member") for person in (EVE, DAN)])
    monkeypatch.setattr(one_chat, "MOST", 2)
    text = await shown(ada)
    assert "Counted among the 50,000 newest accounts here. member 2" in text
    found = await one_chat.count_by_status(GO)
    assert [(r["status"], r["is_member"], r["people"]) for r in found.rows] == [("member", True, 2)]
    assert found.is_part


async def test_who_came_by_which_link(bot: Bot, ada: Browser) -> None:
    first, other = "https://t.me/+first", "https://t.me/+<b>other…"
    at = {"date": updates.NOW + 100_000}
    last, in_the_chat = told_by_link(DAN, None, **at), {"new_chat_members": [DAN]} | at
    await bot.tell(
        told_by_link(ANN, first), updates.chat_member(ANN, "member", "left"),
        updates.chat_member(ANN, "member", "administrator"),  # which is no coming
        told_by_link(BOB, first, via_join_request=True), told_by_link(CID, other),
        told_by_link(EVE, None, via_chat_folder_invite_link=True),
        last, updates.message(DAN, SUPERGROUP, "", **in_the_chat),
        told_by_link(FAY, first, chat=updates.GROUP),
    )  # fmt: skip
    assert [(r["invite_link"], r["people"]) for r in await one_chat.count_by_link(GO)] == [
        (first, 2), (other, 1),
    ]  # fmt: skip
    newcomers = await one_chat.list_newcomers(GO)
    assert [r["user_id"] for r in newcomers] == [p["id"] for p in (DAN, EVE, CID, BOB, ANN)]
    assert "https://t.me/+&lt;b&gt;other…" in await ada.get(PAGE)
    text = await shown(ada)
    for part in ("P302", "P301", f"{first} join request", "chat folder"):
        assert part in text.partition("Joined last")[2].partition("Members")[0]


# Reconciling


@pytest.fixture
async def known(bot: Bot) -> None:
    """Three were seen where the bot administers; of one Telegram says that they are gone."""
    world = bot.telegram.world
    empty(world, GO)
    put(world, GO, ANN, "member")
    put(world, GO, BOB, "restricted")
    put(world, GO, CID, "left")
    await bot.tell(
        updates.my_chat_member("left", "administrator", SUPERGROUP),
        *[updates.message(person, SUPERGROUP) for person in (ANN, BOB, CID)],
    )


async def finished(ada: Browser) -> str:
    async with asyncio.timeout(20):
        while "is being asked" in (text := await shown(ada)):
            continue
    return text


async def noted() -> list[tuple[Any, ...]]:
    entries = await AuditEntry.filter(action__startswith="reconcile").order_by("id")
    return [(e.action, e.actor_id, e.subject_id, e.detail) for e in entries]


async def test_telegram_is_asked_about_everybody_here_and_the_page_says_what_it_answered(
    known: None, ada: Browser
) -> None:
    assert "Ask Telegram about up to 3 members here, 1 minutes at most?" in await shown(ada, ASKS)
    response = await ada.submit(ASKS, f"{PAGE}/reconcile")
    assert (response.status, response.headers["Location"]) == (303, f"/admin{PAGE}#reconcile")
    assert "Present: 2; gone: 1; without an answer: 0." in await finished(ada)
    assert await noted() == [
        ("reconcile", ADA, GO, None),
        ("reconcile.done", ADA, GO, "present=2 gone=1 unanswered=0"),
    ]
    assert (await row(Membership, user_id=BOB["id"], chat_id=GO))["status"] == "restricted"
    assert not (await row(Membership, user_id=CID["id"], chat_id=GO))["is_member"]


async def test_one_at_a_time_for_each_chat_while_pages_go_on(
    known: None, bot: Bot, api: BotApi, ada: Browser
) -> None:
    api.held = asyncio.Event()
    for _ in range(3):
        assert (
            await ada.post(f"{PAGE}/reconcile", form_token=await ada.form_token("/"))
        ).status == 303
    assert "Telegram is being asked. Answers so far: 0." in await shown(ada)
    assert "Reconcile now" not in await shown(ada)
    await bot.tell(updates.message(ANN | {"id": 4711}, SUPERGROUP))  # recording goes on, too
    assert await noted() == [("reconcile", ADA, GO, None)]
    api.held.set()
    assert "Telegram has answered" in await finished(ada)
    assert len(api.of("getChatMember")) == 4


CLOSED = ApiError(403, "Forbidden: bot was kicked from the supergroup chat")


@pytest.mark.parametrize(
    ("method", "error", "sentence"),
    [("getChatAdministrators", CLOSED, f"Telegram refused the request: {CLOSED.description}"),
     ("getChatMember", CLOSED, f"Telegram refused the request: {CLOSED.description}"),
     ("getChatMemberCount", ApiError(401, "Unauthorized"), "check BOT_TOKEN.")],
)  # fmt: skip
async def test_what_telegram_refuses_is_told_in_a_sentence(
    known: None, api: BotApi, ada: Browser, method: str, error: ApiError, sentence: str
) -> None:
    api.failures[method] = error
    await ada.submit(ASKS, f"{PAGE}/reconcile")
    text = await finished(ada)
    assert "It could not be done: Telegram" in text
    assert sentence in text
    assert [action for action, *_ in await noted()] == ["reconcile", "reconcile.failed"]
    del api.failures[method]
    if method != "getChatMember":  # which has told that the bot is out
        await ada.post(f"{PAGE}/reconcile", form_token=await ada.form_token("/"))
        await finished(ada)


async def test_a_telegram_that_is_away_is_told_without_the_token(
    known: None, ada: Browser, settings: Settings
) -> None:
    settings.telegram_api_url = "http://127.0.0.1:1"
    await ada.submit(ASKS, f"{PAGE}/reconcile")
    text = await finished(ada)
    assert "It could not be done: Telegram cannot be reached at http://127.0.0.1:1" in text
    assert TOKEN.partition(":")[2] not in text
    assert TOKEN.partition(":")[2] not in str(await noted())


async def test_where_the_bot_is_no_administrator_nothing_is_asked(
    bot: Bot, api: BotApi, ada: Browser
) -> None:
    await bot.tell(updates.message(ANN, SUPERGROUP))
    assert "make it one first" in await shown(ada, ASKS)
    await ada.post(f"{PAGE}/reconcile", form_token=await ada.form_token("/"))
    assert "is not known to administer chat" in await finished(ada)
    assert not api.of("getChatMember")
    unknown = await ada.post("/chats/-5/reconcile", form_token=await ada.form_token("/"))
    assert unknown.status == 404
    assert (await ada.post(f"{PAGE}/reconcile")).status == 403


async def test_what_another_process_has_begun_is_said(
    known: None, ada: Browser, database: Database
) -> None:
    async with write_transaction(database) as db:
        await audit.note(db, "reconcile", actor_id=ADA, subject_id=GO)
    assert "Begun, without a result yet" in await shown(ada)
    assert "Reconcile now" in await shown(ada)


async def test_what_goes_on_ends_with_the_process(
    known: None, bot: Bot, api: BotApi, ada: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    api.held = asyncio.Event()
    await ada.submit(ASKS, f"{PAGE}/reconcile")
    await shown(ada)
    async with asyncio.timeout(10):
        await bot.client.close()
    assert "Traceback" not in caplog.text
    assert not await _tasks_named("reconciling")


async def _tasks_named(name: str) -> list[Any]:
    return [task for task in asyncio.all_tasks() if task.get_name() == name]
