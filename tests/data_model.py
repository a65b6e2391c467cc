"""docs/data-model.md, made of the models: `python -m tests.data_model`."""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from tortoise.fields import Field
from tortoise.models import Model

from userreg import decisions, models
from userreg.record import PartialIndex, Record
from userreg.upsert import Merge

PAGE: Final = Path(__file__).parent.parent / "docs" / "data-model.md"
_HEAD: Final = """\
# The data model

Made of [`userreg/models.py`](../userreg/models.py) and
[`userreg/decisions.py`](../userreg/decisions.py) by `make data-model`; a test fails when it is not
up to date. Types are PostgreSQL's. SQLite has the same tables, with times as text in UTC.

*Merges* says what becomes of a column when a row with the same key is written again
([architecture](architecture.md)); an empty cell: the first value stays. There are no foreign keys:
a message of a chat may come before anything is known of its people, and whoever is forgotten leaves
no gap that a constraint could complain of.
"""


def write() -> None:
    PAGE.write_text(page())


def page() -> str:
    sections = [
        ("What updates prove", _models_of(models)),
        ("What people have decided", _models_of(decisions)),
    ]
    parts = [_HEAD]
    for title, found in sections:
        parts += [f"## {title}\n", *(_table(model) for model in found)]
    return "\n".join(parts)


def _models_of(module: Any) -> list[type[Model]]:
    """In the order of the file."""
    found = [m for m in vars(module).values() if inspect.isclass(m) and issubclass(m, Model)]
    return [m for m in found if m.__module__ == module.__name__]


def _table(model: type[Model]) -> str:
    lines = [f"### `{model._meta.db_table}`\n", f"{inspect.cleandoc(model.__doc__ or '')}\n"]
    lines += ["| column | type | merges | |", "|---|---|---|---|"]
    merge = model.merge if issubclass(model, Record) else None
    comments = _comments(model)
    for name, field in model._meta.fields_map.items():
        how = _merges(merge, name) if merge else ""
        lines.append(f"| `{name}` | {_type(field)} | {how} | {comments.get(name, '')} |")
    lines += ["", *(f"- {key}" for key in _keys(model)), ""]
    return "\n".join(lines)


def _type(field: Field[Any]) -> str:
    kind = field.get_for_dialect("postgres", "SQL_TYPE")
    if field.generated:
        return "BIGINT, counts up"
    return str(kind) if field.null or field.pk else f"{kind} NOT NULL"


def _comments(model: type[Model]) -> dict[str, str]:
    """What stands above each column in the source."""
    found: dict[str, str] = {}
    comment: list[str] = []
    for line in inspect.getsource(model).splitlines():
        stripped = line.strip()
        if stripped.startswith("# "):
            comment.append(stripped[2:])
            continue
        if (column := re.match(r"(\w+) = fields\.", stripped)) and comment:
            found[column[1]] = " ".join(comment)
        comment = []
    return found


def _merges(merge: Merge, column: str) -> str:
    if column in merge.key:
        return "key"
    for order, columns in merge.newest.items():
        if column == order[0]:
            return "the newest"
        if column in (*order, *columns):
            return f"with `{order[0]}`"
    for how in ("smallest", "largest", "total"):
        if column in getattr(merge, how):
            return {"total": "the sum"}.get(how, f"the {how}")
    return ""


def _keys(model: type[Model]) -> Iterator[str]:
    if (key := model._meta.pk) and not key.generated:
        yield f"primary key: `{key.model_field_name}`"
    for field in model._meta.fields_map.values():
        if field.unique and not field.pk:
            yield f"unique: `{field.model_field_name}`"
    for columns in model._meta.unique_together:
        yield f"unique: {', '.join(f'`{column}`' for column in columns)}"
    for index in model._meta.indexes:
        lower = [f"lower({expression.field})" for expression in index.expressions]
        columns = ", ".join(f"`{column}`" for column in [*index.fields, *lower])
        where = index.extra.replace(" WHERE", " where") if isinstance(index, PartialIndex) else ""
        yield f"index `{index.name}`: {columns}{where}"


if __name__ == "__main__":
    write()
