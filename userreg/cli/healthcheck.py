"""`userreg healthcheck`: for containers, every few seconds; so it loads next to nothing."""

import os
from typing import Final

import click

from userreg.errors import NotReady, SettingInvalid

#: Seconds for the answer; the bot gives its database two.
_TIMEOUT: Final = 4.0
_PORTS: Final = click.IntRange(1, 65535)
#: Where something that listens everywhere is asked.
_EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


@click.command()
@click.option(
    "--host", envvar="HOST", default="0.0.0.0",  # noqa: S104
    help="Where the bot listens, usually HOST.",
)  # fmt: skip
@click.option("--port", type=_PORTS, help="Where the bot listens, usually PORT.")
def healthcheck(host: str, port: int | None) -> None:
    """Ask the bot on this computer whether it would accept updates; exit 1 when not.

    HOST and PORT are those of the environment, not of .env.
    """
    status, reason = _ask(_EVERYWHERE.get(host, host), port or _port_of_the_environment())
    if status != 200:
        raise NotReady(f"Not ready: {reason or status}.")
    click.echo(reason)


def _port_of_the_environment() -> int:
    """Raises `SettingInvalid`."""
    try:
        return int(_PORTS(os.environ.get("PORT") or "8080"))
    except click.BadParameter:
        raise SettingInvalid(
            "PORT cannot be used: it should be a number from 1 to 65535."
        ) from None


def _ask(host: str, port: int) -> tuple[int, str]:
    """The status of /readyz and what it says. Raises `NotReady`."""
    from http.client import HTTPConnection, HTTPException

    connection = HTTPConnection(host, port, timeout=_TIMEOUT)
    try:
        connection.request("GET", "/readyz")
        response = connection.getresponse()
        return response.status, response.read(100).decode(errors="replace").strip()
    except (OSError, HTTPException) as error:
        reason = getattr(error, "strerror", None) or str(error) or "no HTTP"
        raise NotReady(f"Nothing answers at {host}, port {port}: {reason}.") from None
    finally:
        connection.close()
