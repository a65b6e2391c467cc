"""Rows as CSV or JSON, streamed: memory does not grow with the registry."""

import contextlib
import csv
import errno
import json
import os
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, TextIO

from userreg import totals
from userreg.upsert import Row

#: What a spreadsheet takes for the beginning of a formula (OWASP ASVS 5.0, 1.2.10).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\0", "＝", "＋", "－", "＠")


async def summary() -> Row:
    """The registry in numbers."""
    people = await totals.count_people()
    types = await totals.count_chats_by_type()
    return {
        "users": people.total,
        "users_active_today": people.day,
        "users_active_7d": people.week,
        "users_active_30d": people.month,
        "chats": sum(types.values()),
        **{f"chats_{type_}": types.get(type_, 0) for type_ in
           ("private", "group", "supergroup", "channel", "unknown")},
        "memberships": await totals.count_all_memberships(),
        "memberships_confirmed": await totals.count_confirmed_memberships(),
    }  # fmt: skip


async def write_csv(rows: AsyncIterator[Row], columns: Sequence[str], out: TextIO) -> None:
    """RFC 4180, UTF-8. Text that a spreadsheet would run is disarmed with a leading '."""
    writer = csv.writer(out)
    writer.writerow(columns)
    async for row in rows:
        writer.writerow([_cell(row[column]) for column in columns])


async def write_json(rows: AsyncIterator[Row], out: TextIO) -> None:
    """One document: an array of objects, an object a line."""
    out.write("[")
    separator = "\n"
    async for row in rows:
        out.write(separator + json.dumps(row, ensure_ascii=False, default=_plain))
        separator = ",\n"
    out.write("\n]\n")


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[TextIO]:
    """A file that appears complete or not at all, whatever was there before.

    A link keeps pointing where it points, and what is no file (a device, a pipe) is written to, not
    replaced. A new file is for its owner's eyes alone: it holds personal data.
    """
    path = Path(os.path.realpath(path, strict=False))
    if path.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    if path.exists() and not path.is_file():
        with path.open("w", encoding="utf-8", newline="") as file:
            yield file
        return
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with open(descriptor, "w", encoding="utf-8", newline="") as file:  # noqa: PTH123
            yield file
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            Path(name).chmod(path.stat().st_mode & 0o777)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value.lstrip().startswith(_FORMULA):
        return "'" + value
    if isinstance(value, bool):
        return "true" if value else "false"
    return _plain(value) if isinstance(value, date) else value


def _plain(value: Any) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"cannot be exported: {value!r}")
