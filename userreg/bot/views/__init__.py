"""Every view by its name: what a command or a button asks for, and nothing else can."""

from collections.abc import Awaitable, Callable
from typing import Final

from userreg.bot.asking import Asking
from userreg.bot.view import View
from userreg.bot.views import administration, home, own, person, place

Show = Callable[[Asking], Awaitable[View]]

#: Views that a button may name.
VIEWS: Final[dict[str, Show]] = {
    "menu": home.menu,
    "help": home.help_,
    "usage": person.usage,
    "me": person.me,
    "in": person.membership,
    "seen": person.seen,
    "here": place.here,
    "stats": place.stats,
    "settings": own.settings,
    "language": own.language,
    "hide": own.hide,
    "privacy": own.privacy,
    "export": own.export,
    "forget": own.ask_to_forget,
    "forget!": own.forget,
    "remember": own.remember,
    "admin": administration.admin,
    "pages": administration.pages,
    "report": administration.report,
    "picture": administration.picture,
    "file": administration.file,
}
