"""Nobody turns the right to be forgotten, or to an export, against others; and whoever uses it is
told the truth."""

import json

import pytest

from tests import updates
from tests.ada import ada_fixture as ada_fixture
from tests.ada import settings_fixture as settings_fixture
from tests.conftest import Talk
from tests.running import Bot
from tests.stage import put
from tests.updates import ANN, BOB, CID, GROUP, SUPERGROUP
from userreg import administrators, dossier, forgetting
from userreg.app import REGISTRY
from userreg.database_url import parse_database_url
from userreg.decisions import Administrator, AuditEntry, OneTimeCode, Phrase
from userreg.models import DeadLetter, User
from userreg.phrases import store
from userreg.sandbox.telegram import LocalTelegram

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


async def test_a_text_does_not_tell_which_forgotten_administrator_edited_it(
    bot: Bot, database_url: str
) -> None:
    database = parse_database_url(database_url)
    await bot.client.app[REGISTRY].forget(900)
    assert await store.save("start.more", "en", "", "Send /help.", 900, database)
    assert [one.updated_by_id for one in await Phrase.filter(version__gt=0)] == [None]


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
