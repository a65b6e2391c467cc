"""People and chats that an update does no more than name: they exist, and are nowhere."""

from typing import Any

import pytest

from tests import updates
from tests.conftest import everything, row, rows
from tests.running import Bot
from tests.updates import ANN, BOB, CHANNEL, CID, GROUP, SUPERGROUP, Json, answer_to
from userreg.models import Chat, DailyActivity, Membership, MembershipEvent, User

INBOX = {"id": -1001000000055, "type": "supergroup", "title": "News", "is_direct_messages": True}
STAND_IN = {"id": 552888, "is_bot": True, "first_name": "Channel", "username": "Channel_Bot"}
VIA_BOT = {"id": 77, "is_bot": True, "first_name": "Gif", "username": "gif"}


def undated(kind: str, **body: Any) -> Json:
    made = updates.update(kind, body)
    del made[kind]["date"]
    return made


NESTED: dict[str, Json] = {
    "reply": {"reply_to_message": updates.message(CID, GROUP)["message"]},
    "forward": {"forward_origin": {"type": "user", "date": 1, "sender_user": CID}},
    "mention": {"entities": [{"type": "text_mention", "offset": 0, "length": 2, "user": CID}]},
    "contact": {"contact": {"phone_number": "1", "first_name": "C", "user_id": CID["id"]}},
    "shared": {"users_shared": {"request_id": 1, "users": [{"user_id": CID["id"]}]}},
    "video chat": {"video_chat_participants_invited": {"users": [CID]}},
    "via bot": {"via_bot": VIA_BOT},
    "pinned": {"pinned_message": updates.message(CID, GROUP)["message"]},
}
BOOST = {"boost_id": "1", "add_date": 5000, "expiration_date": 9000}
GIFT = BOOST | {"source": {"source": "gift_code", "user": CID}}
REACTION = {"chat": SUPERGROUP, "message_id": 1, "old_reaction": [], "new_reaction": []}
ONLY_PEOPLE: dict[str, Json] = {
    "business message": updates.update("business_message", updates.message(CID)["message"]),
    "inline button": undated("callback_query", id="1", chat_instance="1", inline_message_id="1",
                             data="x", **{"from": CID}),
    "reaction": updates.update("message_reaction", REACTION | {"user": CID}),
    "poll answer": undated("poll_answer", poll_id="1", option_ids=[0], user=CID),
    "gift of a boost": undated("chat_boost", chat=CHANNEL, boost=GIFT),
    "join request": updates.update("chat_join_request", {"chat": SUPERGROUP, "from": CID,
                                                         "user_chat_id": CID["id"]}),
    "direct message to a channel": updates.message(CID, INBOX),
}  # fmt: skip
NOBODY: dict[str, Json] = {
    "sender_chat": updates.message(STAND_IN, SUPERGROUP, sender_chat=CHANNEL),
    "sender_chat of the message answered": answer_to(STAND_IN, sender_chat=CHANNEL),
    "actor_chat": updates.update("message_reaction", REACTION | {"actor_chat": CHANNEL}),
    "voter_chat": undated("poll_answer", poll_id="1", option_ids=[0], voter_chat=CHANNEL,
                          user=STAND_IN),
}  # fmt: skip


async def assert_no_traces(person: Json = CID) -> None:
    for model in (Membership, MembershipEvent, DailyActivity):
        assert not await rows(model, user_id=person["id"])


@pytest.mark.parametrize("more", NESTED.values(), ids=NESTED)
async def test_people_whom_a_message_names_exist_and_are_nowhere(bot: Bot, more: Json) -> None:
    await bot.tell(updates.message(ANN, GROUP, **more))

    named = VIA_BOT if "via_bot" in more else CID
    assert (await row(User, id=named["id"]))["last_seen_at"] is None
    await assert_no_traces(named)


@pytest.mark.parametrize("update", ONLY_PEOPLE.values(), ids=ONLY_PEOPLE)
async def test_an_act_that_proves_a_person_proves_no_membership(bot: Bot, update: Json) -> None:
    await bot.tell(update)

    assert ((await row(User))["last_seen_at"] is None) == ("chat_boost" in update)
    await assert_no_traces()
    if "business_message" in update or "callback_query" in update:
        assert await rows(Chat) == []


@pytest.mark.parametrize("update", NOBODY.values(), ids=NOBODY)
async def test_who_stands_in_for_a_chat_is_stored_nowhere(bot: Bot, update: Json) -> None:
    await bot.tell(update)

    assert {user["id"] for user in await rows(User)} <= {BOB["id"]}
    await assert_no_traces(STAND_IN)


@pytest.mark.parametrize("kind", ["guest_message", "business_message", "edited_business_message"])
async def test_a_chat_of_another_namespace_changes_no_chat_of_ours(bot: Bot, kind: str) -> None:
    await bot.tell(updates.message(ANN, GROUP), updates.message(ANN))
    before = await everything()
    for chat in (GROUP | {"title": "Another"}, updates.private(ANN)):
        body = updates.message(CID, chat)["message"]
        await bot.tell(updates.update(kind, body))

    after = await everything()
    tables = ("chats", "memberships", "membership_events", "daily_activity")
    assert {t: after[t] for t in tables} == {t: before[t] for t in tables}
    assert (await row(User, id=CID["id"]))["first_name"] == "Cid"
