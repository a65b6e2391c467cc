"""What each kind of update proves, as a table: an update, and its facts in short."""

import json
from datetime import UTC, datetime
from typing import Any

from tests import updates
from tests.updates import ANN, BOB, CHANNEL, CID, GROUP, NOW, SUPERGROUP, Json
from userreg.decode import decode_update
from userreg.extract import extract_facts
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


def of_kind(kind: str, body: Json, **more: Any) -> Json:
    return updates.update(kind, body, date=NOW, update_id=7, **more)


def undated(kind: str, body: Json) -> Json:
    return {"update_id": 7, kind: body}


def message(kind: str = "message", **more: Any) -> Json:
    return of_kind(kind, {"message_id": 1, "chat": GROUP, "from": ANN} | more)


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
    ("message", "in a group", message(), WRITES),
    ("message", "in private", updates.message(ANN, date=NOW),
     ["in 101", "101 acts", "101 writes in 101"]),
    ("message", "in the private chat of somebody else",
     updates.message(ANN, updates.private(BOB), date=NOW), ["in 102", "101 acts"]),
    ("message", "of an anonymous administrator",
     message(**{"from": updates.ANONYMOUS, "sender_chat": GROUP}), [f"in {G}"]),
    ("message", "a fake without sender_chat",
     message(**{"from": {"id": 777000, "is_bot": False, "first_name": "Telegram"}}), [f"in {G}"]),
    ("message", "a reply", message(reply_to_message={
        "message_id": 1, "date": 1, "chat": GROUP, "from": BOB}), [*WRITES, "102 exists"]),
    ("message", "a reply to an anonymous administrator", message(reply_to_message={
        "message_id": 1, "date": 1, "chat": GROUP, "from": EXTRA, "sender_chat": GROUP}), WRITES),
    ("message", "a forward", message(forward_origin={
        "type": "user", "date": 1, "sender_user": BOB}), [*WRITES, "102 exists"]),
    ("message", "a mention", message(entities=[
        {"type": "text_mention", "offset": 0, "length": 1, "user": BOB}]), [*WRITES, "102 exists"]),
    ("message", "by way of a bot", message(via_bot=updates.BOT),
     [*WRITES, f"{updates.BOT['id']} exists"]),
    ("message", "a contact", message(contact={
        "phone_number": "1", "first_name": "Darling", "user_id": 102}),
     [*WRITES, "102 exists, nameless"]),
    ("message", "a contact who is not on Telegram", message(contact={
        "phone_number": "1", "first_name": "Darling"}), WRITES),
    ("message", "shared users", message(users_shared={
        "request_id": 1, "users": [{"user_id": 102}, {"user_id": 900}]}),
     [*WRITES, "102 exists, nameless", "900 exists, nameless"]),
    ("message", "guests of a video chat", message(video_chat_participants_invited={
        "users": [BOB, CID]}), [*WRITES, "102 exists", f"{CID['id']} exists"]),
    ("message", "a proximity alert", message(proximity_alert_triggered={
        "traveler": BOB, "watcher": CID, "distance": 1}),
     [*WRITES, "102 exists", f"{CID['id']} exists"]),
    ("message", "winners", message(giveaway_winners={"winners": [BOB]}), [*WRITES, "102 exists"]),
    ("message", "a field of tomorrow", message(quartet={"of": [{"viola": BOB}]}),
     [*WRITES, "102 exists"]),
    ("message", "added by Ann", message(new_chat_members=[BOB]),
     [f"in {G}", "101 acts", "102 exists", "102 out>in as member, announced"]),
    ("message", "joined", message(new_chat_members=[ANN]),
     [f"in {G}", "101 acts", "101 out>in as member, announced"]),
    ("message", "left", message(left_chat_member=ANN),
     [f"in {G}", "101 acts", "101 in>out as left, announced"]),
    ("message", "joined from a community", message(community_chat_joined={"community": {}}),
     [f"in {G}", "101 acts", "101 out>in as member, announced"]),
    ("message", "group created", message(group_chat_created=True),
     [*WRITES, "101 out>in as creator, announced"]),
    ("message", "group created anonymously", message(
        supergroup_chat_created=True, sender_chat=GROUP), [f"in {G}"]),
    ("message", "a new owner", message(chat_owner_changed={"new_owner": BOB}),
     [*WRITES, "102 exists", "102 ?>in as creator, announced"]),
    ("message", "the owner left, Bob may follow", message(chat_owner_left={"new_owner": BOB}),
     [f"in {G}", "101 acts", "102 exists"]),
    ("message", "moved away", message(migrate_to_chat_id=S),
     [f"in {G}", "101 acts", f"{G} became {S}"]),
    ("message", "moved here", of_kind("message", {
        "message_id": 1, "chat": SUPERGROUP, "from": updates.ANONYMOUS, "sender_chat": SUPERGROUP,
        "migrate_from_chat_id": G}), [f"in {S}", f"{G} became {S}"]),
    ("message", "to the staff of a channel", message(
        chat=SUPERGROUP | {"is_direct_messages": True}), [f"in {S}", "101 acts"]),
    ("message", "joins the staff of a channel", message(
        new_chat_members=[BOB], chat=SUPERGROUP | {"is_direct_messages": True}),
     [f"in {S}", "101 acts", "102 exists"]),
    ("edited_message", "", message("edited_message", edit_date=NOW + 9),
     [f"in {G}", "101 exists"]),
    ("channel_post", "", of_kind("channel_post", {
        "message_id": 1, "chat": CHANNEL, "sender_chat": CHANNEL}), [f"in {C}"]),
    ("channel_post", "a forward", of_kind("channel_post", {
        "message_id": 1, "chat": CHANNEL, "sender_chat": CHANNEL,
        "forward_origin": {"type": "user", "date": 1, "sender_user": BOB}}),
     [f"in {C}", "102 exists"]),
    ("edited_channel_post", "", of_kind("edited_channel_post", {
        "message_id": 1, "chat": CHANNEL, "sender_chat": CHANNEL}), [f"in {C}"]),
    ("business_connection", "", of_kind("business_connection", {
        "id": "1", "user": ANN, "user_chat_id": 101, "is_enabled": True}), ["101 acts"]),
    ("business_message", "from a stranger", of_kind("business_message", {
        "message_id": 1, "chat": updates.private(BOB), "from": BOB}), ["102 acts"]),
    ("edited_business_message", "", of_kind("edited_business_message", {
        "message_id": 1, "chat": updates.private(BOB), "from": BOB, "edit_date": NOW}),
     ["102 exists"]),
    ("deleted_business_messages", "", undated("deleted_business_messages", {
        "business_connection_id": "1", "chat": updates.private(BOB), "message_ids": [1]}), []),
    ("guest_message", "in a chat with a known id", of_kind("guest_message", {
        "message_id": 1, "chat": GROUP, "from": ANN, "guest_bot_caller_user": BOB}),
     ["101 acts", "102 exists"]),
    ("message_reaction", "of a person", of_kind("message_reaction", REACTION | {"user": ANN}),
     [f"in {S}", "101 acts"]),
    ("message_reaction", "of a channel", of_kind("message_reaction", REACTION | {
        "actor_chat": CHANNEL}), [f"in {S}"]),
    ("message_reaction", "of a chat, with a stand-in", of_kind("message_reaction", REACTION | {
        "actor_chat": CHANNEL, "user": EXTRA}), [f"in {S}"]),
    ("message_reaction_count", "", of_kind("message_reaction_count", {
        "chat": SUPERGROUP, "message_id": 1, "reactions": []}), [f"in {S}"]),
    ("inline_query", "", undated("inline_query", {
        "id": "1", "from": ANN, "query": "", "offset": ""}), ["101 acts"]),
    ("chosen_inline_result", "", undated("chosen_inline_result", {
        "result_id": "1", "from": ANN, "query": ""}), ["101 acts"]),
    ("callback_query", "in a group", updates.callback(ANN, GROUP), ["101 acts"]),
    ("callback_query", "under another's message", undated("callback_query", {
        "id": "1", "from": ANN, "chat_instance": "1", "data": "x",
        "message": {"message_id": 1, "date": 1, "chat": GROUP, "from": updates.BOT,
                    "reply_to_message": {"message_id": 1, "date": 1, "chat": GROUP, "from": BOB}}}),
     ["101 acts", f"{updates.BOT['id']} exists", "102 exists"]),
    ("callback_query", "of an inline message", undated("callback_query", {
        "id": "1", "from": ANN, "chat_instance": "1", "inline_message_id": "x", "data": "x"}),
     ["101 acts"]),
    ("shipping_query", "", undated("shipping_query", {"id": "1", "from": ANN}), ["101 acts"]),
    ("pre_checkout_query", "", undated("pre_checkout_query", {"id": "1", "from": ANN}),
     ["101 acts"]),
    ("purchased_paid_media", "", undated("purchased_paid_media", {
        "from": ANN, "paid_media_payload": "x"}), ["101 acts"]),
    ("poll", "", undated("poll", {"id": "1", "question": "?", "options": []}), []),
    ("poll_answer", "of a person", undated("poll_answer", VOTE | {"user": ANN}), ["101 acts"]),
    ("poll_answer", "of a chat", undated("poll_answer", VOTE | {
        "voter_chat": CHANNEL, "user": {"id": 136817688, "is_bot": True, "first_name": "Channel"}}),
     []),
    ("poll_answer", "of a chat, with another stand-in", undated("poll_answer", VOTE | {
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
    ("chat_join_request", "", of_kind("chat_join_request", {
        "chat": SUPERGROUP, "from": ANN, "user_chat_id": 101}), [f"in {S}", "101 acts"]),
    ("chat_boost", "a gift", undated("chat_boost", {
        "chat": CHANNEL, "boost": BOOST | {"source": GIFT}}), [f"in {C}", "102 exists"]),
    ("removed_chat_boost", "", undated("removed_chat_boost", {
        "chat": CHANNEL, "boost_id": "1", "remove_date": NOW, "source": GIFT}),
     [f"in {C}", "102 exists"]),
    ("managed_bot", "", undated("managed_bot", {"user": ANN, "bot": updates.BOT}),
     ["101 acts", f"{updates.BOT['id']} exists"]),
    ("subscription", "", undated("subscription", {
        "user": ANN, "invoice_payload": "x", "state": "active"}), ["101 acts"]),
    ("stopped_message_generation", "", undated("stopped_message_generation", {
        "chat": updates.private(ANN), "draft_id": 1}), ["chat 101 exists"]),
]  # fmt: skip
