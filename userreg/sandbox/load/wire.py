"""As little of HTTP/1.1 as a load needs: posts over connections that are kept open.

A general client takes more time for a request than the server that is to be measured.
"""

import asyncio
import ssl
from dataclasses import dataclass
from typing import Final, NamedTuple, cast
from urllib.parse import SplitResult, urlsplit

from userreg.errors import NoSuchThing

#: How much of an answer is put up with, in bytes.
_MAX_ANSWER: Final = 4 * 1024 * 1024
_BODILESS: Final = (204, 304)


class TargetInvalid(NoSuchThing):
    """The address is none that can be posted to."""


class Answer(NamedTuple):
    """What was answered. After one that `is_last` the connection is closed."""

    status: int
    retry_after: float | None = None
    is_last: bool = False


@dataclass(frozen=True)
class Target:
    """Where updates are posted, and what stands before each of them."""

    host: str
    port: int
    tls: ssl.SSLContext | None
    #: All of the head but the value of Content-Length, the last field.
    head: bytes

    async def connect(self) -> "Connection":
        """Raises OSError; what TLS complains of is one, too."""
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(Connection, self.host, self.port, ssl=self.tls)
        return connection

    def request(self, body: bytes) -> bytes:
        return b"%b%d\r\n\r\n%b" % (self.head, len(body), body)


def target_of(url: str, secret: str = "", tls: ssl.SSLContext | None = None) -> Target:
    """Raises `TargetInvalid`. Unless `tls` says otherwise, https needs a certificate to trust."""
    parts = split_url(url)
    is_secure = parts.scheme == "https"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [
        f"POST {path} HTTP/1.1", f"Host: {parts.netloc}", "Content-Type: application/json",
        *([f"X-Telegram-Bot-Api-Secret-Token: {secret}"] if secret else []), "Content-Length: ",
    ]  # fmt: skip
    if not all(line.isascii() and line.isprintable() for line in lines):
        raise TargetInvalid("The address and the secret have to be plain ASCII.")
    return Target(
        parts.hostname or "", parts.port or (443 if is_secure else 80),
        (tls or ssl.create_default_context()) if is_secure else None, "\r\n".join(lines).encode(),
    )  # fmt: skip


def split_url(url: str) -> SplitResult:
    """Raises `TargetInvalid` when nothing can be posted there."""
    try:
        parts = urlsplit(url)
        is_good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        is_good = False
    if not is_good or parts.username is not None or not url.isprintable() or " " in url:
        raise TargetInvalid("The address has to be like http://127.0.0.1:8080/webhook.")
    return parts


class Connection(asyncio.Protocol):
    """One request at a time."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[Answer] | None = None
        self._arrived = b""
        self._head: _Head | None = None
        #: When the last request was sent, by the loop's clock.
        self.posted_at = 0.0

    @property
    def is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    @property
    def is_awaited(self) -> bool:
        """Whether an answer is still to come."""
        return self._waiting is not None

    def post(self, request: bytes) -> "asyncio.Future[Answer]":
        """The answer, when it comes. It raises OSError if the connection breaks before."""
        waiting = self._loop.create_future()
        if self._transport is None or self._transport.is_closing():
            waiting.set_exception(ConnectionResetError("closed by the server"))
            return waiting
        self._waiting = waiting
        self.posted_at = self._loop.time()
        self._transport.write(request)
        return waiting

    def break_off(self, reason: OSError) -> None:
        """Whoever waits for an answer gets the reason instead."""
        waiting, self._waiting = self._waiting, None
        if waiting is not None and not waiting.done():
            waiting.set_exception(reason)
        if self._transport is not None:
            self._transport.abort()

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._arrived = self._arrived + data if self._arrived else data
        try:
            if self._is_complete() and self._head is not None:
                self._finish(self._head.answer)
        except ValueError:
            self.break_off(ConnectionError("the answer is no HTTP"))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._head is not None and self._head.lasts_until_close and exc is None:
            self._finish(self._head.answer)
        self.break_off(ConnectionResetError(str(exc or "closed without an answer")))

    # Reading

    def _is_complete(self) -> bool:
        while self._head is None:
            head = _read_head(self._arrived)
            if head is None:
                return False
            if head.answer.status >= 200:
                self._head = head
            else:  # 100 Continue, and the like: the answer is still to come
                self._arrived = self._arrived[head.size :]
        if len(self._arrived) > _MAX_ANSWER:
            raise ValueError
        end = _end_of(self._head, self._arrived)
        return end is not None and len(self._arrived) >= end

    def _finish(self, answer: Answer) -> None:
        waiting, self._waiting = self._waiting, None
        self._arrived, self._head = b"", None
        if answer.is_last and self._transport is not None:
            self._transport.close()
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)


class _Head(NamedTuple):
    """The head of an answer, and how the end of its body is found."""

    answer: Answer
    #: Where the body begins.
    size: int
    length: int | None
    is_chunked: bool

    @property
    def lasts_until_close(self) -> bool:
        return self.length is None and not self.is_chunked


def _read_head(arrived: bytes) -> _Head | None:
    """None while it is not there yet. Raises ValueError."""
    end = arrived.find(b"\r\n\r\n")
    if end < 0:
        if len(arrived) > _MAX_ANSWER:
            raise ValueError
        return None
    head = arrived[: end + 2].lower()
    if not head.startswith(b"http/1."):
        raise ValueError
    status, connection = int(head[9:12]), _field(head, b"connection") or b""
    retry_after = (_field(head, b"retry-after") or b"") if status >= 400 else b""
    length = b"0" if status in _BODILESS else _field(head, b"content-length")
    is_chunked = b"chunked" in (_field(head, b"transfer-encoding") or b"")
    is_last = b"close" in connection or (length is None and not is_chunked)
    if head[7:8] == b"0":
        is_last = is_last or b"keep-alive" not in connection
    answer = Answer(status, float(retry_after) if retry_after.isdigit() else None, is_last)
    return _Head(answer, end + 4, None if length is None else int(length), is_chunked)


def _field(head: bytes, name: bytes) -> bytes | None:
    at = head.find(b"\r\n" + name + b":")
    if at < 0:
        return None
    at += len(name) + 3
    return head[at : head.index(b"\r\n", at)].strip()


def _end_of(head: _Head, arrived: bytes) -> int | None:
    """Where the answer ends, if that can be told already."""
    if head.is_chunked and head.length != 0:
        return _end_of_chunks(arrived, head.size)
    return None if head.length is None else head.size + head.length


def _end_of_chunks(arrived: bytes, at: int) -> int | None:
    while (line_end := arrived.find(b"\r\n", at)) >= 0:
        size = int(arrived[at:line_end].partition(b";")[0], 16)
        at = line_end + 2
        if size == 0:  # fields may follow, up to an empty line
            end = arrived.find(b"\r\n\r\n", line_end)
            return end + 4 if end >= 0 else None
        at += size + 2
    return None
