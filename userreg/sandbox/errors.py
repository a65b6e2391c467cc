"""What the Bot API answers instead of a result."""

from typing import Any


class ApiError(Exception):
    """A refusal: the HTTP status, Telegram's words, and perhaps its parameters."""

    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.code, self.description, self.parameters = code, description, parameters


class BadRequest(ApiError):
    """The request cannot be carried out as it is."""

    def __init__(self, description: str, **parameters: Any) -> None:
        super().__init__(400, f"Bad Request: {description}", **parameters)


class Forbidden(ApiError):
    """The bot may not."""

    def __init__(self, description: str) -> None:
        super().__init__(403, f"Forbidden: {description}")


class TooManyRequests(ApiError):
    """The bot has to wait."""

    def __init__(self, retry_after: int) -> None:
        words = f"Too Many Requests: retry after {retry_after}"
        super().__init__(429, words, retry_after=retry_after)
