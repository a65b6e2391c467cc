"""Whether a text names somebody: by id, by username or by full name."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

#: Inside of a JSON text: what stands for another character.
_ESCAPED: Final = re.compile(r'\\(?:u([0-9a-fA-F]{4})|(["\\/]))')
#: Before a number that is no part of another one: -101 is a group, not the person 101.
BEGINS: Final = r'(?<![0-9])(?<![:,\["\s]-)'
#: Between the words of a name, also where the words are fields of a User object.
_BETWEEN: Final = r'(?:\s+|"\s*,\s*"last_name"\s*:\s*")'
#: A name that is shorter would be found everywhere.
_LEAST: Final = 3


class Mentions:
    """Names of these people: whole numbers and whole names, never parts of others."""

    def __init__(self, ids: Sequence[int], names: Iterable[str]) -> None:
        patterns = [rf"{BEGINS}(?:{'|'.join(map(str, ids))})(?![0-9])"]
        patterns += [_pattern(name.casefold()) for name in names if name.strip()]
        self._pattern = re.compile("|".join(patterns))

    def are_in(self, content: bytes | str) -> bool:
        return any(self._pattern.search(text.casefold()) for text in readable(content))


def _pattern(name: str) -> str:
    words = _BETWEEN.join(map(re.escape, name.split()))
    if len(name) < _LEAST or not re.search(r"\w", name):
        return rf':\s*"{words}"'
    return rf'(?<!\w){words}(?!\w)(?!"\s*:)'  # but no field's name


def readable(content: bytes | str) -> list[str]:
    """The text as it is, and as JSON means it where that is something else."""
    text = content.decode("utf-8", "replace") if isinstance(content, bytes) else content
    if "\\" not in text:
        return [text]
    meant = _ESCAPED.sub(lambda m: m[2] or chr(int(m[1], 16)), text)
    return [text, meant.encode("utf-16", "surrogatepass").decode("utf-16", "replace")]
