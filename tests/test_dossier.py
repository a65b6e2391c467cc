"""Everything about one person as a document: all of it, and nothing about anybody else."""

import asyncio
import hmac
import json
import stat
from pathlib import Path
from typing import Any

from tests import updates
from tests.conftest import rows, userreg
from tests.eve import (
    EVE,
    KEY,
    RENAMED,
    broken,
    decide,
    receive,
    traces_of_eve,
    whole_database,
)
from tests.running import Bot
from tests.updates import ANN, BOB, GROUP, SUPERGROUP
from userreg.audit import note
from userreg.database_url import parse_database_url
from userreg.db import write_transaction
from userreg.decisions import AuditEntry, Forgotten
from userreg.dossier import everything_about
from userreg.models import User
from userreg.registry import Registry

DAN = ANN | {"id": 700_000_001, "first_name": "Daniel", "username": "Dan_D"}
FAY = BOB | {"id": 700_000_002, "first_name": "Fayette", "last_name": "Fuchsia"}
#: What may stand nowhere in a document about somebody else.
OTHERS = ("700000001", "Daniel", "dan_d", "700000002", "Fayette", "Fuchsia")


async def tell_all(registry: Registry) -> None:
    await receive(
        registry,
        updates.message(DAN, GROUP),
        updates.message(EVE, GROUP),
        updates.message(EVE, text="/start"),
        updates.message(RENAMED, SUPERGROUP),
        updates.chat_member(EVE, "left", "member", actor=FAY),
        updates.chat_member(EVE, "member", "left"),
        updates.chat_member(FAY, "member", "kicked", actor=RENAMED),
        updates.my_chat_member("left", "member", GROUP, actor=RENAMED),
        broken(about=EVE),
        broken(about=DAN),
    )
    await decide(registry._database)
    async with write_transaction(registry._database) as db:
        await note(db, "seen", actor_id=EVE["id"], subject_id=FAY["id"], detail="@dan_d")
        await note(db, "seen", actor_id=FAY["id"], subject_id=DAN["id"], detail="@dan_d")


async def test_it_holds_everything_about_them(replicas: list[Registry]) -> None:
    await tell_all(replicas[0])
    about = await everything_about(EVE["id"])

    user = about["user"]
    assert (user["first_name"], user["username"]) == ("Evi", "evi_the_second")
    assert {one["name"] for one in about["names"]} == {
        "Evelyn Qux-Örn", "evelyn_q", "Evi Qux-Örn", "evi_the_second",
    }  # fmt: skip
    assert about["private_chat"]["type"] == "private"
    titles = {one["chat_id"]: (one["chat_title"], one["messages"]) for one in about["memberships"]}
    assert titles == {GROUP["id"]: ("Chess", 1), SUPERGROUP["id"]: ("Go", 1)}
    events = [(one["new_status"], one["actor_id"]) for one in about["events"]]
    assert events == [("member", None), ("left", EVE["id"])]
    assert [one["new_status"] for one in about["acts"]] == ["kicked"]
    assert [one["title"] for one in about["chats_where_they_added_the_bot"]] == ["Chess"]
    days = {(one["chat_id"], one["messages"]) for one in about["activity"]}
    assert days == {(GROUP["id"], 1), (EVE["id"], 1), (SUPERGROUP["id"], 1)}
    assert about["preferences"]["locale"] == "uk"
    assert about["administrator"] == {"added_at": "2026-11-01T00:00:00+00:00"}
    assert [one["purpose"] for one in about["codes"]] == ["x"]
    assert [one["seen_at"] for one in about["sessions"]] == ["2026-11-01T00:00:00+00:00"]
    assert [one["key"] for one in about["phrases"]] == ["k"]
    assert [(one["action"], one["role"]) for one in about["audit"]] == [
        ("stats", "actor"), ("seen", "actor"), ("seen", "subject"),
    ]  # fmt: skip
    assert about["dead_letters"] == 1
    assert about["forgotten"] is None


async def test_it_holds_nothing_about_anybody_else(replicas: list[Registry]) -> None:
    await tell_all(replicas[0])
    document = json.dumps(await everything_about(EVE["id"]), ensure_ascii=False)

    assert [one for one in OTHERS if one.lower() in document.lower()] == []
    whole = await whole_database(replicas[0]._database)
    assert [one for one in OTHERS if one.lower() not in whole.lower()] == []


async def test_of_the_unknown_and_the_forgotten_there_is_nothing(
    replicas: list[Registry],
) -> None:
    await tell_all(replicas[0])
    unknown = await everything_about(4711)
    await replicas[0].forget(EVE["id"])
    await receive(replicas[0], updates.message(EVE, GROUP))
    forgotten = await everything_about(EVE["id"])

    assert not any(value for name, value in unknown.items() if name != "user_id")
    assert forgotten.pop("forgotten")["updates"] == 1
    assert not any(value for name, value in forgotten.items() if name != "user_id")


# The commands, beside the running bot


async def run(database_url: str, *arguments: str, **more: str) -> Any:
    ended = await asyncio.to_thread(userreg, *arguments, DATABASE_URL=database_url, **more)
    assert ended.returncode == 0, ended.stderr
    return ended


async def test_it_is_exported_beside_the_running_bot(
    bot: Bot, database_url: str, tmp_path: Path
) -> None:
    await bot.tell(updates.message(EVE, GROUP), updates.message(BOB, GROUP))
    printed = (await run(database_url, "export", str(EVE["id"]))).stdout
    file = tmp_path / "eve.json"
    await run(database_url, "export", str(EVE["id"]), "-o", str(file))

    assert json.loads(printed)["user"]["last_name"] == "Qux-Örn"
    assert "Brown" not in printed
    written = json.loads(file.read_text())
    assert written.pop("audit")[0]["action"] == "export"
    assert written.items() <= json.loads(printed).items()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    told = [(one.action, one.actor_id, one.subject_id) for one in await AuditEntry.all()]
    assert told == [("export", None, EVE["id"])] * 2


async def test_somebody_is_forgotten_beside_the_running_bot(bot: Bot, database_url: str) -> None:
    await bot.tell(updates.message(EVE, GROUP), updates.message(BOB, GROUP))
    done = await run(database_url, "forget", str(EVE["id"]), "--yes")
    assert done.stdout == f"forgotten: {EVE['id']}\n"
    await bot.tell(updates.message(EVE, GROUP), updates.callback(EVE))

    assert await traces_of_eve(parse_database_url(database_url)) == []
    (forgotten,) = await Forgotten.all()
    assert forgotten.updates == 2
    entry = await AuditEntry.get()
    assert (entry.action, entry.subject_id, entry.subject_hash) == ("forget", None, forgotten.hash)

    undone = await run(database_url, "forget", str(EVE["id"]), "--undo")
    assert undone.stdout == f"remembered again: {EVE['id']}\n"
    await bot.tell(updates.message(EVE, GROUP))
    assert {user["id"] for user in await rows(User)} == {BOB["id"], EVE["id"]}


async def test_the_command_hashes_with_the_key_of_the_settings(
    replicas: list[Registry], database_url: str
) -> None:
    await run(database_url, "forget", str(EVE["id"]), "--yes", SECURITY_KEY=KEY)

    expected = hmac.new(KEY.encode(), str(EVE["id"]).encode(), "sha256").hexdigest()
    assert [one.hash for one in await Forgotten.all()] == [expected]
