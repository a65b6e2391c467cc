"""/seen: who is told of whom, in private, in a group and in answer to a message."""

from tests import updates
from tests.conftest import Ask
from tests.conversation import NOTHING
from tests.running import Bot
from tests.updates import ANN, BOB, CID, GROUP, SUPERGROUP
from userreg import preferences
from userreg.database_url import parse_database_url


async def test_seen_tells_of_shared_chats_only(bot: Bot, ask: Ask) -> None:
    await bot.tell(
        updates.message(CID, GROUP),
        updates.message(CID, SUPERGROUP),
        updates.message(ANN, GROUP),
    )
    for asked in ("/seen @cid", "/seen @CID", "/seen cid", f"/seen {CID['id']}"):
        answer = await ask(updates.message(ANN, text=asked))
        assert answer.startswith("Cid\nLast seen Sep ")
        assert "in Chess" in answer
        assert "Go" not in answer


async def test_unknown_hidden_and_not_shared_get_the_same_words(
    bot: Bot, ask: Ask, database_url: str
) -> None:
    bob = BOB | {"username": "bob"}
    await bot.tell(
        updates.message(CID, SUPERGROUP), updates.message(ANN, GROUP), updates.message(bob, GROUP)
    )
    assert await ask(updates.message(ANN, text="/seen @bob")) != NOTHING
    await preferences.hide(parse_database_url(database_url), BOB["id"], True)
    questions = ["@cid", "@nobody", str(CID["id"]), "99", "9" * 40, "@" + "x" * 4000, "-5", "٣"]
    questions += ["@bob", str(BOB["id"])]
    questions += ["@a\0b", "@'; DROP TABLE users; --", "@%", "@"]

    answers = {await ask(updates.message(ANN, text=f"/seen {q}")) for q in questions}
    answers.add(await ask(updates.message(ANN, GROUP, text="/seen @cid")))

    assert answers == {NOTHING}


async def test_seen_forgets_who_has_left_and_who_asks_from_outside(bot: Bot, ask: Ask) -> None:
    await bot.tell(
        updates.message(ANN, SUPERGROUP),
        updates.message(CID, SUPERGROUP),
        updates.chat_member(CID, "member", "left"),
    )
    assert await ask(updates.message(ANN, text="/seen @cid")) == NOTHING
    await bot.tell(
        updates.chat_member(CID, "left", "member"), updates.chat_member(ANN, "member", "kicked")
    )
    assert await ask(updates.message(ANN, text="/seen @cid")) == NOTHING


async def test_seen_by_a_username_that_moved_names_its_present_holder(bot: Bot, ask: Ask) -> None:
    taker = BOB | {"username": "CID"}
    await bot.tell(
        updates.message(CID, GROUP), updates.message(taker, GROUP), updates.message(ANN, GROUP)
    )
    assert (await ask(updates.message(ANN, text="/seen @cid"))).startswith("Bob Brown\n")


async def test_seen_in_a_group_is_about_that_group(bot: Bot, ask: Ask) -> None:
    await bot.tell(
        updates.message(CID, GROUP, date=1_000_000),
        updates.message(CID, SUPERGROUP),
        updates.message(ANN, SUPERGROUP),
    )
    dee = {"id": 104, "is_bot": False, "first_name": "Dee"}
    answer = await ask(updates.message(dee, GROUP, text="/seen @cid"))
    assert answer == "Cid\nLast seen here Jan 12, 1970, 13:46 UTC"


async def test_seen_answers_a_reply(bot: Bot, ask: Ask) -> None:
    said = updates.message(CID, GROUP)
    await bot.tell(said)
    dee = {"id": 104, "is_bot": False, "first_name": "Dee"}
    reply = updates.message(dee, GROUP, text="/seen", reply_to_message=said["message"])
    assert (await ask(reply)).startswith("Cid\nLast seen here")


async def test_seen_asks_for_a_name(ask: Ask) -> None:
    assert (await ask(updates.message(ANN, text="/seen"))).startswith("Write /seen @username")


async def test_seen_of_a_member_who_never_wrote(bot: Bot, ask: Ask) -> None:
    await bot.tell(updates.chat_member(CID, "left", "member"), updates.message(ANN, SUPERGROUP))
    assert "a member who has not written yet" in await ask(updates.message(ANN, text="/seen @cid"))
