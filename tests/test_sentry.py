"""What Sentry is told: every error, where it happened, and nothing that is secret or personal."""

import ast
import asyncio
import contextlib
import json
import sqlite3
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web

from tests import updates
from tests.conftest import userreg
from tests.postgres import temporary_postgres
from tests.process import Program, Sender, running, terminate
from tests.running import SECRET, make_settings
from tests.stage import hand_made
from tests.updates import GROUP
from userreg import sentry, sessions
from userreg.database_url import parse_database_url
from userreg.db import open_database
from userreg.errors import SettingInvalid
from userreg.sandbox.api import BotApi
from userreg.sandbox.server import serving
from userreg.sandbox.telegram import TOKEN, LocalTelegram
from userreg.sentry import Scrubber
from userreg.web.guard import COOKIE

NAME, TEXT, PASSWORD, KEY = "Canarina", "canary of a text", "canary-of-a-password", "canary-of-dsn"
ANN = updates.ANN | {"id": 770_077_007, "first_name": NAME, "username": "canarina_name"}
#: An administrator, whose id no other number happens to hold.
ADA = 880_088_008
CANARIES = [
    TOKEN, TOKEN.partition(":")[2], SECRET, NAME, TEXT, PASSWORD, KEY, "770077007",
    "canarina_name", str(GROUP["title"]), str(ADA),
]  # fmt: skip


class Sentry:
    """Whatever was posted to it, as it came."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.hangs = False
        self.dsn = ""
        self._come = asyncio.Condition()

    async def take(self, request: web.Request) -> web.Response:
        if self.hangs:
            await asyncio.Event().wait()
        async with self._come:
            self.bodies.append(await request.read())
            self._come.notify_all()
        return web.json_response({})

    @property
    def events(self) -> list[dict[str, Any]]:
        """The last line of each envelope."""
        return [json.loads(body.strip().split(b"\n")[-1]) for body in self.bodies]

    async def wait_for(self, *messages: str) -> None:
        async with asyncio.timeout(20), self._come:
            await self._come.wait_for(
                lambda: set(messages) <= {event["message"] for event in self.events}
            )


@pytest.fixture
async def told() -> AsyncIterator[Sentry]:
    server, app = Sentry(), web.Application()
    app.router.add_post("/api/1/envelope/", server.take)
    async with serving(app, "127.0.0.1", 0) as url:
        server.dsn = f"{url.replace('://', f'://public:{KEY}@')}/1"
        yield server


def _break(path: Path) -> None:
    """Times of the canary are none: whoever reads them fails, with its name in the error."""
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        for column in ("first_seen_at", "last_seen_at"):
            connection.execute(f"UPDATE memberships SET {column} = '{NAME} {TEXT} {TOKEN}'")


async def _look_at_a_page(path: Path, program: Program) -> None:
    database = parse_database_url(f"sqlite://{path}")
    async with open_database(database):
        code = await sessions.make_link(database, ADA)
        token = await sessions.log_in(database, code, {ADA})
    headers = {"Cookie": f"{COOKIE}={token}"}
    async with (
        ClientSession(headers=headers) as session,
        session.get(f"{program.url}/admin/users/{ANN['id']}") as response,
    ):
        assert response.status == 500


def _assert_clean(told: Sentry) -> None:
    assert told.bodies
    for body in told.bodies:
        for canary in CANARIES:
            assert canary.encode() not in body, canary
    allowed = {*sentry._KEPT, "message", "exception"}
    for event in told.events:
        assert event.keys() <= allowed | {"sdk", "environment", "modules", "extra", "contexts"}


async def test_each_lane_tells_its_errors_and_no_secret_and_nobody(
    migrated_sqlite: Path, told: Sentry, api: BotApi, api_url: str
) -> None:
    async with running(
        f"sqlite://{migrated_sqlite}",
        SENTRY_DSN=told.dsn, TELEGRAM_API_URL=api_url, PG_PASSWORD=PASSWORD,
        ADMIN_IDS=str(ADA), LOG_LEVEL="DEBUG",
    ) as program:  # fmt: skip
        bad = {"update_id": f"{TOKEN} {SECRET} {NAME}", "message": {"text": TEXT}}
        await Sender(1).send(program.url, [bad, updates.message(ANN, GROUP, text=TEXT)])
        await told.wait_for("update %s put aside: %s")
        _break(migrated_sqlite)
        await Sender(1).send(program.url, [updates.message(ANN, text="/me")])
        await told.wait_for("an answer failed")
        await _look_at_a_page(migrated_sqlite, program)
        await told.wait_for("a page failed")
        terminate(program)
        assert await program.ended(within=10) == 0
    _assert_clean(told)
    log = "".join(program.lines)
    assert NAME in log, "the log tells what was wrong; Sentry is told where"
    (failed,) = [event for event in told.events if event["message"] == "a page failed"]
    (exception,) = failed["exception"]["values"]
    assert exception["type"] == "ValueError"
    assert exception["stacktrace"]["frames"][-1]["module"] == "userreg.sql"


async def test_so_it_is_with_polling(
    migrated_sqlite: Path, told: Sentry, api_url: str, telegram: LocalTelegram
) -> None:
    polling = {"WEBHOOK_URL": "", "WEBHOOK_SECRET": "", "TELEGRAM_API_URL": api_url}
    async with running(f"sqlite://{migrated_sqlite}", SENTRY_DSN=told.dsn, **polling) as program:
        bad: dict[str, Any] = {"update_id": 1, "message": {"text": TEXT, "from": ANN, "date": NAME}}
        telegram.outbox.put([hand_made(bad, time.time())])
        await told.wait_for("update %s put aside: %s")
        terminate(program)
        assert await program.ended(within=10) == 0
    _assert_clean(told)


async def test_a_database_that_is_away_is_told_once_a_minute_without_its_password(
    told: Sentry,
) -> None:
    with temporary_postgres() as server:
        assert userreg("migrate", DATABASE_URL=server.url()).returncode == 0
        database_url = server.url().replace("postgres@", f"postgres:{PASSWORD}@")
        async with running(database_url, SENTRY_DSN=told.dsn) as program:
            server.stop()
            sender = Sender(1)
            await sender.send(program.url, [updates.message(ANN) for _ in range(4)])
            assert sender.statuses[503] == 4
            await told.wait_for("nothing committed, %d updates refused: %s")
            terminate(program)
            assert await program.ended(within=10) == 0
    _assert_clean(told)
    assert len(told.events) == 1


async def test_a_sentry_that_hangs_delays_no_end(migrated_sqlite: Path, told: Sentry) -> None:
    told.hangs = True
    async with running(f"sqlite://{migrated_sqlite}", SENTRY_DSN=told.dsn) as program:
        await Sender(1).send(program.url, [{"update_id": "bad"}])
        begun = time.monotonic()
        terminate(program)
        assert await program.ended(within=10) == 0
        assert time.monotonic() - begun < 10


@pytest.mark.parametrize(
    "dsn",
    [
        "nowhere",
        "https://sentry.example.org/1",
        "ftp://k@h/1",
        "https://k@h:port/1",
        "https://k@[h/1",
    ],
)
def test_an_address_that_is_none_is_one_sentence(dsn: str) -> None:
    with pytest.raises(SettingInvalid, match="SENTRY_DSN") as raised:
        sentry.start(make_settings(sentry_dsn=dsn), "host:1")
    assert dsn not in str(raised.value)


def test_without_the_package_it_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentry_sdk", None)
    settings = make_settings(sentry_dsn="https://k@sentry.example.org/1")
    with pytest.raises(SettingInvalid, match=r"pip install 'sentry-sdk>=") as raised:
        sentry.start(settings, "host:1")
    assert raised.value.exit_code == 3


def test_whatever_else_an_event_holds_is_left_out() -> None:
    frame = {"filename": "a.py", "lineno": 3, "vars": {"x": NAME}, "abs_path": f"/home/{NAME}"}
    event: Any = {
        "event_id": "1", "level": "error", "logger": "asyncio", "user": {"id": NAME},
        "logentry": {"message": NAME, "params": [NAME], "formatted": NAME},
        "message": NAME, "request": {"data": NAME}, "tags": {"x": NAME}, "extra": {"x": NAME},
        "breadcrumbs": {"values": [{"message": NAME}]}, "contexts": {"x": {"y": NAME}},
        "exception": {"values": [{"type": "ValueError", "value": NAME, "module": None,
                                  "mechanism": {"data": NAME},
                                  "stacktrace": {"frames": [frame]}}]},
        "threads": {"values": [{"name": NAME}]}, "something_new": NAME,
    }  # fmt: skip
    scrub = Scrubber()
    clean: Any = scrub(event, {})
    assert NAME not in json.dumps(clean)
    assert clean["exception"]["values"][0]["stacktrace"]["frames"] == [
        {"filename": "a.py", "lineno": 3}
    ]
    assert scrub(event, {}) is None, "told a moment ago"
    assert scrub(event | {"logger": "userreg.app"}, {}) is not None


def test_what_the_log_says_stands_in_the_source() -> None:
    """So a line without its arguments names nobody."""
    verbs = {"debug", "info", "warning", "error", "exception", "critical"}
    for path in (Path(sentry.__file__).parent).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and (node.func.value.id, node.func.attr in verbs) == ("logger", True)
            ):
                assert isinstance(node.args[0], ast.Constant), f"{path}:{node.lineno}"
