"""What administrators of the bot are told, and those of a group about their group."""

import html
import logging
from datetime import UTC, datetime
from typing import Final

from aiogram.enums import ChatAction
from aiogram.exceptions import TelegramAPIError
from aiogram.types import BufferedInputFile

from userreg import administrators, queries, sessions
from userreg.bot import reports
from userreg.bot.asking import Asking
from userreg.bot.command_lists import set_commands_of
from userreg.bot.pictures import PICTURES
from userreg.bot.pictures import picture as draw
from userreg.bot.view import View, back, button, in_pairs, link, menu, refresh, web_app
from userreg.bot.words import title_of
from userreg.errors import AdministratorFixed, PictureFailed, TooLarge
from userreg.export import document_of_chat, document_of_table
from userreg.phrases import Markup, fitting, lines, say, speaking

logger = logging.getLogger(__name__)

#: Administrators that are named, and what they may fill of a message.
_LISTED: Final = 50
_ROOM: Final = 3_000
#: The tables that are sent as a file.
FILES: Final = ("users", "chats", "memberships", "events", "coverage")


async def may(asking: Asking) -> bool:
    """Whether the asker may be told of the target: one chat, or 0, which is everything."""
    if await asking.is_administrator():
        return asking.is_private or asking.target == asking.chat.id
    if asking.target == 0 or asking.asker is None:
        return False
    if not asking.is_private and asking.target != asking.chat.id:
        return False
    roles, bot = asking.parts.roles, asking.parts.bot
    return await roles.is_chat_administrator(bot, asking.target, asking.asker.id)


async def admin(asking: Asking) -> View:
    """The administrators' menu, and who they are."""
    if not asking.is_private or not await asking.is_administrator():
        return View(say("help.unknown_command"), [menu(asking)])
    listed = await administrators.list_administrators(asking.parts.settings.admin_ids)
    people = fitting([await _shown(entry.user_id) for entry in listed[:_LISTED]], _ROOM)
    more = len(listed) - len(people)
    rest = say("list.more", more) if more else None
    text = lines(say("admin.title"), *people, rest, "", say("admin.usage"))
    files = [button(say(f"file.{f}"), asking.press("file", target=0, word=f)) for f in FILES]
    report = button(say("buttons.details"), asking.press("report", target=0))
    pages = button(say("buttons.pages"), asking.press("pages", target=0))
    address = asking.parts.settings.mini_app_address
    within = [web_app(say("buttons.mini_app"), address)] if address else []
    return View(text, [[report, pages], within, *in_pairs(files), menu(asking)])


async def pages(asking: Asking) -> View:
    """A link into the pages; Telegram makes no buttons of addresses that only this computer has."""
    if not asking.is_private or not await asking.is_administrator():
        return View(say("admin.not_allowed"), is_notice=True)
    address = asking.parts.settings.pages_address
    code = await sessions.make_link(asking.parts.database, asking.asker_id)
    url = f"{address}/login?code={code}"
    shown = f'<a href="{html.escape(url)}">{html.escape(address)}</a>'
    text = say("admin.pages", link=Markup(shown))
    entry = [[link(say("buttons.pages"), url)]] if url.startswith("https://") else []
    return View(text, [*entry, [back(asking, "admin")]])


async def _shown(user_id: int) -> Markup:
    user = await queries.find_user(user_id)
    return say("admin.one", name=title_of(user) if user else "–", id=str(user_id))


async def change(asking: Asking, verb: str, user_id: int) -> View:
    """`/admin add` and `/admin remove`."""
    if not await asking.is_administrator():
        return View(say("help.unknown_command"), [menu(asking)])
    database, ids = asking.parts.database, asking.parts.settings.admin_ids
    try:
        if verb == "add":
            await administrators.add(database, user_id, asking.asker_id)
        else:
            await administrators.remove(database, user_id, asking.asker_id, ids)
    except AdministratorFixed:
        return View(say("admin.of_the_settings"), [menu(asking)])
    await set_commands_of(asking.parts.bot, user_id, is_administrator=verb == "add")
    return await admin(asking)


async def report(asking: Asking) -> View:
    """One section; without a word, all of them in short. It names people: whoever asks in a group
    is told in private."""
    if not await may(asking):
        return View(say("admin.not_allowed"), is_notice=True)
    if not asking.is_private:
        return await _report_in_private(asking)
    await asking.note("stats", asking.target or None, asking.word or None)
    await _show_at_work(asking, ChatAction.TYPING)
    chat_id = asking.target or None
    section = reports.SECTIONS.get(asking.word)
    text = await (section(chat_id) if section else reports.report(chat_id))
    sections = [
        button(say(f"section.{name}"), asking.press("report", word=name))
        for name in reports.SECTIONS
        if name != asking.word
    ]
    drawn = [button(say(f"chart.{k}"), asking.press("picture", word=k)) for k in PICTURES]
    if chat_id is not None:
        drawn.append(button(say("file.members"), asking.press("file", word="members")))
    last = [refresh(asking, "report"), *([] if chat_id else [back(asking, "stats")])]
    return View(text, [*in_pairs(sections), *in_pairs(drawn), last])


async def _report_in_private(asking: Asking) -> View:
    there = asking.in_private()
    with speaking(await there.language()):
        view = await report(there)
    return await _send_in_private(asking, view)


async def picture(asking: Asking) -> View:
    if not await may(asking) or asking.word not in PICTURES:
        return View(say("admin.not_allowed"), is_notice=True)
    await asking.note("stats", asking.target or None, asking.word or None)
    await _show_at_work(asking, ChatAction.UPLOAD_PHOTO)
    try:
        png, caption = await draw(asking.word, asking.target or None)
    except PictureFailed:
        return View(say("admin.no_picture"), is_notice=True)
    return View(caption, picture=BufferedInputFile(png, f"{asking.word}.png"))


async def file(asking: Asking) -> View:
    """An export as a document; asked for in a group it goes to the asker alone, for it names
    people."""
    if not await may(asking) or asking.word not in (*FILES, "members"):
        return View(say("admin.not_allowed"), is_notice=True)
    await asking.note("export", asking.target or None, asking.word or None)
    try:
        if asking.target:
            content = await document_of_chat(asking.target)
        else:
            content = await document_of_table(asking.word)
    except TooLarge as error:
        return View(say("file.too_large", rows=error.rows), is_notice=True)
    document = BufferedInputFile(content, f"{asking.word}.csv")
    view = View(say("file.caption", at=datetime.now(UTC)), document=document)
    return view if asking.is_private else await _send_in_private(asking, view)


async def _send_in_private(asking: Asking, view: View) -> View:
    is_sent = await asking.send_in_private(view.text, view.keyboard, view.document)
    return View(say("file.sent" if is_sent else "file.begin"), is_notice=True)


async def _show_at_work(asking: Asking, action: ChatAction) -> None:
    """In a very large registry it takes seconds, the first time."""
    try:
        await asking.parts.bot.send_chat_action(
            asking.chat.id, action, message_thread_id=asking.topic_id
        )
    except TelegramAPIError as error:
        logger.info("not shown at work: %s", error.message)
