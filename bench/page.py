"""The page that tells of the measures, and what is said of the machine they were taken on."""

import os
import platform
import statistics
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
PAGE: Final = ROOT / "docs/performance.md"


def write_between(mark: str, lines: list[str]) -> None:
    """Replace what stands between `<!-- mark -->` and `<!-- end of mark -->`, each of which is a
    line. Raises ValueError where they are not."""
    begin, end = f"<!-- {mark} -->\n", f"<!-- end of {mark} -->\n"
    head, found_begin, rest = PAGE.read_text().partition(begin)
    _, found_end, tail = rest.partition(end)
    if not (found_begin and found_end):
        raise ValueError(f"{PAGE} has no place for {mark}")
    body = "\n".join(lines).strip("\n")
    PAGE.write_text(f"{head}{begin}{body}\n{end}{tail}")


def write(mark: str, how: str, lines: list[str]) -> None:
    """The same, after a line about the machine; `how`: by how many rounds."""
    write_between(mark, [f"{_computer()}, {how}.", "", *lines])


def publish(mark: str, lines: list[str], is_written: bool) -> None:
    """Print a table and, if that was asked for, write it to its place on the page."""
    print("\n".join(lines))
    if is_written:
        write_between(mark, lines)


def machine(folder: Path, postgresql: str) -> str:
    """One sentence; `folder` is on the disk that is written to."""
    pause, slow = fdatasync_ms(folder)
    return (
        f"{_computer()}, {_memory_gb():.0f} GB of memory, "
        f"{platform.system()} {platform.release()}, PostgreSQL {postgresql}. "
        f"A write of 8 kB and its fdatasync take the disk {pause:.2f} ms (median; "
        f"95th percentile {slow:.2f} ms)."
    )


def fdatasync_ms(folder: Path, times: int = 200) -> tuple[float, float]:
    """What a commit waits for: the median and the 95th percentile in milliseconds."""
    page, taken = b"x" * 8192, []
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        for _ in range(times):
            begun = time.perf_counter()
            file.write(page)
            os.fdatasync(file.fileno())
            taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken), statistics.quantiles(taken, n=20)[-1]


def _computer() -> str:
    cores, python = os.cpu_count(), platform.python_version()
    return f"{date.today():%Y-%m-%d}, {cores} cores of {_processor()}, Python {python}"


def _memory_gb() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
