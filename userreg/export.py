"""Rows as CSV or JSON, streamed: memory does not grow with the registry."""

import contextlib
import csv
import errno
import io
import json
import os
import tempfile
from collections.abc import AsyncGenerator, Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final, TextIO

from userreg import gaps, queries, totals
from userreg.cells import cell
from userreg.errors import TooLarge
from userreg.tables import TABLES, count_rows, stream_rows, write_lines
from userreg.telegram import CHAT_TYPES
from userreg.upsert import Row


async def summary() -> Row:
    """The registry in numbers."""
    people = await totals.count_people()
    types = await totals.count_chats_by_type()
    memberships = await totals.find_coverage(0)
    return {
        "users": people.total,
        "users_active_today": people.day,
        "users_active_7d": people.week,
        "users_active_30d": people.month,
        "chats": sum(types.values()),
        **{f"chats_{type_}": types.get(type_, 0) for type_ in (*CHAT_TYPES, "unknown")},
        "memberships": memberships.known,
        "memberships_confirmed": memberships.confirmed,
    }  # fmt: skip


#: Told of rows that have been written.
Advance = Callable[[int], object]


async def write_csv(what: str, out: TextIO, advance: Advance) -> None:
    """RFC 4180, UTF-8. Text that a spreadsheet would run is disarmed with a leading '."""
    writer = csv.writer(out)
    if what in TABLES:
        writer.writerow(TABLES[what].columns)
        await write_lines(what, out, advance)
        return
    if what == "summary":
        numbers = await summary()
        writer.writerows([list(numbers), list(numbers.values())])
        return
    writer.writerow(gaps.COVERAGE_COLUMNS)
    async for row in gaps.stream_coverage():
        writer.writerow([cell(row[column]) for column in gaps.COVERAGE_COLUMNS])


#: Rows of a document that is sent to a chat; it is held in memory.
LARGEST: Final = 100_000
_OF_A_MEMBER: Final = (
    "user_id", "first_name", "last_name", "username", "status", "is_member", "evidence",
    "joined_at", "left_at", "first_seen_at", "last_seen_at", "messages",
)  # fmt: skip


async def document_of_table(what: str) -> bytes:
    """The CSV of a table. Raises `TooLarge`."""
    if what in TABLES and await count_rows(what) > LARGEST:
        raise TooLarge(LARGEST)
    content = io.BytesIO()
    out = io.TextIOWrapper(content, "utf-8", newline="", write_through=True)
    await write_csv(what, out, lambda _: None)
    return content.getvalue()


async def document_of_chat(chat_id: int) -> bytes:
    """The CSV of a chat's known members. Raises `TooLarge`."""
    out, count = io.StringIO(newline=""), 0
    writer = csv.writer(out)
    writer.writerow(_OF_A_MEMBER)
    async for row in queries.stream_members(chat_id):
        writer.writerow([cell(row[column]) for column in _OF_A_MEMBER])
        count += 1
        if count > LARGEST:
            raise TooLarge(LARGEST)
    return out.getvalue().encode()


async def write_json(what: str, out: TextIO, advance: Advance) -> None:
    """One document: an array of objects, an object a line; of the summary, the object alone."""
    if what == "summary":
        out.write(json.dumps(await summary()) + "\n")
        return
    out.write("[")
    separator = "\n"
    async with contextlib.aclosing(_rows(what)) as rows:
        async for row in rows:
            out.write(separator + _line(row))
            separator = ",\n"
            advance(1)
    out.write("\n]\n")


#: What a list of the administrators' pages holds.
OF_A_LIST: Final = {
    "users": (*TABLES["users"].columns, "bot_status"),
    "chats": (*TABLES["chats"].columns, "known", "confirmed"),
    "memberships": ("user_id", "chat_id", *_OF_A_MEMBER[1:4], "title", "type", *_OF_A_MEMBER[4:]),
}


Portions = AsyncGenerator[list[Row], None]


async def csv_of_list(what: str, portions: Portions) -> AsyncGenerator[str, None]:
    """As `write_csv`, in parts."""
    columns, out = OF_A_LIST[what], io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(columns)
    async with contextlib.aclosing(portions):
        async for rows in portions:
            writer.writerows([cell(row[column]) for column in columns] for row in rows)
            yield out.getvalue()
            out.seek(0)
            out.truncate()


async def json_of_list(what: str, portions: Portions) -> AsyncGenerator[str, None]:
    """As `write_json`, in parts."""
    columns, separator = OF_A_LIST[what], "\n"
    yield "["
    async with contextlib.aclosing(portions):
        async for rows in portions:
            lines = [_line({column: row[column] for column in columns}) for row in rows]
            if lines:
                yield separator + ",\n".join(lines)
                separator = ",\n"
    yield "\n]\n"


def _line(row: Row) -> str:
    return json.dumps(row, ensure_ascii=False, default=_plain)


def _rows(what: str) -> AsyncGenerator[Row, None]:
    return stream_rows(what) if what in TABLES else gaps.stream_coverage()


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


def _plain(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"cannot be exported: {value!r}")
