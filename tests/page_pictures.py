"""Pictures of the pages for administrators, taken of the running demo: by `make screenshots`."""

import contextlib
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import NamedTuple

from playwright.async_api import Browser, FloatRect, Page

from tests.browser import open_page
from userreg.sandbox.world.town_names import ANN_ID


class Picture(NamedTuple):
    """Of which page, how it looks, and on what."""

    page: str
    is_dark: bool = False
    is_telephone: bool = False

    @property
    def name(self) -> str:
        look, device = "-dark" * self.is_dark, "-telephone" * self.is_telephone
        return f"pages-{self.page}{look}{device}.png"


#: What is seen of a long page.
_LONG = 2_400
PAGES = ("overview", "users", "person", "chat", "phrases")
EVERY = [
    Picture(p, dark, small) for p in PAGES for dark in (False, True) for small in (False, True)
]
#: Those that the documentation shows.
SHOWN = [
    Picture("overview"), Picture("overview", is_dark=True), Picture("chat"), Picture("phrases"),
    Picture("person", is_telephone=True), Picture("chat", is_dark=True, is_telephone=True),
]  # fmt: skip


async def take_pages(
    browser: Browser, url: str, folder: Path, pictures: Iterable[Picture], whole: bool = False
) -> list[Path]:
    """By the address of the demo's chat page; `whole`: down to the end, or far enough."""
    taken = []
    for picture in pictures:
        async with _logged_in(browser, url, picture) as page:
            path = folder / picture.name
            await page.goto(await _address(page, url, picture.page))
            await _show_pictures(page)
            size = page.viewport_size
            assert size
            height = await page.evaluate("document.documentElement.scrollHeight")
            clip: FloatRect = {"x": 0, "y": 0, "width": size["width"], "height": min(height, _LONG)}
            await page.screenshot(
                path=path, animations="disabled", full_page=whole, clip=clip if whole else None
            )
            taken.append(path)
    return taken


@contextlib.asynccontextmanager
async def _logged_in(browser: Browser, url: str, picture: Picture) -> AsyncIterator[Page]:
    width, height = (390, 844) if picture.is_telephone else (1280, 1260)
    async with open_page(browser, width, height, picture.is_dark, picture.is_telephone) as page:
        await page.goto(f"{url}pages")
        await page.get_by_role("button").click()
        await page.wait_for_url("**/admin/")
        yield page


async def _address(page: Page, url: str, name: str) -> str:
    root = page.url
    match name:
        case "overview":
            return root
        case "person":
            return f"{root}users/{ANN_ID}"
        case "chat":
            return f"{root}chats/{await _largest_chat(page, url)}"
    return root + name


async def _largest_chat(page: Page, url: str) -> int:
    """Of those that the bot administers."""
    answer = await page.context.request.get(f"{url}state")
    chats = [c for c in (await answer.json())["chats"] if c["bot_status"] == "administrator"]
    return int(max(chats, key=lambda chat: chat["member_count"])["id"])


async def _show_pictures(page: Page) -> None:
    for picture in await page.locator(".charts img").all():
        await picture.scroll_into_view_if_needed()
        await page.wait_for_function(
            "picture => picture.complete", arg=await picture.element_handle()
        )
    await page.evaluate("scrollTo(0, 0)")
