"""CSV that the engine shapes is, byte for byte, what the csv module makes of the same rows."""

import asyncio
import csv
import io
import json
import os
import pty
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tortoise.fields import BooleanField, CharField, DateField, DatetimeField, Field

from tests import updates
from tests.conftest import clean_environment, userreg
from tests.postgres import Postgres
from userreg.database_url import parse_database_url
from userreg.db import open_database
from userreg.export import write_csv
from userreg.models import Membership
from userreg.tables import TABLES, stream_rows

FORMULAS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
#: Columns that hold only words of the Bot API and of the registry.
WORDS = {"status", "old_status", "new_status", "bot_status", "evidence", "kind"}
hostile = st.lists(
    st.sampled_from(
        [*FORMULAS, *"\"',;\\.\n\r\t\v\f\x1c\x1f\x85\xa0\u1680\u2003\u2028\u3000\u200b"]
    )
    | st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    max_size=8,
).map("".join)
times = st.datetimes(datetime(1970, 1, 1), datetime(2106, 1, 1), timezones=st.just(UTC))


def _values(field: Field[Any]) -> st.SearchStrategy[Any]:
    values: st.SearchStrategy[Any] = st.integers(-(2**52), 2**52)
    if isinstance(field, CharField):
        is_word = field.model_field_name in WORDS
        values = st.just("member") if is_word else hostile
    elif isinstance(field, BooleanField):
        values = st.booleans()
    elif isinstance(field, DatetimeField):
        values = times | times.map(lambda at: at.replace(microsecond=0))
    elif isinstance(field, DateField):
        values = st.dates(date(1970, 1, 1), date(2106, 1, 1))
    return st.none() | values if field.null else values


def _rows(what: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    fields = TABLES[what].model._meta.fields_map
    return st.lists(st.fixed_dictionaries({name: _values(f) for name, f in fields.items()}),
                    max_size=4)  # fmt: skip


async def _fill(what: str, rows: list[dict[str, Any]]) -> None:
    model = TABLES[what].model
    keys = {"id", "user_id"} & model._meta.fields_map.keys()  # no two rows have the same
    await model.all().delete()
    await model.bulk_create(
        model(**row | dict.fromkeys(keys, number)) for number, row in enumerate(rows)
    )


async def _written(what: str) -> bytes:
    out, counts = io.TextIOWrapper(io.BytesIO(), "utf-8", newline=""), []
    await write_csv(what, out, counts.append)
    out.flush()
    assert sum(counts) == await TABLES[what].model.all().count()
    return out.buffer.getvalue()


async def _expected(what: str) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(TABLES[what].columns)
    async for row in stream_rows(what):
        writer.writerow(map(_shown, row.values()))
    return out.getvalue().encode()


def _shown(value: Any) -> Any:
    if isinstance(value, str):
        return f"'{value}" if value.lstrip().startswith(FORMULAS) else value
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, date) else value


@pytest.fixture
async def opened(database_url: str):
    async with open_database(parse_database_url(database_url)):
        yield


@pytest.mark.parametrize("what", TABLES)
@settings(max_examples=40)
@given(data=st.data())
async def test_a_table_is_what_the_csv_module_makes_of_it(
    opened: None, what: str, data: st.DataObject
) -> None:
    await _fill(what, data.draw(_rows(what)))
    assert await _written(what) == await _expected(what)


async def test_line_ends_are_told_apart_where_lines_come_in_many_pieces(opened: None) -> None:
    seen_at = datetime(2026, 1, 1, tzinfo=UTC)
    titles = ('"\n",\r\n' * (number % 40) for number in range(9000))
    await _fill("chats", [{"title": title, "first_seen_at": seen_at} for title in titles])
    written = await _written("chats")
    assert len(written) > 2**20
    assert written == await _expected("chats")


async def test_no_nul_hides_a_formula(database_url: str, tmp_path: Path) -> None:
    path = tmp_path / "nul.jsonl"
    path.write_text(json.dumps(updates.message(updates.ANN | {"first_name": "\0=1+1"})))
    await asyncio.to_thread(userreg, "replay", str(path), DATABASE_URL=database_url)
    done = await asyncio.to_thread(
        userreg, "export-stats", "--csv", "--what", "users", DATABASE_URL=database_url
    )
    assert ",'=1+1," in done.stdout


async def test_times_are_utc_and_iso_whatever_the_server_prefers(postgres: Postgres) -> None:
    connection = await asyncpg.connect(postgres.url())
    await connection.execute("DELETE FROM memberships")
    for setting in ("timezone TO 'Asia/Kolkata'", "datestyle TO 'German'"):
        await connection.execute(f"ALTER DATABASE postgres SET {setting}")
    try:
        async with open_database(parse_database_url(postgres.url())):
            seen = {"first_seen_at": datetime(2026, 1, 1, tzinfo=UTC)}
            await Membership.create(user_id=1, chat_id=-1, **seen)
            assert b",2026-01-01T00:00:00+00:00," in await _written("memberships")
    finally:
        await connection.execute("ALTER DATABASE postgres RESET ALL")
        await connection.close()


async def test_a_long_export_is_not_cut_off(postgres: Postgres) -> None:
    """Longer than one statement may take elsewhere."""
    connection = await asyncpg.connect(postgres.url())
    async with asyncio.timeout(30), connection.transaction():
        await connection.execute("LOCK TABLE memberships")
        url = f"{postgres.url()}?command_timeout=0.1"
        exporting = asyncio.create_task(asyncio.to_thread(
            userreg, "export-stats", "--csv", "--what", "memberships", DATABASE_URL=url
        ))  # fmt: skip
        waiting = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        while not await connection.fetch(
            f"{waiting} AND clock_timestamp() - query_start > '300 ms'"
        ):
            await connection.execute("SELECT pg_stat_clear_snapshot(), pg_sleep(0.05)")
    await connection.close()
    done = await exporting
    assert (done.returncode, done.stderr) == (0, "")


def test_progress_is_drawn_on_a_terminal_beside_a_file(database_url: str, tmp_path: Path) -> None:
    terminal, its_side = pty.openpty()
    command = [sys.executable, "-m", "userreg", "export-stats", "--csv", "--what", "users"]
    environment = clean_environment() | {"DATABASE_URL": database_url}
    try:
        subprocess.run([*command, "-o", "out.csv"], env=environment, stderr=its_side, check=True)
        assert b"[" in os.read(terminal, 4096)
    finally:
        os.close(terminal)
        os.close(its_side)
    assert (tmp_path / "out.csv").read_text().startswith("id,first_name")
