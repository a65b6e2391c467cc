"""How a story is told out of numbers: whoever can do something is found, or nobody does it."""

from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")


class Impossible(Exception):
    """Nobody is there who could do it now."""


class Choice:
    """All choices of one action, out of one number: 0 always takes the first."""

    def __init__(self, number: int) -> None:
        self._number = number

    def of(self, options: Iterable[T]) -> T:
        options = list(options)
        if not options:
            raise Impossible
        self._number, index = divmod(self._number, len(options))
        return options[index]

    def once_in(self, times: int) -> bool:
        return self.of(range(times)) == times - 1
