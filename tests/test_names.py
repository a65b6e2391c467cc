"""Under which name somebody exists: claims to usernames, history, deleted accounts."""

import asyncio
import itertools
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from tests import updates
from tests.conftest import Ask, row, rows, told
from tests.conversation import NOTHING
from tests.running import Bot
from tests.updates import ANN, BOB, CID, GROUP, HOSTILE, SUPERGROUP, Json, answer_to
from userreg.models import KnownName, User

EVE: Json = {"id": 104, "is_bot": False, "first_name": "Eve"}
DELETED: Json = {"id": CID["id"], "is_bot": False, "first_name": ""}


def called(person: Json, username: str | None, date: int | None = None, **more: Any) -> Json:
    """A message of theirs in the group, under this username."""
    return updates.message(person | {"username": username}, GROUP, date=date, **more)


async def usernames() -> dict[int, str | None]:
    return {user["id"]: user["username"] for user in await rows(User)}


async def known(person: Json, kind: str = "username") -> dict[str, tuple[int, int]]:
    found = await rows(KnownName, user_id=person["id"], kind=kind)
    return {n["name"]: tuple(int(n[c].timestamp()) for c in ("first_at", "last_at")) for n in found}


# Usernames move.


async def test_a_retried_update_takes_no_username_back(bot: Bot) -> None:
    retried = called(ANN, "fox", 1500)
    await bot.tell(called(ANN, "fox", 1000), called(BOB, "Fox", 2000), retried)

    assert await usernames() == {ANN["id"]: None, BOB["id"]: "Fox"}
    assert (await known(ANN))["fox"] == (1000, 1500)


async def test_a_username_that_was_cleared_is_history(bot: Bot, ask: Ask) -> None:
    await bot.tell(called(ANN, "fox", 1_000_000), called(ANN, None, 2_000_000))

    assert await usernames() == {ANN["id"]: None}
    assert await known(ANN) == {"fox": (1_000_000, 1_000_000)}
    answer = await ask(called(BOB, None, text="/seen @fox"))
    assert answer.splitlines()[:2] == ["Ann", "Was @fox until January 1970"]


async def test_a_username_in_another_case_is_the_same(bot: Bot) -> None:
    await bot.tell(called(ANN, "fox", 1000), called(ANN, "FOX", 2000), called(BOB, None, 3000))

    assert (await usernames())[ANN["id"]] == "FOX"
    assert set(await known(ANN)) == {"fox"}


async def test_usernames_are_traded_and_traded_back(bot: Bot) -> None:
    await bot.tell(called(ANN, "fox"), called(BOB, "owl"), called(BOB, "fox"), called(ANN, "owl"))
    assert await usernames() == {ANN["id"]: "owl", BOB["id"]: "fox"}
    await bot.tell(called(ANN, "fox"), called(BOB, "owl"))
    assert await usernames() == {ANN["id"]: "fox", BOB["id"]: "owl"}


FOX, OWL = "fox", "owl"
STORIES = {
    "taken back": [(ANN, FOX, 1), (BOB, FOX, 2), (ANN, "Fox", 3), (BOB, None, 4), ("Fox", None)],
    "dropped": [(ANN, FOX, 1), (ANN, FOX, 2), (BOB, "FOX", 3), (BOB, None, 4), (None, None)],
    "one second": [(ANN, FOX, 1), (BOB, FOX, 1), (ANN, OWL, 2), (BOB, OWL, 2), (None, OWL)],
    "exchanged": [(ANN, FOX, 1), (BOB, OWL, 1), (ANN, OWL, 2), (BOB, FOX, 2), (OWL, FOX)],
}


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
async def test_two_claims_to_a_username_end_alike_in_every_order(
    bot: Bot, story: list[Any]
) -> None:
    *steps, end = story
    claims = [called(person, name, 1000 * second) for person, name, second in steps]
    ends = []
    for order in itertools.permutations(claims):
        await told(bot, *order)
        ends.append(await rows(User))

    assert ends == [ends[0]] * 24
    assert tuple(user["username"] for user in ends[0]) == end


async def test_a_past_name_has_its_first_and_last_time_in_every_order(bot: Bot) -> None:
    story = [("fox", 1000), ("fox", 1500), ("owl", 2000), ("elk", 3000)]
    said = [called(ANN | {"first_name": name}, name, date) for name, date in story]
    for order in itertools.permutations(said):
        await told(bot, *order)
        assert (await known(ANN))["fox"] == (1000, 1500)
        assert (await known(ANN, "name"))["fox"] == (1000, 1500)
        assert (await known(ANN))["owl"] == (2000, 2000)
        assert await usernames() == {ANN["id"]: "elk"}


async def test_of_two_names_in_one_second_the_higher_update_id_wins(bot: Bot) -> None:
    said = [called(ANN, "fox", 1000), called(ANN | {"first_name": "Anna"}, "owl", 1000)]
    for order in itertools.permutations(said):
        await told(bot, *order)
        user = await row(User)
        assert (user["first_name"], user["username"]) == ("Anna", "owl")


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
async def test_a_name_that_another_replica_is_just_writing_becomes_history(
    bot: Bot, database_url: str
) -> None:
    other = await asyncpg.connect(database_url)
    async with other.transaction():
        await other.execute(
            "INSERT INTO users (id, first_name, is_bot, is_premium, profile_at, profile_update_id,"
            " first_seen_at, is_gone, profile_is_dated, language_is_dated)"
            " VALUES (101, 'Annie', false, false, to_timestamp(5000), 1, to_timestamp(5000),"
            " false, true, true)"
        )
        told = asyncio.create_task(bot.tell(updates.message(ANN, GROUP, date=6000)))
        async with asyncio.timeout(5):
            while not await other.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
                assert not told.done()
    await told
    await other.close()

    names = {r["name"]: r["last_at"].timestamp() for r in await rows(KnownName, kind="name")}
    assert names == {"Annie": 5000, "Ann": 6000}


# A press of a button has no date: the update ids put it in its place.


async def test_a_press_that_comes_late_sets_no_name_back(bot: Bot) -> None:
    press = updates.callback(ANN | {"first_name": "Old"})
    now = int(datetime.now(UTC).timestamp())
    await bot.tell(updates.message(ANN | {"first_name": "New"}, GROUP, date=now - 60), press)

    assert (await row(User))["first_name"] == "New"


async def test_a_newer_press_sets_the_name_and_an_older_message_does_not(bot: Bot) -> None:
    now = int(datetime.now(UTC).timestamp())
    first = updates.message(ANN | {"first_name": "First"}, GROUP, date=now - 90)
    older = updates.message(ANN | {"first_name": "Older"}, GROUP, date=now - 60)
    await bot.tell(first, updates.callback(ANN | {"first_name": "Pressed"}), older)

    assert (await row(User))["first_name"] == "Pressed"


# Who bears a name, and who bore it.


async def test_seen_by_an_old_username_names_who_bears_it_and_who_bore_it(
    bot: Bot, ask: Ask
) -> None:
    await bot.tell(called(ANN, "fox", 1_000_000), called(BOB, "fox", 2_000_000))
    for question in ("/seen @fox", "/seen @FOX"):
        bearer, last, bore, until, seen = (await ask(called(EVE, None, text=question))).splitlines()
        assert (bearer, bore) == ("Bob Brown", "Ann")
        assert last.startswith("Last seen")
        assert until.lower() == "was @fox until january 1970"
        assert seen.startswith("Last seen")


async def test_an_old_username_tells_a_stranger_what_an_unknown_one_does(
    bot: Bot, ask: Ask
) -> None:
    await bot.tell(called(ANN, "fox"), called(BOB, "fox"), updates.message(EVE, SUPERGROUP))
    for name, chat in itertools.product(("fox", "nobody"), (None, SUPERGROUP)):
        assert await ask(updates.message(EVE, chat, text=f"/seen @{name}")) == NOTHING


async def test_an_old_username_names_only_those_who_share_a_chat(bot: Bot, ask: Ask) -> None:
    await bot.tell(called(ANN, "fox"), updates.message(BOB | {"username": "fox"}, SUPERGROUP))
    await bot.tell(updates.message(EVE, GROUP))

    for chat in (None, GROUP):
        answer = await ask(updates.message(EVE, chat, text="/seen @fox"))
        assert answer.startswith("Ann\nWas @fox until")
        assert "Bob" not in answer
    elsewhere = await ask(updates.message(CID, SUPERGROUP, text="/seen @fox"))
    assert elsewhere.startswith("Bob Brown\nLast seen here")
    assert "Ann" not in elsewhere


async def test_an_old_username_that_went_through_many_hands_names_its_first(
    bot: Bot, ask: Ask
) -> None:
    later = [{"id": n, "is_bot": False, "first_name": "Y", "username": "fox"} for n in range(7, 17)]
    await bot.tell(called(ANN, "fox"), *(updates.message(each, SUPERGROUP) for each in later))
    await bot.tell(called(BOB, None))
    for chat in (None, GROUP):
        answer = await ask(updates.message(BOB, chat, text="/seen @fox"))
        assert answer.startswith("Ann\nWas @fox until")


async def test_hostile_names_of_the_past_come_out_as_plain_text(bot: Bot, ask: Ask) -> None:
    hostile = EVE | {"first_name": HOSTILE}
    await bot.tell(called(hostile, "fox"), called(hostile, "owl"), called(BOB, None))
    answers = [await ask(called(BOB, None, text="/seen @fox"))]
    await bot.tell(answer_to(EVE | {"first_name": ""}))
    answers.append(await ask(updates.message(BOB, text="/seen @fox")))

    for answer in answers:
        assert "<b>Eve</b> & </code> gnp.exe {name} @everyone" in answer.splitlines()[0]
        assert "\u202e" not in answer
        assert "Was @fox until" in answer
    assert "a deleted account" in answers[1]


async def test_a_deleted_account_is_gone_and_its_name_is_history(bot: Bot, ask: Ask) -> None:
    await bot.tell(updates.message(CID, GROUP), answer_to(DELETED))

    user = await row(User, id=CID["id"])
    assert (user["is_gone"], user["first_name"], user["username"]) == (True, "", None)
    assert set(await known(CID)) == {"cid"}
    assert set(await known(CID, "name")) == {"Cid"}
    answer = await ask(updates.message(BOB, text="/seen @cid"))
    assert answer.startswith("Cid, a deleted account\nWas @cid until")


async def test_an_account_seen_with_a_name_again_is_gone_no_more(bot: Bot) -> None:
    await bot.tell(updates.message(CID, GROUP), answer_to(DELETED), answer_to(CID))

    user = await row(User, id=CID["id"])
    assert (user["is_gone"], user["first_name"], user["username"]) == (False, "Cid", "cid")
