"""The pictures of the documentation, taken of the running demo: `make screenshots`."""

import asyncio
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from playwright.async_api import Browser, Page

from tests.browser import open_browser, open_page
from tests.demo import playing
from tests.page_pictures import EVERY, SHOWN, Picture, take_pages

DOCS = Path(__file__).parent.parent / "docs"
#: Name, width, height, dark, telephone.
PICTURES = [
    ("chat-page.png", 1440, 900, False, False),
    ("chat-page-dark.png", 1440, 900, True, False),
    ("chat-page-telephone.png", 390, 844, False, True),
]


#: The languages in which the bot's menu is shown, as its button names them.
LANGUAGES = {"en": "English", "uk": "Українська", "ru": "Русский", "es": "Español", "ar": "العربية"}
#: What the bot says in a group that asks where it is.
_ANSWER = "#messages .message.bot >> text=My status"


async def take(
    folder: Path, languages: Iterable[str] = tuple(LANGUAGES), pages: Iterable[Picture] = SHOWN
) -> list[Path]:
    """Writes the pictures into `folder`; returns where they are."""
    with tempfile.TemporaryDirectory() as temporary:
        async with playing(folder=Path(temporary)) as (_, url), open_browser() as browser:
            taken = [await _take(browser, url, folder, *each) for each in PICTURES]
            taken += await take_pages(browser, url, folder, pages)  # before Ann speaks Arabic
            return [*taken, *[await _take_menu(browser, url, folder, code) for code in languages]]


async def _take(
    browser: Browser, url: str, folder: Path, name: str, width: int, height: int,
    dark: bool, mobile: bool,
) -> Path:  # fmt: skip
    async with open_page(browser, width, height, dark=dark, mobile=mobile) as page:
        await page.goto(url)
        await _open_the_group(page, mobile)
        if not await page.query_selector(_ANSWER):
            await page.click("#commands [data-command='/whereami']")
        await page.wait_for_selector(_ANSWER)
        await page.screenshot(path=folder / name, animations="disabled")
    return folder / name


async def _take_menu(browser: Browser, url: str, folder: Path, code: str) -> Path:
    """What Ann is shown after she has chosen this language."""
    path = folder / f"menu-{code}.png"
    async with open_page(browser, 480, 1000, dark=False, mobile=True) as page:
        await page.goto(url)
        await page.click(".tabs button[data-view=chats]")
        await page.click("#chats .chat-button[data-type=private]")
        await _ask(page, "/language")
        await page.locator("#messages .message.bot").last.get_by_text(LANGUAGES[code]).click()
        await page.wait_for_selector(f"#messages .message.bot:last-child >> text={LANGUAGES[code]}")
        await _ask(page, "/start")
        await page.locator("#messages").screenshot(path=path, animations="disabled")
    return path


async def _ask(page: Page, command: str) -> None:
    answers = page.locator("#messages .message.bot")
    known = await answers.count()
    await page.fill("#text", command)
    await page.press("#text", "Enter")
    await answers.nth(known).wait_for()


async def _open_the_group(page: Page, mobile: bool) -> None:
    """Ann's chess group, with what was said there."""
    if mobile:
        await page.click(".tabs button[data-view=chats]")
    await page.click("#chats .chat-button[data-type=group]")
    await page.wait_for_selector("#messages .message")


async def take_every_page(folder: Path) -> list[Path]:
    """To be looked at: each of the pages from its beginning to its end."""
    with tempfile.TemporaryDirectory() as temporary:
        async with playing(folder=Path(temporary)) as (_, url), open_browser() as browser:
            return await take_pages(browser, url, folder, EVERY, whole=True)


def main() -> None:
    """Into docs/; with a folder, every page into that one instead."""
    if folders := sys.argv[1:]:
        Path(folders[0]).mkdir(parents=True, exist_ok=True)
        asyncio.run(take_every_page(Path(folders[0])))
        return
    for path in asyncio.run(take(DOCS)):
        sys.stdout.write(f"{path.relative_to(DOCS.parent)}\n")


if __name__ == "__main__":
    main()
