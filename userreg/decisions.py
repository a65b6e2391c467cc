"""What people have decided, beside what updates prove (`models`): the other half of the tables.

Texts as they were edited, the language somebody wants, who administers the bot, who is to be
forgotten, who looked at what, and which processes are at work. Times are the clock's, in UTC.
"""

from typing import ClassVar

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class Phrase(Model):
    """One version of a text in one language. The highest version is the one that is said; version
    0 is what the package ships, and changes with it."""

    id = fields.BigIntField(primary_key=True)
    key = fields.CharField(max_length=64)
    locale = fields.CharField(max_length=16)
    # `zero`, `one`, `two`, `few`, `many` or `other`; empty for a text that counts nothing.
    category = fields.CharField(max_length=8, default="")
    version = fields.IntField(default=0)
    text = fields.TextField()
    # None: the command line, or the package itself.
    updated_by_id = fields.BigIntField(null=True)
    updated_at = fields.DatetimeField()

    class Meta:
        table = "phrases"
        unique_together = (("key", "locale", "category", "version"),)


class Preference(Model):
    """What a person, or a group, wants of the bot. `id` is the chat's, a person's own too."""

    id = fields.BigIntField(primary_key=True, generated=False)
    locale = fields.CharField(max_length=16, null=True)
    # Not to be told of by /seen.
    is_hidden = fields.BooleanField(default=False)
    updated_at = fields.DatetimeField()

    class Meta:
        table = "preferences"


class Administrator(Model):
    """An administrator of this bot, beside those of the setting ADMIN_IDS."""

    user_id = fields.BigIntField(primary_key=True, generated=False)
    # None: the command line, or a code from it.
    added_by_id = fields.BigIntField(null=True)
    added_at = fields.DatetimeField()

    class Meta:
        table = "administrators"


class OneTimeCode(Model):
    """A code that works once; only its digest is kept."""

    # SHA-256, in hexadecimal.
    digest = fields.CharField(max_length=64, primary_key=True)
    # `administrator`: whoever sends it becomes one. `login`: a link into the pages. `mini_app`: a
    # word of Telegram's that was used, and is not good again.
    purpose = fields.CharField(max_length=16)
    user_id = fields.BigIntField(null=True)
    expires_at = fields.DatetimeField()

    class Meta:
        table = "one_time_codes"


class AuditEntry(Model):
    """Somebody used more rights than everybody has. Of the forgotten only a keyed hash stays."""

    id = fields.BigIntField(primary_key=True)
    at = fields.DatetimeField()
    # Both None: the command line.
    actor_id = fields.BigIntField(null=True)
    actor_hash = fields.CharField(max_length=64, null=True)
    # `seen`, `stats`, `export`, `forget`, `admins.add` …
    action = fields.CharField(max_length=32)
    # A person or a chat.
    subject_id = fields.BigIntField(null=True)
    subject_hash = fields.CharField(max_length=64, null=True)
    detail = fields.CharField(max_length=256, null=True)

    class Meta:
        table = "audit"
        indexes: ClassVar = [
            Index(fields=["actor_id"], name="audit_actor_id"),
            Index(fields=["subject_id"], name="audit_subject_id"),
        ]


class Forgotten(Model):
    """Somebody who wants to be forgotten: how to know them again, and no more."""

    id = fields.BigIntField(primary_key=True)
    # HMAC-SHA256 of the user id, in hexadecimal.
    hash = fields.CharField(max_length=64, unique=True)
    at = fields.DatetimeField()
    # Those that named them since, and were not stored.
    updates = fields.BigIntField(default=0)

    class Meta:
        table = "forgotten"


class Key(Model):
    """A secret that the registry made for itself, because no setting gives it one."""

    name = fields.CharField(max_length=32, primary_key=True)
    value = fields.CharField(max_length=128)

    class Meta:
        table = "keys"


class Session(Model):
    """An administrator who looks at the pages; only the digest of what their browser holds."""

    # SHA-256 of the cookie, in hexadecimal.
    digest = fields.CharField(max_length=64, primary_key=True)
    user_id = fields.BigIntField()
    created_at = fields.DatetimeField()
    # To the minute.
    seen_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()

    class Meta:
        table = "sessions"
        indexes: ClassVar = [Index(fields=["user_id"], name="sessions_user_id")]


class Replica(Model):
    """A process that runs, or ran lately and did not end in good order."""

    # Machine and process.
    name = fields.CharField(max_length=80, primary_key=True)
    started_at = fields.DatetimeField()
    # To a few seconds.
    seen_at = fields.DatetimeField()
    version = fields.CharField(max_length=32)
    # `webhook`, `polling` …
    mode = fields.CharField(max_length=32)

    class Meta:
        table = "replicas"
