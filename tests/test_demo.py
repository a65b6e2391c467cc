"""`userreg demo` on either engine: the real bot, in a Telegram with a past."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from tests.conftest import rows, userreg
from tests.demo import DEMO, playing
from tests.postgres import free_port
from userreg.config import Settings
from userreg.decisions import OneTimeCode
from userreg.demo import play
from userreg.errors import SettingInvalid
from userreg.models import DeadLetter, Membership, User


@contextlib.asynccontextmanager
async def demo(database_url: str, seed: int = 1) -> AsyncIterator[ClientSession]:
    """Its page, while it plays."""
    said: asyncio.Queue[str] = asyncio.Queue()
    playing = asyncio.create_task(play(database_url, port := free_port(), seed, said.put_nowait))
    try:
        hearing = asyncio.ensure_future(said.get())
        async with asyncio.timeout(60):
            await asyncio.wait({playing, hearing}, return_when=asyncio.FIRST_COMPLETED)
        if not hearing.done():
            playing.result()
        assert f"http://127.0.0.1:{port}/\n" in hearing.result()
        assert f"http://127.0.0.1:{port}/pages " in hearing.result()
        async with ClientSession(f"http://127.0.0.1:{port}/") as session:
            yield session
    finally:
        playing.cancel()
        with contextlib.suppress(asyncio.CancelledError, SettingInvalid):
            await playing


async def get(session: ClientSession, path: str, **query: Any) -> dict[str, Any]:
    async with session.get(path, params=query) as response:
        shown: dict[str, Any] = await response.json()
        return shown


async def test_the_demo_fills_an_empty_database_and_refuses_one_that_knows_people(
    database_url: str,
) -> None:
    async with demo(database_url) as session:
        people = {person["id"] for person in (await get(session, "state"))["people"]}
        known = {user["id"] for user in await rows(User)}
        assert len(known) > 300
        assert known <= people
        assert not await DeadLetter.exists()
        assert await Membership.filter(evidence="confirmed", is_member=False).exists()
        async with session.get("events") as events:
            async with session.post("deeds/write", json={"text": "/me"}) as response:
                assert response.status == 200
            async for line in events.content:
                if b'"sendMessage"' in line:
                    break
        said = (await get(session, "messages"))["messages"][-1]
        assert said["author"]["is_bot"]
        assert "Chess on Tuesdays" in said["text"]
    with pytest.raises(SettingInvalid, match="fills an empty database"):
        async with demo(database_url):
            pass


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_the_settings_of_the_real_bot_are_left_alone(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in Settings.model_fields:
        monkeypatch.setenv(name.upper(), "of the real bot")
    async with demo(database_url) as session:
        assert (await get(session, "state"))["webhook"]["url"].startswith("http://127.0.0.1:")


async def _ask_for_the_pages(session: ClientSession, **headers: str) -> tuple[int, str]:
    async with session.get("pages", headers=headers, allow_redirects=False) as response:
        return response.status, response.headers.get("Location", "")


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_the_printed_link_lets_in_each_time_and_nobody_whom_another_site_sends(
    database_url: str,
) -> None:
    async with demo(database_url) as session:
        codes = set()
        for sent_by in ({}, {"Sec-Fetch-Site": "none"}, {"Sec-Fetch-Site": "same-origin"}):
            status, address = await _ask_for_the_pages(session, **sent_by)
            pages, _, code = address.partition("/login?code=")
            assert (status, pages.endswith("/admin")) == (303, True)
            codes.add(code)
            origin = {"Origin": pages.removesuffix("/admin")}
            form = {"data": {"code": code}, "headers": origin, "allow_redirects": False}
            async with ClientSession() as visitor:
                entered = await visitor.post(f"{pages}/login", **form)
                assert entered.status == 303
                assert "__Host-userreg" in entered.cookies
                assert (await visitor.post(f"{pages}/login", **form)).status == 403
        assert len(codes) == 3
        for foreign in (
            {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
            {"Host": "evil.example"}, {"Host": "127.0.0.1.evil.example:8765"},
        ):  # fmt: skip
            assert await _ask_for_the_pages(session, **foreign) == (403, "")
        assert await OneTimeCode.all().count() == 0


def test_a_port_that_is_taken_is_said_in_a_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ended = userreg("demo", "--port", str(taken.getsockname()[1]))
    assert ended.returncode == 3
    assert "cannot be listened on" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_run_without_a_token_points_to_the_demo() -> None:
    ended = userreg("run")
    assert ended.returncode == 3
    assert "userreg demo" in ended.stderr


async def test_inside_a_container_it_listens_everywhere_and_answers_only_to_this_computer(
    tmp_path: Path,
) -> None:
    """A container's published port comes in by its outer address, under the name of this one."""
    (tmp_path / "tmp").mkdir()
    port = free_port()
    arguments = ("--host", "0.0.0.0", "--port", str(port))
    async with playing(*DEMO, *arguments, folder=tmp_path / "tmp") as (_, page):
        assert page == f"http://127.0.0.1:{port}/"
        outside = f"http://127.0.0.2:{port}/"  # an address at which nothing else listens
        async with ClientSession() as session:
            for name, status in ((f"localhost:{port}", 200), (f"evil.example:{port}", 403)):
                async with session.get(outside, headers={"Host": name}) as response:
                    assert response.status == status
            async with session.get(outside) as response:
                assert response.status == 403
