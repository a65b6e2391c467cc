"""People come, go, are banned, muted and promoted."""

from .chats import (
    ADMINISTRATOR,
    CREATOR,
    KICKED,
    LEFT,
    MEMBER,
    MUTED,
    MUTED_OUT,
    Chat,
    Status,
    member_json,
)
from .choice import Choice
from .people import Json, Person, user_json
from .proofs import Proof, Told
from .world import World

CHIEFS = (CREATOR, ADMINISTRATOR)
#: All but the creator, who stays.
_LEAVING = (MEMBER, MUTED, ADMINISTRATOR)

# What happens to somebody


def change(
    world: World,
    chat: Chat,
    person: Person,
    new: Status,
    actor: Person | None,
    *,
    invite_link: str | None = None,
    via_join_request: bool = False,
) -> None:
    """The truth changes; an administrator is told of it, without a service message."""
    old = world.set_status(chat, person, new)
    body: Json = {
        "chat": world.show(chat), "from": world.actor_json(actor),
        "old_chat_member": member_json(person, old), "new_chat_member": member_json(person, new),
    }  # fmt: skip
    if invite_link:
        body["invite_link"] = _link_json(world, chat, invite_link)
    if via_join_request:
        body["via_join_request"] = True
    creator = [world.sight(_link_creator(world, chat))] if invite_link else []
    told = Told(
        person.id, chat.id, new, old.is_member, "confirmed", old, actor.id if actor else None,
        invite_link, via_join_request,
    )  # fmt: skip
    if chat.watches:
        proofs = [world.seen(chat), world.sight(person), *world.act(actor), *creator, told]
        world.emit("chat_member", ("user", person.id), body, proofs)


def _link_creator(world: World, chat: Chat) -> Person:
    owners = (p for p in world.people.values() if chat.status_of(p.id) == CREATOR)
    return next(owners, world.bot)


def _link_json(world: World, chat: Chat, invite_link: str) -> Json:
    return {
        "invite_link": invite_link, "creator": user_json(_link_creator(world, chat)),
        "creates_join_request": False, "is_primary": False, "is_revoked": False,
    }  # fmt: skip


def _announce_joined(world: World, chat: Chat, sender: Person | None, joined: list[Person]) -> None:
    _announce(world, chat, sender, {"new_chat_members": [user_json(p) for p in joined]}, MEMBER,
              joined)  # fmt: skip


def _announce_left(world: World, chat: Chat, sender: Person | None, person: Person) -> None:
    _announce(world, chat, sender, {"left_chat_member": user_json(person)}, LEFT, [person])


def _announce(
    world: World, chat: Chat, sender: Person | None, content: Json, new: Status,
    people: list[Person],
) -> None:  # fmt: skip
    """A service message; channels have none."""
    if chat.type == "channel":
        return
    proofs: list[Proof] = []
    for p in people:
        actor_id = sender.id if sender else None
        told = Told(p.id, chat.id, new, not new.is_member, "announced", actor_id=actor_id)
        proofs += [world.sight(p), told]
    world.say(chat, sender, content, proofs)


def _come(status: Status) -> Status:
    """A restriction is kept for the next visit."""
    return MUTED if status == MUTED_OUT else MEMBER


def join(
    world: World, chat: Chat, person: Person, *, invite_link: str | None = None,
    is_announced: bool = True, is_announced_first: bool = False,
) -> None:  # fmt: skip
    """By a link or, in public, without one; which message is told first is open."""
    if is_announced and is_announced_first:
        _announce_joined(world, chat, person, [person])
    new = _come(chat.status_of(person.id))
    change(world, chat, person, new, person, invite_link=invite_link)
    if is_announced and not is_announced_first:
        _announce_joined(world, chat, person, [person])


def ask_to_join(world: World, chat: Chat, person: Person) -> None:
    """An administrator has to approve it."""
    chat.requests.append(person)
    body = {
        "chat": world.show(chat), "from": user_json(person, is_sender=True),
        "user_chat_id": person.id,
    }  # fmt: skip
    if chat.watches:
        proofs = [world.seen(chat), *world.act(person)]
        world.emit("chat_join_request", ("user", person.id), body, proofs)


def add(world: World, chat: Chat, actor: Person, people: list[Person]) -> None:
    for person in people:
        change(world, chat, person, _come(chat.status_of(person.id)), actor)
    _announce_joined(world, chat, actor, people)


def leave(world: World, chat: Chat, person: Person) -> None:
    status = MUTED_OUT if chat.status_of(person.id) == MUTED else LEFT
    change(world, chat, person, status, person)
    _announce_left(world, chat, person, person)


def ban(
    world: World, chat: Chat, person: Person, chief: Person | None, *,
    is_announced_first: bool = False,
) -> None:  # fmt: skip
    """Removed and banned; a basic group has no list of the banned. Who was out stays silent."""
    was_inside = chat.status_of(person.id).is_member
    if was_inside and is_announced_first:
        _announce_left(world, chat, chief, person)
    change(world, chat, person, LEFT if chat.type == "group" else KICKED, chief)
    if was_inside and not is_announced_first:
        _announce_left(world, chat, chief, person)


# Whoever can


def _public(world: World) -> list[Chat]:
    return [c for c in world.chats.values() if c.is_room or c.type == "channel"]


def _chief(world: World, choice: Choice, chat: Chat) -> Person | None:
    """An administrator who acts, in supergroups perhaps without showing who it is."""
    chiefs: list[Person | None] = [p for p in world.inside(chat, *CHIEFS) if p.is_active]
    return choice.of(chiefs + ([None] if chat.type != "group" else []))


def joins(world: World, choice: Choice) -> None:
    chat = choice.of(_public(world))
    outside = [p for p in world.active() if chat.status_of(p.id) in (LEFT, MUTED_OUT)]
    person = choice.of(outside)
    link = choice.of([None, "https://t.me/+link", "https://t.me/+other"])
    announced, first = choice.of([(True, False), (True, True), (False, False)])
    join(world, chat, person, invite_link=link, is_announced=announced, is_announced_first=first)


def adds(world: World, choice: Choice) -> None:
    """One or two others at once, bots included."""
    chat = choice.of(world.rooms())
    actor = choice.of(p for p in world.inside(chat) if p.is_active)
    outside = [p for p in world.others() if chat.status_of(p.id) in (LEFT, MUTED_OUT)]
    alive = [p for p in outside if not p.is_deleted]
    add(world, chat, actor, list(dict.fromkeys([choice.of(alive), choice.of(alive)])))


def asks_to_join(world: World, choice: Choice) -> None:
    chat = choice.of(c for c in _public(world) if c.type != "channel")
    outside = [p for p in world.active() if chat.status_of(p.id) in (LEFT, MUTED_OUT)]
    ask_to_join(world, chat, choice.of(p for p in outside if p not in chat.requests))


def is_approved(world: World, choice: Choice) -> None:
    """The service message looks as if they had come by themselves."""
    chat = choice.of(c for c in _public(world) if c.requests)
    chief = _chief(world, choice, chat)
    person = chat.requests.pop(0)
    status = chat.status_of(person.id)
    if person.is_deleted or status not in (LEFT, MUTED_OUT):
        return
    change(world, chat, person, _come(status), chief, via_join_request=True)
    _announce_joined(world, chat, person, [person])


def leaves(world: World, choice: Choice) -> None:
    chat = choice.of(_public(world))
    leave(world, chat, choice.of(p for p in world.inside(chat, *_LEAVING) if p.is_active))


def is_kicked(world: World, choice: Choice) -> None:
    chat = choice.of(_public(world))
    person = choice.of(world.inside(chat, *_LEAVING))
    chief = _chief(world, choice, chat)
    ban(world, chat, person, chief, is_announced_first=choice.once_in(2))


def is_banned_outside(world: World, choice: Choice) -> None:
    _by_a_chief(world, choice, (LEFT, MUTED_OUT), KICKED)


def is_unbanned(world: World, choice: Choice) -> None:
    _by_a_chief(world, choice, (KICKED,), LEFT)


def is_muted(world: World, choice: Choice) -> None:
    _by_a_chief(world, choice, (MEMBER,), MUTED)


def is_muted_outside(world: World, choice: Choice) -> None:
    _by_a_chief(world, choice, (LEFT,), MUTED_OUT)


def is_unmuted(world: World, choice: Choice) -> None:
    _by_a_chief(world, choice, (MUTED,), MEMBER)


def is_promoted(world: World, choice: Choice) -> None:
    _by_a_chief(world, choice, (MEMBER,), ADMINISTRATOR, in_groups=True)


def is_demoted(world: World, choice: Choice) -> None:
    _by_a_chief(world, choice, (ADMINISTRATOR,), MEMBER, in_groups=True)


def _by_a_chief(
    world: World, choice: Choice, old: tuple[Status, ...], new: Status, *, in_groups: bool = False
) -> None:
    """A change without a service message; basic groups know no bans and no restrictions."""
    chats = [c for c in _public(world) if c.type == "supergroup" or (in_groups and c.is_room)]
    chat = choice.of(chats)
    person = choice.of(world.inside(chat, *old))
    change(world, chat, person, new, _chief(world, choice, chat))
