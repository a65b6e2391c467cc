"""A real browser that looks at the pages: the system's Chromium, with a fresh profile each time.

A test module imports the fixture: `from tests.browser import browser_fixture as browser_fixture`,
asks for `browser`, and looks through `open_page`. A page that complains fails its test.
"""

import contextlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, WebError, async_playwright

#: The last may be Ubuntu's empty shell that asks for a snap.
_NAMES = ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser")
_OPTIONS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    # Neither the browser nor a page gets anywhere but to the servers of the tests.
    "--no-proxy-server", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]  # fmt: skip
_TELL_CSP_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) => console.error(
    `Content Security Policy: ${event.violatedDirective} refused ${event.blockedURI}`))
"""


def find_chromium() -> str | None:
    return next(filter(None, map(shutil.which, _NAMES)), None)


@contextlib.asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    with tempfile.TemporaryDirectory(prefix="userreg-browser-", ignore_cleanup_errors=True) as home:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=find_chromium(), args=_OPTIONS,
                env=os.environ | {"XDG_CONFIG_HOME": home, "XDG_CACHE_HOME": home},
            )  # fmt: skip
            try:
                yield browser
            finally:
                await browser.close()


@contextlib.asynccontextmanager
async def open_page(
    browser: Browser, width: int, height: int, dark: bool = False, mobile: bool = False
) -> AsyncIterator[Page]:
    """A page with cookies and storage of its own.

    AssertionError at the end when it, a frame or a page that it opened wrote an error to the
    console, left one uncaught, or broke its Content Security Policy.
    """
    complaints: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type in ("error", "assert"):
            complaints.append(f"{message.text} ({message.location['url']})")

    def on_error(error: WebError) -> None:
        complaints.append(f"uncaught: {error.error}")

    context = await browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        is_mobile=mobile, has_touch=mobile, device_scale_factor=2 if mobile else 1,
    )  # fmt: skip
    try:
        context.on("console", on_console)
        context.on("weberror", on_error)
        await context.add_init_script(_TELL_CSP_VIOLATIONS)
        yield await context.new_page()
        for page in context.pages:
            await page.evaluate("0")  # what it wrote before has arrived when this is answered
    except BaseException as error:
        for complaint in complaints:
            error.add_note(f"the page complained: {complaint}")
        raise
    finally:
        await context.close()
    assert not complaints, "the page complained:\n" + "\n".join(complaints)


@pytest.fixture(scope="session", name="browser")
async def browser_fixture() -> AsyncIterator[Browser]:
    """One for all tests; in CI (but not with WITHOUT_BROWSER) there has to be one."""
    if find_chromium() is None:
        if os.environ.get("CI") and not os.environ.get("WITHOUT_BROWSER"):
            pytest.fail("no Chromium on this machine: apt-get install chromium", pytrace=False)
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    async with open_browser() as browser:
        yield browser
