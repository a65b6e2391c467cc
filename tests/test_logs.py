"""Log lines: no secret, no line or terminal code of a stranger's making."""

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from userreg import logs
from userreg.logs import configure_logging, current_update, name_worker, redact
from userreg.sandbox.telegram import TOKEN

SECRET, PASSWORD = "secret-of-the-webhook-0123456789abc", "p@ss word"


Log = Callable[..., str]


@pytest.fixture
def log(capsys: pytest.CaptureFixture[str]) -> Iterator[Log]:
    """Log as the program does, and return what came out."""
    root = logging.getLogger()
    before = root.handlers[:], root.level

    def log(
        log_format: str, level: int, *arguments: object, of: str = "somewhere", **more: Any
    ) -> str:
        configure_logging("DEBUG", log_format, [SECRET, PASSWORD])
        logging.getLogger(of).log(level, *arguments, **more)
        return capsys.readouterr().err

    yield log
    configure_logging("WARNING", "text", [])
    root.handlers[:], root.level = before


both_formats = pytest.mark.parametrize("log_format", ["text", "json"])


@both_formats
def test_secrets_are_cut_out_of_messages_arguments_and_tracebacks(
    log: Log, log_format: str
) -> None:
    other_token = "123456789:" + "x" * 35
    try:
        raise ValueError(f"https://api.telegram.org/bot{TOKEN}/getMe {PASSWORD}")
    except ValueError as error:
        words = "failed with %s for %s", SECRET, other_token
        said = log(log_format, logging.ERROR, *words, exc_info=error)
    assert "failed with [secret] for [secret]" in said
    assert "ValueError" in said
    for canary in (TOKEN, SECRET, PASSWORD, other_token):
        assert canary not in said


@both_formats
def test_a_stranger_writes_no_line_of_a_json_log_and_no_terminal_code(
    log: Log, log_format: str
) -> None:
    said = log(log_format, logging.WARNING, "name: %s", "\x1b[31mred\r\u202e\x00\x9b")
    assert len(said.splitlines()) == 1
    assert said.rstrip("\n").isprintable()


@both_formats
def test_a_line_names_the_update_and_its_chat(log: Log, log_format: str) -> None:
    token = current_update.set((7, -100))
    said = log(log_format, logging.INFO, "done")
    current_update.reset(token)
    if log_format == "json":
        assert {"update_id": 7, "chat_id": -100}.items() <= json.loads(said).items()
    else:
        assert "[update 7 chat -100] done" in said


@both_formats
def test_a_line_names_the_worker_where_there_are_several(
    log: Log, log_format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "_worker", 0)
    assert "worker" not in log(log_format, logging.INFO, "done")
    name_worker(2)
    said = log(log_format, logging.INFO, "done")
    assert json.loads(said)["worker"] == 2 if log_format == "json" else "[worker 2] done" in said


@pytest.mark.parametrize(
    ("secret", "said", "shown"),
    [
        ("p", "PORT: p has to be a whole port", "PORT: [secret] has to be a whole port"),
        ("hunter2", "postgres://ann:hunter2@db", "postgres://ann:[secret]@db"),
        ("hunter2-hunter2", "xhunter2-hunter2x", "x[secret]x"),
        ("a.c", "abc a.c", "abc [secret]"),
        ("userreg", "or try userreg demo", "or try userreg demo"),
        ("postgres", "begins with postgres:// or postgresql://", None),
    ],
)
def test_a_secret_is_cut_out_and_no_word_of_a_sentence_with_it(
    monkeypatch: pytest.MonkeyPatch, secret: str, said: str, shown: str | None
) -> None:
    monkeypatch.setattr(logs, "_secrets", logs._secrets)  # as it was, afterwards
    logs._hide([secret])
    assert redact(said) == (said if shown is None else shown)


def test_without_settings_what_looks_like_a_token_is_cut_out_all_the_same() -> None:
    assert redact(f"/bot{TOKEN}/x") == "/bot[secret]/x"


@both_formats
def test_the_database_being_away_is_told_in_a_line_not_in_a_traceback(
    log: Log, log_format: str
) -> None:
    log(log_format, logging.DEBUG, "first, so that all is set up")
    try:
        raise ConnectionRefusedError(111, "refused")
    except ConnectionRefusedError:
        said = log(log_format, logging.WARNING, "no connection", exc_info=True, of="asyncpg.pool")
    assert "no connection: ConnectionRefusedError: [Errno 111] refused" in said
    assert "Traceback" not in said
