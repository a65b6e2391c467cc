"""Writes what was measured into `docs/performance.md`, between two marks."""

import os
import platform
from datetime import date
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
PAGE: Final = ROOT / "docs/performance.md"


def write(mark: str, how: str, lines: list[str]) -> None:
    """Replace what stands between `<!-- mark -->` and `<!-- end of mark -->`; `how`: by how many
    rounds."""
    head, _, rest = PAGE.read_text().partition(f"<!-- {mark} -->\n")
    _, _, tail = rest.partition(f"<!-- end of {mark} -->\n")
    body = "\n".join([f"{_machine()}, {how}.\n", *lines]).rstrip()
    PAGE.write_text(f"{head}<!-- {mark} -->\n{body}\n<!-- end of {mark} -->\n{tail}")


def _machine() -> str:
    cores, python = os.cpu_count(), platform.python_version()
    return f"{date.today():%Y-%m-%d}, {cores} cores of {_processor()}, Python {python}"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
