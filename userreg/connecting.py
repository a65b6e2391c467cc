"""Connections to PostgreSQL, straight or through PgBouncer, which is recognised."""

import io
from typing import Any, Final

import asyncpg

#: Whatever the server prefers: in a stricter isolation a statement that has waited for a lock does
#: not see what was done under it. Behind PgBouncer each transaction has to say so itself.
_READ_COMMITTED: Final = "SET default_transaction_isolation TO 'read committed'"


class PooledConnection(asyncpg.Connection):  # type: ignore[misc]
    """One that keeps no statement prepared, for behind PgBouncer it may be another's next time."""

    __slots__ = ()
    is_pooled = True


def is_pooled(connection: Any) -> bool:
    return getattr(connection, "is_pooled", False)


async def connect(*where: Any, **options: Any) -> asyncpg.Connection:
    """As asyncpg does it, but behind PgBouncer no statement is kept prepared.

    With transaction pooling each transaction may get another connection of PostgreSQL's, where
    a statement of the same name is another client's, or none: it would be taken for ours. PgBouncer
    makes up the process id that it tells. Where `statement_cache_size` is said, it is believed.
    """
    told = options.get("statement_cache_size")
    if told == 0:
        return await asyncpg.connect(*where, **options | {"connection_class": PooledConnection})
    connection = await asyncpg.connect(*where, **options)
    try:
        if told is not None or await _is_straight(connection):
            await connection.execute(_READ_COMMITTED)
            return connection
        await connection.close()
    except BaseException:  # cancelled, too: nobody else knows of it
        connection.terminate()
        raise
    return await connect(*where, **options, statement_cache_size=0)


async def _is_straight(connection: asyncpg.Connection) -> bool:
    """COPY is asked for without preparing anything."""
    told = io.BytesIO()
    await connection.copy_from_query("SELECT pg_backend_pid()", output=told)
    return bool(int(told.getvalue()) == connection.get_server_pid())
