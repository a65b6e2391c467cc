"""The bot itself: who it is, its commands, its descriptions, its files."""

import json
import re
from collections.abc import Awaitable, Callable
from typing import Any, Final

from userreg.sandbox.errors import BadRequest
from userreg.sandbox.parameters import Parameters
from userreg.sandbox.telegram import LocalTelegram
from userreg.sandbox.world.people import user_json

_COMMAND: Final = re.compile(r"[a-z0-9_]{1,32}")
_MAX_COMMANDS: Final = 100
_MAX_COMMAND_DESCRIPTION: Final = 256
_SCOPES: Final = {
    "default", "all_private_chats", "all_group_chats", "all_chat_administrators", "chat",
    "chat_administrators", "chat_member",
}  # fmt: skip
#: How long each may be, in characters.
_TEXTS: Final = {"name": 64, "description": 512, "short_description": 120}


async def get_me(telegram: LocalTelegram, p: Parameters) -> Any:
    return user_json(telegram.world.bot) | {
        "can_join_groups": True,
        "can_read_all_group_messages": telegram.world.reads_everything,
        "supports_inline_queries": False,
    }


# Commands


async def set_my_commands(telegram: LocalTelegram, p: Parameters) -> Any:
    key = _key(p)
    commands = p.json("commands")
    if not isinstance(commands, list):
        raise BadRequest("expected an Array of BotCommand")
    if len(commands) > _MAX_COMMANDS:
        raise BadRequest("too many commands specified; there can be at most 100 commands")
    telegram.profile[key] = [_command(command) for command in commands]
    return True


def _command(given: Any) -> dict[str, str]:
    if not isinstance(given, dict):
        raise BadRequest("expected an Object of BotCommand")
    name = str(given.get("command", "")).removeprefix("/")
    description = str(given.get("description", "")).strip()
    if not _COMMAND.fullmatch(name):
        raise BadRequest("BOT_COMMAND_INVALID")
    if not 1 <= len(description) <= _MAX_COMMAND_DESCRIPTION:
        raise BadRequest("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name, "description": description}


async def get_my_commands(telegram: LocalTelegram, p: Parameters) -> Any:
    return telegram.profile.get(_key(p), [])


async def delete_my_commands(telegram: LocalTelegram, p: Parameters) -> Any:
    telegram.profile.pop(_key(p), None)
    return True


def _key(p: Parameters) -> tuple[str, str, str]:
    scope = p.json("scope") or {"type": "default"}
    if not isinstance(scope, dict) or str(scope.get("type")) not in _SCOPES:
        raise BadRequest("can't parse BotCommandScope: Unsupported type specified")
    return "commands", json.dumps(scope, sort_keys=True), _language(p)


def _language(p: Parameters) -> str:
    language = p.text("language_code")
    if language and not re.fullmatch(r"[a-z]{2}", language):
        raise BadRequest("invalid language_code specified")
    return language


# Texts


def _setter(name: str) -> Callable[[LocalTelegram, Parameters], Awaitable[bool]]:
    async def set_text(telegram: LocalTelegram, p: Parameters) -> bool:
        text = p.text(name)
        if len(text) > _TEXTS[name]:
            raise BadRequest(f"BOT_{name.upper()}_TOO_LONG")
        telegram.profile[name, "", _language(p)] = text
        return True

    return set_text


def _getter(name: str) -> Callable[[LocalTelegram, Parameters], Awaitable[dict[str, str]]]:
    """What was said in another language stands in, where nothing was said in this one."""

    async def get_text(telegram: LocalTelegram, p: Parameters) -> dict[str, str]:
        own = telegram.world.bot.profile.first_name if name == "name" else ""
        known = telegram.profile.get((name, "", _language(p)))
        return {name: known or telegram.profile.get((name, "", "")) or own}

    return get_text


# Files


async def get_file(telegram: LocalTelegram, p: Parameters) -> Any:
    file_id = p.text("file_id")
    if file_id not in telegram.files:
        raise BadRequest("wrong file_id or the file is temporarily unavailable")
    upload = telegram.files[file_id]
    return {
        "file_id": file_id, "file_unique_id": f"unique-{file_id}",
        "file_size": len(upload.content), "file_path": f"files/{file_id}",
    }  # fmt: skip


METHODS: Final[dict[str, Callable[[LocalTelegram, Parameters], Awaitable[Any]]]] = {
    "getMe": get_me,
    "setMyCommands": set_my_commands,
    "getMyCommands": get_my_commands,
    "deleteMyCommands": delete_my_commands,
    "setMyName": _setter("name"),
    "getMyName": _getter("name"),
    "setMyDescription": _setter("description"),
    "getMyDescription": _getter("description"),
    "setMyShortDescription": _setter("short_description"),
    "getMyShortDescription": _getter("short_description"),
    "getFile": get_file,
}
