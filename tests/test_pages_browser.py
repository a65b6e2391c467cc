"""The pages for administrators in a real browser."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, Route, expect

from tests import updates
from tests.browser import browser_fixture as browser_fixture
from tests.browser import open_page
from tests.browsing import ADA
from tests.browsing import database as database
from tests.browsing import settings as settings
from tests.demo import playing
from tests.running import Bot
from userreg import preferences, sessions
from userreg.database_url import Database
from userreg.models import User
from userreg.phrases import say
from userreg.web.pages import MENU

pytestmark = pytest.mark.browser

only_sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
EVE = "</title><script>document.title = 'executed'; alert(1)</script>"
NAMES = [
    EVE, '"><img src=x onerror=alert(2)>', "' onfocus='alert(3)' autofocus='",
    "<svg/onload=alert(4)>", "\u202egnp.exe", "\u3164", "W" * 200, "מישהו", "a" + "\u0301" * 50,
]  # fmt: skip
DEN = {"id": -777, "type": "supergroup", "title": EVE, "username": "den"}
PATHS = ["/", "/users", "/users/201", "/users/201?forget=ask", "/chats", "/chats/-777", "/letters",
         "/audit", "/users?search=nobody", "/users?language=xx",
         "/memberships?chat_id=-777"]  # fmt: skip


@pytest.fixture
async def filled(bot: Bot) -> Bot:
    """With a stranger's words in every column."""
    for number, name in enumerate(NAMES):
        eve: dict[str, Any] = {
            "id": 201 + number, "is_bot": False, "first_name": name, "last_name": name,
            "username": name[:32], "language_code": name[:30],
        }  # fmt: skip
        now = int(bot.telegram.clock.time())
        den = DEN | {"title": name, "id": -777 - number}
        await bot.tell(
            updates.message(eve, den, date=now),
            updates.message(eve, DEN, date=now),
            updates.chat_member(eve, "left", "administrator", DEN),
        )
        await bot.post(b"[" + json.dumps(name, ensure_ascii=False).encode())
    return bot


async def people(bot: Bot, count: int) -> None:
    at = {"first_seen_at": "2026-11-01T00:00:00+00:00"}
    await User.bulk_create([User(id=1_000 + n, first_name=f"P{n}", **at) for n in range(count)])


Opened = Callable[..., Any]


@pytest.fixture
def opened(browser: Browser, bot: Bot, database: Database) -> Opened:
    """`async with opened(width, height, dark) as page`: Ada's browser, logged in."""

    class Opening:
        def __init__(self, width: int = 1280, height: int = 800, dark: bool = False) -> None:
            self.context = open_page(browser, width, height, dark=dark)

        async def __aenter__(self) -> Page:
            page = await self.context.__aenter__()
            page.on("dialog", lambda dialog: pytest.fail(dialog.message))
            code = await sessions.make_link(database, ADA)
            await page.goto(str(bot.client.make_url(f"/admin/login?code={code}")))
            await page.get_by_role("button", name="Log in").click()
            await expect(page.get_by_role("heading", level=1)).to_be_visible()
            return page

        async def __aexit__(self, *error: Any) -> None:
            await self.context.__aexit__(*error)

    return Opening


def at(bot: Bot, path: str) -> str:
    return str(bot.client.make_url("/admin")) + path


async def test_from_the_bots_link_to_somebody_forgotten(browser: Browser, tmp_path: Path) -> None:
    """In the demo: as Ann, by the link in her chat with the bot."""
    folder = tmp_path / "demo"
    folder.mkdir()
    async with playing(folder=folder) as (_, url), open_page(browser, 1440, 900) as page:
        await page.goto(url)
        await page.click("#chats .chat-button[data-type=private]")
        await page.fill("#text", "/admin")
        await page.press("#text", "Enter")
        last = page.locator("#messages .message.bot").last
        await _go_in_within_telegram(page)
        await last.get_by_text("Open the pages").click()
        link = last.locator("a[href*='/admin/login?code=']")
        address = await link.get_attribute("href")
        assert address
        await page.goto(address)
        await page.get_by_role("button", name="Log in").click()
        await expect(page.get_by_role("heading", name="Overview")).to_be_visible()
        for picture in await page.locator(".charts img").all():
            await picture.scroll_into_view_if_needed()
            await expect(picture).to_have_js_property("complete", True)
            assert await picture.evaluate("picture => picture.naturalWidth") > 0
        root, _, code = address.partition("/login?code=")
        again = await page.context.request.post(
            f"{root}/login", form={"code": code}, headers={"Origin": root.removesuffix("/admin")}
        )
        assert again.status == 403

        await page.get_by_role("link", name="People").click()
        rows = page.locator("tbody tr")
        first = await rows.first.inner_text()
        if await page.get_by_role("link", name="After").count():
            await page.get_by_role("link", name="After").click()
            assert await rows.first.inner_text() != first
            await page.get_by_role("link", name="Before").click()
        assert await rows.first.inner_text() == first
        user_id = await rows.nth(3).locator("td.number").inner_text()
        await page.get_by_role("searchbox").fill(user_id)
        await page.get_by_role("searchbox").press("Enter")
        await expect(rows).to_have_count(1)
        await rows.first.get_by_role("link").click()
        await page.get_by_role("link", name="Forget this person").click()
        await page.get_by_role("button", name="Yes, forget them").click()
        await expect(page.get_by_role("heading", name="People")).to_be_visible()
        await page.get_by_role("searchbox").fill(user_id)
        await page.get_by_role("button", name="Search").click()
        await expect(page.locator(".empty")).to_contain_text("Nobody has this id")
        await page.get_by_role("link", name="Audit").click()
        await expect(page.locator("tbody")).to_contain_text("forgotten")
        await page.get_by_role("button", name="Log out").click()
        await expect(page.get_by_role("heading", name="Log in")).to_be_visible()
        assert (await page.context.request.get(f"{root}/audit")).status == 401

        await page.goto(f"{url}pages")  # as the demo prints it
        await page.get_by_role("button", name="Log in").click()
        await expect(page.get_by_role("heading", name="Overview")).to_be_visible()


async def _go_in_within_telegram(page: Page) -> None:
    """Telegram says who it is, in the address, where nothing of it stays. Whoever comes without
    its word is told what to do."""
    last = page.locator("#messages .message.bot").last
    async with page.context.expect_page() as opening:
        await last.get_by_text("Pages within Telegram").click()
    app = await opening.value
    await expect(app.get_by_role("heading", name="Overview")).to_be_visible()
    assert app.url.endswith("/admin/")
    await app.get_by_role("button", name="Log out").click()
    await expect(app.get_by_role("heading", name="Log in")).to_be_visible()
    await app.goto(f"{app.url}/app#tgWebAppVersion=9.3")
    await expect(app.get_by_text("write /admin to the bot")).to_be_visible()
    await app.close()


@only_sqlite
async def test_no_strangers_words_run_anywhere(filled: Bot, opened: Opened) -> None:
    """A script would open a dialog; what the policy stops, or the console hears, fails the test."""
    async with opened() as page:
        for path in [*PATHS, *(f"/users/{201 + n}" for n in range(len(NAMES)))]:
            await page.goto(at(filled, path))
            assert await page.title() != "executed"
            assert await page.locator("script, svg, iframe, [onerror], [onfocus]").count() == 0
            assert await page.locator("img:not(.charts img)").count() == 0
            for link in await page.locator("tbody a").all():
                assert await link.evaluate("a => a.getBoundingClientRect().width") > 5
        await page.goto(at(filled, "/letters"))
        for letter in await page.locator("summary").all():
            await letter.click()
        await expect(page.locator("pre").last).to_be_visible()


@only_sqlite
@pytest.mark.parametrize("width", [360, 2560])
async def test_a_page_never_scrolls_sideways(filled: Bot, opened: Opened, width: int) -> None:
    await people(filled, 120)
    async with opened(width, 800) as page:
        for path in [*PATHS, "/users?after=1060", "/chats/-783", "/users/207"]:
            await page.goto(at(filled, path))
            sizes = await page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
            assert sizes[0] <= sizes[1], path


@only_sqlite
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("language", ["en", "ar"])
async def test_axe_finds_nothing(
    filled: Bot, opened: Opened, database: Database, dark: bool, language: str
) -> None:
    await people(filled, 120)
    await preferences.choose_language(database, ADA, language)
    async with opened(1280, 800, dark) as page:
        await page.route("**/users?language=%25", _as_if_it_were_good)
        for path in [*PATHS, "/users?after=1060", "/users?language=%25"]:
            await page.goto(at(filled, path))
            direction = "rtl" if language == "ar" else "ltr"
            assert await page.locator("html").get_attribute("dir") == direction
            assert await page.evaluate(_IDS_TURNED_ROUND) == []
            await _assert_accessible(page)
        await page.context.clear_cookies()
        for path in ("/login?code=x", "/login/app"):
            await page.goto(at(filled, path))
            await _assert_accessible(page)


#: Ids of groups that would be shown with their minus at the end.
_IDS_TURNED_ROUND = """[...document.querySelectorAll('main *')].filter(e =>
    /^-[0-9]+$/.test(e.textContent.trim()) && !e.children.length
    && getComputedStyle(e).direction != 'ltr').map(e => e.outerHTML)"""


async def _as_if_it_were_good(route: Route) -> None:
    """The console complains of an answer 400."""
    response = await route.fetch()
    assert response.status == 400
    await route.fulfill(response=response, status=200)


async def _assert_accessible(page: Page) -> None:
    found = await Axe().run(page)
    assert not found.response["violations"], (page.url, found.generate_report())


@only_sqlite
async def test_a_keyboard_is_enough(filled: Bot, opened: Opened) -> None:
    """What is focused is seen; the first stop leads past the menu; all that can be done is reached
    in the order of the page."""
    async with opened() as page:
        await page.goto(at(filled, "/users/201?forget=ask"))
        stops: list[str] = []
        tops: list[float] = []
        while len(stops) < 60:
            await page.keyboard.press("Tab")
            stop, top, outline = await page.evaluate(_FOCUSED)
            if not stop:
                break
            stops.append(stop)
            tops.append(top)
            assert outline != "none 0px", stop
        assert stops[0] == "To the content"
        menu = ["userreg", *(say(f"page.{name}") for name in MENU), "Log out"]
        assert stops[1 : len(menu) + 1] == menu
        assert stops[-2:] == ["Yes, forget them", "Cancel"]
        after = tops[len(menu) + 1 :]
        assert after == sorted(after)

        await page.goto(at(filled, "/users"))
        await page.keyboard.press("Tab")
        skip = page.get_by_text("To the content")
        assert (await skip.bounding_box() or {"x": -1})["x"] >= 0
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("searchbox")).to_be_focused()


_FOCUSED = """() => {
    const at = document.activeElement, style = getComputedStyle(at);
    if (at === document.body) return ["", 0, ""];
    const name = at.textContent.trim() || at.getAttribute("aria-label") || at.name;
    const top = at.getBoundingClientRect().top + scrollY;
    return [name, top, `${style.outlineStyle} ${style.outlineWidth}`];
}"""
