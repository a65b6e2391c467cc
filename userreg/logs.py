"""Logging on the standard library: text or JSON, with update and chat ids, without secrets."""

import json
import logging
import re
import sys
from collections.abc import Iterable
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final

#: The update that is being worked on: its id and its chat's id, where known.
current_update: ContextVar[tuple[int | None, int | None]] = ContextVar(
    "current_update", default=(None, None)
)
_TOKEN: Final = re.compile(r"\d{6,16}:[A-Za-z0-9_-]{30,}")
#: Their debug lines hold rows, parameters and whole requests.
_TALKATIVE: Final = ("tortoise", "aiosqlite", "asyncio", "aiogram", "aiohttp.access")


def configure_logging(level: str, log_format: str, secrets: Iterable[str]) -> None:
    """Log to standard error; every line passes the redaction."""
    _hide(secrets)
    formatter = _Json() if log_format == "json" else _Text()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(logging.INFO, logging.getLevelName(level)))
    logging.getLogger("aiohttp.server").addFilter(_is_ours)
    logging.getLogger("asyncpg.pool").addFilter(_in_a_line)


#: Names that our own sentences say; as passwords they protect nothing.
_NAMES: Final = frozenset({"postgres", "userreg"})
#: Secrets from this length on are cut out of the middle of a word, too.
_LONG: Final = 12
_secrets = re.compile("(?!)")
#: Which of several workers this process is; 0 where there is one.
_worker = 0


def name_worker(number: int) -> None:
    """From here on every line says which worker wrote it."""
    global _worker
    _worker = number


def _hide(secrets: Iterable[str]) -> None:
    """A short one only as a whole word: `p` stands in many that are no secret."""
    global _secrets  # the process's, as its log is
    hidden = sorted((s for s in secrets if s and s not in _NAMES), key=len, reverse=True)
    each = (re.escape(s) if len(s) >= _LONG else rf"(?<!\w){re.escape(s)}(?!\w)" for s in hidden)
    _secrets = re.compile("|".join(each) or "(?!)")


def redact(text: str) -> str:
    """The text without the secrets of the settings, and without what looks like a token."""
    return _TOKEN.sub("[secret]", _secrets.sub("[secret]", text))


def redacted(value: Any) -> Any:
    """The same of all texts in plain data, before it becomes JSON, whose escapes could hide a
    secret."""
    if isinstance(value, dict):
        return {name: redacted(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [redacted(each) for each in value]
    return redact(value) if isinstance(value, str) else value


def printable(line: str) -> str:
    """A line that a terminal shows and does not obey, whoever wrote it."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)


def _is_ours(record: logging.LogRecord) -> bool:
    """False for requests that are no HTTP: anybody can send those, as many as they like."""
    kind = record.exc_info[0] if record.exc_info else None
    return kind is None or kind.__module__ != "aiohttp.http_exceptions"


def _in_a_line(record: logging.LogRecord) -> bool:
    """That the database is away is no fault of the code: where it was noticed tells nothing."""
    if record.exc_info and (error := record.exc_info[1]) is not None:
        record.msg, record.args = f"{record.getMessage()}: {type(error).__name__}: {error}", ()
        record.exc_info = None
    return True


class _Redacting(logging.Formatter):
    def message(self, record: logging.LogRecord) -> str:
        """The message with its traceback, if there is one."""
        text = record.getMessage()
        if record.exc_info:
            text += "\n" + self.formatException(record.exc_info)
        return redact(text)


class _Text(_Redacting):
    def format(self, record: logging.LogRecord) -> str:
        update_id, chat_id = current_update.get()
        about = f" [worker {_worker}]" if _worker else ""
        if update_id is not None:
            about += f" [update {update_id} chat {chat_id}]"
        at = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S")
        # Strangers' text may hold line breaks and terminal codes: show them, do not obey them.
        text = "\n".join(printable(line) for line in self.message(record).split("\n"))
        return f"{at} {record.levelname:7} {record.name}{about} {text}"


class _Json(_Redacting):
    def format(self, record: logging.LogRecord) -> str:
        update_id, chat_id = current_update.get()
        line: dict[str, str | int | None] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": self.message(record),
        }
        if _worker:
            line["worker"] = _worker
        if update_id is not None:
            line |= {"update_id": update_id, "chat_id": chat_id}
        return json.dumps(line, ensure_ascii=True)
