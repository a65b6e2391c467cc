"""Who administers the bot: by the setting, by the command line, by a code."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import userreg
from tests.running import Bot
from userreg import administrators
from userreg.database_url import Database, parse_database_url
from userreg.db import open_database
from userreg.decisions import Administrator, AuditEntry, OneTimeCode
from userreg.errors import AdministratorFixed

ANN, BOB, CID = 101, 102, 5_000_000_103
OF_SETTING = frozenset({ANN})


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with open_database(parse_database_url(database_url)) as database:
        yield database


async def noted() -> list[tuple[str, int | None, int | None]]:
    entries = await AuditEntry.all().order_by("id")
    return [(entry.action, entry.actor_id, entry.subject_id) for entry in entries]


async def is_one(user_id: int) -> bool:
    return await administrators.is_administrator(user_id, OF_SETTING)


async def test_administrators_are_those_of_the_setting_and_those_who_were_added(
    database: Database,
) -> None:
    assert (await is_one(ANN), await is_one(BOB)) == (True, False)

    assert await administrators.add(database, BOB, ANN)
    assert await is_one(BOB)
    listed = await administrators.list_administrators(OF_SETTING)
    assert [(one.user_id, one.added_by_id) for one in listed] == [(ANN, None), (BOB, ANN)]
    assert (listed[0].added_at is None, listed[1].added_at is None) == (True, False)

    assert await administrators.remove(database, BOB, ANN, OF_SETTING)
    assert not await is_one(BOB)
    assert await noted() == [("admins.add", ANN, BOB), ("admins.remove", ANN, BOB)]


async def test_adding_or_removing_twice_changes_and_notes_nothing(database: Database) -> None:
    assert await administrators.add(database, BOB, ANN)
    assert not await administrators.add(database, BOB, CID)
    assert (await Administrator.get(user_id=BOB)).added_by_id == ANN
    assert await administrators.remove(database, BOB, CID, OF_SETTING)
    assert not await administrators.remove(database, BOB, CID, OF_SETTING)
    assert len(await noted()) == 2


async def test_those_of_the_setting_cannot_be_removed(database: Database) -> None:
    await administrators.add(database, ANN, None)
    with pytest.raises(AdministratorFixed, match="ADMIN_IDS"):
        await administrators.remove(database, ANN, BOB, OF_SETTING)
    assert await administrators.is_administrator(ANN, frozenset()), "also when it is unset"


async def test_a_code_works_once_and_only_its_digest_is_kept(database: Database) -> None:
    code = await administrators.make_code(database)
    assert 22 <= len(code) <= 64, "128 bits or more, and what /start takes"
    assert all(code not in str(row) for row in await OneTimeCode.all().values())

    assert await administrators.claim(database, code, BOB)
    assert await is_one(BOB)
    assert not await administrators.claim(database, code, CID)
    assert not await is_one(CID)
    assert await noted() == [("admins.code", None, None), ("admins.claim", BOB, BOB)]
    assert await OneTimeCode.all().count() == 0


async def test_of_many_who_send_a_code_at_once_one_becomes_an_administrator(
    database: Database,
) -> None:
    for wave in range(5):
        code = await administrators.make_code(database)
        ids = range(1000 + 10 * wave, 1010 + 10 * wave)
        claimed = await asyncio.gather(*(administrators.claim(database, code, i) for i in ids))
        assert sum(claimed) == 1
        assert await Administrator.filter(user_id__in=list(ids)).count() == 1


async def test_an_expired_code_makes_nobody_an_administrator(database: Database) -> None:
    old = await administrators.make_code(database, timedelta(seconds=-1))
    assert not await administrators.claim(database, old, BOB)
    assert not await is_one(BOB)

    await administrators.make_code(database)
    assert await OneTimeCode.all().count() == 1, "the expired one is gone"


@settings(max_examples=50)
@given(guess=st.text(max_size=70) | st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True))
async def test_whatever_else_is_sent_makes_nobody_an_administrator(
    database: Database, guess: str
) -> None:
    await administrators.make_code(database)
    assert not await administrators.claim(database, guess, BOB)
    assert not await is_one(BOB)


async def test_a_code_for_something_else_makes_nobody_an_administrator(
    database: Database,
) -> None:
    code = await administrators.make_code(database)
    await OneTimeCode.all().update(purpose="login")
    assert not await administrators.claim(database, code, BOB)


# The command line


async def _run(database_url: str, *arguments: str, **more: str) -> Any:
    done = await asyncio.to_thread(
        userreg, "admins", *arguments, DATABASE_URL=database_url, ADMIN_IDS="101", **more
    )
    assert "Traceback" not in done.stderr
    return done


async def test_the_command_line_works_while_the_bot_runs(bot: Bot, database_url: str) -> None:
    assert (await _run(database_url, "add", "102")).stdout == "added: 102\n"
    assert (await _run(database_url, "add", "102")).stdout == "an administrator already: 102\n"
    assert await is_one(BOB), "the running bot knows at once"

    listed = (await _run(database_url, "list")).stdout.splitlines()
    assert listed[0] == "101\tby ADMIN_IDS"
    assert listed[1].startswith("102\t20")
    assert listed[1].endswith("\tby the command line")

    assert (await _run(database_url, "remove", "102")).stdout == "removed: 102\n"
    assert (await _run(database_url, "remove", "102")).stdout == "no administrator: 102\n"
    assert not await is_one(BOB)


async def test_the_command_line_prints_a_code_that_works(bot: Bot, database_url: str) -> None:
    done = await _run(database_url, "claim")
    command, code = done.stdout.split()
    assert command == "/start"
    assert "15 minutes" in done.stderr
    assert await administrators.claim(parse_database_url(database_url), code, BOB)


async def test_the_command_line_says_why_somebody_stays(database_url: str) -> None:
    done = await _run(database_url, "remove", "101")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: 101 administers the bot by the setting ADMIN_IDS")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("user_id", ["0", "-5", "x", "9" * 30])
def test_what_is_no_user_id_is_refused(user_id: str) -> None:
    done = userreg("admins", "add", "--", user_id)
    assert done.returncode == 2
    assert "USER_ID" in done.stderr
