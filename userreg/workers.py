"""Several processes on one machine, each a whole replica, that share a port (SO_REUSEPORT).

There is no supervisor here: whatever started userreg (a platform, a container, systemd) starts it
anew when it ends, with a back-off and for everybody to see. So when one worker ends unasked, the
others drain, and all of it ends with an error. What was answered 200 is committed; what was not,
Telegram sends again.
"""

import asyncio
import contextlib
import gc
import logging
import os
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from userreg.config import Settings
from userreg.database_url import Database
from userreg.errors import SettingInvalid, WorkerEnded
from userreg.logs import name_worker

logger = logging.getLogger(__name__)

_STOP: Final = {signal.SIGTERM, signal.SIGINT}


def count_workers(asked: int | None, settings: Settings, database: Database) -> int:
    """How many processes: `asked`, else WEB_CONCURRENCY, else 1. A platform sets WEB_CONCURRENCY by
    itself, so where one process has to do only an `asked` number is refused: `SettingInvalid`."""
    count = asked or settings.web_concurrency or 1
    reason = _why_only_one(settings, database)
    if count == 1 or reason is None:
        return count
    if asked:
        raise SettingInvalid(f"--workers {asked} cannot be used: {reason}.")
    logger.info("one process in spite of WEB_CONCURRENCY=%d: %s", count, reason)
    return 1


def _why_only_one(settings: Settings, database: Database) -> str | None:
    if database.dialect == "sqlite":
        return "SQLite has one writing process; set DATABASE_URL to a PostgreSQL database"
    if settings.webhook_url is None:
        return "one process polls Telegram; set WEBHOOK_URL"
    return None


async def claim_port(settings: Settings) -> int:
    """The port that all workers are to share; with SO_REUSEPORT none of them would notice that
    somebody else has it. Raises `SettingInvalid`."""
    loop = asyncio.get_running_loop()
    try:
        server = await loop.create_server(
            asyncio.Protocol, settings.host, settings.port, start_serving=False
        )
    except OSError as error:
        raise settings.cannot_listen(error) from error
    port = int(server.sockets[0].getsockname()[1])
    server.close()
    await server.wait_closed()
    return port


@contextlib.contextmanager
def shared_folder() -> Iterator[Path]:
    """A folder for what workers leave each other; the parent removes it, when all have ended.
    Raises `SettingInvalid`."""
    try:
        folder = Path(tempfile.mkdtemp(prefix="userreg-"))
    except OSError as error:
        raise SettingInvalid(
            "Workers need a folder that they may write to: set TMPDIR to one."
        ) from error
    try:
        yield folder
    except BaseException:  # so the parent leaves; the workers go on
        shutil.rmtree(folder, ignore_errors=True)
        raise


def become_workers(count: int) -> None:
    """Returns in each of `count` children. The parent stays here, hands on SIGTERM and Ctrl-C, and
    exits when all have ended. Raises `WorkerEnded` in it when one ended unasked."""
    gc.collect()
    gc.freeze()  # what is loaded by now stays, so that the children share its memory
    reader, writer = os.pipe()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _STOP)
    workers = set()
    for number in range(1, count + 1):
        if (pid := os.fork()) == 0:
            os.close(writer)
            threading.Thread(target=_follow, args=(reader,), daemon=True).start()
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            name_worker(number)
            return
        workers.add(pid)
    os.close(reader)
    sys.exit(_wait_for(workers, before))


def _follow(parent: int) -> None:
    """End when the parent has ended, however: nobody else would end this worker."""
    os.read(parent, 1)
    os.kill(os.getpid(), signal.SIGTERM)


def _wait_for(workers: set[int], mask: set[int | signal.Signals]) -> int:
    """The exit code, when all have ended: the first that is not 0. Raises `WorkerEnded`."""
    is_stopping, code, unasked = False, 0, None

    def stop(*_: object) -> None:
        nonlocal is_stopping
        is_stopping = True
        for pid in workers:
            with contextlib.suppress(ProcessLookupError):  # it has just ended
                os.kill(pid, signal.SIGTERM)

    for number in _STOP:
        signal.signal(number, stop)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    while workers:
        pid, status = os.wait()
        if pid not in workers:  # the first process of a container gets everybody's orphans
            continue
        workers.discard(pid)
        ended = os.waitstatus_to_exitcode(status)
        code = code or ended
        if not is_stopping:
            unasked = ended
            stop()
    if unasked is not None and unasked <= 0:
        raise WorkerEnded(_describe(unasked))
    return code if code >= 0 else 1


def _describe(code: int) -> str:
    what = f"was ended by {signal.Signals(-code).name}" if code else "ended unasked"
    return f"A worker {what}, so the others were ended, too: start userreg again."
