"""What each kind of update proves: an update in, facts out. No database, no network."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiogram.types import Update as AiogramUpdate

from tests import updates
from tests.updates import ANN, BOB, CHANNEL, CID, GROUP, NOW, SUPERGROUP, Json
from userreg.bot.client import ALLOWED_UPDATES
from userreg.decode import decode_update
from userreg.extract import LIFETIMES, extract_facts
from userreg.facts import (
    BotMembershipChanged,
    ChatExists,
    ChatMigrated,
    ChatSeen,
    Fact,
    MembershipChanged,
    MessageSent,
    UserExists,
    UserSeen,
)

RECEIVED = datetime(2026, 11, 1, tzinfo=UTC)
EXTRA = {"id": 900, "is_bot": False, "first_name": "Extra"}


def _of(kind: str, body: Json, **more: Any) -> Json:
    return updates.update(kind, body, date=NOW, update_id=7, **more)


def _undated(kind: str, body: Json) -> Json:
    return {"update_id": 7, kind: body}


def _message(kind: str = "message", **more: Any) -> Json:
    return _of(kind, {"message_id": 1, "chat": GROUP, "from": ANN} | more)


def facts_of(update: Json) -> list[Fact]:
    return extract_facts(decode_update(json.dumps(update).encode()), RECEIVED)


def told(fact: Fact) -> str:
    """A fact in short, without its time: what the table below is written in."""
    match fact:
        case UserSeen():
            return f"{fact.user.id} {'acts' if fact.active_at else 'exists'}"
        case UserExists():
            return f"{fact.user_id} exists, nameless"
        case ChatSeen():
            return f"in {fact.chat.id}"
        case ChatExists():
            return f"chat {fact.chat.id} exists"
        case MessageSent():
            return f"{fact.user_id} writes in {fact.chat_id}"
        case MembershipChanged():
            was = {None: "?", True: "in", False: "out"}[fact.was_member]
            now = "in" if fact.is_member else "out"
            return f"{fact.user_id} {was}>{now} as {fact.new_status}, {fact.evidence}"
        case BotMembershipChanged():
            return f"bot is {fact.new_status} in {fact.chat_id}"
        case ChatMigrated():
            return f"{fact.old_chat_id} became {fact.new_chat_id}"
    raise AssertionError(fact)


G, S, C = GROUP["id"], SUPERGROUP["id"], CHANNEL["id"]
WRITES = [f"in {G}", "101 acts", f"101 writes in {G}"]
VOTE = {"poll_id": "1", "option_ids": [0], "option_persistent_ids": ["0"]}
REACTION = {"chat": SUPERGROUP, "message_id": 1, "old_reaction": [], "new_reaction": []}
LINK = {
    "invite_link": "https://t.me/+abc", "creator": EXTRA, "creates_join_request": False,
    "is_primary": False, "is_revoked": False,
}  # fmt: skip
BOOST = {"boost_id": "1", "add_date": NOW, "expiration_date": NOW + 9}
GIFT = {"source": "gift_code", "user": BOB}

#: Kind of update, the odd case, the update, what it proves.
TABLE: list[tuple[str, str, Json, list[str]]] = [
    ("message", "in a group", _message(), WRITES),
    ("message", "in private", updates.message(ANN, date=NOW),
     ["in 101", "101 acts", "101 writes in 101"]),
    ("message", "in the private chat of somebody else",
     updates.message(ANN, updates.private(BOB), date=NOW), ["in 102", "101 acts"]),
    ("message", "of an anonymous administrator",
     _message(**{"from": updates.ANONYMOUS, "sender_chat": GROUP}), [f"in {G}"]),
    ("message", "a fake without sender_chat",
     _message(**{"from": {"id": 777000, "is_bot": False, "first_name": "Telegram"}}), [f"in {G}"]),
    ("message", "a reply", _message(reply_to_message={
        "message_id": 1, "date": 1, "chat": GROUP, "from": BOB}), [*WRITES, "102 exists"]),
    ("message", "a reply to an anonymous administrator", _message(reply_to_message={
        "message_id": 1, "date": 1, "chat": GROUP, "from": EXTRA, "sender_chat": GROUP}), WRITES),
    ("message", "a forward", _message(forward_origin={
        "type": "user", "date": 1, "sender_user": BOB}), [*WRITES, "102 exists"]),
    ("message", "a mention", _message(entities=[
        {"type": "text_mention", "offset": 0, "length": 1, "user": BOB}]), [*WRITES, "102 exists"]),
    ("message", "by way of a bot", _message(via_bot=updates.BOT),
     [*WRITES, f"{updates.BOT['id']} exists"]),
    ("message", "a contact", _message(contact={
        "phone_number": "1", "first_name": "Darling", "user_id": 102}),
     [*WRITES, "102 exists, nameless"]),
    ("message", "a contact who is not on Telegram", _message(contact={
        "phone_number": "1", "first_name": "Darling"}), WRITES),
    ("message", "shared users", _message(users_shared={
        "request_id": 1, "users": [{"user_id": 102}, {"user_id": 900}]}),
     [*WRITES, "102 exists, nameless", "900 exists, nameless"]),
    ("message", "guests of a video chat", _message(video_chat_participants_invited={
        "users": [BOB, CID]}), [*WRITES, "102 exists", f"{CID['id']} exists"]),
    ("message", "a proximity alert", _message(proximity_alert_triggered={
        "traveler": BOB, "watcher": CID, "distance": 1}),
     [*WRITES, "102 exists", f"{CID['id']} exists"]),
    ("message", "winners", _message(giveaway_winners={"winners": [BOB]}), [*WRITES, "102 exists"]),
    ("message", "a field of tomorrow", _message(quartet={"of": [{"viola": BOB}]}),
     [*WRITES, "102 exists"]),
    ("message", "added by Ann", _message(new_chat_members=[BOB]),
     [f"in {G}", "101 acts", "102 exists", "102 out>in as member, announced"]),
    ("message", "joined", _message(new_chat_members=[ANN]),
     [f"in {G}", "101 acts", "101 out>in as member, announced"]),
    ("message", "left", _message(left_chat_member=ANN),
     [f"in {G}", "101 acts", "101 in>out as left, announced"]),
    ("message", "joined from a community", _message(community_chat_joined={"community": {}}),
     [f"in {G}", "101 acts", "101 out>in as member, announced"]),
    ("message", "group created", _message(group_chat_created=True),
     [*WRITES, "101 out>in as creator, announced"]),
    ("message", "group created anonymously", _message(
        supergroup_chat_created=True, sender_chat=GROUP), [f"in {G}"]),
    ("message", "a new owner", _message(chat_owner_changed={"new_owner": BOB}),
     [*WRITES, "102 exists", "102 ?>in as creator, announced"]),
    ("message", "the owner left, Bob may follow", _message(chat_owner_left={"new_owner": BOB}),
     [f"in {G}", "101 acts", "102 exists"]),
    ("message", "moved away", _message(migrate_to_chat_id=S),
     [f"in {G}", "101 acts", f"{G} became {S}"]),
    ("message", "moved here", _of("message", {
        "message_id": 1, "chat": SUPERGROUP, "from": updates.ANONYMOUS, "sender_chat": SUPERGROUP,
        "migrate_from_chat_id": G}), [f"in {S}", f"{G} became {S}"]),
    ("message", "to the staff of a channel", _message(
        chat=SUPERGROUP | {"is_direct_messages": True}), [f"in {S}", "101 acts"]),
    ("message", "joins the staff of a channel", _message(
        new_chat_members=[BOB], chat=SUPERGROUP | {"is_direct_messages": True}),
     [f"in {S}", "101 acts", "102 exists"]),
    ("edited_message", "", _message("edited_message", edit_date=NOW + 9),
     [f"in {G}", "101 exists"]),
    ("channel_post", "", _of("channel_post", {
        "message_id": 1, "chat": CHANNEL, "sender_chat": CHANNEL}), [f"in {C}"]),
    ("channel_post", "a forward", _of("channel_post", {
        "message_id": 1, "chat": CHANNEL, "sender_chat": CHANNEL,
        "forward_origin": {"type": "user", "date": 1, "sender_user": BOB}}),
     [f"in {C}", "102 exists"]),
    ("edited_channel_post", "", _of("edited_channel_post", {
        "message_id": 1, "chat": CHANNEL, "sender_chat": CHANNEL}), [f"in {C}"]),
    ("business_connection", "", _of("business_connection", {
        "id": "1", "user": ANN, "user_chat_id": 101, "is_enabled": True}), ["101 acts"]),
    ("business_message", "from a stranger", _of("business_message", {
        "message_id": 1, "chat": updates.private(BOB), "from": BOB}), ["102 acts"]),
    ("edited_business_message", "", _of("edited_business_message", {
        "message_id": 1, "chat": updates.private(BOB), "from": BOB, "edit_date": NOW}),
     ["102 exists"]),
    ("deleted_business_messages", "", _undated("deleted_business_messages", {
        "business_connection_id": "1", "chat": updates.private(BOB), "message_ids": [1]}), []),
    ("guest_message", "in a chat with a known id", _of("guest_message", {
        "message_id": 1, "chat": GROUP, "from": ANN, "guest_bot_caller_user": BOB}),
     ["101 acts", "102 exists"]),
    ("message_reaction", "of a person", _of("message_reaction", REACTION | {"user": ANN}),
     [f"in {S}", "101 acts"]),
    ("message_reaction", "of a channel", _of("message_reaction", REACTION | {
        "actor_chat": CHANNEL}), [f"in {S}"]),
    ("message_reaction", "of a chat, with a stand-in", _of("message_reaction", REACTION | {
        "actor_chat": CHANNEL, "user": EXTRA}), [f"in {S}"]),
    ("message_reaction_count", "", _of("message_reaction_count", {
        "chat": SUPERGROUP, "message_id": 1, "reactions": []}), [f"in {S}"]),
    ("inline_query", "", _undated("inline_query", {
        "id": "1", "from": ANN, "query": "", "offset": ""}), ["101 acts"]),
    ("chosen_inline_result", "", _undated("chosen_inline_result", {
        "result_id": "1", "from": ANN, "query": ""}), ["101 acts"]),
    ("callback_query", "in a group", updates.callback(ANN, GROUP), ["101 acts"]),
    ("callback_query", "under another's message", _undated("callback_query", {
        "id": "1", "from": ANN, "chat_instance": "1", "data": "x",
        "message": {"message_id": 1, "date": 1, "chat": GROUP, "from": updates.BOT,
                    "reply_to_message": {"message_id": 1, "date": 1, "chat": GROUP, "from": BOB}}}),
     ["101 acts", f"{updates.BOT['id']} exists", "102 exists"]),
    ("callback_query", "of an inline message", _undated("callback_query", {
        "id": "1", "from": ANN, "chat_instance": "1", "inline_message_id": "x", "data": "x"}),
     ["101 acts"]),
    ("shipping_query", "", _undated("shipping_query", {"id": "1", "from": ANN}), ["101 acts"]),
    ("pre_checkout_query", "", _undated("pre_checkout_query", {"id": "1", "from": ANN}),
     ["101 acts"]),
    ("purchased_paid_media", "", _undated("purchased_paid_media", {
        "from": ANN, "paid_media_payload": "x"}), ["101 acts"]),
    ("poll", "", _undated("poll", {"id": "1", "question": "?", "options": []}), []),
    ("poll_answer", "of a person", _undated("poll_answer", VOTE | {"user": ANN}), ["101 acts"]),
    ("poll_answer", "of a chat", _undated("poll_answer", VOTE | {
        "voter_chat": CHANNEL, "user": {"id": 136817688, "is_bot": True, "first_name": "Channel"}}),
     []),
    ("poll_answer", "of a chat, with another stand-in", _undated("poll_answer", VOTE | {
        "voter_chat": CHANNEL, "user": EXTRA}), []),
    ("my_chat_member", "in a group", updates.my_chat_member("left", "member", GROUP),
     [f"in {G}", "101 acts", f"bot is member in {G}", f"{updates.BOT['id']} exists"]),
    ("my_chat_member", "blocked", updates.my_chat_member(
        "member", "kicked", updates.private(ANN)),
     ["in 101", "101 acts", "bot is kicked in 101", f"{updates.BOT['id']} exists"]),
    ("chat_member", "kicked by Ann", updates.chat_member(BOB, "member", "kicked", actor=ANN),
     [f"in {S}", "101 acts", "102 exists", "102 in>out as kicked, confirmed"]),
    ("chat_member", "a ban of somebody outside", updates.chat_member(
        BOB, "left", "kicked", actor=ANN),
     [f"in {S}", "101 acts", "102 exists", "102 out>out as kicked, confirmed"]),
    ("chat_member", "muted, then gone", updates.chat_member(BOB, "restricted", "restricted-"),
     [f"in {S}", "102 acts", "102 in>out as restricted, confirmed"]),
    ("chat_member", "by a link", updates.chat_member(BOB, "left", "member", invite_link=LINK),
     [f"in {S}", "102 acts", "102 out>in as member, confirmed", "900 exists"]),
    ("chat_join_request", "", _of("chat_join_request", {
        "chat": SUPERGROUP, "from": ANN, "user_chat_id": 101}), [f"in {S}", "101 acts"]),
    ("chat_boost", "a gift", _undated("chat_boost", {
        "chat": CHANNEL, "boost": BOOST | {"source": GIFT}}), [f"in {C}", "102 exists"]),
    ("removed_chat_boost", "", _undated("removed_chat_boost", {
        "chat": CHANNEL, "boost_id": "1", "remove_date": NOW, "source": GIFT}),
     [f"in {C}", "102 exists"]),
    ("managed_bot", "", _undated("managed_bot", {"user": ANN, "bot": updates.BOT}),
     ["101 acts", f"{updates.BOT['id']} exists"]),
    ("subscription", "", _undated("subscription", {
        "user": ANN, "invoice_payload": "x", "state": "active"}), ["101 acts"]),
    ("stopped_message_generation", "", _undated("stopped_message_generation", {
        "chat": updates.private(ANN), "draft_id": 1}), ["chat 101 exists"]),
]  # fmt: skip


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
    for fact in facts_of(_message("edited_message", edit_date=NOW + 9)):
        assert fact.at == datetime.fromtimestamp(NOW + 9, UTC)


@pytest.mark.parametrize("kind", ["message", "channel_post", "business_message", "guest_message"])
def test_what_was_edited_before_it_was_delivered_counts_when_it_was_sent(kind: str) -> None:
    facts = facts_of(_message(kind, edit_date=NOW + 9))
    assert {fact.at for fact in facts} == {datetime.fromtimestamp(NOW, UTC)}
    assert facts == facts_of(_message(kind))


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
    assert facts_of(_undated("telepathy", {"from": ANN, "user": BOB})) == []


@pytest.mark.parametrize("data", [b'"\xff\xfe"', b'"\\ud800"', b"1e999", b"9" * 400])
def test_what_stands_beside_in_a_broken_way_spoils_nothing(data: bytes) -> None:
    """A client makes up the data of a press, and Telegram delivers it as it is."""
    pressed = _undated(
        "callback_query",
        {"id": "1", "from": ANN, "data": 0, "message": {"date": 1, "chat": GROUP, "from": BOB}},
    )
    raw = json.dumps(pressed).encode().replace(b'"data": 0', b'"data": ' + data)
    facts = extract_facts(decode_update(raw), RECEIVED)
    assert sorted(map(told, facts)) == ["101 acts", "102 exists"]


def test_a_person_who_is_named_in_a_broken_way_spoils_nothing() -> None:
    broken = [{"is_bot": 1, "id": "x"}, {"is_bot": True}, {"is_bot": False, "id": 2**60}]
    assert sorted(map(told, facts_of(_message(entities=broken)))) == sorted(WRITES)
