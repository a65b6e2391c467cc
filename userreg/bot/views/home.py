"""The greeting, the menu and the help."""

from userreg import phrases
from userreg.bot.asking import Asking
from userreg.bot.view import Buttons, View, button
from userreg.bot.view import menu as way_home
from userreg.phrases import lines, say


async def start(asking: Asking) -> View:
    if asking.is_private and await asking.is_forgotten():
        again = button(say("buttons.remember"), asking.press("remember"))
        return View(say("forget.is_forgotten"), [[again]])
    name = phrases.name(asking.asker.first_name) if asking.asker else None
    hello = say("start.hello", name=name or say("me.no_name"))
    text = lines(hello, "", say("start.promise"), "", say("start.more"))
    return View(text, await _buttons(asking) if asking.is_private else ())


async def menu(asking: Asking) -> View:
    if not asking.is_private:
        return await help_(asking)
    return View(say("start.menu"), await _buttons(asking))


async def help_(asking: Asking) -> View:
    place = "help.private" if asking.is_private else "help.group"
    return View(lines(say(place), "", say("help.seen")), [way_home(asking)])


async def unknown_command(asking: Asking) -> View:
    return View(say("help.unknown_command"), [way_home(asking)])


async def _buttons(asking: Asking) -> Buttons:
    views = [["me", "stats"], ["usage", "settings"], ["privacy", "help"]]
    if await asking.is_administrator():
        views.append(["admin"])
    return [[button(say(f"buttons.{v}"), asking.press(v, target=0)) for v in row] for row in views]
