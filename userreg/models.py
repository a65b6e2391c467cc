"""What the registry remembers, and how each column merges.

Names are the Bot API's. Times are UTC and come from the updates. Each `*_update_id` beside a time
breaks the tie between two events of the same second.
"""

from collections.abc import Iterable
from operator import itemgetter
from typing import Any, ClassVar, Self

from tortoise import fields
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.functions import Lower
from tortoise.indexes import Index
from tortoise.models import Model

from userreg.upsert import Merge, Row, merge_into, upsert_statement


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
        groups = [{*order, *columns} for order, columns in cls.merge.newest.items()]
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
        await db.execute_query(statement.sql, statement.parameters(merged))

    @classmethod
    async def insert_new(
        cls, rows: Iterable[Row], using_db: BaseDBAsyncClient | None = None
    ) -> list[Row]:
        """Create the rows whose key is not there yet; returns the keys of those."""
        db = using_db or cls._choose_db(for_write=True)
        statement = upsert_statement(cls, Merge(cls.merge.key), db.capabilities.dialect)
        sql = f"{statement.sql} RETURNING {', '.join(cls.merge.key)}"
        return await db.execute_query_dict(sql, statement.parameters(cls.merge_rows(rows)))

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


class User(Record):
    """A Telegram account: a person or a bot."""

    id = fields.BigIntField(primary_key=True, generated=False)
    first_name = fields.CharField(max_length=256, default="")
    last_name = fields.CharField(max_length=256, null=True)
    username = fields.CharField(max_length=64, null=True)
    is_bot = fields.BooleanField(default=False)
    is_premium = fields.BooleanField(default=False)
    profile_at = fields.DatetimeField(null=True)
    profile_update_id = fields.BigIntField(null=True)
    # An update without a language says nothing about it, hence an order of its own.
    language_code = fields.CharField(max_length=35, null=True)
    language_at = fields.DatetimeField(null=True)
    language_update_id = fields.BigIntField(null=True)
    first_seen_at = fields.DatetimeField()
    # The last time the account did something itself; None where others only mentioned it.
    last_seen_at = fields.DatetimeField(null=True)

    merge = Merge(
        key=("id",),
        newest={
            ("profile_at", "profile_update_id"): (
                "first_name", "last_name", "username", "is_bot", "is_premium",
            ),
            ("language_at", "language_update_id"): ("language_code",),
        },
        smallest=("first_seen_at",),
        largest=("last_seen_at",),
    )  # fmt: skip

    class Meta:
        table = "users"
        indexes: ClassVar = [
            Index(Lower("username"), name="users_username_lower"),
        ]  # none on last_seen_at: it would cost each message more than it saves a count


class Chat(Record):
    """A chat the bot is or was in. A private chat has its person's id; `kicked` = blocked."""

    id = fields.BigIntField(primary_key=True, generated=False)
    type = fields.CharField(max_length=16, null=True)
    title = fields.CharField(max_length=256, null=True)
    username = fields.CharField(max_length=64, null=True)
    is_forum = fields.BooleanField(default=False)
    profile_at = fields.DatetimeField(null=True)
    profile_update_id = fields.BigIntField(null=True)
    first_seen_at = fields.DatetimeField()
    last_seen_at = fields.DatetimeField(null=True)
    bot_status = fields.CharField(max_length=16, null=True)
    bot_is_member = fields.BooleanField(null=True)
    bot_status_at = fields.DatetimeField(null=True)
    bot_status_update_id = fields.BigIntField(null=True)
    added_by_id = fields.BigIntField(null=True)
    added_at = fields.DatetimeField(null=True)
    added_update_id = fields.BigIntField(null=True)
    member_count = fields.BigIntField(null=True)
    member_count_at = fields.DatetimeField(null=True)
    migrated_to_id = fields.BigIntField(null=True)
    migrated_at = fields.DatetimeField(null=True)

    merge = Merge(
        key=("id",),
        newest={
            ("profile_at", "profile_update_id"): ("type", "title", "username", "is_forum"),
            ("bot_status_at", "bot_status_update_id"): ("bot_status", "bot_is_member"),
            ("added_at", "added_update_id"): ("added_by_id",),
            # no update tells these: in the same second the larger value stays
            ("member_count_at", "member_count"): (),
            ("migrated_at", "migrated_to_id"): (),
        },
        smallest=("first_seen_at",),
        largest=("last_seen_at",),
    )

    class Meta:
        table = "chats"


class Membership(Record):
    """What is known of one account in one chat.

    Two things are kept apart: what Telegram said of the status (`status` … `status_update_id`), and
    what the account did (`last_seen_at`). `queries` reads both together.
    """

    id = fields.BigIntField(primary_key=True)
    user_id = fields.BigIntField()
    chat_id = fields.BigIntField()
    status = fields.CharField(max_length=16, null=True)
    is_member = fields.BooleanField(null=True)
    evidence = fields.CharField(max_length=16, null=True)
    # It was told of a group that this chat has grown out of.
    is_carried_over = fields.BooleanField(null=True)
    status_at = fields.DatetimeField(null=True)
    status_update_id = fields.BigIntField(null=True)
    joined_at = fields.DatetimeField(null=True)
    left_at = fields.DatetimeField(null=True)
    first_seen_at = fields.DatetimeField(null=True)
    last_seen_at = fields.DatetimeField(null=True)
    messages = fields.BigIntField(default=0)

    merge = Merge(
        key=("user_id", "chat_id"),
        newest={
            # In the same second `confirmed` comes after `announced`, in the alphabet and here:
            # a ban says more than the service message that it makes.
            ("status_at", "evidence", "status_update_id"): (
                "status",
                "is_member",
                "is_carried_over",
            ),
        },
        smallest=("first_seen_at",),
        largest=("last_seen_at", "joined_at", "left_at"),
        total=("messages",),
    )

    class Meta:
        table = "memberships"
        unique_together = (("user_id", "chat_id"),)
        indexes: ClassVar = [Index(fields=["chat_id", "user_id"], name="memberships_chat_id")]


class MembershipEvent(Record):
    """The timeline: each change of a membership, as it was told."""

    id = fields.BigIntField(primary_key=True)
    chat_id = fields.BigIntField()
    user_id = fields.BigIntField()
    at = fields.DatetimeField()
    update_id = fields.BigIntField()
    old_status = fields.CharField(max_length=16, null=True)
    new_status = fields.CharField(max_length=16)
    evidence = fields.CharField(max_length=16)
    actor_id = fields.BigIntField(null=True)
    invite_link = fields.CharField(max_length=256, null=True)

    merge = Merge(key=("chat_id", "user_id", "at", "update_id"))

    class Meta:
        table = "membership_events"
        unique_together = (("chat_id", "user_id", "at", "update_id"),)
        indexes: ClassVar = [Index(fields=["user_id", "at"], name="membership_events_user_id")]


class DailyActivity(Record):
    """Messages of one person in one chat on one day (UTC)."""

    id = fields.BigIntField(primary_key=True)
    chat_id = fields.BigIntField()
    user_id = fields.BigIntField()
    day = fields.DateField()
    messages = fields.BigIntField(default=0)

    merge = Merge(key=("chat_id", "user_id", "day"), total=("messages",))

    class Meta:
        table = "daily_activity"
        unique_together = (("chat_id", "user_id", "day"),)


class ClaimedUpdate(Record):
    """An update that has had its effect; kept for 48 hours, twice as long as Telegram retries."""

    id = fields.BigIntField(primary_key=True)
    bot_id = fields.BigIntField()
    update_id = fields.BigIntField()
    at = fields.DatetimeField()

    merge = Merge(key=("bot_id", "update_id"))

    class Meta:
        table = "claimed_updates"
        unique_together = (("bot_id", "update_id"),)


class DeadLetter(Model):
    """A body that could not be recorded, kept for seven days to be looked at and replayed."""

    id = fields.BigIntField(primary_key=True)
    # SHA-256 of the whole body: the same letter delivered again is not stored again.
    digest = fields.CharField(max_length=64, unique=True)
    # The body, cut at 64 KiB.
    body = fields.BinaryField()
    # Bytes of the whole body.
    size = fields.IntField()
    error = fields.CharField(max_length=512)
    # What stands in for the time of an event that has no date of its own.
    received_at = fields.DatetimeField()
    buried_at = fields.DatetimeField()

    class Meta:
        table = "dead_letters"
