"""Whatever is asked of the local Telegram, it answers; nothing that is asked wrongly breaks it."""

import json
from typing import Any

import pytest
from aiohttp import ClientSession
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.site import site_fixture as site_fixture
from userreg.sandbox.api import BotApi
from userreg.sandbox.deeds import _DEEDS
from userreg.sandbox.flood import Flood
from userreg.sandbox.methods import METHODS
from userreg.sandbox.telegram import TOKEN

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

#: What a method may be asked for; the first few are there most of the time.
NAMES = [
    "chat_id", "text", "message_id", "user_id", "parse_mode", "reply_markup", "entities",
    "reply_parameters", "message_thread_id", "callback_query_id", "commands", "scope",
    "language_code", "name", "description", "media", "caption", "caption_entities", "photo",
    "document", "url", "secret_token", "max_connections", "allowed_updates", "offset", "limit",
    "action", "file_id", "drop_pending_updates",
]  # fmt: skip
GOOD = {"chat_id": 101, "text": "hi", "message_id": 1, "user_id": 101}
SHAPES = [
    "@gogo", "[]", "{}", "[1]", "null", '{"type": 5}', '{"inline_keyboard": 5}', "attach://x",
    '{"inline_keyboard": [[{"text": 1, "callback_data": 5}]]}', '{"message_id": [1]}', "HTML",
    '[{"command": 1}]', '{"type": "photo", "media": 5}', '[{"type": "bold", "offset": -1}]', "\0",
]  # fmt: skip
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
    | st.sampled_from(SHAPES),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)  # fmt: skip


@settings(max_examples=300)
@given(
    method=st.sampled_from(sorted(METHODS)),
    asked=st.dictionaries(st.sampled_from(NAMES), json_values, max_size=4),
    is_sensible=st.booleans(),
)
async def test_a_method_asked_wrongly_is_refused_in_telegrams_way(
    api: BotApi, site: str, method: str, asked: dict[str, Any], is_sensible: bool
) -> None:
    api.telegram.flood = Flood()
    body = (GOOD if is_sensible else {}) | asked | {"timeout": 0}
    async with (
        ClientSession() as session,
        session.post(f"{site}/bot{TOKEN}/{method}", data=json.dumps(body).encode(),
                     headers={"Content-Type": "application/json"}) as response,
    ):  # fmt: skip
        told = await response.json()
    assert response.status < 500
    assert told["ok"] is (response.status == 200)
    assert told["ok"] or told["description"]


@settings(max_examples=200)
@given(
    deed=st.sampled_from(sorted(_DEEDS.keys() - {"press"})),
    given=st.dictionaries(
        st.sampled_from(["person", "chat", "target", "text", "topic", "first_name", "username"]),
        st.sampled_from([101, 102, -100, -1001000000001, 201, 4242424242]) | json_values,
        max_size=5,
    ),
)
async def test_a_deed_that_is_no_deed_is_refused(
    site: str, deed: str, given: dict[str, Any]
) -> None:
    body = json.dumps(given).encode()
    async with (
        ClientSession() as session,
        session.post(f"{site}/deeds/{deed}", data=body,
                     headers={"Content-Type": "application/json"}) as response,
    ):  # fmt: skip
        await response.read()
    assert response.status in (200, 400)
