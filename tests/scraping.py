"""Whoever looks at `/metrics`, with the token for it: a test module imports the setting, too
(`from tests.scraping import settings_fixture as settings_fixture`)."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.running import Bot
from userreg.config import Settings

METRICS_TOKEN = "a-token-of-whoever-watches-0123456789"
Labels = frozenset[tuple[str, str]]


@pytest.fixture(name="settings")
def settings_fixture(settings: Settings) -> Settings:
    return Settings(
        **settings.model_dump() | {"metrics_token": METRICS_TOKEN}, _env_file=None
    )  # fmt: skip


async def scrape(bot: Bot) -> str:
    response = await bot.client.get(
        "/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"}
    )
    assert response.status == 200
    assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    return await response.text()


def samples(text: str, without: str = "replica") -> dict[tuple[str, Labels], float]:
    """By name and labels, but for `without`."""
    found = {}
    for family in text_string_to_metric_families(text):
        for each in family.samples:
            labels = frozenset((k, v) for k, v in each.labels.items() if k != without)
            found[each.name, labels] = each.value
    return found


async def outcomes(bot: Bot, name: str = "userreg_updates_total") -> dict[str, float]:
    """How many of each outcome there are, but for those of which there are none."""
    found = samples(await scrape(bot))
    return {dict(labels)["outcome"]: n for (each, labels), n in found.items() if each == name and n}


async def known(bot: Bot, name: str, labels: Labels = frozenset()) -> float | None:
    return samples(await scrape(bot)).get((name, labels))


async def until(ask: Callable[[], Awaitable[Any]], wanted: Any) -> None:
    """Ask again and again, for so long as others take to get there."""
    async with asyncio.timeout(10):
        while await ask() != wanted:
            pass
