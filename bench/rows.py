"""The rows of the table."""

from dataclasses import dataclass
from typing import Final

from bench.running import PRESSING


@dataclass(frozen=True)
class Row:
    """What stands in the table; where it stores; the share of its updates that talk to the bot."""

    title: str
    engine: str | None = None
    talking: float = PRESSING


USERREG: Final = {
    "postgres": Row("(d) userreg, PostgreSQL", "postgres"),
    "silent": Row("(d) userreg, PostgreSQL, nobody talks to the bot", "postgres", 0.0),
    "talking": Row("(d) userreg, PostgreSQL, 6 % commands and buttons", "postgres", 0.06),
    "sqlite": Row("(e) userreg, SQLite", "sqlite"),
}
ROWS: Final = {
    "nothing": Row("(a) aiohttp, secret and body"),
    "nothing_uvloop": Row("(a2) the same on uvloop, as all below"),
    "dispatcher": Row("(b) aiogram's handler and dispatcher, no database"),
    "naive": Row("(c) aiogram and Tortoise's `update_or_create` × 3, PostgreSQL", "postgres"),
    "one_statement": Row(
        "(c2) aiogram and one upsert statement per update, PostgreSQL", "postgres"
    ),
    **USERREG,
    "django": Row("(f) aiogram and Django's `aupdate_or_create` × 3, PostgreSQL", "postgres"),
}
DJANGO: Final = "django"
