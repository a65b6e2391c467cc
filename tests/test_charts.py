"""Charts: what is drawn is there to be seen, and comes from nowhere else."""

import asyncio
import re
import struct
import sys
import zlib
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import clean_environment
from userreg import charts
from userreg.charts import Chart, Series, draw_png, draw_svg, font, png_of
from userreg.errors import PictureFailed

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "</text><script>alert(1)</script>\0\u202e]]> &amp; \ud800"
WORDS = {
    "en": ("Joins and leaves by day", "Joined", "Left"),
    "uk": ("Приєдналися й вийшли за днями", "Приєдналися", "Вийшли"),
    "ar": ("المنضمّون والمغادرون حسب اليوم", "انضمّوا", "غادروا"),
}


def joins(words: tuple[str, str, str] = WORDS["en"], *, is_dark: bool = False) -> Chart:
    title, joined, left = words
    labels = tuple(f"11-{day:02}" for day in range(1, 31))
    series = (Series(joined, tuple(range(30))), Series(left, tuple(range(30, 0, -1))))
    return Chart(title, "In words.", labels, series, "bars_against", is_dark)


def pixels(png: bytes) -> tuple[int, int, list[bytes]]:
    """Width, height, and the rows of an RGBA picture, each filtered as PNG does."""
    width, height = struct.unpack(">II", png[16:24])
    data, at = b"", 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            data += png[at + 8 : at + 8 + length]
        at += 12 + length
    raw, size = zlib.decompress(data), 1 + 4 * width
    return width, height, [raw[i : i + size] for i in range(0, size * height, size)]


@pytest.mark.parametrize("is_dark", [False, True])
@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
def test_the_svg_stands_alone(words: tuple[str, str, str], is_dark: bool) -> None:
    svg = draw_svg(joins(words, is_dark=is_dark))
    root = ElementTree.fromstring(svg)
    assert {e.tag.removeprefix(SVG) for e in root.iter()} <= {
        "svg", "title", "desc", "defs", "style", "g", "rect", "text", "path", "line", "circle",
    }  # fmt: skip
    assert re.findall(r"https?:", svg) == ["http:"], "the namespace of SVG"
    for word in ("script", "href", "url(", "@import", "onload"):
        assert word not in svg
    assert root.find(f"{SVG}title").text == words[0]
    assert root.find(f"{SVG}desc").text == "In words."
    texts = {e.text for e in root.iter(f"{SVG}text")}
    assert {*words, "11-30", "0", "10"} <= texts


def test_what_leaves_hangs_down_and_is_no_less_than_nothing() -> None:
    root = ElementTree.fromstring(draw_svg(joins()))
    numbers = [e.text for e in root.iter(f"{SVG}text") if (e.text or "").isdecimal()]
    assert numbers == ["30", "20", "10", "0", "10", "20", "30"]


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
def test_every_text_is_in_the_picture(words: tuple[str, str, str]) -> None:
    """Without a font text vanishes, and nobody says so. Each letter has a shape of its own."""
    svg = draw_svg(joins(words))
    whole = pixels(png_of(svg))
    for text in (*words, "11-30"):
        without = svg.replace(f">{text}</text>", "></text>")
        assert without != svg
        assert pixels(png_of(without)) != whole, text
    title = words[0]
    seen = {png_of(svg.replace(f">{title}</text>", f">{c}</text>")) for c in set(title) - {" "}}
    unknown = png_of(svg.replace(f">{title}</text>", ">\U00012000</text>"))
    marks = {"ّ"}  # which stands upon another letter
    assert len(seen) >= len(set(title) - {" "} - marks)
    assert unknown not in seen


def test_arabic_letters_are_joined() -> None:
    """Letters that stand alone, kept apart by a mark that does not join, look different."""
    svg = draw_svg(joins(WORDS["ar"]))
    word = WORDS["ar"][1]
    apart = "\u200c".join(word)
    assert png_of(svg) != png_of(svg.replace(f">{word}<", f">{apart}<"))


async def test_a_picture_is_drawn_in_a_process_that_loads_no_bot() -> None:
    png = await draw_png(joins())
    assert png == png_of(draw_svg(joins()))
    assert pixels(png)[:2] == (1280, 720)

    loaded = "import sys, userreg.charts as c; c.png_of(c.draw_svg(c.Chart('', '', (), ())));"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", loaded + "print(*sys.modules)", stdout=asyncio.subprocess.PIPE,
        env=clean_environment(),
    )  # fmt: skip
    modules = (await process.communicate())[0].decode().split()
    assert {"pygal", "resvg_py"} <= set(modules)
    assert not {"aiogram", "tortoise", "pydantic", "aiohttp"} & set(modules)


async def test_a_picture_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charts, "TIMEOUT", 0.001)
    with pytest.raises(PictureFailed, match="not drawn within"):
        await draw_png(joins())


async def test_a_picture_that_fails_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    unlike = Chart("", "", (), (Series("one", (1,)),), kind="pie")
    with pytest.raises(PictureFailed, match="Invalid enum value 'pie'"):
        await draw_png(unlike)


async def test_a_picture_that_nobody_waits_for_leaves_no_process_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started: asyncio.Future[asyncio.subprocess.Process] = asyncio.Future()
    start = asyncio.create_subprocess_exec

    async def noted(*arguments: str, **more: Any) -> asyncio.subprocess.Process:
        started.set_result(await start(*arguments, **more))
        return started.result()

    monkeypatch.setattr(asyncio, "create_subprocess_exec", noted)
    drawing = asyncio.create_task(draw_png(joins()))
    process = await started
    drawing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await drawing
    assert process.returncode is not None


words = st.text(max_size=20) | st.just(HOSTILE)
values = st.integers(0, 10) | st.integers(0, 10**12)


@settings(max_examples=100)
@given(
    title=words, names=st.lists(words, max_size=2), count=st.integers(0, 61), data=st.data(),
    kind=st.sampled_from(["bars", "bars_against"]),
)  # fmt: skip
def test_any_numbers_and_words_make_a_chart(
    title: str, names: list[str], count: int, data: st.DataObject, kind: str
) -> None:
    numbers = st.lists(values, min_size=count, max_size=count)
    series = tuple(Series(name, tuple(data.draw(numbers))) for name in names)
    labels = tuple(data.draw(st.lists(words, min_size=count, max_size=count)))
    root = ElementTree.fromstring(draw_svg(Chart(title, title, labels, series, kind)))
    assert not [e for e in root.iter() if e.tag == f"{SVG}script"]
    shown = [float(r.get("height", "0")) for r in root.iter(f"{SVG}rect")]
    assert all(height >= 0 for height in shown)


def test_the_font_is_shipped_with_its_licence() -> None:
    assert font().is_file()
    assert "Bitstream Vera" in (font().parent / "LICENSE.DejaVu.txt").read_text()
