"""PgBouncer, HAProxy and nginx as children, with the very files of deploy/, but for addresses,
folders and passwords. Gone when the tests are; nothing is left behind."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.postgres import Postgres, die_with_parent, free_port, unprivileged

DEPLOY = Path(__file__).parent.parent / "deploy"
#: Where Debian puts what only administrators run.
_PATH = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))


def find(program: str) -> str | None:
    """The program in `TEST_PROGRAM`, else the system's; None where there is none."""
    return os.environ.get(f"TEST_{program.upper()}") or shutil.which(program, path=_PATH)


class Deployed:
    """A program with one file of deploy/, in which the words `instead` are put in place."""

    def __init__(self, program: str, file: str, instead: dict[str, str]) -> None:
        self.base = Path(tempfile.mkdtemp(prefix=f"userreg_{program}_", dir="/tmp"))
        self.config = self.base / file
        self._program = program
        text = (DEPLOY / file).read_text()
        for word, other in instead.items():
            assert word in text, f"{file} has no {word}"
            text = text.replace(word, other.format(base=self.base))
        self.config.write_text(text)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *arguments: str, port: int) -> None:
        """Until its port is open."""
        account: dict[str, Any] = {}
        if os.geteuid() == 0:  # where PgBouncer refuses to run
            user = unprivileged()
            account = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
            for path in (self.base, *self.base.rglob("*")):
                os.chown(path, user.pw_uid, user.pw_gid)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(find(self._program)), *arguments], cwd=self.base, stdout=log, stderr=log,
                preexec_fn=die_with_parent, **account,
            )  # fmt: skip
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and self._process.poll() is None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                return
            time.sleep(0.02)
        raise RuntimeError(f"{self._program} does not start: {self.said()}")

    def stop(self, number: int = signal.SIGTERM) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)
            self._process.wait(20)

    def remove(self) -> None:
        self.stop(signal.SIGKILL)
        shutil.rmtree(self.base, ignore_errors=True)

    def said(self) -> str:
        return self._log.read_text(errors="replace")

    @property
    def _log(self) -> Path:
        return self.base / "log"


class PgBouncer(Deployed):
    """In front of `server`, with a password that the server itself does not ask for."""

    def __init__(self, server: Postgres, **settings: object) -> None:
        self.port = free_port()
        super().__init__(
            "pgbouncer", "pgbouncer.ini",
            {
                "host=127.0.0.1 port=5432 dbname=userreg": f"port={server.port} host=127.0.0.1"
                " dbname=registry user=postgres",
                "6432": str(self.port), "/run/postgresql": "{base}", "/etc/pgbouncer": "{base}",
            },
        )  # fmt: skip
        (self.base / "userlist.txt").write_text('"userreg" "a password"\n')
        with self.config.open("a") as file:
            file.writelines(f"{name} = {value}\n" for name, value in settings.items())

    def start(self) -> None:  # type: ignore[override]
        super().start(str(self.config), port=self.port)

    @property
    def url(self) -> str:
        return f"postgres://userreg:a%20password@127.0.0.1:{self.port}/userreg"


@contextmanager
def pgbouncer(server: Postgres, **settings: object) -> Iterator[PgBouncer]:
    bouncer = PgBouncer(server, **settings)
    try:
        bouncer.start()
        yield bouncer
    finally:
        bouncer.remove()
