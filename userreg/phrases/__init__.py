"""Every text the bot says. `say(key, name=value …)` is the only way to a message.

`shipped` has the package's texts, `store` those that were edited, `speech` says the one or the
other in the language of whoever asked, `checks` says what is wrong with a text.
"""

from userreg.phrases.languages import LANGUAGES
from userreg.phrases.markup import Label, Markup, fitting, lines, name, unescaped
from userreg.phrases.speech import (
    choose_language,
    month,
    require_spoken,
    say,
    speaking,
    speaking_by_default,
    spoken,
)

__all__ = [
    "LANGUAGES", "Label", "Markup", "choose_language", "fitting", "lines", "month", "name",
    "require_spoken", "say", "speaking", "speaking_by_default", "spoken", "unescaped",
]  # fmt: skip
