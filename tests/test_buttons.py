"""The buttons below the bot's answers, pressed by people in the local Telegram."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_aiohttp.plugin import AiohttpClient

from tests import updates
from tests.conftest import Talk
from tests.conversation import buttons_of, data_under, plain
from tests.running import Bot, start_bot
from tests.stage import meet, put
from tests.updates import ANN, BOB, CID, GROUP, SUPERGROUP
from userreg.bot.press import FIRST, Page, Press, short_id
from userreg.bot.views import VIEWS
from userreg.config import Settings
from userreg.phrases import LANGUAGES
from userreg.phrases.shipped import shipped
from userreg.queries import Cursor
from userreg.sandbox.api import BotApi
from userreg.sandbox.errors import ApiError
from userreg.sandbox.telegram import LocalTelegram

IDS = st.integers(-(2**52), 2**52)
TIMES = st.none() | st.datetimes(
    datetime(1971, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)
).map(lambda at: at.replace(microsecond=0))
PAGES = st.builds(
    Page,
    st.integers(1, 9_999),
    st.none() | st.builds(Cursor, TIMES, IDS.filter(bool), st.booleans()),
)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"admin_ids": frozenset({900})})


async def _meet_everywhere(bot: Bot, *people: dict[str, object], chats: int = 20) -> None:
    for n in range(1, chats + 1):
        chat = GROUP | {"id": -n, "title": f"c{n}"}
        await bot.tell(*(updates.message(person, chat) for person in people))


@given(
    view=st.sampled_from([v for v in VIEWS if len(v) <= 5]), owner=IDS.filter(lambda i: i > 0),
    target=IDS, page=PAGES,
)  # fmt: skip
def test_any_page_of_a_list_fits_a_button_and_comes_back_whole(
    view: str, owner: int, target: int, page: Page
) -> None:
    data = Press.of(view, owner, target, "", page).pack()

    assert len(data.encode()) <= 64
    pressed = Press.unpack(data)
    is_backwards = page.cursor is not None and page.cursor.is_backwards and page.number > 1
    assert (pressed.view, pressed.owner_id, pressed.target_id) == (view, owner, target)
    assert pressed.page.number == page.number
    if page.cursor is not None and (page.number > 1 or not page.cursor.is_backwards):
        assert pressed.page == Page(
            page.number, Cursor(page.cursor.at, page.cursor.chat_id, is_backwards)
        )


@given(view=st.sampled_from(sorted(VIEWS)), owner=IDS, target=IDS, word=IDS)
def test_any_choice_fits_a_button(view: str, owner: int, target: int, word: int) -> None:
    assert len(Press.of(view, owner, target, short_id(word), FIRST).pack().encode()) <= 64


@given(st.text(max_size=64))
def test_made_up_data_is_no_press_or_a_whole_one(data: str) -> None:
    try:
        press = Press.unpack(data)
        press.owner_id, press.target_id, press.page  # noqa: B018
    except (ValueError, TypeError, LookupError):
        return


async def test_the_menu_leads_everywhere_and_back_by_buttons_alone(talk: Talk) -> None:
    ann = talk(ANN)
    await ann.write("/start")
    seen = set()
    for label in ("What you know about me", "Statistics", "Look somebody up", "Settings",
                  "Privacy", "Help"):  # fmt: skip
        assert await ann.press(label) is None
        seen.add(ann.text)
        await ann.press("Menu")
        assert ann.text.startswith("Menu")
    assert len(seen) == 6
    assert len([m for m in ann.chat.log if m.is_of_the_bot]) == 1, "one message, edited"


async def test_my_chats_come_in_pages_there_and_back(bot: Bot, talk: Talk) -> None:
    await _meet_everywhere(bot, ANN)
    ann = talk(ANN)
    await ann.write("/me")

    pages = []
    for turn in ("›", "›", "‹", "‹"):
        pages.append([line for line in ann.text.splitlines() if line.startswith("•")])
        await ann.press(turn)
    assert [len(page) for page in pages] == [8, 8, 4, 8]
    assert len({line for page in pages[:3] for line in page}) == 20
    assert pages[1] == pages[3]
    assert "1/3" in ann.labels
    assert "‹" not in ann.labels


async def test_a_chat_of_mine_opens_and_closes(bot: Bot, talk: Talk) -> None:
    await bot.tell(
        updates.chat_member(ANN, "left", "member", SUPERGROUP), updates.message(ANN, SUPERGROUP)
    )
    ann = talk(ANN)
    await ann.write("/me")
    await ann.press("Go")

    assert ann.text.startswith("Go\nStatus: member\nHow I know: Telegram confirmed it\nJoined: ")
    assert ann.text.endswith("1 message")
    await ann.press("Back")
    assert ann.text.startswith("Ann\nId: 101")


async def test_whom_i_share_chats_with_comes_in_pages(bot: Bot, talk: Talk) -> None:
    await _meet_everywhere(bot, ANN, CID)
    ann = talk(ANN)
    first = await ann.write("/seen @cid")
    assert first.startswith("Cid\nLast seen ")
    await ann.press("›")
    await ann.press("›")
    assert ann.text.count("•") == 4
    assert "3/3" in ann.labels


async def test_what_was_on_a_page_may_have_gone(bot: Bot, talk: Talk) -> None:
    await _meet_everywhere(bot, ANN, CID, chats=9)
    ann = talk(ANN)
    await ann.write("/seen @cid")
    await bot.tell(*(
        updates.chat_member(CID, "member", "left", GROUP | {"id": -n}) for n in range(1, 3)
    ))  # fmt: skip
    await ann.press("›")
    assert ann.text.count("• c") == 6
    assert "›" not in ann.labels


async def test_refreshing_shows_what_has_changed_and_bears_that_nothing_has(
    bot: Bot, talk: Talk
) -> None:
    ann = talk(ANN, GROUP)
    await ann.write("/stats")
    before = ann.text
    assert await ann.press("Refresh") is None
    assert ann.text == before
    await bot.tell(updates.message(BOB, GROUP))
    assert await ann.press("Refresh") is None
    assert "2 known members" in ann.text


async def test_a_button_answers_only_whoever_asked(bot: Bot, talk: Talk) -> None:
    ann, bob = talk(ANN, GROUP), talk(BOB, GROUP)
    await ann.write("/me")
    before = ann.text

    assert "belongs to whoever asked" in (await bob.press("Refresh") or "")
    assert ann.text == before


async def test_what_a_client_makes_up_is_answered_and_gets_nothing(bot: Bot, talk: Talk) -> None:
    await bot.tell(updates.message(CID, GROUP | {"id": -7, "title": "Secret"}))
    bob = talk(BOB)
    await bob.write("/start")
    before = bob.text
    cid = CID["id"]
    forged = ["", "p", "x" * 64, "p:nowhere:2u:::::", "p:me:!!:::::", "p:me:2u:::::zzzzzzzzzzzzz",
              "p:me:2u:::" + "9" * 40 + "::"]  # fmt: skip
    for data in forged:
        assert "do not know this button" in (await bob.send(data or "-") or ""), data
    assert bob.text == before
    own = BOB["id"]
    for view in VIEWS:
        made_up = Press.of(view, own, cid, "yes", Page(2)).pack()
        assert "do not know this button" in (await bob.send(made_up) or ""), view
    assert bob.text == before


async def test_what_stands_below_a_message_gives_nobody_a_right(bot: Bot, talk: Talk) -> None:
    """The second line, should Telegram ever let a client choose the buttons."""
    await bot.tell(updates.message(CID, GROUP | {"id": -7, "title": "Secret"}))
    bob, own, there = talk(BOB), BOB["id"], -7
    await bob.write("/start")
    for view in ("report", "picture", "file", "pages"):
        for target in (0, there):
            said = await bob.plant(Press.of(view, own, target, "members", FIRST).pack())
            assert said == "That is for administrators."
    await bob.plant(Press.of("in", own, CID["id"], short_id(there), FIRST).pack())
    assert bob.text == "I have nothing to tell about that person."
    await bob.plant(Press.of("in", own, 0, short_id(there), FIRST).pack())
    assert "I know nothing about that chat" in bob.text
    await bob.plant(Press.of("in", own, 0, "no id", FIRST).pack())
    assert bob.text == "I have nothing to tell about that person."
    await bob.plant(Press.of("seen", own, CID["id"], "", FIRST).pack())
    assert bob.text == "I have nothing to tell about that person."
    await bob.plant(Press.of("admin", own, 0, "", FIRST).pack())
    assert "I do not know that command" in bob.text


async def test_a_button_of_a_message_that_cannot_be_reached_says_so(bot: Bot, api: BotApi) -> None:
    old = {"id": "77", "from": ANN, "chat_instance": "1", "data": "p:me:2t:::::",
           "message": {"chat": updates.private(ANN), "message_id": 5, "date": 0}}  # fmt: skip
    await bot.tell({"update_id": 999_001, "callback_query": old})
    call = (await api.wait_for("answerCallbackQuery"))[0]
    assert "too old for me to change" in call.parameters["text"]


async def test_a_query_that_is_too_old_to_answer_is_borne(
    bot: Bot, talk: Talk, api: BotApi
) -> None:
    ann = talk(ANN)
    await ann.write("/start")
    words = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    api.failures["answerCallbackQuery"] = ApiError(400, words)
    query_id, _ = ann.telegram.new_query()
    body = {"id": query_id, "from": ANN, "chat_instance": "1", "data": ann.data_of("Privacy"),
            "message": ann.telegram.world.message_json(ann.message)}  # fmt: skip
    await bot.tell({"update_id": 999_002, "callback_query": body})
    await api.wait_for("editMessageText")
    api.failures.clear()
    assert ann.text.startswith("What I keep about you")
    assert (await ann.write("/start")).startswith("Hello, Ann!")


async def test_a_message_that_was_deleted_is_sent_again(talk: Talk, api: BotApi) -> None:
    ann = talk(ANN)
    await ann.write("/start")
    shown = ann.message
    data = ann.data_of("Help")
    ann.chat.log.remove(shown)
    assert await ann.send(data, shown) is None
    assert ann.text.startswith("What you can ask me")
    assert len(api.of("sendMessage")) == 2


async def test_buttons_outlive_a_restart(
    bot: Bot, talk: Talk, settings: Settings, aiohttp_client: AiohttpClient, telegram: LocalTelegram
) -> None:
    ann = talk(ANN)
    await ann.write("/start")
    await bot.client.close()
    await start_bot(settings, aiohttp_client, telegram)  # which gets the updates from now on

    assert await ann.press("Statistics") is None
    assert ann.text.startswith("The registry")


async def test_whoever_has_left_the_chat_meanwhile_is_told_nothing_more(
    bot: Bot, talk: Talk, telegram: LocalTelegram
) -> None:
    await bot.tell(updates.message(CID, SUPERGROUP), updates.message(ANN, SUPERGROUP))
    ann = talk(ANN)
    assert (await ann.write("/seen @cid")).startswith("Cid\nLast seen")
    put(telegram.world, SUPERGROUP["id"], ANN, "kicked")
    await bot.tell(updates.chat_member(ANN, "member", "kicked", SUPERGROUP, actor=BOB))

    await ann.press("Refresh")
    assert ann.text == "I have nothing to tell about that person."


@pytest.mark.parametrize("language", sorted(LANGUAGES))
async def test_the_whole_menu_works_by_buttons_alone_in_every_language(
    bot: Bot, talk: Talk, telegram: LocalTelegram, language: str
) -> None:
    """Every button that can be reached is pressed once: none is dead, all speak one language."""
    ada = {"id": 900, "is_bot": False, "first_name": "Ада", "language_code": language}
    meet(telegram.world, ada)
    await _meet_everywhere(bot, ada, CID, chats=9)
    person = talk(ada)
    await person.write("/start")
    english = {label for label in _labels("en") if label not in _labels(language)}
    shown, pressed, texts = person.message, set(), set()
    waiting = data_under(shown)
    while waiting:
        data = waiting.pop()
        if data in pressed or data.startswith(("p:forget!", "p:language")):
            continue
        pressed.add(data)
        assert await person.plant(data, shown) is None, data
        texts |= {shown.content["text"], person.text}
        buttons = buttons_of(shown)
        waiting += data_under(shown)
        assert not english & {plain(button["text"]) for button in buttons}
    views = {data.split(":")[1] for data in pressed}
    assert views == set(VIEWS) - {"seen", "here", "forget!", "language", "remember"}
    assert len(texts) > 20


def _labels(language: str) -> set[str]:
    return {text for place, text in shipped(language).items() if place.key.startswith("buttons.")}
