"""What somebody who means no good may try: with buttons, names, commands and floods."""

import asyncio
import json
import logging
from datetime import UTC, datetime
from typing import Any

import pytest

from tests import updates
from tests.conftest import Bot, Talk, userreg
from tests.stage import meet, put
from tests.updates import ANN, BOB, CHANNEL, CID, GROUP, SUPERGROUP
from userreg import administrators, dossier, forgetting, phrases, preferences
from userreg.app import REGISTRY
from userreg.bot import reports
from userreg.bot.press import FIRST, Press, short_id
from userreg.config import Settings
from userreg.database_url import parse_database_url
from userreg.db import write_transaction
from userreg.decisions import Administrator, AuditEntry, OneTimeCode
from userreg.models import DeadLetter, User
from userreg.phrases.checks import faults_of
from userreg.phrases.shipped import Place
from userreg.sandbox.api import BotApi
from userreg.sandbox.errors import TooManyRequests
from userreg.sandbox.telegram import TOKEN, LocalTelegram
from userreg.sandbox.world.entities import find_entities, parse_html

ADA: dict[str, Any] = {"id": 900, "is_bot": False, "first_name": "Ada", "language_code": "en"}
DEE: dict[str, Any] = {"id": 104, "is_bot": False, "first_name": "Dee", "username": "dee"}


@pytest.fixture
def settings(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    more = getattr(request, "param", {})
    return settings.model_copy(update={"admin_ids": frozenset({900})} | more)


@pytest.fixture
def ada(talk: Talk, telegram: LocalTelegram):
    meet(telegram.world, ADA)
    return talk(ADA)


few = pytest.mark.parametrize("settings", [{"commands_per_minute": 10}], indirect=True)


# ---- a made-up press on a message that is somebody else's


async def test_nobody_changes_an_answer_to_somebody_else(bot: Bot, talk: Talk) -> None:
    ann, bob = talk(ANN, GROUP), talk(BOB, GROUP)
    await ann.write("/me")
    before = ann.text
    await bob.send(Press.of("me", BOB["id"], 0, "", FIRST).pack())
    assert ann.text == before


async def test_a_subscriber_writes_nothing_into_a_channel(bot: Bot, talk: Talk, ask) -> None:
    await bot.tell(updates.my_chat_member("left", "administrator", CHANNEL))
    await ask(updates.channel_post(text="/whereami"))
    mallory = BOB | {"id": 666, "first_name": "Buy drugs", "last_name": "at my shop"}
    meet(bot.telegram.world, mallory)
    there = talk(mallory, CHANNEL)
    await there.send(Press.of("me", mallory["id"], 0, "", FIRST).pack())
    assert "Buy drugs" not in there.text


# ---- what administrators of a group ask is read by the whole group


async def test_hidden_people_are_not_shown_to_a_whole_group(
    bot: Bot, talk: Talk, telegram: LocalTelegram, database_url: str
) -> None:
    put(telegram.world, GROUP["id"], BOB, "administrator")
    put(telegram.world, GROUP["id"], CID, "member")
    await bot.tell(*(updates.message(person, GROUP) for person in (BOB, CID, ANN)))
    await preferences.hide(parse_database_url(database_url), CID["id"], True)
    bob = talk(BOB, GROUP)
    assert "Cid" not in await bob.write("/seen @cid"), "everybody in the group reads this"


async def test_details_in_a_group_name_no_hidden_people_to_all(
    bot: Bot, talk: Talk, telegram: LocalTelegram, database_url: str
) -> None:
    put(telegram.world, GROUP["id"], BOB, "administrator")
    today = int(datetime.now(UTC).timestamp()) - 60
    await bot.tell(*(updates.message(person, GROUP, date=today) for person in (BOB, CID, ANN)))
    await preferences.hide(parse_database_url(database_url), CID["id"], True)
    bob = talk(BOB, GROUP)
    await bob.write("/stats")
    await bob.press("Details")
    assert "Cid" not in bob.text, "everybody in the group reads this"


# ---- /seen: hidden must sound like unknown, to the byte


async def _ask_about_a_name_two_bore(
    bot: Bot, api: BotApi, database_url: str, hidden: bool, place: Any
) -> tuple[str, str | None]:
    chats = [GROUP | {"id": -n, "title": f"c{n}"} for n in range(1, 7)]
    for chat in chats:
        await bot.tell(updates.message(ANN, chat), updates.message(CID, chat))
    if hidden:  # she bore @cid once, and wants to be told of to nobody
        await bot.tell(updates.message(DEE | {"username": "cid"}, chats[0]))
        await bot.tell(updates.message(DEE, chats[0]))
        await bot.tell(*(updates.message(CID, chat) for chat in chats))
        await preferences.hide(parse_database_url(database_url), DEE["id"], True)
    else:
        await bot.tell(*(updates.message(CID, chat) for chat in chats))
    said = len(api.of("sendMessage"))
    await bot.tell(updates.message(ANN, chats[0] if place else None, text="/seen @cid"))
    call = (await api.wait_for("sendMessage", said + 1))[-1]
    return call.text, call.parameters.get("reply_markup")


@pytest.mark.parametrize("place", ["private", "group"])
async def test_a_hidden_bearer_of_a_name_shows_in_nothing(
    bot: Bot, api: BotApi, database_url: str, place: str
) -> None:
    without = await _ask_about_a_name_two_bore(bot, api, database_url, False, place == "group")
    with_ = await _ask_about_a_name_two_bore(bot, api, database_url, True, place == "group")
    assert (with_[0].count("c"), with_[0].count("more")) == (
        without[0].count("c"), without[0].count("more")), with_[0]  # fmt: skip
    assert bool(with_[1]) == bool(without[1]), "a keyboard"


# ---- roles


async def test_a_forwarded_command_is_not_the_forwarders(bot: Bot, ada, api: BotApi) -> None:
    origin = {"type": "user", "date": 1, "sender_user": BOB}
    await bot.tell(updates.message(ADA, text="/admin add 102", forward_origin=origin))
    await ada.write("/help")
    assert await Administrator.all().count() == 0
    assert len(api.of("sendMessage")) == 1


async def test_opening_a_membership_of_anybody_is_written_down(bot: Bot, ada) -> None:
    await bot.tell(updates.message(CID, GROUP))
    await ada.write("/start")
    await ada.plant(Press.of("in", 900, CID["id"], short_id(GROUP["id"]), FIRST).pack())
    assert "1 message" in ada.text
    assert await AuditEntry.all().count() == 1


async def test_many_administrators_are_listed(
    bot: Bot, ada, api: BotApi, database_url: str
) -> None:
    database = parse_database_url(database_url)
    for n in range(60):
        await bot.tell(updates.message({"id": 5000 + n, "is_bot": False, "first_name": "@" * 64}))
        await administrators.add(database, 5000 + n, None)
    await bot.tell(updates.message(ADA, text="/admin"))
    (call,) = await api.wait_for("sendMessage")
    assert call.error is None, call.error


# ---- the forgotten


async def test_a_forgotten_administrator_of_the_settings_leaves_no_id(
    bot: Bot,
    ada,
    database_url: str,
) -> None:
    await ada.write("/start")
    await bot.client.app[REGISTRY].forget(900)
    await ada.write("/admin add 102")
    assert [one.added_by_id for one in await Administrator.all()] == [None]


async def test_whose_erasure_failed_is_not_told_that_nothing_is_kept(
    bot: Bot, talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = talk(ANN)
    await ann.write("/forget")

    async def fail(*_: object) -> None:
        raise OSError("the server went away")

    with monkeypatch.context() as patch:
        patch.setattr(forgetting, "erase", fail)
        await ann.press("Yes, erase everything")
    kept = await User.filter(id=ANN["id"]).count()
    said = await ann.write("/forget")
    assert not (kept and "I keep nothing about you" in said), said


async def test_who_cannot_be_forgotten_just_now_is_told_so(
    bot: Bot, talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = talk(ANN)
    await ann.write("/forget")
    before = ann.text

    async def fail(*_: object, **__: object) -> None:
        raise OSError("lock timeout")

    monkeypatch.setattr(forgetting, "put_on_the_list", fail)
    alert = await ann.press("Yes, erase everything")
    assert alert or ann.text != before


async def test_a_forgotten_person_does_not_use_up_a_code(
    bot: Bot, talk: Talk, database_url: str
) -> None:
    ann = talk(ANN)
    await bot.client.app[REGISTRY].forget(ANN["id"])
    code = await administrators.make_code(parse_database_url(database_url))
    await ann.write(f"/start {code}")
    assert await Administrator.all().count() or await OneTimeCode.all().count()


# ---- manners


@few
async def test_commands_for_another_bot_are_nothing_to_this_one(bot: Bot, api: BotApi) -> None:
    for _ in range(12):
        await bot.tell(updates.message(ANN, GROUP, text="/play@another_bot x"))
    await bot.tell(updates.message(BOB, text="/help"))
    calls = await api.wait_for("sendMessage")
    await asyncio.sleep(0.3)
    calls = api.of("sendMessage")
    assert [c.parameters["chat_id"] for c in calls] == [str(BOB["id"])], [c.text for c in calls]


@few
async def test_commands_for_another_bot_silence_this_one_in_no_group(bot: Bot, api: BotApi) -> None:
    for n in range(2):
        for _ in range(10):
            await bot.tell(updates.message(ANN | {"id": 2000 + n, "username": None}, GROUP,
                                           text="/play@another_bot x"))  # fmt: skip
    await bot.tell(updates.message(BOB, GROUP, text="/help"))
    await bot.tell(updates.message(BOB, text="/help"))
    await api.wait_for("sendMessage")
    await asyncio.sleep(0.3)
    assert str(GROUP["id"]) in [c.parameters["chat_id"] for c in api.of("sendMessage")]


@few
async def test_the_notice_is_in_the_language_of_whoever_asks(bot: Bot, talk: Talk) -> None:
    uma = ANN | {"id": 3001, "language_code": "uk", "username": None}
    meet(bot.telegram.world, uma)
    ann = talk(uma)
    text = ""
    for _ in range(11):
        text = await ann.write("/help")
    assert "questions" not in text, text


async def test_alerts_are_in_the_language_that_was_chosen(bot: Bot, talk: Talk) -> None:
    ann = talk(ANN)
    await ann.write("/language")
    await ann.press("Українська")
    said = await ann.send("p:nowhere:2t:::::") or ""
    assert "do not know this button" not in said, said


async def test_a_wait_in_one_chat_keeps_nobody_else_waiting(bot: Bot, api: BotApi) -> None:
    call = api._call

    async def refuse(method: str, parameters: Any) -> Any:
        if parameters.values.get("chat_id") == str(GROUP["id"]):
            raise TooManyRequests(30)
        return await call(method, parameters)

    api._call = refuse  # type: ignore[method-assign]
    for _ in range(8):
        await bot.tell(updates.message(ANN, GROUP, text="/help"))
    await asyncio.sleep(0.5)
    await bot.tell(updates.message(BOB, text="/help"))
    await asyncio.sleep(3)
    assert str(BOB["id"]) in [c.parameters["chat_id"] for c in api.of("sendMessage")]


async def test_nothing_that_a_client_makes_up_is_a_fault_of_ours(
    bot: Bot, talk: Talk, caplog: pytest.LogCaptureFixture
) -> None:
    ann = talk(ANN)
    await ann.write("/start")
    with caplog.at_level(logging.ERROR):
        await ann.send("p:in:2t::!!:::")
        await asyncio.sleep(0.2)
    assert not [r for r in caplog.records if "an answer failed" in r.message]


async def test_a_nul_in_a_word_is_no_fault_of_ours(
    bot: Bot,
    ada,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await ada.write("/start")
    with caplog.at_level(logging.ERROR):
        await ada.send(Press.of("report", 900, 0, "a\0b", FIRST).pack())
        await asyncio.sleep(0.2)
    assert not [r for r in caplog.records if "an answer failed" in r.message]


# ---- texts


@pytest.mark.parametrize(
    ("key", "text"),
    [("export.caption", "x" * 1025), ("press.not_yours", "x" * 201),
     ("press.not_yours", "<b>Not yours</b>"), ("about.short_description", "x" * 121),
     ("about.description", "x" * 513), ("about.description", "<b>x</b> &amp; y"),
     ("help.unknown_command", "&#xD800;"),
     ("help.unknown_command", '<tg-emoji emoji-id="x">x</tg-emoji>')],
)  # fmt: skip
def test_no_edit_passes_that_telegram_refuses_or_shows_as_markup(key: str, text: str) -> None:
    assert faults_of(Place(key), "en", text)


@few
async def test_presses_flood_no_group(bot: Bot, api: BotApi, talk: Talk) -> None:
    """Telegram takes 20 messages a minute to a group."""
    put(bot.telegram.world, GROUP["id"], BOB, "administrator")
    bob = talk(BOB, GROUP)
    await bob.write("/stats")
    shown, data = bob.message, Press.of("picture", BOB["id"], GROUP["id"], "growth", FIRST).pack()
    for _ in range(22):
        await bob.send(data, shown)
    assert len(api.of("sendPhoto")) <= 20


# ---- erasing one's own must leave what is others'


async def test_nobody_drops_the_dead_letters_of_others_by_their_name(bot: Bot, talk: Talk) -> None:
    broken = updates.message(BOB, SUPERGROUP | {"id": "broken"})
    await bot.client.app[REGISTRY].receive(json.dumps(broken).encode())
    assert await DeadLetter.all().count() == 1
    mallory = ANN | {"first_name": "supergroup", "username": None}
    await bot.tell(updates.message(mallory))
    await bot.client.app[REGISTRY].forget(ANN["id"])
    assert await DeadLetter.all().count() == 1, "it names Bob alone"


async def test_nobody_wipes_details_of_the_audit_by_their_name(
    bot: Bot, talk: Talk, telegram: LocalTelegram
) -> None:
    put(telegram.world, GROUP["id"], BOB, "administrator")
    put(telegram.world, GROUP["id"], CID, "member")
    await bot.tell(updates.message(CID, GROUP))
    await talk(BOB, GROUP).write("/seen @cid")
    assert [one.detail for one in await AuditEntry.all()] == [str(GROUP["id"])]
    await bot.tell(updates.message(ANN | {"first_name": "100", "username": None}))
    await bot.client.app[REGISTRY].forget(ANN["id"])
    assert [one.detail for one in await AuditEntry.all()] == [str(GROUP["id"])]


async def test_no_export_tells_what_others_wrote(bot: Bot) -> None:
    """A name is whatever somebody calls themselves: a question to the bodies put aside."""
    broken = updates.message(BOB, GROUP | {"id": "broken"}, text="my divorce lawyer said")
    await bot.client.app[REGISTRY].receive(json.dumps(broken).encode())
    await bot.tell(updates.message(ANN | {"first_name": "divorce", "last_name": "lawyer"}))
    assert (await dossier.everything_about(ANN["id"]))["dead_letters"] == 0


# ---- the release step


def _environment(settings: Settings, **more: str) -> dict[str, str]:
    return {
        "BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": settings.telegram_api_url,
        "DATABASE_URL": settings.database, **more,
    }  # fmt: skip


def _told(telegram: LocalTelegram, language: str) -> dict[str, str]:
    key = "commands", '{"type": "all_private_chats"}', language
    return {one["command"]: one["description"] for one in telegram.profile[key]}


async def test_commands_are_told_as_they_were_edited(
    settings: Settings, telegram: LocalTelegram, api_url: str
) -> None:
    env = _environment(settings)
    for line in (
        ("phrases", "edit", "commands.me", "--locale", "en", "--text", "All about you"),
        ("commands", "set"),
    ):
        done = await asyncio.to_thread(userreg, *line, **env)
        assert done.returncode == 0, done.stderr
    assert _told(telegram, "en")["me"] == "All about you"


async def test_whose_language_is_not_spoken_gets_the_default_language(
    settings: Settings, telegram: LocalTelegram, api_url: str
) -> None:
    env = _environment(settings, DEFAULT_LANGUAGE="uk")
    done = await asyncio.to_thread(userreg, "commands", "set", **env)
    assert done.returncode == 0, done.stderr
    assert _told(telegram, "")["me"] == _told(telegram, "uk")["me"]


async def test_a_release_does_not_fail_for_one_429(
    settings: Settings, api: BotApi, api_url: str
) -> None:
    api.failures["setMyCommands"] = TooManyRequests(1)
    api.on_call = lambda call: api.failures.pop("setMyCommands", None) if call.error else None
    done = await asyncio.to_thread(userreg, "commands", "set", **_environment(settings))
    assert done.returncode == 0, done.stderr


# ---- one person against the recording


async def test_to_be_remembered_who_was_not_forgotten_makes_nobody_wait(
    bot: Bot, talk: Talk, database_url: str, engine: str
) -> None:
    """Whoever changes the list waits alone, and all writers wait behind."""
    if engine == "sqlite":
        pytest.skip("one writer anyway")
    database = parse_database_url(database_url)
    ann = talk(ANN)
    await ann.write("/start")
    async with write_transaction(database):  # a large group that migrates, say
        pressing = asyncio.create_task(
            ann.send(Press.of("remember", ANN["id"], 0, "", FIRST).pack())
        )
        await asyncio.sleep(0.5)
        begun = asyncio.get_running_loop().time()
        await bot.tell(updates.message(BOB, GROUP))
        took = asyncio.get_running_loop().time() - begun
    await pressing
    assert took < 0.5, took


async def test_forgetting_again_and_again_does_not_read_the_whole_audit(
    bot: Bot, talk: Talk, database_url: str, engine: str
) -> None:
    if engine != "sqlite":
        pytest.skip("measured on one engine")
    database = parse_database_url(database_url)
    async with write_transaction(database) as db:
        await db.execute_query(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 200000)"
            " INSERT INTO audit (at, action, actor_id, subject_id, detail)"
            " SELECT '2026-11-01 00:00:00+00:00', 'stats', 900, -i, 'growth' FROM n"
        )
    ann = talk(ANN)
    await ann.write("/forget")
    shown, data = ann.message, Press.of("forget!", ANN["id"], 0, "", FIRST).pack()
    before = asyncio.get_running_loop().time()
    await ann.send(data, shown)
    print("ONE FORGET", asyncio.get_running_loop().time() - before)
    again = asyncio.create_task(ann.send(data, shown))
    await asyncio.sleep(0.1)
    begun = asyncio.get_running_loop().time()
    await bot.tell(updates.message(BOB, GROUP))
    took = asyncio.get_running_loop().time() - begun
    await again
    assert took < 0.5, f"recording waited {took:.1f} s"


@pytest.mark.parametrize("called", ["#spam", "evil.com"])
def test_a_name_is_no_hashtag_and_no_link(called: str) -> None:
    """Telegram makes links of hashtags and of bare addresses in what a bot sends."""
    text = parse_html(phrases.name(called) or "")[0]
    assert not find_entities(text)
    assert called not in text, "nothing keeps Telegram from making a link of it"


async def test_a_report_that_the_database_does_not_answer_is_said_to_fail(
    bot: Bot,
    ada,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each statement of the bot has 5 s; docs/administrators.md tells of reports that take 15."""

    async def slow(*_: object) -> None:
        raise TimeoutError

    await ada.write("/stats")
    before, shown = ada.text, ada.message
    monkeypatch.setattr(reports, "report", slow)
    alert = await ada.send(ada.data_of("Details"), shown)
    assert alert or ada.text != before


async def test_nobodys_forgetting_waits_for_all_dead_letters(
    bot: Bot, talk: Talk, database_url: str, engine: str
) -> None:
    if engine != "sqlite":
        pytest.skip("measured on one engine")
    database = parse_database_url(database_url)
    body = json.dumps({"text": "п" * 10_000}).encode()  # 60 KiB, as Telegram escapes
    async with write_transaction(database) as db:
        for n in range(400):
            await db.execute_query(
                "INSERT INTO dead_letters (digest, body, size, error, received_at, buried_at)"
                " VALUES (?, ?, ?, 'x', ?, ?)",
                [f"{n:064}", body, len(body), "2026-11-26 00:00:00+00:00",
                 "2126-11-26 00:00:00+00:00"],
            )  # fmt: skip
    ann = talk(ANN)
    await ann.write("/forget")
    pressing = asyncio.create_task(ann.press("Yes, erase everything"))
    await asyncio.sleep(0.1)
    begun = asyncio.get_running_loop().time()
    await bot.tell(updates.message(BOB, GROUP))
    took = asyncio.get_running_loop().time() - begun
    await pressing
    assert took < 0.5, f"with 400 dead letters recording waited {took:.1f} s"


async def test_a_button_shows_no_tags(bot: Bot, talk: Talk) -> None:
    await bot.tell(updates.message(ANN, GROUP | {"title": "\u2800"}))
    ann = talk(ANN)
    await ann.write("/me")
    assert not [label for label in ann.labels if "<" in label], ann.labels


async def test_whoever_claims_a_code_gets_the_command_in_the_menu(
    bot: Bot, talk: Talk, api: BotApi, database_url: str
) -> None:
    code = await administrators.make_code(parse_database_url(database_url))
    await talk(ANN).write(f"/start {code}")
    await asyncio.sleep(0.3)
    assert api.of("setMyCommands"), "as /admin add does"


async def test_who_chose_a_language_hears_it_in_a_group_that_chose_none(
    bot: Bot, talk: Talk
) -> None:
    ann = talk(ANN)
    await ann.write("/language")
    await ann.press("Українська")
    assert "What you can ask" not in await talk(ANN, GROUP).write("/help")


async def test_an_added_administrator_is_confirmed_though_telegram_takes_no_list(
    bot: Bot,
    ada,
    api: BotApi,
) -> None:
    api.failures["setMyCommands"] = TooManyRequests(60)
    await bot.tell(updates.message(ADA, text="/admin add 102"))
    await asyncio.sleep(1)
    assert await Administrator.all().count() == 1
    assert api.of("sendMessage"), "done, and nothing said"


async def test_a_channels_subscribers_read_no_names_of_members(
    bot: Bot,
    talk: Talk,
    telegram: LocalTelegram,
    ask,
) -> None:
    await bot.tell(updates.my_chat_member("left", "administrator", CHANNEL))
    put(telegram.world, CHANNEL["id"], BOB, "administrator")
    await bot.tell(updates.chat_member(CID, "left", "member", CHANNEL, actor=CID))
    await ask(updates.channel_post(text="/stats"))
    bob = talk(BOB, CHANNEL)
    await bob.press("Details")
    assert "Cid" not in bob.text, "who subscribes to a channel is known to its owners alone"


async def test_subscribers_of_a_channel_are_not_told_of_each_other(bot: Bot, talk: Talk) -> None:
    """Telegram shows the subscribers of a channel to its administrators alone."""
    await bot.tell(updates.my_chat_member("left", "administrator", CHANNEL))
    for person in (ANN, CID):
        await bot.tell(updates.chat_member(person, "left", "member", CHANNEL, actor=person))
    assert "News" not in await talk(ANN).write("/seen @cid")


async def test_an_export_stops_nobody(bot: Bot, database_url: str, engine: str) -> None:
    if engine != "sqlite":
        pytest.skip("measured on one engine")
    database = parse_database_url(database_url)
    body = json.dumps({"text": "п" * 10_000}).encode()
    async with write_transaction(database) as db:
        for n in range(100):
            await db.execute_query(
                "INSERT INTO dead_letters (digest, body, size, error, received_at, buried_at)"
                " VALUES (?, ?, ?, 'x', ?, ?)",
                [f"{n:064}", body, len(body), "2026-11-26 00:00:00+00:00",
                 "2126-11-26 00:00:00+00:00"],
            )  # fmt: skip
    await bot.tell(updates.message(ANN, GROUP))
    loop, longest = asyncio.get_running_loop(), 0.0
    exporting = asyncio.create_task(dossier.everything_about(ANN["id"]))
    while not exporting.done():
        begun = loop.time()
        await asyncio.sleep(0)
        longest = max(longest, loop.time() - begun)
    assert longest < 0.05, f"the loop stood still for {longest * 1000:.0f} ms"
