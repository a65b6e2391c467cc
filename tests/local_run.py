"""`make run`: the real bot with its token; without one, a chat with it on this terminal.

The bot is the real one, over real HTTP; only Telegram is played by the tests' Bot API server.
"""

import asyncio
import contextlib
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time

from aiohttp import ClientError, ClientSession, ClientTimeout, web

from tests import updates
from tests.bot_api import TOKEN, BotApi, Call, create_server
from tests.process import free_port
from userreg.bot.webhook import SECRET_HEADER
from userreg.config import Settings, load_settings
from userreg.errors import UserregError

SECRET = secrets.token_hex(32)
YOU = {"id": 101, "is_bot": False, "first_name": "You", "username": "you", "language_code": "en"}
GROUP = {"id": -1001000000001, "type": "supergroup", "title": "Chess club"}
INTRODUCTION = """
The bot runs on this computer; there is no BOT_TOKEN, so Telegram is played here.
You write in a private chat with @register_bot: try /start, /me or /stats.
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
            if not asyncio.run(_play(settings, f"sqlite://{folder}/registry.sqlite3")):
                sys.exit("Error: the bot did not start, or ended.")


async def _play(settings: Settings, database_url: str) -> bool:
    """False when the bot did not start, or ended by itself."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    server = create_server(BotApi(on_call=_show, member_count=3))
    await server.start_server()
    # A port that nobody asked for may be taken, by another of these for example.
    port = settings.port if "port" in settings.model_fields_set else free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {
        "BOT_TOKEN": TOKEN, "WEBHOOK_URL": url, "WEBHOOK_SECRET": SECRET, "HOST": "127.0.0.1",
        "DATABASE_URL": database_url, "TELEGRAM_API_URL": str(server.make_url("/")).rstrip("/"),
        "LOG_LEVEL": "WARNING", "PORT": str(port),
    }  # fmt: skip
    _userreg("migrate", **environment)
    bot = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "userreg", "run",
        env=os.environ | environment, start_new_session=True,
    )  # fmt: skip
    try:
        async with ClientSession(headers={SECRET_HEADER: SECRET}) as session:
            if not await _wait_until_ready(session, url, bot):
                return False
            print(INTRODUCTION, flush=True)
            work = (stop.wait(), bot.wait(), _talk(session, url + settings.webhook_path))
            tasks = [asyncio.ensure_future(each) for each in work]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()
            return stop.is_set()
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


async def _talk(session: ClientSession, webhook: str) -> None:
    """Every line typed becomes an update."""
    typed: asyncio.Queue[str] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def read() -> None:  # a thread, because standard input may be a file
        for line in sys.stdin:
            loop.call_soon_threadsafe(typed.put_nowait, line)

    threading.Thread(target=read, daemon=True).start()
    while True:
        if not (text := (await typed.get()).strip()):
            continue
        chat = GROUP if text.startswith(">") else None
        update = updates.message(YOU, chat, text.lstrip("> "), date=int(time.time()))
        async with session.post(webhook, json=update) as response:
            if response.status != web.HTTPOk.status_code:
                print(f"the bot answered {response.status}", file=sys.stderr)


def _show(call: Call) -> None:
    if call.method == "sendMessage":
        in_group = call.parameters["chat_id"] == str(GROUP["id"])
        print(f"  [{GROUP['title'] if in_group else 'private'}]")
        print("\n".join(f"    {line}" for line in call.text.splitlines()), end="\n\n", flush=True)


def _userreg(*arguments: str, **environment: str) -> None:
    command = [sys.executable, "-m", "userreg", *arguments]
    ended = subprocess.run(command, env=os.environ | environment, check=False, stdout=sys.stderr)
    if ended.returncode:
        sys.exit(ended.returncode)


if __name__ == "__main__":
    main()
