"""How a value is shown in CSV: said once to Python, and once to the database."""

from datetime import date
from typing import Any, Final

from tortoise.fields import BooleanField, CharField, DatetimeField, Field

#: What a spreadsheet takes for the beginning of a formula (OWASP ASVS 5.0, 1.2.10), after any
#: white space. NUL is not among them: no recorded text holds one.
_FORMULA: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
#: What `str.lstrip` takes away.
_WHITE: Final = "".join(sign for sign in map(chr, range(0x3001)) if sign.isspace())
#: Columns whose few words are known, so that no stranger's text is in them.
_WORDED: Final = frozenset(
    {"status", "evidence", "old_status", "new_status", "bot_status", "kind"}
)  # fmt: skip


def cell(value: Any) -> Any:
    """For `csv.writer`. Text that a spreadsheet would run is disarmed with a leading '."""
    if isinstance(value, str) and value.lstrip().startswith(_FORMULA):
        return "'" + value
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else value


def cell_sql(field: Field[Any], dialect: str) -> str:
    """The same of a column. PostgreSQL's session has to have the time zone UTC and ISO dates."""
    column = field.model_field_name
    if isinstance(field, BooleanField):
        return f"CASE WHEN {column} THEN 'true' WHEN NOT {column} THEN 'false' END"
    if isinstance(field, CharField) and column not in _WORDED:
        return _disarmed(column)
    if isinstance(field, DatetimeField):
        return _postgres_time(column) if dialect == "postgres" else f"replace({column}, ' ', 'T')"
    return column


def _disarmed(column: str) -> str:
    signs = ", ".join(f"'{sign}'" for sign in _FORMULA)
    return (
        f"CASE WHEN substr(ltrim({column}, '{_WHITE}'), 1, 1) IN ({signs})"
        f" THEN '''' || {column} ELSE nullif({column}, '') END"
    )


def _postgres_time(column: str) -> str:
    """to_char takes three times as long as the cast, so only parts of a second go through it."""
    return (
        f"CASE WHEN {column} = {column}::timestamptz(0)"
        f" THEN replace({column}::text, ' ', 'T') || ':00'"
        f""" ELSE to_char({column}, 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"') END"""
    )
