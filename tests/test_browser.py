"""The browser of the tests sees a page, and reports what the page complains about."""

import pytest
from aiohttp import web
from playwright.async_api import Browser
from pytest_aiohttp.plugin import AiohttpServer

from tests.browser import browser_fixture as browser_fixture
from tests.browser import open_page

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><html lang=en><link rel=icon href="data:,"><title>Привет</title>
<p style="color: red">سلام 🙂</p>{script}"""
STRICT = "default-src 'none'; img-src data:"


async def _serve(aiohttp_server: AiohttpServer, script: str = "", csp: str = "") -> str:
    async def show(request: web.Request) -> web.Response:
        headers = {"Content-Security-Policy": csp} if csp else None
        text = PAGE.format(script=f"<script>{script}</script>")
        return web.Response(text=text, content_type="text/html", headers=headers)

    app = web.Application()
    app.router.add_get("/", show)
    return str((await aiohttp_server(app)).make_url("/"))


@pytest.mark.parametrize(("dark", "mobile"), [(False, False), (True, True)])
async def test_a_page_is_seen(
    browser: Browser, aiohttp_server: AiohttpServer, dark: bool, mobile: bool
) -> None:
    url = await _serve(aiohttp_server)
    async with open_page(browser, 390, 844, dark=dark, mobile=mobile) as page:
        await page.goto(url)
        assert await page.title() == "Привет"
        assert await page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") is dark
        assert await page.evaluate("'ontouchstart' in window") is mobile


@pytest.mark.parametrize(
    ("script", "csp", "said"),
    [
        ("console.error('out of paper')", "", "out of paper"),
        ("throw new Error('out of ink')", "", "uncaught: .*out of ink"),
        ("fetch('/missing')", "", "404.*/missing"),
        ("", STRICT, "Content Security Policy: style-src-attr refused inline"),
    ],
)
async def test_what_a_page_complains_about_fails_its_test(
    browser: Browser, aiohttp_server: AiohttpServer, script: str, csp: str, said: str
) -> None:
    url = await _serve(aiohttp_server, script, csp)
    with pytest.raises(AssertionError, match=said):
        async with open_page(browser, 1280, 800) as page:
            await page.goto(url, wait_until="networkidle")
