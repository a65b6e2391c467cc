"""The tables of an export: row by row, or as CSV that the engine itself shapes."""

import csv
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Any, Final, TextIO, cast

from tortoise.transactions import in_transaction

from userreg.cells import cell_sql
from userreg.models import Chat, DailyActivity, KnownName, Membership, MembershipEvent, User
from userreg.record import Record
from userreg.upsert import Row

#: Rows that are fetched at once.
_PAGE: Final = 2_000


@dataclass(frozen=True)
class Table:
    """What an export shows of a model: these columns, in the order of `id`."""

    model: type[Record]
    columns: tuple[str, ...]


TABLES: Final = {
    "users": Table(
        User,
        ("id", "first_name", "last_name", "username", "language_code", "is_bot", "is_premium",
         "is_gone", "first_seen_at", "last_seen_at", "profile_at"),
    ),
    "chats": Table(
        Chat,
        ("id", "type", "title", "username", "is_forum", "first_seen_at", "last_seen_at",
         "bot_status", "bot_status_at", "added_by_id", "added_at", "member_count",
         "member_count_at", "migrated_to_id"),
    ),
    "memberships": Table(
        Membership,
        ("user_id", "chat_id", "status", "is_member", "evidence", "is_carried_over", "status_at",
         "joined_at", "left_at", "first_seen_at", "last_seen_at", "messages"),
    ),
    "events": Table(
        MembershipEvent,
        ("at", "update_id", "chat_id", "user_id", "old_status", "new_status", "was_member",
         "is_member", "evidence", "actor_id", "invite_link", "via_join_request",
         "via_chat_folder_invite_link", "is_carried_over"),
    ),
    "names": Table(
        KnownName, ("user_id", "kind", "name", "first_at", "last_at", "last_update_id"),
    ),
    "activity": Table(DailyActivity, ("chat_id", "user_id", "day", "messages")),
}  # fmt: skip


async def count_rows(what: str) -> int:
    return await TABLES[what].model.all().count()


async def stream_rows(what: str, page: int = _PAGE) -> AsyncGenerator[Row, None]:
    """All rows of an export, page by page, as they were at one moment."""
    table = TABLES[what]
    columns = dict.fromkeys(("id", *table.columns))
    client = table.model._choose_db()
    async with in_transaction(client.connection_name) as db:
        if client.capabilities.dialect == "postgres":
            await db.execute_query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        last: int | None = None
        while True:
            query = table.model.all() if last is None else table.model.filter(id__gt=last)
            rows = await query.using_db(db).order_by("id").limit(page).values(*columns)
            for row in rows:
                yield {column: row[column] for column in table.columns}
            if len(rows) < page:
                return
            last = rows[-1]["id"]


async def write_lines(what: str, out: TextIO, advance: Callable[[int], object]) -> None:
    """All rows as lines of CSV, by one statement and so as they were at one moment.

    `advance` is told of the rows that have been written since it was told last.
    """
    table = TABLES[what]
    client = table.model._choose_db()
    dialect, meta = client.capabilities.dialect, table.model._meta
    cells = ", ".join(cell_sql(meta.fields_map[column], dialect) for column in table.columns)
    sql = f"SELECT {cells} FROM {meta.db_table} ORDER BY id"
    write = _copy if dialect == "postgres" else _fetch
    async with cast(Any, client.acquire_connection()) as raw:
        await write(raw, sql, out, advance)


async def _copy(raw: Any, sql: str, out: TextIO, advance: Callable[[int], object]) -> None:
    async def write(lines: bytes) -> None:
        """Of whole rows. PostgreSQL ends them with LF alone; one between quotes is a text's."""
        parts = lines.split(b'"')
        advance(sum(part.count(b"\n") for part in parts[::2]))
        parts[::2] = [part.replace(b"\n", b"\r\n") for part in parts[::2]]
        out.buffer.write(b'"'.join(parts))

    out.flush()  # what stands before it went through the text layer
    async with raw.transaction():
        await raw.execute("SET LOCAL timezone TO 'UTC'; SET LOCAL datestyle TO 'ISO'")
        await raw.copy_from_query(sql, output=write, format="csv")


async def _fetch(raw: Any, sql: str, out: TextIO, advance: Callable[[int], object]) -> None:
    writer = csv.writer(out)
    async with raw.execute(sql) as cursor:
        while rows := await cursor.fetchmany(_PAGE):
            writer.writerows(rows)
            advance(len(rows))
