"""A backup is taken while the bot records, as docs/operations.md says, and goes on where it was."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import everything
from tests.postgres import Postgres
from tests.process import Sender, running
from tests.stream import assert_each_is_there_once, stream
from userreg.database_url import parse_database_url
from userreg.db import open_database, write_transaction
from userreg.models import Total
from userreg.totals import recount


@pytest.fixture
def restored_url(engine: str, postgres: Postgres, tmp_path: Path) -> Iterator[str]:
    """An empty place, not even migrated."""
    if engine == "sqlite":
        yield f"sqlite://{tmp_path}/restored.sqlite3"
        return
    postgres.run("createdb", "-h", str(postgres.base), "-p", str(postgres.port), "restored")
    yield postgres.url("restored")
    postgres.run(
        "dropdb", "-h", str(postgres.base), "-p", str(postgres.port), "--force", "restored"
    )


def copy(database_url: str, restored_url: str, postgres: Postgres) -> None:
    if database_url.startswith("sqlite"):
        paths = (url.removeprefix("sqlite://") for url in (database_url, restored_url))
        source, target = map(sqlite3.connect, paths)
        with contextlib.closing(source), contextlib.closing(target):
            source.backup(target)
        return
    file = str(postgres.base / "backup")
    postgres.run("pg_dump", "--format=custom", "--file", file, database_url)
    postgres.run("pg_restore", "--no-owner", "--dbname", restored_url, file)


async def totals() -> set[tuple[int, str, str, int]]:
    kept: dict[tuple[int, str, str], int] = {}
    for row in await Total.all().values():
        key = (row["chat_id"], row["name"], str(row["day"]))
        kept[key] = kept.get(key, 0) + row["amount"]
    return {(*key, amount) for key, amount in kept.items() if amount}


async def test_a_backup_taken_while_it_records_is_whole_and_goes_on_from_there(
    database_url: str, restored_url: str, postgres: Postgres
) -> None:
    sent, sender = stream(1_500), Sender()
    async with running(database_url) as program:
        sending = asyncio.create_task(sender.send(program.url, sent))
        await sender.has_acknowledged(500)
        before = set(sender.acknowledged)
        await asyncio.to_thread(copy, database_url, restored_url, postgres)
        assert await sending == []
    database = parse_database_url(restored_url)
    async with open_database(database):
        claimed = {row["update_id"] for row in (await everything())["claimed_updates"]}
        assert before <= claimed < {update["update_id"] for update in sent}
        found = await totals()
        async with write_transaction(database) as db:
            await recount(db)
        assert found == await totals()
    async with running(restored_url) as program:
        assert await Sender().send(program.url, sent) == []
    await assert_each_is_there_once(restored_url, sent)
