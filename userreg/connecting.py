"""Connections to PostgreSQL, straight or through PgBouncer, which is recognised."""

import io
from typing import Any

import asyncpg


async def connect(*where: Any, **options: Any) -> asyncpg.Connection:
    """As asyncpg does it, but behind PgBouncer no statement is kept prepared.

    With transaction pooling each transaction may get another connection of PostgreSQL's, where
    a statement of the same name is another client's, or none: it would be taken for ours. PgBouncer
    makes up the process id that it tells. Where `statement_cache_size` is said, it is believed.
    """
    connection = await asyncpg.connect(*where, **options)
    try:
        if "statement_cache_size" in options or await _is_straight(connection):
            return connection
        await connection.close()
    except BaseException:  # cancelled, too: nobody else knows of it
        connection.terminate()
        raise
    return await asyncpg.connect(*where, **options, statement_cache_size=0)


async def _is_straight(connection: asyncpg.Connection) -> bool:
    """COPY is asked for without preparing anything."""
    told = io.BytesIO()
    await connection.copy_from_query("SELECT pg_backend_pid()", output=told)
    return bool(int(told.getvalue()) == connection.get_server_pid())
