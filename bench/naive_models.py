"""Tables as most people would make them."""

from tortoise import fields
from tortoise.models import Model


class User(Model):
    id = fields.BigIntField(primary_key=True, generated=False)
    first_name = fields.CharField(max_length=256)
    username = fields.CharField(max_length=64, null=True)
    last_seen_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "naive_users"


class Chat(Model):
    id = fields.BigIntField(primary_key=True, generated=False)
    type = fields.CharField(max_length=16)
    title = fields.CharField(max_length=256, null=True)

    class Meta:
        table = "naive_chats"


class Membership(Model):
    id = fields.BigIntField(primary_key=True)
    user_id = fields.BigIntField()
    chat_id = fields.BigIntField()
    last_update_id = fields.BigIntField()
    last_seen_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "naive_memberships"
        unique_together = (("user_id", "chat_id"),)
