"""The base of the registry's models: rows that merge with what is already there."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, ClassVar, Self

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.indexes import Index
from tortoise.models import Model

from userreg.upsert import Merge, Row, Statement, merge_into, upsert_statement


class PartialIndex(Index):
    """Of the rows alone that meet a condition: nothing is written to it for all others."""

    def __init__(self, *, fields: list[str], name: str, condition: str) -> None:
        super().__init__(fields=fields, name=name)
        self.extra = f" WHERE {condition}"


class Record(Model):
    """A row that knows how to merge with what is already there."""

    merge: ClassVar[Merge]

    class Meta:
        abstract = True

    @classmethod
    async def update_or_create(
        cls,
        defaults: dict[str, Any] | None = None,
        using_db: BaseDBAsyncClient | None = None,
        **kwargs: Any,
    ) -> tuple[Self, bool]:
        """Tortoise's signature and result, merged as declared, without locks or retries.

        Two atomic statements at most: of any number of callers at once, one creates the row and
        the others merge into it. Raises ValueError when columns are missing that belong together
        (a name and its time, say) or that a new row needs.
        """
        row = {**kwargs, **(defaults or {})}
        cls._refuse_half_a_row(row)
        key = {column: row[column] for column in cls.merge.key}
        created = bool(await cls.insert_new([row], using_db))
        if not created:
            await cls.update_or_create_many([row], using_db)
        return await cls.get(**key, using_db=using_db), created

    @classmethod
    def _refuse_half_a_row(cls, row: Row) -> None:
        defaults = set(cls.merge.dated.values())
        groups = [{*order, *columns} - defaults for order, columns in cls.merge.newest.items()]
        wanted = set().union(*(group for group in groups if group & row.keys()))
        wanted |= {
            name
            for name, field in cls._meta.fields_map.items()
            if not field.null and not field.generated and field.default is None
        }
        if missing := sorted(wanted - row.keys()):
            raise ValueError(f"{cls.__name__}: {', '.join(missing)} missing")

    @classmethod
    async def update_or_create_many(
        cls, rows: Iterable[Row], using_db: BaseDBAsyncClient | None = None
    ) -> None:
        """Write any number of rows with one statement: each is created, or merged as declared.

        Rows are sorted by key, so that batches of several replicas take locks in one order.
        """
        if not (merged := cls.merge_rows(rows)):
            return
        db = using_db or cls._choose_db(for_write=True)
        statement = upsert_statement(cls, cls.merge, db.capabilities.dialect)
        if statement.dialect == "postgres":
            await db.execute_query(statement.sql, [statement.document(merged)])
        else:
            await db.execute_many(statement.one_row, statement.values(merged))

    @classmethod
    async def insert_new(
        cls, rows: Iterable[Row], using_db: BaseDBAsyncClient | None = None
    ) -> list[Row]:
        """Create the rows whose key is not there yet; returns the keys of those."""
        db = using_db or cls._choose_db(for_write=True)
        statement = upsert_statement(cls, Merge(cls.merge.key), db.capabilities.dialect)
        sql = f"{statement.sql} RETURNING {', '.join(cls.merge.key)}"
        return await db.execute_query_dict(sql, [statement.document(cls.merge_rows(rows))])

    @classmethod
    def merge_rows(cls, rows: Iterable[Row]) -> list[Row]:
        """One row for each key, in the order of the keys."""
        key_of = itemgetter(*cls.merge.key)
        kept: dict[Any, Row] = {}
        for row in rows:
            key = key_of(row)
            if key in kept:
                merge_into(cls.merge, kept[key], row)
            else:
                kept[key] = dict(row)
        return [kept[key] for key in sorted(kept)]


async def write_together(
    rows: Mapping[type[Record], Iterable[Row]], locks: Sequence[str], db: BaseDBAsyncClient
) -> None:
    """Write rows of several tables that nobody else may write meanwhile, as if one after another:
    on PostgreSQL in one round trip. No other transaction that locks one of these texts gets on
    until the commit."""
    merged = {model: kept for model, new in rows.items() if (kept := model.merge_rows(new))}
    if db.capabilities.dialect != "postgres":  # one writer at a time
        for model, kept in merged.items():
            await model.update_or_create_many(kept, db)
    elif merged:
        sql, statements = _together(tuple(merged))
        parts = zip(statements, merged.values(), strict=True)
        documents = [statement.document(kept) for statement, kept in parts]
        await db.execute_query(sql, [*documents, sorted(locks)])


@lru_cache(maxsize=64)
def _together(models: tuple[type[Record], ...]) -> tuple[str, list[Statement]]:
    """One statement of several, whose parameters follow one another, the locks last."""
    statements = [upsert_statement(model, model.merge, "postgres") for model in models]
    parts = [f"w{i} AS ({s.sql.replace('$1', f'${i}')})" for i, s in enumerate(statements, 1)]
    return (
        f"WITH {', '.join(parts)} SELECT pg_advisory_xact_lock(hashtextextended(text, 0)) "
        f"FROM unnest(${len(statements) + 1}::text[]) AS text"
    ), statements
