"""What the metrics tell of Telegram, which is asked in the background and may hang."""

import asyncio
from typing import Any

from pytest_aiohttp.plugin import AiohttpClient

from tests import updates
from tests.running import Bot, start_bot
from tests.scraping import known, outcomes, samples, scrape, until
from tests.scraping import settings_fixture as settings_fixture
from tests.updates import ANN, GROUP
from userreg.config import Settings
from userreg.sandbox.api import BotApi
from userreg.sandbox.errors import ApiError
from userreg.sandbox.telegram import LocalTelegram


async def test_what_telegram_says_is_asked_in_the_background_and_never_by_who_looks(
    bot: Bot, api: BotApi, telegram: LocalTelegram
) -> None:
    await api.wait_for("getWebhookInfo")
    name = "userreg_telegram_pending_updates", frozenset[Any]()
    await until(lambda: known(bot, *name), 0)
    for _ in range(20):
        await scrape(bot)
    assert len(api.of("getWebhookInfo")) == 1
    found = samples(await scrape(bot))
    assert found["userreg_telegram_up", frozenset()] == 1
    assert ("userreg_telegram_last_error_timestamp_seconds", frozenset()) not in found


async def test_telegrams_last_error_has_its_time(
    settings: Settings, aiohttp_client: AiohttpClient, telegram: LocalTelegram, api: BotApi
) -> None:
    api.answers["getWebhookInfo"] = {
        "url": "", "has_custom_certificate": False, "pending_update_count": 12,
        "last_error_date": 1_700_000_000, "last_error_message": "no",
    }  # fmt: skip
    bot = await start_bot(settings, aiohttp_client, telegram)
    await until(lambda: known(bot, "userreg_telegram_pending_updates"), 12)
    at = await known(bot, "userreg_telegram_last_error_timestamp_seconds")
    assert at == 1_700_000_000


async def test_what_cannot_be_asked_is_not_told(
    settings: Settings, aiohttp_client: AiohttpClient, telegram: LocalTelegram, api: BotApi
) -> None:
    api.failures["getWebhookInfo"] = ApiError(500, "Internal Server Error")
    bot = await start_bot(settings, aiohttp_client, telegram)
    await until(lambda: known(bot, "userreg_telegram_up"), 0)
    assert await known(bot, "userreg_telegram_pending_updates") is None
    assert await outcomes(bot) == {}, "and the rest is"


async def test_a_telegram_that_hangs_holds_up_neither_the_metrics_nor_recording(
    settings: Settings, aiohttp_client: AiohttpClient, telegram: LocalTelegram, api: BotApi
) -> None:
    api.held = asyncio.Event()
    bot = await start_bot(settings, aiohttp_client, telegram)
    async with asyncio.timeout(3):
        await bot.tell(updates.message(ANN, GROUP))
        assert await outcomes(bot) == {"recorded": 1}
    assert await known(bot, "userreg_telegram_up") is None
    api.held.set()
