"""Eve, who is going to be forgotten: what comes of her, and where any of it is found."""

import json
import re
from datetime import UTC, datetime

from tests import updates
from tests.updates import ANN, BOB, GROUP, SUPERGROUP, Json
from userreg import audit
from userreg.database_url import Database
from userreg.db import write_transaction
from userreg.decisions import Administrator, OneTimeCode, Phrase, Preference, Session
from userreg.queries import read
from userreg.registry import Registry

EVE: Json = {
    "id": 987_654_321, "is_bot": False, "first_name": "Evelyn", "last_name": "Qux-Örn",
    "username": "Evelyn_Q",
}  # fmt: skip
RENAMED = EVE | {"first_name": "Evi", "username": "evi_the_second"}
NOW = datetime(2026, 11, 1, tzinfo=UTC)
KEY = "a-key-of-the-tests-0123456789-0123456789"


async def receive(registry: Registry, *story: Json | bytes) -> None:
    for update in story:
        raw = update if isinstance(update, bytes) else json.dumps(update).encode()
        await registry.receive(raw)


async def whole_database(database: Database) -> str:
    """Every value of every table that there is, as text."""
    named = (
        "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'"
        if database.dialect == "postgres"
        else "SELECT name FROM sqlite_master WHERE type = 'table'"
    )
    values: list[str] = []
    for table in await read(named):
        for row in await read(f'SELECT * FROM "{table["name"]}"'):
            values += [v.decode() if isinstance(v, bytes) else str(v) for v in row.values()]
    return "\n".join(values)


async def traces_of_eve(database: Database) -> list[str]:
    text = await whole_database(database)
    names = r"evelyn|evi_the|qux(?=-[ö\\])|örn"  # a random key may hold the three letters, too
    return re.findall(rf"{EVE['id']}|{names}", text, re.IGNORECASE)


def broken(*, about: object) -> bytes:
    """A body that is no update."""
    update = updates.message(BOB, GROUP | {"id": "broken"}, forward_from=about)
    return json.dumps(update).encode()


def later() -> dict[str, Json | bytes]:
    """What may come of somebody who has been forgotten."""
    link = {"invite_link": "https://t.me/+abc", "creator": EVE, "is_primary": False}
    mention = {"type": "text_mention", "offset": 0, "length": 2, "user": EVE}
    reply = {"message_id": 1, "date": updates.NOW, "chat": GROUP, "from": EVE, "text": "Evelyn"}
    return {
        "writes": updates.message(EVE, GROUP),
        "writes to the bot": updates.message(EVE, text="/start"),
        "edits": updates.edited(EVE, GROUP, updates.NOW),
        "presses": updates.callback(EVE, GROUP),
        "joins": updates.chat_member(EVE, "left", "member"),
        "is announced": updates.message(BOB, GROUP, text="", new_chat_members=[EVE]),
        "is mentioned": updates.message(BOB, GROUP, entities=[mention]),
        "is replied to": updates.message(BOB, GROUP, reply_to_message=reply),
        "is kicked": updates.chat_member(EVE, "member", "kicked", actor=BOB),
        "kicks": updates.chat_member(BOB, "member", "kicked", actor=EVE),
        "removes": updates.message(EVE, GROUP, text="", left_chat_member=BOB),
        "invites": updates.chat_member(BOB, "left", "member", actor=BOB, invite_link=link),
        "adds the bot": updates.my_chat_member("left", "member", GROUP, actor=EVE),
        "blocks the bot": updates.my_chat_member("member", "kicked", updates.private(EVE), EVE),
        "is a contact": updates.message(
            BOB, contact={"phone_number": "1", "first_name": "Evelyn", "user_id": EVE["id"]}
        ),
        "is shared": updates.message(
            BOB, users_shared={"request_id": 1, "users": [{"user_id": EVE["id"]}]}
        ),
        "is chatted with": {
            "update_id": updates.message(BOB)["update_id"],
            "stopped_message_generation": {"chat": updates.private(EVE)},
        },
        "moves a group": updates.message(EVE, GROUP, text="", migrate_to_chat_id=SUPERGROUP["id"]),
        "is in a dead letter": broken(about=EVE),
    }  # fmt: skip


async def decide(database: Database) -> None:
    """Eve edited a text, is an administrator, named one and is logged in, looked at others, was
    looked at."""
    eve, bob = EVE["id"], BOB["id"]
    await Preference.create(id=eve, locale="uk", updated_at=NOW)
    await Administrator.create(user_id=eve, added_at=NOW)
    await Administrator.create(user_id=bob, added_by_id=eve, added_at=NOW)
    await OneTimeCode.create(digest="0" * 64, purpose="x", user_id=eve, expires_at=NOW)
    await Session.create(digest="1" * 64, user_id=eve, created_at=NOW, seen_at=NOW, expires_at=NOW)
    await Phrase.create(
        key="k", locale="en", text="t", version=1, updated_by_id=eve, updated_at=NOW
    )
    async with write_transaction(database) as db:
        await audit.note(db, "stats", actor_id=eve)
        await audit.note(db, "seen", actor_id=bob, subject_id=eve, detail="@evelyn_q")
        await audit.note(db, "seen", actor_id=bob, subject_id=ANN["id"], detail="@ann_a")
