"""What people decide for themselves: language, visibility, and what is kept of them at all."""

import json

from aiogram.types import BufferedInputFile, InlineKeyboardButton

from userreg import dossier, preferences
from userreg.bot.asking import Asking
from userreg.bot.view import View, back, button, in_pairs, menu
from userreg.phrases import LANGUAGES, lines, say, speaking


async def settings(asking: Asking) -> View:
    """A person's in private, a group's, for its administrators, in the group."""
    language = button(say("buttons.language"), asking.press("language"))
    if not asking.is_private:
        if not await asking.is_chat_administrator():
            return View(say("settings.administrators_only"), is_notice=True)
        return View(lines(say("settings.title"), await _chosen(asking)), [[language]])
    if asking.asker is None or await asking.is_forgotten():
        return View(say("forget.is_forgotten"), [[_remember(asking)]])
    is_hidden = await preferences.is_hidden(asking.asker.id)
    text = lines(
        say("settings.title"), await _chosen(asking),
        say("settings.hidden" if is_hidden else "settings.visible"),
    )  # fmt: skip
    turned = ("buttons.show", "no") if is_hidden else ("buttons.hide", "yes")
    visibility = button(say(turned[0]), asking.press("hide", word=turned[1]))
    return View(text, [[language, visibility], menu(asking)])


async def _chosen(asking: Asking) -> str:
    chosen = await preferences.find_language(asking.chat.id)
    if chosen is None:
        own = "settings.language_of_client" if asking.is_private else "settings.language_of_asker"
        return say(own)
    return say("settings.language", language=LANGUAGES.get(chosen, chosen))


async def language(asking: Asking) -> View:
    """The languages to choose from; with a word, that one is chosen."""
    if not asking.is_private and not await asking.is_chat_administrator():
        return View(say("settings.administrators_only"), is_notice=True)
    if asking.word:
        chosen = asking.word if asking.word in LANGUAGES else None
        await preferences.choose_language(asking.parts.database, asking.chat.id, chosen)
        with speaking(await asking.language()):
            return await settings(asking)
    choices = [
        button(name, asking.press("language", word=code)) for code, name in LANGUAGES.items()
    ]
    automatic = button(say("buttons.automatic"), asking.press("language", word="auto"))
    text = say("settings.choose")
    return View(text, [*in_pairs([*choices, automatic]), [back(asking, "settings")]])


async def hide(asking: Asking) -> View:
    if asking.is_private and asking.asker is not None:
        hidden = asking.word == "yes"
        await preferences.hide(asking.parts.database, asking.asker.id, hidden)
    return await settings(asking)


async def privacy(asking: Asking) -> View:
    """What is kept, why, how long, and whom to ask."""
    if asking.is_private and await asking.is_forgotten():
        return View(say("forget.is_forgotten"), [[_remember(asking)]])
    settings = asking.parts.settings
    days = settings.retention_days
    contact = settings.operator_contact
    text = lines(
        say("privacy.text"),
        say("privacy.kept_for", days) if days else say("privacy.kept"),
        say("privacy.contact", contact=contact) if contact else say("privacy.no_contact"),
    )
    if not asking.is_private:
        return View(text)
    wishes = ["export", "forget", "settings"]
    buttons = [button(say(f"buttons.{wish}"), asking.press(wish)) for wish in wishes]
    return View(text, [*in_pairs(buttons), menu(asking)])


async def export(asking: Asking) -> View:
    """Everything about the asker, as a file."""
    if not asking.is_private or asking.asker is None:
        return View(say("export.in_private"), is_notice=True)
    user_id = asking.asker.id
    if await asking.is_forgotten():
        return View(say("forget.is_forgotten"), [[_remember(asking)]])
    about = await dossier.everything_about(user_id)
    content = json.dumps(about, ensure_ascii=False, indent=1, default=str).encode()
    document = BufferedInputFile(content, f"userreg-{user_id}.json")
    return View(say("export.caption"), document=document)


async def ask_to_forget(asking: Asking) -> View:
    if not asking.is_private or asking.asker is None:
        return View(say("forget.in_private"), is_notice=True)
    if await asking.is_forgotten():
        return View(say("forget.is_forgotten"), [[_remember(asking)]])
    sure = button(say("buttons.forget_me"), asking.press("forget!"))
    return View(say("forget.sure"), [[sure], [back(asking, "privacy")]])


async def forget(asking: Asking) -> View:
    """Erase the asker, who stays forgotten until they say otherwise."""
    if not asking.is_private or asking.asker is None:
        return View(say("forget.in_private"), is_notice=True)
    await asking.parts.registry.forget(asking.asker.id)
    return View(say("forget.done"), [[_remember(asking)]])


async def remember(asking: Asking) -> View:
    if not asking.is_private or asking.asker is None:
        return View(say("forget.in_private"), is_notice=True)
    if await asking.parts.registry.is_forgotten(asking.asker.id):  # else nobody need wait for it
        await asking.parts.registry.remember_again(asking.asker.id)
    return View(say("forget.remembered"), [menu(asking)])


def _remember(asking: Asking) -> InlineKeyboardButton:
    return button(say("buttons.remember"), asking.press("remember"))
