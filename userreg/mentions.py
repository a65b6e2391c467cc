"""Whom a body names: the ids in it, as whole numbers.

Every User object has its id. Names prove nothing: anybody may call themselves anything, and could
then have letters dropped that are about others.
"""

import re
from typing import Final

#: Inside of a JSON text: what stands for another character.
_ESCAPED: Final = re.compile(r'\\(?:u([0-9a-fA-F]{4})|(["\\/]))')
#: No part of a longer number, and not negative: -101 is a group, not the person 101.
_NUMBER: Final = re.compile(r'(?<![0-9])(?<![:,\["\s]-)[1-9][0-9]{0,15}(?![0-9])')


def ids_in(body: bytes) -> set[int]:
    """What may be a user id in these bytes."""
    return {int(number) for text in _readable(body) for number in _NUMBER.findall(text)}


def _readable(body: bytes) -> list[str]:
    """The text as it is, and as JSON means it where that is something else."""
    text = body.decode("utf-8", "replace")
    if "\\" not in text:
        return [text]
    meant = _ESCAPED.sub(lambda m: m[2] or chr(int(m[1], 16)), text)
    return [text, meant.encode("utf-16", "surrogatepass").decode("utf-16", "replace")]
