"""The pages for administrators: one small application under `/admin`, without any script."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from userreg.config import Settings
from userreg.database_url import Database
from userreg.findings import Diagnosis
from userreg.phrases import LANGUAGES, say, spoken
from userreg.phrases.languages import language
from userreg.phrases.markup import visible_line
from userreg.registry import Registry
from userreg.sessions import form_token
from userreg.telegram import CHAT_TYPES

ROOT: Final = "/admin"
#: In the order of the menu.
MENU: Final = (
    "overview", "users", "chats", "memberships", "phrases", "doctor", "letters", "audit",
)  # fmt: skip
Examine = Callable[[], Awaitable[Diagnosis]]
#: Asks Telegram about a chat's members, and calls after each of them; how many are `present`,
#: `gone` and `unanswered`. Raises `UserregError`.
Reconcile = Callable[[int, Callable[[], None]], Awaitable[Counter[str]]]


@dataclass(frozen=True)
class Pages:
    """What the pages need of the running bot."""

    registry: Registry
    database: Database
    settings: Settings
    doctor: Examine
    reconcile: Reconcile


PAGES: Final = web.AppKey("PAGES", Pages)
#: Of a request that was let in: whose it is, and the session it came with.
USER_ID: Final = web.RequestKey("USER_ID", int)
TOKEN: Final = web.RequestKey("TOKEN", str)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_templates = Environment(
    loader=PackageLoader("userreg.web"),
    autoescape=select_autoescape(default=True, default_for_string=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters["type"] = lambda type_: say(
    f"type.{type_ if type_ in CHAT_TYPES else 'unknown'}"
)
_templates.filters["line"] = lambda text: visible_line(str(text))


def pages_of(request: web.Request) -> Pages:
    return request.config_dict[PAGES]


def go_to(path: str) -> web.Response:
    """After a form: the page that shows what has become of it."""
    return web.Response(status=303, headers={"Location": f"{ROOT}{path}"})


def render(request: web.Request, template: str, status: int = 200, **values: Any) -> web.Response:
    """A page in the language that is being spoken."""
    spoken_here = language(spoken())
    html = _templates.get_template(f"{template}.html").render(
        say=say,
        root=ROOT,
        menu=MENU,
        here=template,
        code=spoken(),
        languages=LANGUAGES,
        language=language,
        direction="rtl" if spoken_here.is_right_to_left else "ltr",
        number=spoken_here.number,
        moment=spoken_here.moment,
        day=spoken_here.day,
        form_token=form_token(request[TOKEN]) if TOKEN in request else "",
        is_logged_in=USER_ID in request,
        **values,
    )
    return web.Response(text=html, status=status, content_type="text/html")
