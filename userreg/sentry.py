"""Errors, told to Sentry where SENTRY_DSN says so: where it happened and what kind it was.

What is told is built anew from the few things that are wanted, so that nothing else can be in it:
no text of an error, no argument of a line of the log, no request, no variable. An error's text may
hold a row of the registry; its kind and its place cannot.
"""

import logging
import time
from typing import TYPE_CHECKING, Any, Final

from userreg import __version__
from userreg.config import Settings
from userreg.errors import SettingInvalid
from userreg.logs import redacted

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

#: Seconds that the last errors have to go out when the process ends.
LAST_WORDS: Final = 1.0
#: Seconds for which the same error is told once: while a database is away each batch fails.
_ONCE: Final = 60.0
_KEPT: Final = ("event_id", "timestamp", "level", "logger", "platform", "release", "server_name")
_KEPT_OF_FRAMES: Final = (
    "filename", "module", "function", "lineno", "pre_context", "context_line", "post_context",
    "in_app",
)  # fmt: skip


def start(settings: Settings, replica: str) -> None:
    """Tell Sentry of errors from now on, if the settings say so. Raises `SettingInvalid`."""
    if settings.sentry_dsn is None:
        return
    try:
        import sentry_sdk
        from sentry_sdk.integrations.logging import LoggingIntegration
    except ImportError as error:
        raise SettingInvalid(
            "SENTRY_DSN is set, but sentry-sdk is not installed: pip install "
            "'sentry-sdk>=2.75,<3', or unset it."
        ) from error
    try:
        sentry_sdk.init(
            settings.sentry_dsn.get_secret_value(),
            release=f"userreg@{__version__}",
            server_name=replica,
            before_send=Scrubber(),
            # nothing is watched but the log, where every error of ours comes out; of people,
            # requests and variables nothing is collected, but for what the scrubber drops
            default_integrations=False,
            auto_enabling_integrations=False,
            integrations=[LoggingIntegration(level=None, event_level=logging.ERROR)],
            include_local_variables=False,
            max_request_body_size="never",
            max_breadcrumbs=0,
            auto_session_tracking=False,
            send_client_reports=False,
            traces_sample_rate=None,
            shutdown_timeout=LAST_WORDS,
        )
    except ValueError as error:
        raise SettingInvalid("SENTRY_DSN is no address of Sentry's: copy it again.") from error


def stop() -> None:
    """Let the last errors go out, for a moment; blocks."""
    import sentry_sdk

    sentry_sdk.get_client().close(timeout=LAST_WORDS)


class Scrubber:
    """What may be told of an error; None where it was told a moment ago."""

    def __init__(self) -> None:
        self._told: dict[str, float] = {}

    def __call__(self, event: "Event", hint: "Hint") -> "Event | None":
        bare = _bare(dict(event))
        if self._is_old(str((bare["logger"], bare["message"], _kinds(bare)))):
            return None
        clean: Event = redacted(bare)  # should a secret stand in the source
        return clean

    def _is_old(self, what: str) -> bool:
        now = time.monotonic()
        self._told = {key: at for key, at in self._told.items() if now - at < _ONCE}
        is_old = what in self._told
        self._told.setdefault(what, now)
        return is_old


def _bare(event: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {name: event[name] for name in _KEPT if name in event}
    kept["logger"] = logger = str(event.get("logger", ""))
    # a line of ours as it stands in the source; others put into it what they like
    said = (event.get("logentry") or {}).get("message") if logger.startswith("userreg") else None
    kept["message"] = said or f"an error, logged by {logger}"
    if values := (event.get("exception") or {}).get("values"):
        kept["exception"] = {"values": [_bare_exception(each) for each in values]}
    return kept


def _bare_exception(exception: dict[str, Any]) -> dict[str, Any]:
    frames = (exception.get("stacktrace") or {}).get("frames") or []
    return {
        "type": exception.get("type"),
        "module": exception.get("module"),
        "stacktrace": {
            "frames": [{k: frame[k] for k in _KEPT_OF_FRAMES if k in frame} for frame in frames]
        },
    }


def _kinds(event: dict[str, Any]) -> list[str]:
    return [str(each["type"]) for each in event.get("exception", {}).get("values", ())]
