"""The chat page in a real browser, with the real bot behind it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser import browser_fixture as browser_fixture
from tests.browser import open_page
from tests.page_pictures import SHOWN
from tests.running import Bot
from tests.screenshots import PICTURES, take
from tests.site import site_fixture as site_fixture
from userreg.sandbox.telegram import LocalTelegram

pytestmark = pytest.mark.browser

ANN, BOB, CID, GROUP, GO = 101, 102, 5_000_000_103, -100, -1001000000001
only_sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture
async def page(browser: Browser, site: str, bot: Bot) -> AsyncIterator[Page]:
    """Open, as Ann; a dialog would be a stranger's script."""
    async with open_page(browser, 1440, 900) as page:
        page.on("dialog", lambda dialog: pytest.fail(dialog.message))
        await page.goto(f"{site}/#person={ANN}&chat={ANN}")
        await expect(page.locator("#live")).to_have_text("Live")
        yield page


async def go_to(page: Page, chat: int) -> None:
    await page.click(f'#chats [data-chat="{chat}"]')
    await expect(page.locator(f'#chats [data-chat="{chat}"]')).to_have_attribute(
        "aria-current", "true"
    )


@only_sqlite
async def test_a_walk_from_start_to_the_end_of_a_membership(page: Page) -> None:
    """The bot is started, added to a group, asked where it is; then somebody is banned."""
    await page.fill("#text", "/start")
    await page.press("#text", "Enter")
    await expect(page.locator("#messages .message.bot")).to_contain_text("Hello,")
    await expect(page.locator("#updates .entry.update").first).to_contain_text("200")

    await go_to(page, GROUP)
    await page.click("#deeds [data-deed=remove_bot]")
    await page.click("#deeds [data-deed=add_bot]")
    await page.click("#deeds [data-deed=promote_bot]")
    await page.click("#commands [data-command='/whereami']")
    await expect(page.locator("#messages .message.bot").last).to_contain_text("Chess")

    await page.click("#show-members")
    await page.click(f'#members [data-menu="{CID}"]')
    await page.click("#member-menu [data-deed=ban]")
    await expect(page.locator("#messages .service").last).to_have_text(
        "\u2068Ann\u2069 removed \u2068Cid\u2069"
    )
    await page.click(f'#members [data-menu="{CID}"]')
    await page.click(f'#member-menu [data-be="{CID}"]')
    await expect(page.locator("#registry")).to_contain_text("announced")
    await expect(page.locator("#registry")).to_contain_text("left_at")


@only_sqlite
async def test_a_button_of_the_bot_is_pressed_and_answered(
    page: Page, telegram: LocalTelegram
) -> None:
    buttons = {"inline_keyboard": [[{"text": "Go on", "callback_data": "on"}]]}
    telegram.say(telegram.world.chats[ANN], {"text": "Well?", "reply_markup": buttons})
    await page.click("#messages [data-press=on]")
    # The bot knows no such button, and says so.
    await expect(page.locator("#toasts")).to_contain_text("I do not know this button any more")


@only_sqlite
async def test_hostile_names_and_texts_are_plain_text_everywhere(
    page: Page, telegram: LocalTelegram
) -> None:
    """A script that ran would open a dialog; one that the page's policy stops is reported."""
    hostile = "<img src=x onerror=alert(1)>"
    await page.click("#rename")
    await page.fill("#first-name", hostile)
    await page.fill("#last-name", "</b>\u202egnp")
    await page.click("#rename-save")
    await go_to(page, GO)
    await page.fill("#text", "<script>alert(2)</script> javascript:alert(3)")
    await page.press("#text", "Enter")
    await telegram.wait_until_delivered()
    await page.click("#show-members")
    await page.check("#every-column")
    for place in ("#members", "#registry", "#updates"):
        await expect(page.locator(place)).to_contain_text(hostile)
    await expect(page.locator("#messages .message.own").last).to_contain_text("<script>alert(2)")
    assert await page.locator("#messages img, #members img, #registry img").count() == 0


@only_sqlite
async def test_switches_are_seen_and_a_reload_keeps_ones_place(page: Page) -> None:
    await go_to(page, GO)
    await page.click("#switches [data-switch=twice]")
    await page.reload()
    await expect(page.locator("#switches [data-switch=twice]")).to_have_attribute(
        "aria-checked", "true"
    )
    await expect(page.locator("#chat-title")).to_have_text("Go")
    await page.fill("#text", "once or twice?")
    await page.press("#text", "Enter")
    entry = page.locator("#updates .entry.update").first
    await expect(entry.locator(".pill")).to_have_count(2)


async def test_the_pictures_of_the_documentation_can_be_taken(
    browser: Browser, tmp_path: Path
) -> None:
    pictures = await take(tmp_path, ["ar"], SHOWN[:1])
    assert [path.name for path in pictures] == [
        *(n for n, *_ in PICTURES), "pages-overview.png", "menu-ar.png",
    ]  # fmt: skip
    for path in pictures:
        assert path.stat().st_size > 50_000
