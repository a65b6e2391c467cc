"""`make run`: the real bot with its token; without one, a chat with it on this terminal.

The bot is the real one, over real HTTP; only Telegram is played by the tests' Bot API server.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time

from aiohttp import ClientError, ClientSession, ClientTimeout, web

from tests import updates
from tests.bot_api import TOKEN, BotApi, Call, create_server
from userreg.bot.webhook import SECRET_HEADER
from userreg.config import load_settings
from userreg.errors import UserregError

SECRET = "only-for-this-computer-0123456789abcdef"
YOU = {"id": 101, "is_bot": False, "first_name": "You", "username": "you", "language_code": "en"}
GROUP = {"id": -1001000000001, "type": "supergroup", "title": "Chess club"}
INTRODUCTION = """
The bot runs on this computer; there is no BOT_TOKEN, so Telegram is played here.
You write in a private chat with it: try /start, /me or /stats.
Begin a line with > to write in the group "Chess club": > hello, then > /whereami
Ctrl-C ends it, and leaves nothing behind.
To run it on Telegram, put the token of @BotFather into .env (see .env.example).
"""


def main() -> None:
    try:
        settings = load_settings()
    except UserregError as error:
        sys.exit(f"Error: {error}")
    with contextlib.suppress(KeyboardInterrupt):
        if settings.bot_token is not None:
            _userreg("migrate")
            os.execv(sys.executable, [sys.executable, "-m", "userreg", "run"])
        with tempfile.TemporaryDirectory(prefix="userreg-") as folder:
            asyncio.run(_play(f"sqlite://{folder}/registry.sqlite3", settings.port))


async def _play(database_url: str, port: int) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    api = BotApi(on_call=_show, member_count=3)
    server = create_server(api)
    await server.start_server()
    url = f"http://127.0.0.1:{port}"
    environment = {
        "BOT_TOKEN": TOKEN, "WEBHOOK_URL": url, "WEBHOOK_SECRET": SECRET, "HOST": "127.0.0.1",
        "DATABASE_URL": database_url, "TELEGRAM_API_URL": str(server.make_url("/")).rstrip("/"),
        "LOG_LEVEL": "WARNING",
    }  # fmt: skip
    _userreg("migrate", **environment)
    bot = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "userreg", "run",
        env=os.environ | environment, start_new_session=True,
    )  # fmt: skip
    try:
        async with ClientSession(headers={SECRET_HEADER: SECRET}) as session:
            if await _wait_until_ready(session, url, bot):
                print(INTRODUCTION, flush=True)
                talking = asyncio.create_task(_talk(session, url))
                await stop.wait()
                talking.cancel()
    finally:
        with contextlib.suppress(ProcessLookupError):
            bot.terminate()
        await bot.wait()
        await server.close()


async def _wait_until_ready(
    session: ClientSession, url: str, bot: asyncio.subprocess.Process
) -> bool:
    deadline = time.monotonic() + 30
    while bot.returncode is None and time.monotonic() < deadline:
        with contextlib.suppress(ClientError):
            async with session.get(f"{url}/readyz", timeout=ClientTimeout(2)) as response:
                if response.status == web.HTTPOk.status_code:
                    return True
        await asyncio.sleep(0.1)
    return False


async def _talk(session: ClientSession, url: str) -> None:
    """Every line typed becomes an update."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async for line in reader:
        if not (text := line.decode(errors="replace").strip()):
            continue
        in_group = text.startswith(">")
        chat = GROUP if in_group else None
        update = updates.message(YOU, chat, text.lstrip("> "), date=int(time.time()))
        async with session.post(f"{url}/webhook", json=update) as response:
            if response.status != web.HTTPOk.status_code:
                print(f"the bot answered {response.status}", file=sys.stderr)


def _show(call: Call) -> None:
    if call.method == "sendMessage":
        print("\n".join(f"    {line}" for line in call.text.splitlines()), end="\n\n", flush=True)


def _userreg(*arguments: str, **environment: str) -> None:
    command = [sys.executable, "-m", "userreg", *arguments]
    ended = subprocess.run(command, env=os.environ | environment, check=False, stdout=sys.stderr)
    if ended.returncode:
        sys.exit(ended.returncode)


if __name__ == "__main__":
    main()
