"""`userreg` in a process of its own that is forked off one which has loaded everything.

To load aiogram takes seconds. Where the start itself is the question, tests run `userreg_anew`.
"""

import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import IO

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(
    ["pytest", "userreg.app", "userreg.bot.doctor", "userreg.demo", "userreg.export",
     "userreg.migrate"]
)  # fmt: skip
#: Seconds for one command.
_TIMEOUT = 60


def fork(
    arguments: tuple[str, ...], environment: Mapping[str, str], stdout: IO[bytes], stderr: IO[bytes]
) -> BaseProcess:
    """`userreg` with these arguments, in this environment and in the folder of now, is started."""
    given = [Connection(os.dup(file.fileno()), readable=False) for file in (stdout, stderr)]
    process = _CONTEXT.Process(target=_become, args=(arguments, dict(environment), *given))
    process.start()
    for each in given:
        each.close()
    return process


def run(
    arguments: tuple[str, ...], environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """As `subprocess.run` does. Raises `TimeoutExpired`."""
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        process = fork(arguments, environment, stdout, stderr)
        process.join(_TIMEOUT)
        if process.exitcode is None:
            process.kill()
            raise subprocess.TimeoutExpired(arguments, _TIMEOUT)
        said = []
        for file in (stdout, stderr):
            file.seek(0)
            said.append(file.read().decode())
        return subprocess.CompletedProcess(arguments, process.exitcode, *said)


def _become(
    arguments: tuple[str, ...], environment: dict[str, str], stdout: Connection, stderr: Connection
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    for number, given in ((1, stdout), (2, stderr)):
        os.dup2(given.fileno(), number)
        given.close()
    sys.argv = ["userreg", *arguments]
    runpy.run_module("userreg", run_name="__main__", alter_sys=True)
