"""What the pages tell of the registry's health, with Telegram near, slow and away."""

import asyncio
import time
from typing import Any

import pytest

from tests import updates
from tests.browsing import Browser
from tests.browsing import ada as ada
from tests.browsing import database as database
from tests.browsing import settings as settings
from tests.browsing import visitor as visitor
from tests.running import SECRET, Bot
from tests.updates import GROUP
from userreg.bot import doctor as examining
from userreg.config import Settings
from userreg.findings import Diagnosis
from userreg.sandbox.api import BotApi
from userreg.sandbox.delivery import Webhook
from userreg.sandbox.errors import ApiError
from userreg.sandbox.telegram import TOKEN, LocalTelegram
from userreg.web import doctor

HOSTILE = "<script>alert(1)</script>\"'&\u202egnp"


async def test_findings_come_with_level_cost_and_remedy(
    bot: Bot, ada: Browser, telegram: LocalTelegram
) -> None:
    await bot.tell(updates.my_chat_member("left", "member", GROUP | {"title": HOSTILE}))
    telegram.world.reads_everything = False
    page = await ada.get("/doctor")
    assert "problem" in page  # the address of the tests is not that of the settings
    assert "instead of https://bot.example.org/webhook" in page
    assert "<code>userreg webhook set</code>" in page
    assert "silent joins and leaves, bans and promotions there" in page
    assert "@BotFather: /setprivacy" in page
    assert "&lt;script&gt;" in page
    assert "<script" not in page
    assert "\u202e" not in page
    assert "Telegram knows the bot: @register_bot" in page


async def test_the_webhooks_health_is_told_on_both_pages_without_secrets(
    bot: Bot, ada: Browser, telegram: LocalTelegram
) -> None:
    at = int(time.time()) - 300
    telegram.webhook = Webhook(
        f"https://x.org/{TOKEN}", SECRET, last_error_date=at, last_error_message=f"500 {TOKEN}"
    )
    for path in ("/doctor", "/"):
        page = await ada.get(path)
        assert "500 [secret]" in page
        assert TOKEN.partition(":")[2] not in page
    assert "Updates that wait at Telegram</dt><dd>0<" in page


async def test_telegram_is_asked_once_in_a_while_for_all_who_look(
    ada: Browser, api: BotApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asyncio.gather(*(ada.get(path) for path in ("/doctor", "/", "/doctor")))
    assert len(api.of("getWebhookInfo")) == 1
    monkeypatch.setattr(doctor, "FRESH", 0.0)
    await ada.get("/doctor")
    assert len(api.of("getWebhookInfo")) == 2


async def test_a_refused_call_is_a_finding_and_no_error_page(ada: Browser, api: BotApi) -> None:
    api.failures["getWebhookInfo"] = ApiError(400, "Bad Request: out of order")
    page = await ada.get("/doctor")
    assert "Telegram refused the request: Bad Request: out of order" in page
    assert "Updates that wait" not in await ada.get("/")


class TestTelegramIsAway:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"telegram_api_url": "http://127.0.0.1:1"})

    async def test_it_is_a_finding(self, ada: Browser) -> None:
        page = await ada.get("/doctor")
        assert "Telegram cannot be reached at http://127.0.0.1:1" in page
        assert "<code>schema</code>" in page  # the other checks are there
        assert "Findings of the doctor" in await ada.get("/")


class TestTelegramIsSilent:
    """It takes connections and says nothing."""

    @pytest.fixture
    async def silence(self) -> Any:
        async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()
            writer.close()

        async with await asyncio.start_server(listen, "127.0.0.1", 0) as server:
            yield server.sockets[0].getsockname()[1]

    @pytest.fixture
    def settings(self, settings: Settings, silence: int) -> Settings:
        return settings.model_copy(update={"telegram_api_url": f"http://127.0.0.1:{silence}"})

    async def test_the_overview_goes_on_without_it(
        self, ada: Browser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert doctor.GLANCE == 1.0
        monkeypatch.setattr(doctor, "GLANCE", 0.05)
        page = await ada.get("/")
        assert "Memberships" in page
        assert "Findings of the doctor" not in page

    async def test_the_doctor_says_so(self, ada: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
        assert examining.PATIENCE == 5.0
        monkeypatch.setattr(examining, "PATIENCE", 0.2)
        assert "Telegram cannot be reached" in await ada.get("/doctor")
        assert "Findings of the doctor" in await ada.get("/")


async def _fail() -> Diagnosis:
    raise ZeroDivisionError("a fault of ours")


async def test_a_fault_of_the_doctors_own_is_logged_and_the_overview_goes_on(
    bot: Bot, ada: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    app = next(sub for sub in bot.client.app._subapps if doctor.DOCTOR in sub)
    app[doctor.DOCTOR]._examine = _fail
    assert "Memberships" in await ada.get("/")
    assert "the doctor failed: ZeroDivisionError: a fault of ours" in caplog.text
    await ada.get("/doctor", 500)
