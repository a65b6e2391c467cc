"""What happens to the bot itself: added, removed, promoted, blocked; and groups that migrate."""

from .chats import (
    ADMINISTRATOR,
    FIRST_MIGRATED_ID,
    KICKED,
    LEFT,
    MEMBER,
    Chat,
    Status,
    chat_json,
    member_json,
)
from .choice import Choice, Impossible
from .people import BOT_ID, Json, Person, user_json
from .proofs import BotTold, Migrated, Told
from .world import World

# What happens to it


def _tell_bot(world: World, chat: Chat, actor: Person, old: Status, new: Status) -> None:
    bot = world.bot
    body: Json = {
        "chat": world.show(chat), "from": user_json(actor, is_sender=True),
        "old_chat_member": member_json(bot, old), "new_chat_member": member_json(bot, new),
    }  # fmt: skip
    proofs = [world.seen(chat), world.sight(bot), *world.act(actor), BotTold(chat.id, new)]
    if chat.type != "private":
        told = Told(bot.id, chat.id, new, old.is_member, "confirmed", old, actor.id)
        proofs.append(told)
    world.emit("my_chat_member", ("my", chat.id), body, proofs)


def change(world: World, chat: Chat, actor: Person, new: Status) -> None:
    _tell_bot(world, chat, actor, world.set_status(chat, world.bot, new), new)


def add_bot(world: World, chat: Chat, actor: Person, status: Status = MEMBER) -> None:
    change(world, chat, actor, status)
    if chat.type == "channel":
        return
    told = Told(BOT_ID, chat.id, MEMBER, False, "announced", actor_id=actor.id)
    content = {"new_chat_members": [user_json(world.bot)]}
    world.say(chat, actor, content, [world.sight(world.bot), told])


def remove_bot(world: World, chat: Chat, actor: Person, status: Status = LEFT) -> None:
    """Of what comes after, the bot hears nothing but that it was removed."""
    if chat.type != "channel":
        told = Told(BOT_ID, chat.id, LEFT, True, "announced", actor_id=actor.id)
        content = {"left_chat_member": user_json(world.bot)}
        world.say(chat, actor, content, [world.sight(world.bot), told])
    change(world, chat, actor, status)


def migrate(world: World, old: Chat, actor: Person, *, is_told_backwards: bool = False) -> Chat:
    """A group becomes a supergroup: two service messages, one on each side, of the same date."""
    number = sum(chat.migrated_to_id is not None for chat in world.chats.values())
    new_id = FIRST_MIGRATED_ID - number
    new = Chat(new_id, "supergroup", old.title, statuses=dict(old.statuses))
    new.unheard_members = old.unheard_members
    world.chats[new.id] = new
    sides: list[tuple[Chat, Person | None, Json]] = [
        (old, actor, {"migrate_to_chat_id": new.id}), (new, None, {"migrate_from_chat_id": old.id}),
    ]  # fmt: skip
    for chat, sender, content in reversed(sides) if is_told_backwards else sides:
        world.say(chat, sender, content, [Migrated(old.id, new.id)])
    for user_id, status in old.statuses.items():
        world.history.statuses.add(world.now, (user_id, new.id), status)
        world.history.statuses.add(world.now, (user_id, old.id), LEFT)
    old.migrated_to_id, old.migrated_at = new.id, world.now
    return new


# Whoever can


def _actor(world: World, choice: Choice, chat: Chat) -> Person:
    return choice.of(p for p in world.inside(chat) if p.is_active)


def adds_the_bot(world: World, choice: Choice) -> None:
    chat = choice.of(c for c in world.rooms() if not c.hears)
    actor = _actor(world, choice, chat)
    add_bot(world, chat, actor, choice.of([ADMINISTRATOR, MEMBER]))


def removes_the_bot(world: World, choice: Choice) -> None:
    chat = choice.of(world.heard_rooms())
    actor = _actor(world, choice, chat)
    remove_bot(world, chat, actor, choice.of([LEFT, KICKED]))


def promotes_the_bot(world: World, choice: Choice) -> None:
    chat = choice.of(c for c in world.heard_rooms() if not c.watches)
    change(world, chat, _actor(world, choice, chat), ADMINISTRATOR)


def demotes_the_bot(world: World, choice: Choice) -> None:
    chat = choice.of(c for c in world.heard_rooms() if c.watches)
    change(world, chat, _actor(world, choice, chat), MEMBER)


def blocks_the_bot(world: World, choice: Choice) -> None:
    person = choice.of(p for p in world.active() if not world.is_blocked_by(p))
    change(world, world.chats[person.id], person, KICKED)


def unblocks_the_bot(world: World, choice: Choice) -> None:
    person = choice.of(p for p in world.active() if world.is_blocked_by(p))
    change(world, world.chats[person.id], person, MEMBER)


def migrates(world: World, choice: Choice) -> None:
    old = choice.of(c for c in world.rooms() if c.type == "group")
    actor = _actor(world, choice, old)
    migrate(world, old, actor, is_told_backwards=choice.once_in(2))


def echoes_of_the_old_group(world: World, choice: Choice) -> None:
    """Somebody is told to have left the group that has become a supergroup since."""
    old = choice.of(c for c in world.chats.values() if c.migrated_to_id)
    if world.now < old.migrated_at + 2 or not old.status_of(BOT_ID).is_member:
        raise Impossible
    members = [p for p in world.active() if old.status_of(p.id) == MEMBER]
    left = choice.of([world.bot, *members])
    if left is world.bot:
        actor = choice.of(world.active())
        _tell_bot(world, old, actor, old.status_of(BOT_ID), LEFT)
    elif old.status_of(BOT_ID) == ADMINISTRATOR:
        body = {
            "chat": chat_json(old), "from": user_json(left),
            "old_chat_member": member_json(left, MEMBER),
            "new_chat_member": member_json(left, LEFT),
        }  # fmt: skip
        told = Told(left.id, old.id, LEFT, True, "confirmed", MEMBER, left.id)
        proofs = [world.seen(old), world.sight(left), *world.act(left)[1:], told]
        world.emit("chat_member", ("user", left.id), body, proofs)
