"""What somebody at the chat page makes people do, refused in a sentence where they could not."""

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

from userreg.sandbox.deed import (
    Deed,
    NotPossible,
    require_above,
    require_bot,
    require_chief,
    require_member,
    require_public,
    require_voice,
)
from userreg.sandbox.views import name_of
from userreg.sandbox.web_apps import address_of_web_app
from userreg.sandbox.world import Json, Message, bot_life, members, talk
from userreg.sandbox.world.chats import (
    ADMINISTRATOR,
    CREATOR,
    KICKED,
    LEFT,
    MEMBER,
    MUTED,
    MUTED_OUT,
    Status,
)
from userreg.sandbox.world.people import BOT_ID
from userreg.sandbox.world.signals import press as press_button

#: Seconds that a pressed button waits for its answer.
_PATIENCE: Final = 10.0
_USERNAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{3,31}")


async def perform(name: str, deed: Deed) -> Json:
    """Do it; what the page has to know of it. Raises `NotPossible`."""
    if (known := _DEEDS.get(name)) is None:
        raise NotPossible(f"Nobody here can {name}.")
    if deed.person.is_deleted:
        raise NotPossible("This account is deleted: choose another person.")
    if deed.person.profile.is_bot:
        raise NotPossible("Bots do nothing by themselves here: choose a person.")
    if deed.chat.migrated_to_id is not None and name != "rename":
        raise NotPossible("This group has become a supergroup: go on there.")
    return await known(deed) or {}


# Talking


async def _write(deed: Deed) -> None:
    chat, text = deed.chat, deed.text.strip()
    if not text:
        raise NotPossible("Write something first.")
    if len(text) > 4096:
        raise NotPossible("A message has at most 4,096 characters.")
    if chat.type == "channel":
        require_chief(deed)
        deed.telegram.do(talk.post, chat, text)
        return
    require_voice(deed)
    topic_id = deed.topic_id if deed.topic_id in chat.topics else None
    deed.telegram.do(talk.write, chat, deed.person, text, topic_id=topic_id)


async def _press(deed: Deed) -> Json:
    """What the bot answers to the press is shown to whoever pressed."""
    telegram, message = deed.telegram, _message(deed)
    if not any(button.get("callback_data") == deed.data for button in _buttons(deed)):
        raise NotPossible("This button is gone.")
    if deed.chat.type != "private":
        require_member(deed)
    query_id, query = telegram.new_query()
    telegram.do(press_button, deed.person, message, deed.data, query_id)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE):
            await telegram.changed.wait_until(lambda: query.answer is not None)
    return {"alert": (query.answer or {}).get("text") or None}


async def _open(deed: Deed) -> Json:
    """The page of a button, with what Telegram says of whoever pressed it."""
    if not any(button.get("web_app") == {"url": deed.data} for button in _buttons(deed)):
        raise NotPossible("This button is gone.")
    return {"url": address_of_web_app(deed.telegram, deed.person, deed.data)}


def _buttons(deed: Deed) -> list[Json]:
    """Of the message that is meant."""
    message = _message(deed)
    rows = message.content.get("reply_markup", {}).get("inline_keyboard", [])
    return [button for row in rows for button in row]


def _message(deed: Deed) -> Message:
    message = next((m for m in deed.chat.log if m.message_id == deed.message_id), None)
    if message is None:
        raise NotPossible("This message is gone.")
    return message


# Coming and going


async def _join(deed: Deed) -> None:
    require_public(deed)
    if deed.status.is_member:
        raise NotPossible(f"{name_of(deed.person)} is here already.")
    if deed.status == KICKED:
        raise NotPossible(f"{name_of(deed.person)} is banned: somebody has to lift it first.")
    deed.telegram.do(members.join, deed.chat, deed.person)


async def _leave(deed: Deed) -> None:
    require_member(deed)
    if deed.status == CREATOR:
        raise NotPossible("The owner stays: choose somebody else.")
    deed.telegram.do(members.leave, deed.chat, deed.person)


async def _add(deed: Deed) -> None:
    (require_chief if deed.chat.type == "channel" else require_member)(deed)
    status = deed.chat.status_of(deed.other.id)
    if status.is_member:
        raise NotPossible(f"{name_of(deed.other)} is here already.")
    if status == KICKED:
        raise NotPossible(f"{name_of(deed.other)} is banned: lift it first.")
    deed.telegram.do(members.add, deed.chat, deed.person, [deed.other])


async def _ban(deed: Deed) -> None:
    require_chief(deed)
    status = deed.chat.status_of(deed.other.id)
    if status == CREATOR:
        raise NotPossible("Nobody can ban the owner.")
    require_above(deed)
    if status == KICKED:
        raise NotPossible(f"{name_of(deed.other)} is banned already.")
    if deed.chat.type == "group" and not status.is_member:
        raise NotPossible("A basic group has no list of the banned.")
    deed.telegram.do(members.ban, deed.chat, deed.other, deed.person)


def _turn(old: dict[Status, Status], complaint: str) -> Callable[[Deed], Awaitable[None]]:
    """A change that an administrator makes, from one of the statuses that it is for."""

    async def change(deed: Deed) -> None:
        require_chief(deed)
        status = deed.chat.status_of(deed.other.id)
        require_above(deed)
        if status not in old:
            raise NotPossible(f"{name_of(deed.other)} {complaint}.")
        new = old[status]
        if deed.chat.type == "group" and ADMINISTRATOR not in (status, new):
            raise NotPossible("Only supergroups know restrictions: migrate the group first.")
        deed.telegram.do(members.change, deed.chat, deed.other, new, deed.person)

    return change


# The bot


async def _add_bot(deed: Deed) -> None:
    require_public(deed)
    if deed.chat.hears:
        raise NotPossible("The bot is here already.")
    status = MEMBER
    if deed.chat.type == "channel":
        require_chief(deed)
        status = ADMINISTRATOR
    require_member(deed)
    deed.telegram.do(bot_life.add_bot, deed.chat, deed.person, status)


async def _remove_bot(deed: Deed) -> None:
    require_bot(deed)
    require_chief(deed)
    deed.telegram.do(bot_life.remove_bot, deed.chat, deed.person)


async def _promote_bot(deed: Deed) -> None:
    require_bot(deed)
    require_chief(deed)
    if deed.chat.watches:
        raise NotPossible("The bot is administrator already.")
    deed.telegram.do(bot_life.change, deed.chat, deed.person, ADMINISTRATOR)


async def _demote_bot(deed: Deed) -> None:
    require_bot(deed)
    require_chief(deed)
    if not deed.chat.watches:
        raise NotPossible("The bot is no administrator.")
    deed.telegram.do(bot_life.change, deed.chat, deed.person, MEMBER)


async def _block(deed: Deed) -> None:
    private = deed.telegram.world.chats[deed.person.id]
    if private.status_of(BOT_ID) != MEMBER:
        raise NotPossible("There is nothing to block: say /start first.")
    deed.telegram.do(bot_life.change, private, deed.person, KICKED)


async def _unblock(deed: Deed) -> None:
    private = deed.telegram.world.chats[deed.person.id]
    if private.status_of(BOT_ID) != KICKED:
        raise NotPossible("The bot is not blocked.")
    deed.telegram.do(bot_life.change, private, deed.person, MEMBER)


async def _migrate(deed: Deed) -> Json:
    if deed.chat.type != "group":
        raise NotPossible("Only a basic group becomes a supergroup.")
    if deed.status != CREATOR:
        raise NotPossible("Only the owner of a group can make it a supergroup.")
    new = deed.telegram.do(bot_life.migrate, deed.chat, deed.person)
    deed.telegram.events.publish("migrated", chat=deed.chat.id, to=new.id)
    return {"chat": new.id}


# Names


async def _rename(deed: Deed) -> None:
    """Nobody is told: the bot finds out when it next sees them."""
    first_name, last_name = deed.first_name.strip(), deed.last_name.strip()
    username = deed.username.strip().removeprefix("@")
    if not first_name or max(len(first_name), len(last_name)) > 64:
        raise NotPossible("A first name has 1 to 64 characters, a last name at most 64.")
    if username and not _USERNAME.fullmatch(username):
        raise NotPossible("A username has 4 to 32 letters, digits and _, and begins with a letter.")
    world = deed.telegram.world
    others = [p for p in world.people.values() if p is not deed.person]
    if username and any(username.lower() == (p.profile.username or "").lower() for p in others):
        raise NotPossible(f"@{username} belongs to somebody else.")
    profile = replace(
        deed.person.profile,
        first_name=first_name, last_name=last_name or None, username=username or None,
    )  # fmt: skip
    deed.telegram.do(lambda world: world.set_profile(deed.person, profile))


_DEEDS: Final[dict[str, Callable[[Deed], Awaitable[Json | None]]]] = {
    "write": _write,
    "press": _press,
    "open": _open,
    "join": _join,
    "leave": _leave,
    "add": _add,
    "ban": _ban,
    "unban": _turn({KICKED: LEFT}, "is not banned"),
    "mute": _turn({MEMBER: MUTED, LEFT: MUTED_OUT}, "cannot be muted"),
    "unmute": _turn({MUTED: MEMBER, MUTED_OUT: LEFT}, "is not muted"),
    "promote": _turn({MEMBER: ADMINISTRATOR}, "cannot be promoted"),
    "demote": _turn({ADMINISTRATOR: MEMBER}, "is no administrator"),
    "add_bot": _add_bot,
    "remove_bot": _remove_bot,
    "promote_bot": _promote_bot,
    "demote_bot": _demote_bot,
    "migrate": _migrate,
    "block": _block,
    "unblock": _unblock,
    "rename": _rename,
}
