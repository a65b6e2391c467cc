"""Every error userreg raises on purpose. The message is written for the person who reads it."""


class UserregError(Exception):
    """Something went wrong that a sentence can explain. `exit_code` is what the CLI ends with."""

    exit_code = 1


class NoSuchThing(UserregError):
    """What was named does not exist, or is none of its kind."""

    exit_code = 2


class SettingInvalid(UserregError):
    """A setting is missing or cannot be used."""

    exit_code = 3


class DatabaseUnavailable(UserregError):
    """The database cannot be reached, or refuses to work; nothing was written."""

    exit_code = 4


class TelegramUnavailable(UserregError):
    """Telegram's Bot API cannot be reached, or refuses the request."""

    exit_code = 5


class CheckFailed(UserregError):
    """A check found something that has to be mended."""

    exit_code = 6


class NotReady(UserregError):
    """The running bot would not accept updates now, or none runs."""


class WorkerEnded(UserregError):
    """One of several processes ended though nobody had asked it to."""


class NotCommitted(UserregError):
    """The update was not written; whoever sent it should send it again after `retry_after` s."""

    retry_after = 2


class PictureFailed(UserregError):
    """A picture could not be drawn; the same can be said in words."""


class AdministratorFixed(UserregError):
    """Who administers by the setting ADMIN_IDS cannot be removed otherwise."""


class TooLarge(UserregError):
    """More than fits a message; `userreg export-stats` has no such limit."""

    def __init__(self, rows: int) -> None:
        super().__init__(f"more than {rows} rows")
        self.rows = rows


class NotAnUpdate(UserregError):
    """The bytes are not an update of the Bot API."""


def describe(error: BaseException) -> str:
    """An error in a few words: its kind and first line."""
    text = str(error).strip().partition("\n")[0]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
