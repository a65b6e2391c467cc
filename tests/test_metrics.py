"""`/metrics`: true numbers, of nobody in particular, for whoever brings the token."""

import asyncio
import time
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pytest_aiohttp.plugin import AiohttpClient

from tests import updates
from tests.conftest import Ask
from tests.running import Bot, start_bot
from tests.scraping import METRICS_TOKEN, Labels, known, outcomes, samples, scrape, until
from tests.scraping import settings_fixture as settings_fixture
from tests.stage import hand_made
from tests.updates import ANN, BOB, GROUP
from userreg import tally
from userreg.app import REGISTRY, create_app
from userreg.config import Settings
from userreg.registry import Registry
from userreg.replicas import this_process
from userreg.sandbox.api import BotApi
from userreg.sandbox.errors import ApiError
from userreg.sandbox.telegram import TOKEN, LocalTelegram

# Who may look


async def test_without_the_setting_there_is_no_such_page(
    settings: Settings, aiohttp_client: AiohttpClient, telegram: LocalTelegram
) -> None:
    bot = await start_bot(
        settings.model_copy(update={"metrics_token": None}), aiohttp_client, telegram
    )
    assert (await bot.client.get("/metrics")).status == 404


@pytest.mark.parametrize(
    "given",
    [None, "", "Bearer", "Bearer ", METRICS_TOKEN, f"Bearer {METRICS_TOKEN[:-1]}",
     f"Bearer {METRICS_TOKEN}x", f"Basic {METRICS_TOKEN}", "Bearer ключ", "Bearer \udcff"],
)  # fmt: skip
async def test_without_the_token_nothing_is_told(bot: Bot, given: str | None) -> None:
    headers = {} if given is None else {"Authorization": given.encode("utf-8", "surrogateescape")}
    raw = {key: value.decode("utf-8", "surrogateescape") for key, value in headers.items()}
    response = await bot.client.get("/metrics", headers=raw)
    assert response.status == 401
    assert await response.text() == ""


# What is counted


async def test_each_update_is_counted_once_by_what_became_of_it(bot: Bot) -> None:
    for person in (ANN, BOB, ANN):
        await bot.tell(again := updates.message(person, GROUP))
    for _ in range(2):
        assert (await bot.post(again)).status == 200
    assert (await bot.post(b"no update")).status == 200
    assert (await bot.post(again, **{"X-Telegram-Bot-Api-Secret-Token": "wrong"})).status == 401
    bot.client.app[REGISTRY].refuse()
    for _ in range(4):
        assert (await bot.post(updates.message(ANN))).status == 503

    assert await outcomes(bot) == {
        "recorded": 3, "duplicate": 2, "dead-lettered": 1, "unauthorized": 1, "refused": 4,
    }  # fmt: skip


async def test_what_no_update_brought_is_no_update(replicas: list[Registry]) -> None:
    await replicas[0].record([])
    assert not any(replicas[0].tally.updates.values())
    assert sum(replicas[0].tally.batch_sizes.counts) == 1


async def test_commits_tell_their_sizes_and_times(bot: Bot) -> None:
    begun = time.perf_counter()
    for _ in range(2):
        await bot.tell(updates.message(ANN, GROUP))
    lasted = time.perf_counter() - begun

    found = samples(await scrape(bot))
    nothing: Labels = frozenset()
    assert found["userreg_commit_batch_size_count", nothing] == 2
    assert found["userreg_commit_batch_size_sum", nothing] == 2
    assert found["userreg_commit_batch_size_bucket", frozenset({("le", "1.0")})] == 2
    assert found["userreg_commit_duration_seconds_count", nothing] == 2
    assert 0 < found["userreg_commit_duration_seconds_sum", nothing] < lasted
    assert found["userreg_commit_failures_total", nothing] == 0


async def test_a_commit_that_fails_is_counted(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("userreg.registry.commit_batch", lambda _: 1 // 0)
        assert (await bot.post(updates.message(ANN))).status == 503
    found = samples(await scrape(bot))
    assert found["userreg_commit_failures_total", frozenset()] >= 1
    assert await outcomes(bot) == {"refused": 1}


async def test_answers_are_counted(
    ask: Ask, bot: Bot, api: BotApi, telegram: LocalTelegram
) -> None:
    await ask(updates.message(ANN, text="/help"))
    await until(lambda: outcomes(bot, "userreg_replies_total"), {"answered": 1})
    api.failures["sendMessage"] = ApiError(400, "Bad Request: no")
    await bot.tell(updates.message(ANN, text="/help"))
    await until(lambda: outcomes(bot, "userreg_replies_total"), {"answered": 1, "failed": 1})


async def test_answers_that_nobody_waits_for_any_more_are_counted(bot: Bot, api: BotApi) -> None:
    api.held = asyncio.Event()
    asked = [updates.message(ANN, text="/help") for _ in range(230)]
    await asyncio.gather(*(bot.post(update) for update in asked))
    queue = frozenset({("queue", "replies")})
    found = samples(await scrape(bot))
    waiting = found["userreg_queue_length", queue]
    assert waiting == 200
    dropped = (await outcomes(bot, "userreg_replies_total"))["dropped"]
    assert 230 - 200 - 8 <= dropped <= 30
    api.held.set()


def test_a_histogram_counts_what_is_at_most_its_bound() -> None:
    histogram = tally.Histogram(1, 2)
    for value in (0.5, 1, 1.5, 2, 2.5, 99):
        histogram.add(value)
    assert histogram.counts == [2, 2, 2]
    assert histogram.sum == 106.5


async def test_dead_letters_of_the_database_are_told(
    bot: Bot, settings: Settings, aiohttp_client: AiohttpClient, telegram: LocalTelegram
) -> None:
    assert (await bot.post(b"no update")).status == 200
    await bot.client.close()
    again = await start_bot(settings, aiohttp_client, telegram)
    await until(lambda: known(again, "userreg_dead_letters"), 1)


async def test_polling_has_metrics_too(
    settings: Settings, aiohttp_client: AiohttpClient, telegram: LocalTelegram
) -> None:
    polling = {"webhook_url": None, "webhook_secret": None}
    client = await aiohttp_client(create_app(settings.model_copy(update=polling)))
    sent: list[dict[str, Any]] = [updates.message(ANN, GROUP), {"update_id": 3, "message": 5}]
    telegram.outbox.put(hand_made(update, time.time()) for update in sent)
    await until(lambda: outcomes(Bot(client, telegram)), {"recorded": 1, "dead-lettered": 1})


# Of nobody in particular


async def test_metrics_name_nobody_and_stay_few(bot: Bot, ask: Ask) -> None:
    people = [ANN | {"id": 770_000 + n, "first_name": f"Canary{n}"} for n in range(50)]
    for n, person in enumerate(people):
        await bot.tell(updates.message(person, GROUP | {"id": -880_000 - n, "title": "Canary"}))
    await ask(updates.message(ANN, text="/me"))
    found = samples(await scrape(bot))
    assert len(found) < 200
    text = str(list(found))  # names and labels; a number may look like an id
    for canary in ("Canary", "77000", "88000", str(ANN["id"]), "Ann", TOKEN, METRICS_TOKEN):
        assert canary not in text


async def test_names_follow_prometheus(bot: Bot) -> None:
    for family in text_string_to_metric_families(await scrape(bot)):
        assert family.name.startswith(("userreg_", "process_"))
        assert family.documentation
        assert not family.name.endswith(("_ms", "_milliseconds", "_total_total"))
        for sample in family.samples:
            assert sample.labels["replica"] == this_process("webhook").name
            assert family.type != "counter" or sample.name.endswith("_total")
