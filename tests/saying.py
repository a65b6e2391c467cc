"""What is said in a language, with and without the marks of directions. A test module imports the
fixture, after which it is said as shipped: `from tests.saying import as_shipped as as_shipped`."""

from typing import Any

import pytest
from hypothesis import strategies as st

from userreg.phrases import LANGUAGES, say, speaking
from userreg.phrases.speech import use_edits

FSI, PDI, RLM = "\u2068", "\u2069", "\u200f"
locales = pytest.mark.parametrize("locale", LANGUAGES)


@pytest.fixture(autouse=True)
def as_shipped() -> Any:
    yield
    use_edits({})


def said(locale: str, key: str, count: int | None = None, /, **values: object) -> str:
    with speaking(locale):
        return say(key, count, **values)


numbers = st.one_of(
    st.integers(0, 130), st.integers(0, 10**7), st.integers(0, 50).map(lambda n: n * 10**6)
)


def spaced(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def plain(text: str) -> str:
    return "".join(c for c in text if c not in FSI + PDI + RLM)
