"""Charts: numbers -> SVG -> PNG. Pure; every word comes from the caller, translated.

The SVG stands alone: no script, nothing from elsewhere. Its text is drawn with the font that the
package ships, because a font that the machine lacks leaves no text at all, and no error.
`draw_png` renders in a process of its own, `python -m userreg.charts`: rendering takes a fifth of a
second of pure computation in which no other thread of this process would run, is wanted rarely, and
a process that has ended keeps no memory.
"""

import asyncio
import contextlib
import sys
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from userreg.errors import PictureFailed

WIDTH: Final = 960
HEIGHT: Final = 540
#: Pixels of a PNG's width.
PNG_WIDTH: Final = 1280
#: Seconds for one picture, start of the process included.
TIMEOUT: Final = 15.0
#: Labels along the bottom that have room.
_LABELS: Final = 10
_FONT: Final = "DejaVu Sans"
#: Where Python finds this package, wherever it is started.
_HERE: Final = str(Path(__file__).resolve().parent.parent)
#: Numbers up the side are grouped as in no language or all of them: with a narrow space.
_GROUPING: Final = "\u202f"


class Series(msgspec.Struct, frozen=True):
    """One value for each label of the chart."""

    name: str
    values: tuple[int, ...]


class Chart(msgspec.Struct, frozen=True):
    """`bars`, or `bars_against`: the second series hangs down from the line, for comparison.
    `description` says in words what is to be seen, for those who do not see it."""

    title: str
    description: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    kind: Literal["bars", "bars_against"] = "bars"
    is_dark: bool = False
    width: int = WIDTH
    height: int = HEIGHT


_LIGHT: Final = {
    "background": "#ffffff", "plot_background": "#ffffff", "foreground": "#4b5563",
    "foreground_strong": "#111827", "foreground_subtle": "#9ca3af",
    "guide_stroke_color": "#e5e7eb", "major_guide_stroke_color": "#9ca3af",
    "colors": ("#2563eb", "#d97706"),
}  # fmt: skip
_DARK: Final = {
    "background": "#17212b", "plot_background": "#17212b", "foreground": "#b6c2cf",
    "foreground_strong": "#f3f4f6", "foreground_subtle": "#6b7a89",
    "guide_stroke_color": "#2b3947", "major_guide_stroke_color": "#6b7a89",
    "colors": ("#60a5fa", "#fbbf24"),
}  # fmt: skip


def draw_svg(chart: Chart) -> str:
    """The chart as one SVG element, to stand in a page or in a file."""
    import pygal  # takes a tenth of a second, which most processes never need
    from pygal.style import Style

    style = Style(
        **(_DARK if chart.is_dark else _LIGHT), font_family=_FONT, title_font_size=26,
        label_font_size=16, major_label_font_size=16, legend_font_size=18, no_data_font_size=26,
        opacity="1", opacity_hover="1", guide_stroke_dasharray="1,0",
        major_guide_stroke_dasharray="1,0",
    )  # fmt: skip
    graph = pygal.StackedBar(
        style=style, js=[], width=chart.width, height=chart.height, title=_plain(chart.title),
        margin=24, spacing=16, show_legend=len(chart.series) > 1, legend_at_bottom=True,
        legend_box_size=16, truncate_legend=-1, truncate_label=-1, show_minor_x_labels=False,
        no_data_text="–", disable_xml_declaration=True, value_formatter=_number,
    )  # fmt: skip
    graph.uuid = "userreg"
    graph.x_labels = [_plain(label) for label in chart.labels]
    every = -(-len(chart.labels) // _room(chart)) or 1
    graph.x_labels_major = graph.x_labels[::-1][::every]  # the last one is today
    signs = (1, -1 if chart.kind == "bars_against" else 1)
    drawn = [[sign * n for n in one.values] for one, sign in zip(chart.series, signs, strict=False)]
    for series, values in zip(chart.series, drawn, strict=True):
        graph.add(_plain(series.name), values)
    if chart.labels and drawn:  # else pygal draws its text for no data
        graph.y_labels, graph.y_labels_major = _ticks(drawn), [0]
    graph.add_xml_filter(lambda root: _stand_alone(root, chart))
    return str(graph.render(is_unicode=True))


def _room(chart: Chart) -> int:
    """For so many labels; few of them are short ones, and have room."""
    return _LABELS if len(chart.labels) <= _LABELS else _LABELS * chart.width // WIDTH or 1


def png_of(svg: str) -> bytes:
    """The picture of an SVG of ours. Holds the interpreter meanwhile: see `draw_png`."""
    import resvg_py

    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg, width=PNG_WIDTH, skip_system_fonts=True, font_files=[str(font())],
            font_family=_FONT, sans_serif_family=_FONT,
        )
    )  # fmt: skip


async def draw_png(chart: Chart) -> bytes:
    """The chart as a picture. Raises `PictureFailed`."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "userreg.charts", env={"PYTHONPATH": _HERE},
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(TIMEOUT):
            png, complaint = await process.communicate(msgspec.json.encode(chart))
    except TimeoutError:
        raise PictureFailed(f"A picture was not drawn within {TIMEOUT:g} s.") from None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode != 0:
        reason = complaint.decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise PictureFailed(f"A picture could not be drawn: {reason or process.returncode}.")
    return png


def font() -> Path:
    """DejaVu Sans: Latin, Cyrillic, Greek, Arabic; its licence lies beside it."""
    return Path(str(files("userreg") / "fonts" / "DejaVuSans.ttf"))


def _stand_alone(root: Any, chart: Chart) -> Any:
    """Without pygal's script and comments; with what a screen reader says."""
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag == "script" or not isinstance(child.tag, str):
                parent.remove(child)
    for tag, text in (("desc", chart.description), ("title", chart.title)):
        element = root.makeelement(tag, {})
        element.text = _plain(text)
        root.insert(0, element)
    root.set("role", "img")
    return root


def _ticks(drawn: Sequence[Sequence[int]]) -> list[int]:
    """A few whole numbers, round ones, from the lowest to the highest value."""
    values = [0, *(value for values in drawn for value in values)]
    low, high = min(values), max(values)
    if len(drawn) > 1 and low >= 0:  # they stand upon each other
        high = max(map(sum, zip(*drawn, strict=True)), default=0)
    least = max(1.0, (high - low) / 7)
    power = 10 ** (len(str(int(least))) - 1)
    step = next(power * n for n in (1, 2, 5, 10) if power * n >= least)
    return [n * step for n in range(low // step, -(-high // step) + 1)] or [0]


def _number(value: float) -> str:
    """What hangs down is no less than nothing."""
    return f"{abs(round(value)):,}".replace(",", _GROUPING)


def _plain(text: str) -> str:
    """Text that XML can hold, in one line."""
    return "".join(c for c in " ".join(text.split()) if c.isprintable())


def main() -> None:
    """A chart as JSON comes in, a PNG goes out."""
    chart = msgspec.json.decode(sys.stdin.buffer.read(), type=Chart)
    sys.stdout.buffer.write(png_of(draw_svg(chart)))


if __name__ == "__main__":
    main()
