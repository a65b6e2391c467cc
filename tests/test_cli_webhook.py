"""`userreg webhook`, against a Bot API server."""

import asyncio
import json
import subprocess

from tests.conftest import userreg
from tests.running import SECRET
from userreg.sandbox.api import BotApi
from userreg.sandbox.delivery import Webhook
from userreg.sandbox.errors import ApiError
from userreg.sandbox.telegram import TOKEN, LocalTelegram


async def _webhook(*arguments: str, url: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {"BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": url} | settings
    return await asyncio.to_thread(userreg, "webhook", *arguments, **environment)


PUBLIC = {"WEBHOOK_URL": "https://bot.example.org/", "WEBHOOK_SECRET": SECRET}


async def test_webhook_set_asks_for_chat_member_and_never_drops(api: BotApi, api_url: str) -> None:
    done = await _webhook("set", url=api_url, **PUBLIC)
    assert done.returncode == 0, done.stderr
    assert "changed: url, allowed_updates, max_connections" in done.stderr
    sent = api.of("setWebhook")[0].parameters
    assert sent["url"] == "https://bot.example.org/webhook"
    assert sent["secret_token"] == SECRET
    assert "chat_member" in json.loads(sent["allowed_updates"])
    assert sent["max_connections"] == "100"
    assert "drop_pending_updates" not in sent

    assert "nothing differed" in (await _webhook("set", url=api_url, **PUBLIC)).stderr
    await _webhook("set", "--drop-pending", url=api_url, **PUBLIC)
    assert api.of("setWebhook")[-1].parameters["drop_pending_updates"] == "true"


async def test_webhook_info_and_delete(api: BotApi, api_url: str) -> None:
    await _webhook("set", url=api_url, **PUBLIC)
    shown = await _webhook("info", url=api_url)
    assert "url: https://bot.example.org/webhook\n" in shown.stdout
    as_json = json.loads((await _webhook("info", "--json", url=api_url)).stdout)
    assert as_json["max_connections"] == 100
    assert (await _webhook("delete", url=api_url)).returncode == 0
    assert "No webhook is set." in (await _webhook("info", url=api_url)).stderr


async def test_webhook_errors_are_one_sentence_with_their_exit_code(
    api: BotApi, api_url: str
) -> None:
    away = await _webhook("info", url="http://127.0.0.1:1")
    assert (away.returncode, away.stderr.count("\n")) == (5, 1)
    api.failures["getWebhookInfo"] = ApiError(401, "Unauthorized")
    refused = await _webhook("info", url=api_url)
    assert (refused.returncode, refused.stderr.count("\n")) == (5, 1)
    assert "check BOT_TOKEN" in refused.stderr
    unset = await _webhook("set", url=api_url)
    assert (unset.returncode, unset.stderr.count("\n")) == (3, 1)
    short = await _webhook("set", url=api_url, **PUBLIC | {"WEBHOOK_SECRET": "short"})
    assert (short.returncode, short.stderr.count("\n")) == (3, 1)
    assert "short" not in short.stderr.replace("too short", "")


async def test_what_telegram_says_is_shown_without_secrets_and_obeyed_by_no_terminal(
    api: BotApi, api_url: str, telegram: LocalTelegram
) -> None:
    telegram.webhook = Webhook(
        "https://x.org", last_error_date=1, last_error_message="a\x1b]0;x\x07\n"
    )
    shown = await _webhook("info", url=api_url)
    assert "last_error_message: a\\x1b]0;x\\x07\\n\n" in shown.stdout
    telegram.webhook = Webhook(f"https://x.org/{TOKEN}")
    for more in ([], ["--json"]):
        told = (await _webhook("info", *more, url=api_url)).stdout
        assert "https://x.org/[secret]" in told
    api.failures["getWebhookInfo"] = ApiError(400, f"Bad Request: {TOKEN} \x1b[31m\nred")
    refused = await _webhook("info", url=api_url)
    assert (
        refused.stderr
        == "Error: Telegram refused the request: Bad Request: [secret] \\x1b[31m red\n"
    )
