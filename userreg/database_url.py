"""What `DATABASE_URL` means: an address, and how Tortoise connects to it."""

import contextlib
import ssl
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from userreg.connecting import connect
from userreg.errors import SettingInvalid

#: Seconds to wait for a connection, and for one statement.
CONNECT_TIMEOUT: Final = 3.0
COMMAND_TIMEOUT: Final = 5.0
#: Transactions that record updates at once, on PostgreSQL: the second where the first is held up.
WRITERS: Final = 2
#: With those of what writes besides: maintenance, which may want two, the heartbeat, pages.
WRITING_CONNECTIONS: Final = WRITERS + 2
_BEGINNINGS: Final = "has to begin with postgres://, postgresql:// or sqlite://"
_SSL_MODES: Final = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_SWITCH: Final = dict.fromkeys(("true", "1", "on", "yes"), True) | dict.fromkeys(
    ("false", "0", "off", "no"), False
)


@dataclass(frozen=True)
class Database:
    """A database by its address. `dialect` is `postgres` or `sqlite`; `security_key` keys the
    hashes in it, where a setting gives one."""

    dialect: str
    credentials: dict[str, Any]
    security_key: str | None = field(default=None, repr=False)

    @property
    def path(self) -> Path:
        """SQLite's file."""
        return Path(self.credentials["file_path"])

    @property
    def patient(self) -> "Database":
        """The same, with an hour for one statement."""
        patience = {"command_timeout": 3600.0} if self.dialect == "postgres" else {}
        return replace(self, credentials=self.credentials | patience)

    @property
    def writer(self) -> str:
        """The connections that the registry alone uses, so that no slow read delays a commit."""
        return f"{self.dialect}_writer"

    def tortoise_config(self) -> dict[str, Any]:
        # Tortoise caches SQL by connection name, so the names differ between the dialects.
        engine = "asyncpg" if self.dialect == "postgres" else "sqlite"
        backend = f"tortoise.backends.{engine}"
        few = {"minsize": 1, "maxsize": WRITING_CONNECTIONS} if self.dialect == "postgres" else {}
        return {
            "connections": {
                self.dialect: {"engine": backend, "credentials": self.credentials},
                self.writer: {"engine": backend, "credentials": self.credentials | few},
            },
            "apps": {
                "models": {
                    "models": ["userreg.models", "userreg.decisions", "aerich.models"],
                    "default_connection": self.dialect,
                }
            },
            "use_tz": True,
            "timezone": "UTC",
        }


def parse_database_url(url: str, security_key: str | None = None) -> Database:
    """Read a database address. Raises `SettingInvalid`, without showing the password."""
    if "://" not in url:
        raise SettingInvalid(f"DATABASE_URL {_BEGINNINGS}.")
    database = _sqlite(url) if url.startswith("sqlite:") else _postgres(url)
    return replace(database, security_key=security_key)


def _postgres(url: str) -> Database:
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme, _host(parts.netloc), parts.port
    except ValueError:
        raise SettingInvalid(
            "DATABASE_URL is no address: percent-encode special characters in the password."
        ) from None
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if scheme not in ("postgres", "postgresql"):
        raise SettingInvalid(f"DATABASE_URL {_BEGINNINGS}, not {scheme}://.")
    credentials = {
        "host": host or options.pop("host", "") or None,
        "port": port or int(_number(options, "port", 5432, 1, 65535)),
        "user": unquote(parts.username) if parts.username else options.pop("user", "") or None,
        "password": unquote(parts.password) if parts.password else None,
        "database": unquote(parts.path.lstrip("/")) or options.pop("dbname", "") or None,
        "ssl": _ssl(options),
        "timeout": _number(options, "connect_timeout", CONNECT_TIMEOUT, 0.01),
        "command_timeout": _number(options, "command_timeout", COMMAND_TIMEOUT, 0.01),
        "application_name": options.pop("application_name", "userreg"),
        "maxsize": int(_number(options, "maxsize", 5, 1, 1000)),
        "connect": connect,
        "reset": _leave_as_it_is,
        "max_cacheable_statement_size": 0,  # the largest ones are those worth keeping prepared
    }
    if _switch(options, "pgbouncer", False) or "statement_cache_size" in options:
        credentials["statement_cache_size"] = int(_number(options, "statement_cache_size", 0, 0))
    _refuse_unknown(options)
    return Database("postgres", credentials)


async def _leave_as_it_is(connection: object) -> None:
    """No RESET ALL at each release, which is one more round trip: there is nothing to reset."""


def _host(netloc: str) -> str:
    """The host as it is written: `urlsplit` would make small letters of a socket's folder."""
    host = netloc.rpartition("@")[2]
    if host.startswith("["):
        return host[1 : host.index("]")]
    return unquote(host.partition(":")[0])


def _sqlite(url: str) -> Database:
    address, _, query = url.partition("?")
    path = unquote(address.removeprefix("sqlite://"))
    if path in ("", ":memory:") or "\0" in path or Path(path).is_dir():
        raise SettingInvalid("DATABASE_URL names no file: write sqlite://userreg.sqlite3.")
    if not Path(path).absolute().parent.is_dir():
        raise SettingInvalid(f"DATABASE_URL: the folder of {path} does not exist; create it.")
    _refuse_unknown(dict(parse_qsl(query)))
    # FULL: a commit is on the disk before it is answered, also when the power goes.
    pragmas = {"journal_mode": "WAL", "synchronous": "FULL", "busy_timeout": 2000}
    return Database("sqlite", {"file_path": path, **pragmas})


def _ssl(options: dict[str, str]) -> Any:
    """libpq's sslmode, or the `ssl=true|false` of other tools, as asyncpg takes it."""
    mode, root = options.pop("sslmode", ""), options.pop("sslrootcert", "")
    if options.get("ssl"):
        switched = "require" if _switch(options, "ssl", True) else "disable"
        mode = mode or switched
    options.pop("ssl", None)
    if mode and mode not in _SSL_MODES:
        raise SettingInvalid(f"DATABASE_URL: sslmode has to be one of {', '.join(_SSL_MODES)}.")
    if not root or mode not in ("verify-ca", "verify-full"):
        return mode or "prefer"
    try:
        context = ssl.create_default_context(cafile=root)
    except OSError:
        raise SettingInvalid(f"DATABASE_URL: cannot read sslrootcert {root}.") from None
    context.check_hostname = mode == "verify-full"
    return context


def _number(
    options: dict[str, str], name: str, default: float, least: float, most: float = 86_400
) -> float:
    value = options.pop(name, "")
    with contextlib.suppress(ValueError):
        number = float(value) if value else default
        if least <= number <= most:
            return number
    raise SettingInvalid(f"DATABASE_URL: {name} has to be a number from {least:g} to {most:g}.")


def _switch(options: dict[str, str], name: str, default: bool) -> bool:
    value = options.pop(name, "")
    if not value:
        return default
    if value.lower() not in _SWITCH:
        raise SettingInvalid(f"DATABASE_URL: {name} has to be true or false.")
    return _SWITCH[value.lower()]


def _refuse_unknown(options: dict[str, str]) -> None:
    if options:
        name = sorted(options)[0]  # which may be part of a password with a ? in it
        shown = name if name.replace("_", "").isalpha() else "after the ?"
        raise SettingInvalid(f"DATABASE_URL: unknown option {shown}; remove it.")
