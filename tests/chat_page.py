"""The chat page, as its script asks for it. A test module imports two fixtures: `page_fixture` from
here, and `site_fixture` from `tests.site`."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession

ANN, BOB, CID, EVE = 101, 102, 5_000_000_103, 105
GROUP, GO, NEWS = -100, -1001000000001, -1001000000002
Json = dict[str, Any]


class Page:
    """The page's requests."""

    def __init__(self, session: ClientSession) -> None:
        self.session = session

    async def get(self, path: str, **query: Any) -> Json:
        async with self.session.get(path, params=query) as response:
            assert response.status == 200, await response.text()
            shown: Json = await response.json()
            return shown

    async def do(self, deed: str, person: int = ANN, chat: int | None = None, **more: Any) -> Json:
        """What came of it, or `error`."""
        body = {"person": person, "chat": chat} | more
        async with self.session.post(f"/deeds/{deed}", json=body) as response:
            told: Json = await response.json()
            assert response.status == (400 if "error" in told else 200)
            return told

    async def turn(self, switch: str, on: bool) -> int:
        async with self.session.post(f"/switches/{switch}", json={"on": on}) as response:
            return response.status

    async def chat(self, id_: int, person: int = ANN) -> Json:
        chats = (await self.get("/state", person=person))["chats"]
        found: Json = next(chat for chat in chats if chat["id"] == id_)
        return found


@pytest.fixture(name="page")
async def page_fixture(site: str) -> AsyncIterator[Page]:
    async with ClientSession(site) as session:
        yield Page(session)


only_sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
