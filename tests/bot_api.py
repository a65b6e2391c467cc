"""A small Bot API server: the methods that userreg uses, strict where Telegram is strict."""

import asyncio
import html
import html.parser
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

TOKEN = "4242424242:AAE-this-is-no-real-token-of-a-bot-00"
_TAGS = {"b", "strong", "i", "em", "u", "s", "code", "pre", "a", "blockquote", "tg-spoiler"}


class ApiError(Exception):
    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.code, self.description, self.parameters = code, description, parameters


@dataclass
class Call:
    method: str
    parameters: dict[str, str]
    at: float = field(default_factory=time.monotonic)

    @property
    def text(self) -> str:
        """What a person reads: the text without its markup."""
        return plain_text(self.parameters["text"])


@dataclass
class BotApi:
    """Telegram's side. `calls` is all that the bot asked for, `failures` what to refuse next.

    `members` holds ChatMembers by chat and person, `refused` the 403 of each chat that is closed to
    the bot, `moved` the new id of each group that is a supergroup now.
    """

    can_read_all_group_messages: bool = False
    member_count: int = 1830
    members: dict[tuple[int, int], dict[str, Any]] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)
    moved: dict[int, int] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    failures: dict[str, ApiError] = field(default_factory=dict)
    webhook: dict[str, Any] = field(default_factory=lambda: {"url": ""})
    updates: list[dict[str, Any]] = field(default_factory=list)
    held: asyncio.Event | None = None
    on_call: Callable[[Call], None] | None = None
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _sent: int = 0

    async def handle(self, request: web.Request) -> web.Response:
        if request.match_info["token"] != TOKEN:
            return _answer(ApiError(401, "Unauthorized"))
        method = request.match_info["method"]
        if request.content_type == "application/json":
            parameters = await request.json()
        else:
            parameters = {k: str(v) for k, v in (await request.post()).items()}
        if self.held is not None:
            await self.held.wait()
        try:
            result = await self._call(method, parameters)
        except ApiError as error:
            result = error
        async with self._changed:
            self.calls.append(Call(method, parameters))
            self._changed.notify_all()
        if self.on_call is not None:
            self.on_call(self.calls[-1])
        return _answer(result)

    async def wait_for(self, method: str, count: int = 1) -> list[Call]:
        """The calls of `method`, as soon as there are `count` of them."""
        async with asyncio.timeout(10), self._changed:
            await self._changed.wait_for(lambda: len(self.of(method)) >= count)
        return self.of(method)

    async def wait_until_confirmed(self) -> None:
        """Until a getUpdates with a higher offset has confirmed every update."""
        async with asyncio.timeout(10), self._changed:
            await self._changed.wait_for(lambda: not self.updates)

    def of(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]

    async def deliver(self, *updates: dict[str, Any]) -> None:
        """Make updates ready for getUpdates."""
        async with self._changed:
            self.updates += updates
            self._changed.notify_all()

    async def _call(self, method: str, parameters: dict[str, Any]) -> Any:
        if error := self.failures.get(method):
            raise error
        known = getattr(self, f"_{method}", None)
        if known is None:
            raise ApiError(404, "Not Found: method not found")
        self._check_chat(int(parameters.get("chat_id", 0)))
        return await known(parameters)

    def _check_chat(self, chat_id: int) -> None:
        if chat_id in self.refused:
            raise ApiError(403, f"Forbidden: {self.refused[chat_id]}")
        if chat_id in self.moved:
            raise ApiError(
                400, "Bad Request: group chat was upgraded to a supergroup chat",
                migrate_to_chat_id=self.moved[chat_id],
            )  # fmt: skip

    async def _getMe(self, parameters: dict[str, Any]) -> Any:
        return {
            "id": int(TOKEN.partition(":")[0]), "is_bot": True, "first_name": "Register",
            "username": "register_bot", "can_join_groups": True,
            "can_read_all_group_messages": self.can_read_all_group_messages,
            "supports_inline_queries": False,
        }  # fmt: skip

    async def _sendMessage(self, parameters: dict[str, Any]) -> Any:
        text = parameters["text"]
        if parameters.get("parse_mode") == "HTML":
            text = plain_text(text)
        if not text.strip():
            raise ApiError(400, "Bad Request: message text is empty")
        if len(text.encode("utf-16-le")) // 2 > 4096:
            raise ApiError(400, "Bad Request: message is too long")
        self._sent += 1
        chat = {"id": int(parameters["chat_id"]), "type": "private"}
        return {"message_id": self._sent, "date": 1_790_000_000, "chat": chat, "text": text}

    async def _getChatMemberCount(self, parameters: dict[str, Any]) -> Any:
        return self.member_count

    async def _getChatMember(self, parameters: dict[str, Any]) -> Any:
        key = (int(parameters["chat_id"]), int(parameters["user_id"]))
        if key not in self.members:
            raise ApiError(400, "Bad Request: user not found")
        return self.members[key]

    async def _getChatAdministrators(self, parameters: dict[str, Any]) -> Any:
        chat_id = int(parameters["chat_id"])
        of_chat = [member for (chat, _), member in self.members.items() if chat == chat_id]
        return [m for m in of_chat if m["status"] in ("creator", "administrator")]

    async def _setWebhook(self, parameters: dict[str, Any]) -> Any:
        if not parameters["url"].startswith("https://"):
            raise ApiError(400, "Bad Request: bad webhook: An HTTPS URL must be provided")
        self.webhook = {
            "url": parameters["url"], "has_custom_certificate": False, "pending_update_count": 0,
            "max_connections": int(parameters.get("max_connections", 40)),
            "allowed_updates": json.loads(parameters.get("allowed_updates", "[]")),
        }  # fmt: skip
        return True

    async def _getWebhookInfo(self, parameters: dict[str, Any]) -> Any:
        return {"has_custom_certificate": False, "pending_update_count": 0} | self.webhook

    async def _deleteWebhook(self, parameters: dict[str, Any]) -> Any:
        self.webhook = {"url": ""}
        return True

    async def _getUpdates(self, parameters: dict[str, Any]) -> Any:
        if self.webhook["url"]:
            raise ApiError(
                409,
                "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook",
            )
        offset = int(parameters.get("offset", 0))
        self.updates = [u for u in self.updates if u["update_id"] >= offset]
        async with self._changed:
            self._changed.notify_all()
            await self._changed.wait_for(lambda: bool(self.updates))
        return self.updates[:100]


def create_server(api: BotApi) -> TestServer:
    app = web.Application()
    app.router.add_post("/bot{token}/{method}", api.handle)
    return TestServer(app)


def _answer(result: Any) -> web.Response:
    if isinstance(result, ApiError):
        body = {"ok": False, "error_code": result.code, "description": result.description}
        if result.parameters:
            body["parameters"] = result.parameters
        return web.json_response(body, status=result.code)
    return web.json_response({"ok": True, "result": result})


def plain_text(markup: str) -> str:
    """The text without entities. Raises `ApiError` where Telegram could not parse it."""
    parser = _Parser()
    parser.feed(markup)
    parser.close()
    if parser.open:
        raise ApiError(400, f"Bad Request: can't parse entities: unclosed <{parser.open[-1]}>")
    return "".join(parser.text)


class _Parser(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in _TAGS:
            raise ApiError(400, f"Bad Request: can't parse entities: unsupported tag <{tag}>")
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise ApiError(400, f"Bad Request: can't parse entities: unexpected </{tag}>")

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_comment(self, data: str) -> None:
        raise ApiError(400, "Bad Request: can't parse entities: a comment")
