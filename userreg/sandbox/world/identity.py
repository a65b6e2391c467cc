"""Names change hands without any update: only what is seen afterwards shows it."""

from dataclasses import replace

from .choice import Choice
from .people import DELETED, NAMES, USERNAMES, Person
from .world import World


def _owner(world: World, username: str) -> Person | None:
    """Usernames do not know small from capital letters."""
    owners = (
        p for p in world.people.values() if (p.profile.username or "").lower() == username.lower()
    )
    return next(owners, None)


def renames(world: World, choice: Choice) -> None:
    person = choice.of(world.active())
    last_name = choice.of([None, "Young"])
    name = choice.of(NAMES)
    world.set_profile(person, replace(person.profile, first_name=name, last_name=last_name))


def buys_premium(world: World, choice: Choice) -> None:
    person = choice.of(world.active())
    profile = person.profile
    world.set_profile(person, replace(profile, is_premium=not profile.is_premium))
    person.language_code = choice.of([person.language_code, "de", None])


def takes_a_username(world: World, choice: Choice) -> None:
    """A free one, or that of somebody who gives it away this moment."""
    person = choice.of(world.active())
    username = choice.of(USERNAMES)
    owner = _owner(world, username)
    if owner is not None:
        world.set_profile(owner, replace(owner.profile, username=None))
    world.set_profile(person, replace(person.profile, username=username))


def clears_the_username(world: World, choice: Choice) -> None:
    person = choice.of(p for p in world.active() if p.profile.username)
    world.set_profile(person, replace(person.profile, username=None))


def recases_the_username(world: World, choice: Choice) -> None:
    person = choice.of(p for p in world.active() if p.profile.username)
    recased = (person.profile.username or "").swapcase()
    world.set_profile(person, replace(person.profile, username=recased))


def trades_usernames(world: World, choice: Choice) -> None:
    one, other = choice.of(world.active()), choice.of(world.active())
    first, second = one.profile.username, other.profile.username
    world.set_profile(one, replace(one.profile, username=second))
    world.set_profile(other, replace(other.profile, username=first))


def deletes_the_account(world: World, choice: Choice) -> None:
    """No update tells it, and from now on others show it without a name."""
    world.set_profile(choice.of(world.active()[1:]), DELETED)
