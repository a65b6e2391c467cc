"""Facts as rows of the tables: which columns each fact has something to say about."""

from collections import defaultdict
from collections.abc import Iterable

from userreg.facts import (
    BotMembershipChanged,
    ChatExists,
    ChatMigrated,
    ChatSeen,
    Fact,
    MembersCounted,
    MembershipChanged,
    MembershipFound,
    MessageSent,
    UserExists,
    UserSeen,
)
from userreg.models import Chat, DailyActivity, Membership, MembershipEvent, User
from userreg.record import Record
from userreg.upsert import Row

Rows = dict[type[Record], list[Row]]


def rows_from(facts: Iterable[Fact]) -> Rows:
    """The rows that the facts amount to, by table; many may share a key."""
    rows: Rows = defaultdict(list)
    for fact in facts:
        match fact:
            case UserSeen():
                rows[User].append(_user(fact))
            case UserExists():
                rows[User].append({"id": fact.user_id, "first_seen_at": fact.at})
            case ChatSeen():
                rows[Chat].append(_chat(fact))
            case ChatExists():
                rows[Chat].append(_known_chat(fact))
            case MessageSent():
                if not fact.is_private:
                    rows[Membership].append(_presence(fact))
                rows[DailyActivity].append(_activity(fact))
            case MembershipChanged():
                rows[Membership].append(_membership(fact))
                rows[MembershipEvent].append(_membership_event(fact))
            case MembershipFound():
                rows[Membership].append(_membership_found(fact))
                # so that the chat is locked, and its moves are followed
                rows[Chat].append({"id": fact.chat_id, "first_seen_at": fact.at})
            case BotMembershipChanged():
                rows[Chat].append(_bot_membership(fact))
            case ChatMigrated():
                rows[Chat] += _migration(fact)
            case MembersCounted():
                rows[Chat].append(_member_count(fact))
    return rows


def _user(fact: UserSeen) -> Row:
    user = fact.user
    row = {
        "id": user.id,
        "first_name": _text(user.first_name, 256) or "",
        "last_name": _text(user.last_name, 256),
        "username": _text(user.username, 64),
        "is_bot": user.is_bot,
        "is_premium": user.is_premium,
        # so the Bot API shows an account that has been deleted
        "is_gone": not user.first_name and not user.username,
        "profile_at": fact.at,
        "profile_update_id": fact.update_id,
        "profile_is_dated": fact.is_dated,
        "first_seen_at": fact.at,
        "last_seen_at": fact.active_at,
    }
    if user.language_code is not None:
        row["language_code"] = _text(user.language_code, 35)
        row["language_at"] = fact.at
        row["language_update_id"] = fact.update_id
        row["language_is_dated"] = fact.is_dated
    return row


def _chat(fact: ChatSeen) -> Row:
    chat = fact.chat
    is_private = chat.id > 0  # its names are the person's, and kept there
    return {
        "id": chat.id,
        "type": "private" if is_private else _text(chat.type, 16),
        "title": None if is_private else _text(chat.title, 256),
        "username": None if is_private else _text(chat.username, 64),
        "is_forum": chat.is_forum,
        "profile_at": fact.at,
        "profile_update_id": fact.update_id,
        "first_seen_at": fact.at,
        "last_seen_at": fact.at,
    }


def _known_chat(fact: ChatExists) -> Row:
    chat = fact.chat
    kind = "private" if chat.id > 0 else _text(chat.type, 16)  # which an id never changes
    return {"id": chat.id, "type": kind, "first_seen_at": fact.at}


def _presence(fact: MessageSent) -> Row:
    return {
        "user_id": fact.user_id,
        "chat_id": fact.chat_id,
        "first_seen_at": fact.at,
        "last_seen_at": fact.at,
        "messages": 1,
    }


def _activity(fact: MessageSent) -> Row:
    return {
        "chat_id": fact.chat_id,
        "user_id": fact.user_id,
        "day": fact.at.date(),
        "messages": 1,
    }


def _membership(fact: MembershipChanged) -> Row:
    return {
        "user_id": fact.user_id,
        "chat_id": fact.chat_id,
        "status": fact.new_status,
        "is_member": fact.is_member,
        "evidence": fact.evidence,
        "is_carried_over": fact.is_carried_over,
        "status_at": fact.at,
        "status_update_id": fact.update_id,
        "joined_at": fact.at if fact.is_member and fact.was_member is False else None,
        "left_at": fact.at if fact.was_member and not fact.is_member else None,
        "first_seen_at": fact.at,
    }


def _membership_found(fact: MembershipFound) -> Row:
    return {
        "user_id": fact.user_id,
        "chat_id": fact.chat_id,
        "status": fact.status,
        "is_member": fact.is_member,
        "evidence": "confirmed",
        "is_carried_over": fact.is_carried_over,
        "status_at": fact.at,
        "status_update_id": fact.update_id,
        "first_seen_at": fact.at,
    }


def _membership_event(fact: MembershipChanged) -> Row:
    return {
        "chat_id": fact.chat_id,
        "user_id": fact.user_id,
        "at": fact.at,
        "update_id": fact.update_id,
        "old_status": fact.old_status,
        "new_status": fact.new_status,
        "was_member": fact.was_member,
        "is_member": fact.is_member,
        "evidence": fact.evidence,
        "actor_id": fact.actor_id,
        "invite_link": _text(fact.invite_link, 256),
        "via_join_request": fact.via_join_request,
        "via_chat_folder_invite_link": fact.via_chat_folder_invite_link,
        "is_carried_over": fact.is_carried_over,
    }


def _bot_membership(fact: BotMembershipChanged) -> Row:
    row: Row = {
        "id": fact.chat_id,
        "bot_status": fact.new_status,
        "bot_is_member": fact.is_member,
        "bot_status_at": fact.at,
        "bot_status_update_id": fact.update_id,
        "first_seen_at": fact.at,
    }
    if fact.is_member and fact.was_member is False:
        row |= {
            "added_by_id": fact.actor_id,
            "added_at": fact.at,
            "added_update_id": fact.update_id,
        }
    return row


def _migration(fact: ChatMigrated) -> list[Row]:
    old: Row = {
        "id": fact.old_chat_id,
        "type": "group",
        "first_seen_at": fact.at,
        "migrated_to_id": fact.new_chat_id,
        "migrated_at": fact.at,
    }
    new: Row = {"id": fact.new_chat_id, "type": "supergroup", "first_seen_at": fact.at}
    return [old, new]


def _member_count(fact: MembersCounted) -> Row:
    return {
        "id": fact.chat_id,
        "member_count": fact.member_count,
        "member_count_at": fact.at,
        "first_seen_at": fact.at,
    }


def _text(value: str | None, length: int) -> str | None:
    """Text that PostgreSQL can store: no NUL, and no longer than its column."""
    return value and value.replace("\0", "")[:length]
