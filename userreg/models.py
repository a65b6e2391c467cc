"""What the registry remembers, and how each column merges.

Names are the Bot API's. Times are UTC and come from the updates. Each `*_update_id` beside a time
breaks the tie between two events of the same second.
"""

from typing import ClassVar

from tortoise import fields
from tortoise.functions import Lower
from tortoise.indexes import Index
from tortoise.models import Model

from userreg.record import PartialIndex, Record
from userreg.upsert import Merge


class User(Record):
    """A Telegram account: a person or a bot."""

    id = fields.BigIntField(primary_key=True, generated=False)
    first_name = fields.CharField(max_length=256, default="")
    last_name = fields.CharField(max_length=256, null=True)
    username = fields.CharField(max_length=64, null=True)
    is_bot = fields.BooleanField(default=False)
    is_premium = fields.BooleanField(default=False)
    # The account has been deleted; what it was called is in `known_names`.
    is_gone = fields.BooleanField(default=False)
    profile_at = fields.DatetimeField(null=True)
    profile_update_id = fields.BigIntField(null=True)
    profile_is_dated = fields.BooleanField(default=True)
    # An update without a language says nothing about it, hence an order of its own.
    language_code = fields.CharField(max_length=35, null=True)
    language_at = fields.DatetimeField(null=True)
    language_update_id = fields.BigIntField(null=True)
    language_is_dated = fields.BooleanField(default=True)
    first_seen_at = fields.DatetimeField()
    # The last time the account did something itself; None where others only mentioned it.
    last_seen_at = fields.DatetimeField(null=True)

    merge = Merge(
        key=("id",),
        newest={
            ("profile_at", "profile_update_id"): (
                "first_name", "last_name", "username", "is_bot", "is_premium", "is_gone",
                "profile_is_dated",
            ),
            ("language_at", "language_update_id"): ("language_code", "language_is_dated"),
        },
        dated={"profile_at": "profile_is_dated", "language_at": "language_is_dated"},
        smallest=("first_seen_at",),
        largest=("last_seen_at",),
    )  # fmt: skip

    class Meta:
        table = "users"
        indexes: ClassVar = [
            Index(Lower("username"), name="users_username_lower"),
        ]  # none on last_seen_at: it would cost each message more than it saves a count


class KnownName(Record):
    """A name or a username under which an account was seen, and from when to when.

    `last_at` of the name that it bears now goes on in `User.profile_at`: a message under the same
    name writes nothing here.
    """

    id = fields.BigIntField(primary_key=True)
    user_id = fields.BigIntField()
    # `name` or `username`; usernames are kept in small letters, as they are compared.
    kind = fields.CharField(max_length=8)
    name = fields.CharField(max_length=520)
    first_at = fields.DatetimeField()
    last_at = fields.DatetimeField()
    last_update_id = fields.BigIntField()
    last_is_dated = fields.BooleanField(default=True)

    merge = Merge(
        key=("user_id", "kind", "name"),
        newest={("last_at", "last_update_id"): ("last_is_dated",)},
        dated={"last_at": "last_is_dated"},
        smallest=("first_at",),
    )

    class Meta:
        table = "known_names"
        unique_together = (("user_id", "kind", "name"),)
        indexes: ClassVar = [Index(fields=["name", "kind"], name="known_names_name")]


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
        },
        # a group moves once; who learns of it later only learns it later
        smallest=("first_seen_at", "migrated_at", "migrated_to_id"),
        largest=("last_seen_at",),
        told=("migrated_to_id", "migrated_at"),
    )

    class Meta:
        table = "chats"
        indexes: ClassVar = [Index(fields=["added_by_id"], name="chats_added_by_id")]


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
        indexes: ClassVar = [
            Index(fields=["chat_id", "user_id"], name="memberships_chat_id"),
            PartialIndex(
                fields=["chat_id", "user_id"],
                name="memberships_administrators",
                condition="\"status\" IN ('creator','administrator')",
            ),
        ]


class MembershipEvent(Record):
    """The timeline: each change of a membership, as it was told."""

    id = fields.BigIntField(primary_key=True)
    chat_id = fields.BigIntField()
    user_id = fields.BigIntField()
    at = fields.DatetimeField()
    update_id = fields.BigIntField()
    old_status = fields.CharField(max_length=16, null=True)
    new_status = fields.CharField(max_length=16)
    # `restricted` alone does not tell; None where it was not told.
    was_member = fields.BooleanField(null=True)
    is_member = fields.BooleanField(null=True)
    evidence = fields.CharField(max_length=16)
    actor_id = fields.BigIntField(null=True)
    invite_link = fields.CharField(max_length=256, null=True)
    via_join_request = fields.BooleanField(default=False)
    via_chat_folder_invite_link = fields.BooleanField(default=False)
    # It was told of a group that this chat has grown out of.
    is_carried_over = fields.BooleanField(default=False)

    merge = Merge(key=("chat_id", "user_id", "at", "update_id"))

    class Meta:
        table = "membership_events"
        unique_together = (("chat_id", "user_id", "at", "update_id"),)
        indexes: ClassVar = [
            Index(fields=["user_id", "at"], name="membership_events_user_id"),
            Index(fields=["at"], name="membership_events_at"),
            Index(fields=["actor_id"], name="membership_events_actor_id"),
        ]


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
        # No update changes these, so a message of somebody who wrote that day stays HOT.
        indexes: ClassVar = [Index(fields=["day", "chat_id"], name="daily_activity_day")]


class Total(Model):
    """A number that is kept, because counting it takes too long.

    Triggers of the database keep it, whoever writes (see the migration). A key may have several
    rows, whose sum is the number: of those a writer takes one that nobody else holds.
    """

    id = fields.BigIntField(primary_key=True)
    # 0: of all chats together.
    chat_id = fields.BigIntField()
    # `people`, `members`, `confirmed`, `chats.group` …
    name = fields.CharField(max_length=32)
    # Those last seen on this day (UTC); 1970-01-01: whenever they were seen.
    day = fields.DateField()
    amount = fields.BigIntField()

    class Meta:
        table = "totals"
        indexes: ClassVar = [
            Index(fields=["chat_id", "name", "day"], name="totals_chat_id"),
            # Only for dropping old days: whoever looks for one total must not come this way.
            PartialIndex(fields=["day"], name="totals_day", condition="\"day\" > '1970-01-01'"),
        ]


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
