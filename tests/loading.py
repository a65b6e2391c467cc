"""A load on a webhook: a crowd's updates, and a webhook that remembers what it got."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from aiohttp import web

from tests.running import SECRET
from userreg.sandbox.load.report import Report
from userreg.sandbox.load.sender import Sender
from userreg.sandbox.load.supply import Pace, Stock
from userreg.sandbox.load.wire import target_of
from userreg.sandbox.outbox import serialize
from userreg.sandbox.server import serving
from userreg.sandbox.world import Update
from userreg.sandbox.world.crowd import stream

NOW, FIRST = 1_790_000_000, 700_000


def crowd(count: int, seed: int = 1, **more: Any) -> list[Update]:
    made = stream(seed, people=500, chats=20, now=NOW, first_update_id=FIRST, **more)
    return list(islice(made, count))


Behaviour = Callable[["Webhook", web.Request, int], Any]


@dataclass
class Webhook:
    """Answers 200, unless it does something else with the nth request."""

    behaviour: Behaviour | None = None
    url: str = ""
    requests: list[int] = field(default_factory=list)
    answered: set[int] = field(default_factory=set)
    secrets: set[str | None] = field(default_factory=set)
    at: list[float] = field(default_factory=list)
    awaited: int = 0
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: web.Request) -> web.Response:
        update_id = json.loads(await request.read())["update_id"]
        self.requests.append(update_id)
        self.at.append(asyncio.get_running_loop().time())
        self.secrets.add(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        if len(self.requests) == self.awaited:
            self.reached.set()
        response = web.Response()
        if self.behaviour is not None:
            response = await self.behaviour(self, request, len(self.requests)) or response
        if response.status == 200:
            self.answered.add(update_id)
        return response


@contextlib.asynccontextmanager
async def listening(behaviour: Behaviour | None = None) -> AsyncIterator[Webhook]:
    webhook, app = Webhook(behaviour), web.Application()
    app.router.add_post("/webhook", webhook.handle)
    async with serving(app, "127.0.0.1", 0) as url:
        webhook.url = f"{url}/webhook"
        yield webhook


async def send(webhook: Webhook, made: int, **pace: Any) -> Report:
    updates = map(serialize, crowd(made))
    target = target_of(webhook.url, SECRET)
    return await Sender(target, Pace(**({"count": made} | pace)), Stock(updates)).run()
