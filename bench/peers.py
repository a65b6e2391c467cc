"""Bots as others would write them: aiogram's dispatcher, and a middleware that stores each update
in three tables before it is answered. What an update has no sender or no chat for is not stored."""

from collections.abc import AsyncIterator, Callable
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from aiohttp import web

from bench.servers import dispatcher


class Said(NamedTuple):
    """What is stored of an update."""

    update_id: int
    user: Any
    chat: Any

    @property
    def names(self) -> dict[str, Any]:
        return {"first_name": self.user.first_name, "username": self.user.username}

    @property
    def place(self) -> dict[str, Any]:
        return {"type": self.chat.type, "title": self.chat.title}


def _read(update: Any) -> Said | None:
    event = update.event
    user = getattr(event, "from_user", None)
    chat = getattr(event, "chat", None) or getattr(getattr(event, "message", 0), "chat", None)
    return None if user is None or chat is None else Said(update.update_id, user, chat)


def naive(database_url: str) -> web.Application:
    """The peer that most people would write: the ORM's own `update_or_create`, three times."""
    from tortoise import Tortoise

    from bench import naive_models as models

    async def record(update: Any) -> None:
        if (said := _read(update)) is None:
            return
        user_id, chat_id = said.user.id, said.chat.id
        await models.User.update_or_create(said.names, id=user_id)
        await models.Chat.update_or_create(said.place, id=chat_id)
        await models.Membership.update_or_create(
            {"last_update_id": said.update_id}, user_id=user_id, chat_id=chat_id
        )

    async def connect(app: web.Application) -> AsyncIterator[None]:
        url = database_url.replace("postgres://", "asyncpg://", 1)
        await Tortoise.init(
            db_url=url, modules={"models": ["bench.naive_models"]}, _enable_global_fallback=True
        )
        await Tortoise.generate_schemas()
        yield
        await Tortoise.close_connections()

    app = dispatcher(record)
    app.cleanup_ctx.append(connect)
    return app


_TABLES: Final = """
CREATE TABLE peer_users (
    id BIGINT PRIMARY KEY, first_name TEXT NOT NULL, username TEXT,
    last_seen_at TIMESTAMPTZ NOT NULL
);
CREATE TABLE peer_chats (id BIGINT PRIMARY KEY, type TEXT NOT NULL, title TEXT);
CREATE TABLE peer_memberships (
    user_id BIGINT, chat_id BIGINT, last_update_id BIGINT NOT NULL,
    last_seen_at TIMESTAMPTZ NOT NULL, PRIMARY KEY (user_id, chat_id)
)
"""
_UPSERT: Final = """
WITH the_user AS (
    INSERT INTO peer_users VALUES ($1, $2, $3, now()) ON CONFLICT (id) DO UPDATE SET
        first_name = excluded.first_name, username = excluded.username,
        last_seen_at = excluded.last_seen_at
), the_chat AS (
    INSERT INTO peer_chats VALUES ($4, $5, $6) ON CONFLICT (id) DO UPDATE SET
        type = excluded.type, title = excluded.title
)
INSERT INTO peer_memberships VALUES ($1, $4, $7, now()) ON CONFLICT (user_id, chat_id) DO UPDATE SET
    last_update_id = excluded.last_update_id, last_seen_at = excluded.last_seen_at
"""


def one_statement(database_url: str) -> web.Application:
    """The leanest that commits each update by itself: one statement, one round trip."""
    import asyncpg

    async def nothing_to_reset(connection: object) -> None:
        """A pool's usual reset is a second round trip, and one statement leaves nothing behind."""

    async def record(update: Any) -> None:
        if (said := _read(update)) is not None:
            user = (said.user.id, *said.names.values())
            chat = (said.chat.id, *said.place.values())
            await app["pool"].execute(_UPSERT, *user, *chat, said.update_id)

    async def connect(app: web.Application) -> AsyncIterator[None]:
        async with asyncpg.create_pool(database_url, reset=nothing_to_reset) as pool:
            await pool.execute(_TABLES)
            app["pool"] = pool
            yield

    app = dispatcher(record)
    app.cleanup_ctx.append(connect)
    return app


def django(database_url: str) -> web.Application:
    """The ORM's own `aupdate_or_create`, three times, with Django's pool of psycopg's connections.

    As under ASGI, each update has a thread to itself and gives its connection back at the end.
    """
    from asgiref.sync import ThreadSensitiveContext, sync_to_async
    from django.db import close_old_connections

    _set_django_up(database_url)
    from bench import django_models as models

    models.create_tables()

    async def record(update: Any) -> None:
        if (said := _read(update)) is None:
            return
        user_id, chat_id = said.user.id, said.chat.id
        async with ThreadSensitiveContext():
            await models.User.objects.aupdate_or_create(said.names, id=user_id)
            await models.Chat.objects.aupdate_or_create(said.place, id=chat_id)
            await models.Membership.objects.aupdate_or_create(
                {"last_update_id": said.update_id}, user_id=user_id, chat_id=chat_id
            )
            await sync_to_async(close_old_connections)()

    return dispatcher(record)


def _set_django_up(database_url: str) -> None:
    import django
    from django.conf import settings

    url = urlsplit(database_url)
    database = {
        "ENGINE": "django.db.backends.postgresql", "OPTIONS": {"pool": {"max_size": 20}},
        "NAME": url.path[1:], "USER": url.username, "HOST": url.hostname, "PORT": url.port,
    }  # fmt: skip
    settings.configure(DATABASES={"default": database}, USE_TZ=True)
    django.setup()


PEERS: Final[dict[str, Callable[[str], web.Application]]] = {
    "naive": naive, "one_statement": one_statement, "django": django,
}  # fmt: skip
