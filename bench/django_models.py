"""The tables of `naive_models.py`, for Django."""

from django.db import connection, models


class User(models.Model):
    id = models.BigIntegerField(primary_key=True)
    first_name = models.CharField(max_length=256)
    username = models.CharField(max_length=64, null=True)
    last_seen_at = models.DateTimeField(auto_now=True)

    class Meta:
        app_label = "bench"


class Chat(models.Model):
    id = models.BigIntegerField(primary_key=True)
    type = models.CharField(max_length=16)
    title = models.CharField(max_length=256, null=True)

    class Meta:
        app_label = "bench"


class Membership(models.Model):
    id = models.BigAutoField(primary_key=True)
    user_id = models.BigIntegerField()
    chat_id = models.BigIntegerField()
    last_update_id = models.BigIntegerField()
    last_seen_at = models.DateTimeField(auto_now=True)

    class Meta:
        app_label = "bench"
        unique_together = (("user_id", "chat_id"),)


def create_tables() -> None:
    with connection.schema_editor() as editor:
        for model in (User, Chat, Membership):
            editor.create_model(model)
    connection.close()
