"""What a message is made of, checked as Telegram checks it."""

import re
from typing import Any, Final

from userreg.sandbox.errors import BadRequest
from userreg.sandbox.parameters import Parameters, Upload
from userreg.sandbox.telegram import LocalTelegram
from userreg.sandbox.world import Chat, Json, World
from userreg.sandbox.world.entities import (
    EntitiesInvalid,
    find_entities,
    parse_html,
    utf16_length,
)
from userreg.sandbox.world.people import user_json
from userreg.sandbox.world.talk import MAX_ENTITIES

#: In characters, after the markup is gone.
MAX_TEXT: Final = 4096
MAX_CAPTION: Final = 1024
#: In bytes.
_MAX_BUTTON_DATA: Final = 64
_MAX_BUTTONS: Final = 100
_BLANKS: Final = "".join(map(chr, range(33)))
_CLOSED: Final = {"code", "pre", "text_link", "text_mention", "url"}
#: Telegram itself wants HTTPS always; here this computer will do.
_WEB_APP: Final = re.compile(r"https://[^/]|http://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(/|$)")
_PNG: Final = b"\x89PNG\r\n\x1a\n"


def text_of(world: World, p: Parameters) -> Json:
    """`text` and its entities. Raises `ApiError`."""
    text, entities = _formatted(world, p, "text", "entities")
    if not text:
        raise BadRequest("message text is empty")
    if utf16_length(text) > MAX_TEXT:
        raise BadRequest("message is too long")
    return {"text": text} | ({"entities": entities} if entities else {})


def caption_of(world: World, p: Parameters) -> Json:
    """`caption` and its entities, if there is one. Raises `ApiError`."""
    text, entities = _formatted(world, p, "caption", "caption_entities")
    if utf16_length(text) > MAX_CAPTION:
        raise BadRequest("message caption is too long")
    caption = {"caption": text} if text else {}
    return caption | ({"caption_entities": entities} if entities else {})


def _formatted(
    world: World, p: Parameters, name: str, entities_name: str
) -> tuple[str, list[Json]]:
    markup, mode = p.text(name), p.text("parse_mode").lower()
    if mode == "html":
        try:
            text, entities = parse_html(markup)
        except EntitiesInvalid as error:
            raise BadRequest(f"can't parse entities: {error}") from None
        entities = [shown for each in entities if (shown := _mentioning(world, each))]
    elif mode:
        raise BadRequest(f"unsupported parse_mode: this Telegram reads HTML, not {mode}")
    else:
        text, entities = markup.strip(_BLANKS), _given(p, entities_name)
    found = [each for each in find_entities(text) if not _lies_in(each, entities)]
    whole = sorted(entities + found, key=lambda e: (e["offset"], -e["length"]))
    return text, whole[:MAX_ENTITIES]


def _given(p: Parameters, name: str) -> list[Json]:
    """Entities that the bot found itself."""
    entities = p.json(name) or []
    places = ("offset", "length")
    if not isinstance(entities, list) or not all(
        isinstance(e, dict)
        and isinstance(e.get("type"), str)
        and all(type(e.get(place)) is int and e[place] >= 0 for place in places)
        for e in entities
    ):
        raise BadRequest("can't parse entities: expected an Array of MessageEntity")
    return entities


def _mentioning(world: World, entity: Json) -> Json | None:
    """A link to somebody shows who that is; one to nobody is no link."""
    if entity["type"] != "text_mention":
        return entity
    shown = {k: v for k, v in entity.items() if k != "user_id"}
    person = world.people.get(entity["user_id"])
    return shown | {"user": user_json(person)} if person else None


def _lies_in(found: Json, entities: list[Json]) -> bool:
    """In code and in links nothing is found besides."""
    first, last = found["offset"], found["offset"] + found["length"]
    closed = [e for e in entities if e["type"] in _CLOSED]
    return any(e["offset"] < last and first < e["offset"] + e["length"] for e in closed)


def markup_of(p: Parameters, chat: Chat) -> Json:
    """`reply_markup`, if there is one; only inline keyboards stay with a message."""
    markup = p.json("reply_markup")
    if markup is None:
        return {}
    if not isinstance(markup, dict):
        raise BadRequest("object expected as reply markup")
    rows = markup.get("inline_keyboard")
    if rows is None:
        return {}
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise BadRequest('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array')
    buttons = [_button(button, chat) for row in rows for button in row]
    if len(buttons) > _MAX_BUTTONS:
        raise BadRequest("reply markup is too long")
    return {"reply_markup": {"inline_keyboard": [row for row in rows if row]}} if buttons else {}


def _button(button: Any, chat: Chat) -> Json:
    if not isinstance(button, dict) or not button.get("text"):
        raise BadRequest("can't parse inline keyboard button: text is empty")
    if not button.keys() - {"text", "style", "icon_custom_emoji_id"}:
        raise BadRequest(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    data = button.get("callback_data")
    size = None if data is None else len(str(data).encode("utf-8", "surrogatepass"))
    if size is not None and not 1 <= size <= _MAX_BUTTON_DATA:
        raise BadRequest("BUTTON_DATA_INVALID")
    if "web_app" in button:
        _check_web_app(button["web_app"], chat)
    return button


def _check_web_app(web_app: Any, chat: Chat) -> None:
    url = web_app.get("url") if isinstance(web_app, dict) else None
    if not isinstance(url, str):
        raise BadRequest("can't parse inline keyboard button: Can't find field \"url\"")
    if not _WEB_APP.match(url):
        raise BadRequest(
            f"inline keyboard button Web App URL '{url}' is invalid: Only HTTPS links are allowed"
        )
    if chat.type != "private":
        raise BadRequest("BUTTON_TYPE_INVALID")


def place_of(p: Parameters, telegram: LocalTelegram, chat: Chat) -> Json:
    """In which topic, and in answer to what. Raises `ApiError`."""
    place: Json = {}
    if topic_id := p.integer("message_thread_id"):
        if topic_id not in chat.topics:
            raise BadRequest("message thread not found")
        place |= {"message_thread_id": topic_id, "is_topic_message": True}
    reply = p.json("reply_parameters") or {}
    if not isinstance(reply, dict):
        raise BadRequest("object expected as reply parameters")
    reply_to = reply.get("message_id") or p.integer("reply_to_message_id")
    if reply_to:
        original = next((m for m in chat.log if m.message_id == reply_to), None)
        may_be_gone = reply.get("allow_sending_without_reply") or p.flag(
            "allow_sending_without_reply"
        )
        if original is None and not may_be_gone:
            raise BadRequest("message to be replied not found")
        if original is not None:
            place["reply_to_message"] = telegram.world.message_json(original)
    return place


def keep_file(telegram: LocalTelegram, p: Parameters, name: str) -> tuple[str, Upload]:
    """An uploaded file, or one that is known; its file_id and itself. Raises `ApiError`."""
    if (upload := p.upload(name)) is not None:
        if not upload.content:
            raise BadRequest("file must be non-empty")
        file_id = f"file{len(telegram.files) + 1}"
        telegram.files[file_id] = upload
        return file_id, upload
    if not (file_id := p.text(name)):
        raise BadRequest(f"there is no {name} in the request")
    if file_id not in telegram.files:
        raise BadRequest("wrong file identifier/HTTP URL specified")
    return file_id, telegram.files[file_id]


def photo_of(telegram: LocalTelegram, p: Parameters, name: str = "photo") -> Json:
    file_id, upload = keep_file(telegram, p, name)
    width, height = _size(upload.content)
    size = {"width": width, "height": height, "file_size": len(upload.content)}
    return {"photo": [_file(file_id) | size]}


def document_of(telegram: LocalTelegram, p: Parameters, name: str = "document") -> Json:
    file_id, upload = keep_file(telegram, p, name)
    about = {"file_name": upload.name, "file_size": len(upload.content)}
    return {"document": _file(file_id) | about}


def _file(file_id: str) -> Json:
    return {"file_id": file_id, "file_unique_id": f"unique-{file_id}"}


def _size(content: bytes) -> tuple[int, int]:
    """Of a PNG, in pixels; other kinds are only kept."""
    if not content.startswith(_PNG):
        return 1, 1
    return int.from_bytes(content[16:20]), int.from_bytes(content[20:24])
