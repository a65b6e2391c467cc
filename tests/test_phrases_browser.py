"""Arabic as a real browser lays it out: what people see, from left to right."""

from datetime import UTC, datetime

import pytest
from playwright.async_api import Browser

from tests.browser import browser_fixture as browser_fixture
from userreg.phrases import Markup, lines, name, say, speaking

pytestmark = pytest.mark.browser

AT = datetime(2026, 11, 1, 9, 5, tzinfo=UTC)
_BY_PLACE = """() => [...document.querySelectorAll("div")].map((line) => {
    const seen = [], walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
    for (let node; (node = walker.nextNode());) for (let i = 0; i < node.length; i++) {
        const range = document.createRange();
        range.setStart(node, i); range.setEnd(node, i + 1);
        const box = range.getBoundingClientRect();
        if (box.width > 0) seen.push([box.left, node.data[i]]);
    }
    return seen.sort((a, b) => a[0] - b[0]).map((each) => each[1]).join("");
})"""


async def _seen(browser: Browser, message: Markup) -> list[str]:
    """The characters of each line by where they stand; the direction is found out as in a chat."""
    page = await browser.new_page(viewport={"width": 2000, "height": 800})
    shown = "".join(f"<div dir=auto>{line}</div>" for line in message.split("\n"))
    await page.set_content(f"<meta charset=utf-8>{shown}")
    seen: list[str] = await page.evaluate(_BY_PLACE)
    await page.close()
    return seen


async def test_commands_stand_whole_at_the_right_of_their_lines(browser: Browser) -> None:
    with speaking("ar"):
        _, me, seen, stats, whereami, *_, help_ = await _seen(browser, say("help.private"))
    assert me.endswith(" – /me")
    assert whereami.endswith(" – /whereami")
    assert stats.endswith(" – /stats")
    assert seen.endswith(" – /seen @username")
    assert help_.endswith(" – /help")


async def test_values_of_another_direction_stay_as_they_are(browser: Browser) -> None:
    with speaking("ar"):
        message = lines(
            say("me.id", id="-1001234"),
            say("me.username", username="fox"),
            say("me.title", name=name("Eve (x) 5!")),
            say("me.chat", chat=name("Chess!"), status=say("status.as_of", status="x", at=AT)),
            say("whereami.members", known=12_345, count=100_000, confirmed=3),
        )
        id_, username, title, chat, members = await _seen(browser, message)
    assert id_.startswith("-1001234 :")
    assert username.startswith("@fox :")
    assert title == "Eve (x) 5!"
    assert chat.startswith("UTC 09:05 ،2026 ")
    assert chat.endswith(" :Chess! •")
    assert members.startswith("3 ")
    assert "،100,000 " in members
    assert " 12,345 " in members
