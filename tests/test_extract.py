"""What each kind of update proves: an update in, facts out. No database, no network."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from aiogram.types import Update as AiogramUpdate

from tests import updates
from tests.proven import (
    LINK,
    RECEIVED,
    TABLE,
    WRITES,
    facts_of,
    message,
    told,
    undated,
)
from tests.updates import ANN, BOB, GROUP, NOW, Json
from userreg.bot.client import ALLOWED_UPDATES
from userreg.decode import decode_update
from userreg.extract import LIFETIMES, extract_facts
from userreg.facts import (
    MembershipChanged,
    UserSeen,
)


@pytest.mark.parametrize(
    ("update", "proven"), [row[2:] for row in TABLE], ids=[f"{row[0]} {row[1]}" for row in TABLE]
)
def test_an_update_proves_this_and_no_more(update: Json, proven: list[str]) -> None:
    assert sorted(map(told, facts_of(update))) == sorted(proven)


def test_the_table_names_every_kind_of_update_that_aiogram_knows() -> None:
    kinds = {field.alias or name for name, field in AiogramUpdate.model_fields.items()}
    assert {row[0] for row in TABLE} == kinds - {"update_id"}
    assert all(kind in update for kind, _, update, _ in TABLE)


def test_what_is_asked_of_telegram_exists_and_names_the_members() -> None:
    assert set(ALLOWED_UPDATES) <= set(AiogramUpdate.model_fields)
    assert {"chat_member", "my_chat_member", "message"} <= set(ALLOWED_UPDATES)


def test_every_fact_bears_the_time_of_its_event() -> None:
    for kind, _, update, _ in TABLE:
        for fact in facts_of(update):
            is_of_reception = fact.at == RECEIVED
            assert is_of_reception == (kind in UNDATED), (kind, fact)
            assert fact.update_id == update["update_id"]


UNDATED = {
    "inline_query", "chosen_inline_result", "callback_query", "shipping_query",
    "pre_checkout_query", "purchased_paid_media", "poll_answer", "business_connection",
    "managed_bot", "subscription", "stopped_message_generation",
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(UNDATED - {"stopped_message_generation"}))
def test_what_is_not_dated_may_be_as_old_as_telegram_delivers_it(kind: str) -> None:
    update = next(row[2] for row in TABLE if row[0] == kind)
    seen = next(fact for fact in facts_of(update) if isinstance(fact, UserSeen))
    assert not seen.is_dated
    assert seen.active_at == RECEIVED - timedelta(seconds=LIFETIMES.get(kind, 86_400))


def test_an_edit_counts_when_it_was_made() -> None:
    for fact in facts_of(message("edited_message", edit_date=NOW + 9)):
        assert fact.at == datetime.fromtimestamp(NOW + 9, UTC)


@pytest.mark.parametrize("kind", ["message", "channel_post", "business_message", "guest_message"])
def test_what_was_edited_before_it_was_delivered_counts_when_it_was_sent(kind: str) -> None:
    facts = facts_of(message(kind, edit_date=NOW + 9))
    assert {fact.at for fact in facts} == {datetime.fromtimestamp(NOW, UTC)}
    assert facts == facts_of(message(kind))


def test_the_timeline_knows_who_did_it_and_how() -> None:
    update = updates.chat_member(
        BOB, "left", "member", actor=ANN, invite_link=LINK,
        via_join_request=True, via_chat_folder_invite_link=True,
    )  # fmt: skip
    change = next(fact for fact in facts_of(update) if isinstance(fact, MembershipChanged))
    assert (change.actor_id, change.invite_link) == (101, "https://t.me/+abc")
    assert change.via_join_request
    assert change.via_chat_folder_invite_link


def test_an_unknown_kind_proves_nothing() -> None:
    assert facts_of(undated("telepathy", {"from": ANN, "user": BOB})) == []


@pytest.mark.parametrize("data", [b'"\xff\xfe"', b'"\\ud800"', b"1e999", b"9" * 400])
def test_what_stands_beside_in_a_broken_way_spoils_nothing(data: bytes) -> None:
    """A client makes up the data of a press, and Telegram delivers it as it is."""
    pressed = undated(
        "callback_query",
        {"id": "1", "from": ANN, "data": 0, "message": {"date": 1, "chat": GROUP, "from": BOB}},
    )
    raw = json.dumps(pressed).encode().replace(b'"data": 0', b'"data": ' + data)
    facts = extract_facts(decode_update(raw), RECEIVED)
    assert sorted(map(told, facts)) == ["101 acts", "102 exists"]


def test_a_person_who_is_named_in_a_broken_way_spoils_nothing() -> None:
    broken = [{"is_bot": 1, "id": "x"}, {"is_bot": True}, {"is_bot": False, "id": 2**60}]
    assert sorted(map(told, facts_of(message(entities=broken)))) == sorted(WRITES)
