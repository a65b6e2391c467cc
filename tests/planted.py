"""People, chats and memberships with everything that a filter can tell apart, in a registry:
`from tests.planted import planted_fixture as planted_fixture`."""

import random
import shutil
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.postgres import Postgres
from userreg.database_url import Database, parse_database_url
from userreg.db import open_database
from userreg.migrate import upgrade
from userreg.models import Chat, Membership, User

DAY = datetime(2026, 11, 1, tzinfo=UTC)
LARGE, BUSY = -7, 33
STATUSES = ("creator", "administrator", "member", "restricted", "left", "kicked")
Rows = list[dict[str, Any]]


def _plant() -> dict[type, Rows]:
    """People, chats and memberships with everything that can be told apart."""
    pick = random.Random(7)

    def when() -> datetime | None:
        return pick.choice([None, *(DAY + timedelta(hours=pick.randint(-72, 72)) for _ in "ab")])

    languages = [None, "en", "uk", "pt", "pt-br", "EN-gb", "ukx"]
    users: Rows = [
        {"id": n, "first_name": f"P{n}", "language_code": pick.choice(languages),
         "is_bot": pick.random() < 0.1, "is_premium": pick.random() < 0.3,
         "is_gone": pick.random() < 0.1, "first_seen_at": DAY, "last_seen_at": when()}
        for n in pick.sample(range(1, 1_000), 150)
    ]  # fmt: skip
    users.append(users[0] | {"id": BUSY}) if all(u["id"] != BUSY for u in users) else None
    chats: Rows = [
        {"id": -n, "type": pick.choice([None, "group", "supergroup", "channel"]),
         "bot_status": pick.choice([None, *STATUSES[1:]]),
         "bot_is_member": pick.choice([None, True, False]), "first_seen_at": DAY,
         "migrated_to_id": pick.choice([None, None, -3]), "last_seen_at": when()}
        for n in [*range(1, 10), *pick.sample(range(10, 500), 110)]
    ]  # fmt: skip
    private: Rows = [
        {"id": user["id"], "type": "private", "bot_status": pick.choice([None, "member", "kicked"]),
         "first_seen_at": DAY}
        for user in users[::2]
    ]  # fmt: skip
    pairs = [(user["id"], LARGE) for user in users] + [(BUSY, chat["id"]) for chat in chats]
    pairs += [(pick.choice(users)["id"], pick.choice(chats)["id"]) for _ in range(150)]
    pairs = pick.sample(sorted(set(pairs)), len(set(pairs)))
    memberships = [
        {"id": n, "user_id": user_id, "chat_id": chat_id, "messages": pick.randint(0, 9),
         "first_seen_at": DAY, "last_seen_at": when(), "joined_at": when()} | _told(pick, when)
        for n, (user_id, chat_id) in enumerate(pairs, 5)
        if n % 9
    ]  # fmt: skip
    return {User: users, Chat: chats + private, Membership: memberships}


def _told(pick: random.Random, when: Callable[[], datetime | None]) -> dict[str, Any]:
    """What Telegram said of a membership, if anything."""
    if (told_at := when()) is None:
        return {}
    status = pick.choice(STATUSES)
    is_member = {"left": False, "kicked": False, "restricted": pick.choice([True, False, None])}
    return {
        "status": status, "is_member": is_member.get(status, True), "status_at": told_at,
        "evidence": pick.choice(["confirmed", "announced"]), "is_carried_over": pick.random() < 0.2,
    }  # fmt: skip


PLANTED = _plant()


@pytest.fixture(name="planted", scope="module", params=["sqlite", "postgres"], autouse=True)
async def planted_fixture(
    request: pytest.FixtureRequest,
    postgres: Postgres,
    sqlite_template: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Database]:
    path: Path = tmp_path_factory.mktemp("planted") / "registry.sqlite3"
    url = f"sqlite://{path}"
    shutil.copy(sqlite_template, path)
    if request.param == "postgres":
        url = await postgres.anew("planted")
        await upgrade(parse_database_url(url))
    database = parse_database_url(url)
    async with open_database(database):
        for model, rows in PLANTED.items():
            await model.bulk_create(model(**row) for row in rows)
        yield database
