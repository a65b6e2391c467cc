"""Updates of our own making, as Telegram would send them. Each gets the next update id and second,
unless it is told otherwise."""

import itertools
import time
from typing import Any

Json = dict[str, Any]

BOT = {"id": 4242424242, "is_bot": True, "first_name": "Register", "username": "register_bot"}
ANN: Json = {
    "id": 101, "is_bot": False, "first_name": "Ann", "username": "Ann_A", "language_code": "en",
}  # fmt: skip
BOB: Json = {"id": 102, "is_bot": False, "first_name": "Bob", "last_name": "Brown"}
CID: Json = {"id": 5_000_000_103, "is_bot": False, "first_name": "Cid", "username": "cid"}
ANONYMOUS: Json = {
    "id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot",
}  # fmt: skip
GROUP: Json = {"id": -100, "type": "group", "title": "Chess"}
SUPERGROUP: Json = {"id": -1001000000001, "type": "supergroup", "title": "Go", "username": "gogo"}
CHANNEL: Json = {"id": -1001000000002, "type": "channel", "title": "News"}
#: A name, or a title, that would like to be more.
HOSTILE = "<b>Eve</b> & </code> \u202egnp.exe \n\n {name} @everyone =1+1 " + "\U0001f600" * 30

NOW = 1_790_000_000
_numbers = itertools.count(1)


def message(sender: Json | None, chat: Json | None = None, text: str = "hi", **more: Any) -> Json:
    """`sender` writes in `chat`, or to the bot in private."""
    body: Json = {"message_id": 1, "chat": chat or private(sender or ANN)}
    if sender is not None:
        body["from"] = sender
    if text:
        body["text"] = text
    if text.startswith("/"):
        length = len(text.split()[0])
        body["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
    return update("message", body, **more)


def answer_to(author: Json, **more: Any) -> Json:
    """Bob answers a message of theirs, in the group."""
    answered = message(author, GROUP, **more)["message"]
    return message(BOB, GROUP, reply_to_message=answered)


def edited(sender: Json, chat: Json, edit_date: int, **more: Any) -> Json:
    body = {"message_id": 1, "chat": chat, "from": sender, "text": "x", "edit_date": edit_date}
    return update("edited_message", body, **more)


def channel_post(chat: Json = CHANNEL, **more: Any) -> Json:
    body = {"message_id": 1, "chat": chat, "sender_chat": chat, "text": "post"}
    return update("channel_post", body, **more)


def callback(sender: Json, chat: Json | None = None) -> Json:
    body: Json = {"id": "1", "from": sender, "chat_instance": "1", "data": "x"}
    if chat:
        body["message"] = {"message_id": 1, "date": 0, "chat": chat}
    return {"update_id": next(_numbers), "callback_query": body}


def chat_member(
    subject: Json,
    old: str,
    new: str,
    chat: Json = SUPERGROUP,
    *,
    actor: Json | None = None,
    kind: str = "chat_member",
    **more: Any,
) -> Json:
    """The status of `subject` changes from `old` to `new`; `restricted-` is one who is out."""
    body = {
        "chat": chat, "from": actor or subject,
        "old_chat_member": member(subject, old), "new_chat_member": member(subject, new),
    }  # fmt: skip
    return update(kind, body, **more)


def my_chat_member(old: str, new: str, chat: Json, actor: Json = ANN, **more: Any) -> Json:
    return chat_member(BOT, old, new, chat, actor=actor, kind="my_chat_member", **more)


def member(user: Json, status: str) -> Json:
    """A ChatMember of Bot API 10.3 with every field that it requires."""
    body: Json = {"status": status.rstrip("-"), "user": user}
    if body["status"] == "restricted":
        body |= {"is_member": not status.endswith("-"), "until_date": 0} | dict.fromkeys(
            ("can_send_messages", "can_send_audios", "can_send_documents", "can_send_photos",
             "can_send_videos", "can_send_video_notes", "can_send_voice_notes", "can_send_polls",
             "can_send_other_messages", "can_add_web_page_previews", "can_change_info",
             "can_invite_users", "can_pin_messages", "can_manage_topics", "can_edit_tag",
             "can_react_to_messages"), False)  # fmt: skip
    elif body["status"] == "kicked":
        body["until_date"] = 0
    elif body["status"] == "creator":
        body["is_anonymous"] = False
    elif body["status"] == "administrator":
        body |= {"can_be_edited": False} | dict.fromkeys(
            ("is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats",
             "can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users",
             "can_post_stories", "can_edit_stories", "can_delete_stories",
             "can_send_welcome_messages"), True)  # fmt: skip
    return body


def private(user: Json) -> Json:
    names = {k: user[k] for k in ("first_name", "last_name", "username") if k in user}
    return {"id": user["id"], "type": "private"} | names


def update(
    kind: str, body: Json, *, date: int | None = None, update_id: int | None = None, **more: Any
) -> Json:
    number = next(_numbers)
    return {
        "update_id": update_id if update_id is not None else number,
        kind: {"date": NOW + number if date is None else date} | body | more,
    }


def ago(days: int) -> int:
    """So many days before now, as Telegram writes it."""
    return int(time.time()) - days * 86_400
