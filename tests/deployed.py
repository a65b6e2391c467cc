"""PgBouncer, HAProxy and nginx as children, with the very files of deploy/, but for addresses,
folders and passwords. Gone when the tests are; nothing is left behind."""

import csv
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
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
        """Asked first: nginx's workers outlive a master that is killed."""
        try:
            self.stop()
        except subprocess.TimeoutExpired:
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

    def start(self) -> None:
        super().start(str(self.config), port=self.port)

    @property
    def url(self) -> str:
        return f"postgres://userreg:a%20password@127.0.0.1:{self.port}/userreg"


class HAProxy(Deployed):
    """In front of replicas at these ports, with a certificate of its own."""

    def __init__(self, ports: Sequence[int]) -> None:
        self.port = free_port()
        instead = {f"127.0.0.1:{8081 + n}": f"127.0.0.1:{port}" for n, port in enumerate(ports)}
        folders = {"/run/haproxy": "{base}", "/etc/haproxy": "{base}"}
        bound = {"bind :443": f"bind 127.0.0.1:{self.port}"}
        super().__init__("haproxy", "haproxy.cfg", instead | folders | bound)
        self.certificate = make_certificate(self.base)
        both = self.certificate.read_bytes() + (self.base / "userreg.key").read_bytes()
        (self.base / "userreg.pem").write_bytes(both)

    def start(self) -> None:
        super().start("-W", "-f", str(self.config), port=self.port)

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def states(self) -> dict[str, str]:
        """What it thinks of each replica: UP, DOWN, or on the way to one of them."""
        with socket.socket(socket.AF_UNIX) as asked:
            asked.connect(str(self.base / "admin.sock"))
            asked.sendall(b"show stat\n")
            told = b"".join(iter(lambda: asked.recv(65536), b"")).decode()
        rows = csv.DictReader(told.removeprefix("# ").splitlines())
        return {r["svname"]: r["status"] for r in rows if r["pxname"] == "webhook"}


class Nginx(Deployed):
    """In front of replicas at these ports, with a certificate of its own."""

    def __init__(self, ports: Sequence[int]) -> None:
        self.port = free_port()
        instead = {f"127.0.0.1:{8081 + n}": f"127.0.0.1:{port}" for n, port in enumerate(ports)}
        bound = {"listen 443": f"listen 127.0.0.1:{self.port}", "/etc/nginx": "{base}"}
        super().__init__("nginx", "nginx.conf", instead | bound)
        self.certificate = make_certificate(self.base)
        shutil.copy(self.certificate, self.base / "userreg.pem")
        folders = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temporary = "".join(f"{name}_temp_path {self.base}/{name};\n" for name in folders)
        self.whole = self.base / "whole.conf"
        self.whole.write_text(
            f"daemon off; pid {self.base}/pid; error_log stderr; events {{}}\n"
            f"http {{ access_log off;\n{temporary}include {self.config}; }}\n"
        )

    def start(self) -> None:
        super().start("-e", "stderr", "-c", str(self.whole), port=self.port)

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"


def make_certificate(folder: Path) -> Path:
    """For this computer; its key is userreg.key in the same folder."""
    path = folder / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
         "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", str(folder / "userreg.key"), "-out", str(path)],
        check=True, capture_output=True,
    )  # fmt: skip
    return path


@contextmanager
def pgbouncer(server: Postgres, **settings: object) -> Iterator[PgBouncer]:
    bouncer = PgBouncer(server, **settings)
    try:
        bouncer.start()
        yield bouncer
    finally:
        bouncer.remove()
