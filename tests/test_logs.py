"""Log lines: no secret, no line or terminal code of a stranger's making."""

import json
import logging
from collections.abc import Iterator

import pytest

from tests.bot_api import TOKEN
from userreg.logs import configure_logging, current_update, redact

SECRET, PASSWORD = "secret-of-the-webhook-0123456789abc", "p@ss word"


@pytest.fixture(params=["text", "json"])
def log_format(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> Iterator[str]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    configure_logging("DEBUG", request.param, [SECRET, PASSWORD])
    yield request.param
    configure_logging("WARNING", "text", [])
    root.handlers[:], root.level = before


def test_secrets_are_cut_out_of_messages_arguments_and_tracebacks(
    log_format: str, capsys: pytest.CaptureFixture[str]
) -> None:
    other_token = "123456789:" + "x" * 35
    try:
        raise ValueError(f"https://api.telegram.org/bot{TOKEN}/getMe {PASSWORD}")
    except ValueError:
        logging.getLogger("somewhere").exception("failed with %s for %s", SECRET, other_token)
    log = capsys.readouterr().err
    assert "failed with [secret] for [secret]" in log
    assert "ValueError" in log
    for canary in (TOKEN, SECRET, PASSWORD, other_token):
        assert canary not in log


def test_a_stranger_writes_no_line_of_a_json_log_and_no_terminal_code(
    log_format: str, capsys: pytest.CaptureFixture[str]
) -> None:
    logging.getLogger("somewhere").warning("name: %s", "\x1b[31mred\r\u202e\x00\x9b")
    log = capsys.readouterr().err
    assert len(log.splitlines()) == 1
    assert log.rstrip("\n").isprintable()


def test_a_line_names_the_update_and_its_chat(
    log_format: str, capsys: pytest.CaptureFixture[str]
) -> None:
    token = current_update.set((7, -100))
    logging.getLogger("somewhere").info("done")
    current_update.reset(token)
    log = capsys.readouterr().err
    if log_format == "json":
        assert {"update_id": 7, "chat_id": -100}.items() <= json.loads(log).items()
    else:
        assert "[update 7 chat -100] done" in log


def test_without_settings_what_looks_like_a_token_is_cut_out_all_the_same() -> None:
    assert redact(f"/bot{TOKEN}/x") == "/bot[secret]/x"
