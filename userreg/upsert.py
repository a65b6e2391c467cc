"""How rows that say the same thing about the same key become one, in Python and in SQL.

A model declares its merge once (`Merge`); from it come `merge_into`, which folds the rows of a
batch together, and `upsert_statement`, one `INSERT … ON CONFLICT DO UPDATE` for any number of
rows, in PostgreSQL's and in SQLite's dialect. Every rule is commutative, associative and, but for
totals, idempotent: neither the order nor the grouping of updates can be seen in the result.
(What Telegram does not date is put in its place by update ids, which rise with time.)
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

import msgspec
from tortoise.fields import DateField, DatetimeField, Field
from tortoise.models import Model

Row = dict[str, Any]

#: Telegram delivers for a day, and numbers anew after a week of silence: what lies closer together
#: by anybody's clock has ids that rise with time.
SAME_IDS: Final = timedelta(days=2)


@dataclass(frozen=True)
class Merge:
    """How each column of a table merges. Columns not named keep the value they had first.

    `newest` maps the columns that give the order (the first one decides whether a row has anything
    to say: None means no) to the columns that travel with them. `dated` names, for such a first
    column, the one that is false where its time is only that of reception: two rows of which one
    is undated go by the update id, unless one has none (0) or they are so far apart that ids may
    have begun anew. A write tells the `told` columns of each row where the first of them has a
    value, changed or not.
    """

    key: tuple[str, ...]
    newest: Mapping[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict, hash=False)
    dated: Mapping[str, str] = field(default_factory=dict, hash=False)
    smallest: tuple[str, ...] = ()
    largest: tuple[str, ...] = ()
    total: tuple[str, ...] = ()
    told: tuple[str, ...] = ()


def merge_into(merge: Merge, kept: Row, row: Row) -> None:
    """Fold `row` into `kept`, which has the same key."""
    for order, columns in merge.newest.items():
        if row.get(order[0]) is None:  # which nearly all rows have nothing to say of
            continue
        if is_newer(row, kept, order, merge.dated.get(order[0])):
            for column in (*order, *columns):
                kept[column] = row.get(column)
    for column in merge.smallest:
        _keep(min, column, kept, row)
    for column in merge.largest:
        _keep(max, column, kept, row)
    for column in merge.total:
        kept[column] = kept.get(column, 0) + row.get(column, 0)


def is_newer(row: Row, kept: Row, order: tuple[str, ...], dated: str | None = None) -> bool:
    """Whether `row` comes after `kept` in the order of these columns."""
    at, kept_at = row.get(order[0]), kept.get(order[0])
    if at is None or kept_at is None:
        return at is not None
    is_undated = dated is not None and not (row.get(dated, True) and kept.get(dated, True))
    ids = row[order[1]], kept[order[1]]
    if is_undated and min(ids) > 0 and abs(at - kept_at) < SAME_IDS:
        return bool(ids[0] > ids[1])
    return [row[column] for column in order] > [kept[column] for column in order]


def _keep(choose: Callable[[Any, Any], Any], column: str, kept: Row, row: Row) -> None:
    if (new := row.get(column)) is not None:
        old = kept.get(column)
        kept[column] = new if old is None else choose(old, new)


@dataclass(frozen=True)
class Statement:
    """One upsert: its SQL, and the way in which rows become its parameters."""

    #: Any number of rows as one JSON document.
    sql: str
    #: One row in the order of the columns: so SQLite, which has nobody to wait for, is faster.
    one_row: str
    #: Each column with the value it has where a row does not name it.
    columns: tuple[tuple[str, Any], ...]
    times: frozenset[str]
    dialect: str

    def document(self, rows: Sequence[Row]) -> str:
        """Objects for PostgreSQL (its driver takes five times as long over an array for each
        column), arrays for SQLite."""
        content = rows if self.dialect == "postgres" else self.values(rows)
        return msgspec.json.encode(content).decode()

    def values(self, rows: Sequence[Row]) -> list[list[Any]]:
        """What SQLite stores: it knows no times."""
        columns = [[row.get(column, default) for row in rows] for column, default in self.columns]
        for (column, _), values in zip(self.columns, columns, strict=True):
            if column in self.times:
                values[:] = [at and sqlite_time(at) for at in values]
        return [list(values) for values in zip(*columns, strict=True)]


@lru_cache(maxsize=4096)  # a batch holds the same few seconds many times
def sqlite_time(at: date) -> str:
    """UTC as the ORM writes it: text that sorts by time."""
    return at.isoformat(" ") if isinstance(at, datetime) else at.isoformat()


@lru_cache(maxsize=64)
def upsert_statement(
    model: type[Model], merge: Merge, dialect: str, condition: str = "true"
) -> Statement:
    """The upsert of any number of rows, none of which is written unless `condition` holds."""
    fields = _fields(model)
    source = objects(model) if dialect == "postgres" else _arrays(len(fields))
    told = f" RETURNING {', '.join((*merge.key, *merge.told))}" if merge.told else ""
    return Statement(
        upsert(model, merge, dialect, f"{source} WHERE {condition}") + told,
        upsert(model, merge, dialect, f"VALUES ({', '.join('?' * len(fields))})"),
        tuple((f.model_field_name, f.default) for f in fields),
        frozenset(f.model_field_name for f in fields if isinstance(f, DatetimeField | DateField)),
        dialect,
    )


def upsert(
    model: type[Model], merge: Merge, dialect: str, source: str, only: str | None = None
) -> str:
    """SQL that writes what `source` (a SELECT or VALUES) tells of all columns. Of the rows that are
    there already (`t`) those are merged of which `only` is true, else all that change."""
    names = ", ".join(f'"{f.model_field_name}"' for f in _fields(model))
    key = ", ".join(f'"{c}"' for c in merge.key)
    insert = f'INSERT INTO "{model._meta.db_table}" AS t ({names})'
    return f"{insert}\n{source}\nON CONFLICT ({key}) {_do_update(merge, dialect, only)}"


def objects(model: type[Model], document: str = "$1") -> str:
    """PostgreSQL's SELECT of the columns of a model from a JSON document."""
    values, types = [], []
    for column in _fields(model):
        name = f'"{column.model_field_name}"'
        types.append(f"{name} {column.get_for_dialect('postgres', 'SQL_TYPE')}")
        has_default = column.default is not None  # text, a number or a boolean
        values.append(f"COALESCE({name}, '{column.default}')" if has_default else name)
    source = f"json_to_recordset({document}::json) AS e({', '.join(types)})"
    return f"SELECT {', '.join(values)} FROM {source}"


def _fields(model: type[Model]) -> list[Field[Any]]:
    return [field for field in model._meta.fields_map.values() if not field.generated]


def _arrays(width: int) -> str:
    values = ", ".join(f"json_extract(value, '$[{i}]')" for i in range(width))
    return f"SELECT {values} FROM json_each(?)"


def _do_update(merge: Merge, dialect: str, only: str | None) -> str:
    least, greatest = ("LEAST", "GREATEST") if dialect == "postgres" else ("MIN", "MAX")
    sets: list[str] = []
    changes: list[str] = []
    for order, columns in merge.newest.items():
        newer = _newer(order, merge.dated.get(order[0]), dialect)
        changes.append(newer)
        for c in (*order, *columns):
            sets.append(_set(c, f'CASE WHEN {newer} THEN e."{c}" ELSE t."{c}" END'))
    for names, function, sign in ((merge.smallest, least, "<"), (merge.largest, greatest, ">")):
        for c in names:
            changes.append(f'(e."{c}" {sign} t."{c}" OR t."{c}" IS NULL AND e."{c}" IS NOT NULL)')
            sets.append(_set(c, f'COALESCE({function}(t."{c}", e."{c}"), t."{c}", e."{c}")'))
    for c in merge.total:
        changes.append(f'e."{c}" <> 0')
        sets.append(_set(c, f't."{c}" + e."{c}"'))
    if not sets:
        return "DO NOTHING"
    if merge.told:
        changes.append(f't."{merge.told[0]}" IS NOT NULL')
    # A row that changes nothing is not written: replays and late retries cost no disk.
    written, where = ",\n".join(sets), only or " OR ".join(changes)
    update = f"DO UPDATE SET\n{written}\nWHERE {where}"
    return update.replace('e."', 'excluded."')


def _set(column: str, value: str) -> str:
    return f'"{column}" = {value}'


def _newer(order: tuple[str, ...], dated: str | None, dialect: str) -> str:
    first = order[0]
    new = ", ".join(f'e."{c}"' for c in order)
    old = ", ".join(f't."{c}"' for c in order)
    newer = f"({new}) > ({old})"
    if dated:
        are_dated = f'(e."{dated}" AND t."{dated}")'
        newer = (
            f'CASE WHEN {are_dated} OR e."{order[1]}" = 0 OR t."{order[1]}" = 0'
            f" OR {_far_apart(first, dialect)} THEN {newer}"
            f' ELSE e."{order[1]}" > t."{order[1]}" END'
        )
    return f'(e."{first}" IS NOT NULL AND (t."{first}" IS NULL OR {newer}))'


def _far_apart(column: str, dialect: str) -> str:
    days = SAME_IDS.days
    if dialect == "postgres":
        apart = f'e."{column}" - t."{column}"'
        return f"({apart} >= interval '{days} days' OR {apart} <= interval '-{days} days')"
    return f'abs(julianday(e."{column}") - julianday(t."{column}")) >= {days}'
