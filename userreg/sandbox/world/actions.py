"""Everything that can happen, the simple and frequent first."""

from typing import Final

from . import bot_life, identity, members, signals, talk
from .choice import Choice
from .world import Action, World


def nothing(world: World, choice: Choice) -> None:
    """What any action of a failing history may be replaced by, to make it shorter."""


ACTIONS: Final[tuple[Action, ...]] = (
    nothing,
    talk.writes,
    members.joins,
    members.leaves,
    talk.writes,
    talk.writes_in_private,
    talk.replies,
    talk.forwards,
    talk.mentions,
    talk.shares_a_contact,
    talk.shares_people,
    talk.writes_by_way_of_a_bot,
    talk.edits,
    talk.writes_anonymously,
    talk.replies_anonymously,
    talk.writes_as_a_channel,
    talk.forwards_by_itself,
    talk.posts,
    talk.retitles,
    members.joins,
    members.leaves,
    members.adds,
    members.asks_to_join,
    members.is_approved,
    members.is_approved,
    members.is_kicked,
    members.is_banned_outside,
    members.is_unbanned,
    members.is_unbanned,
    members.is_muted,
    members.is_muted_outside,
    members.is_unmuted,
    members.is_promoted,
    members.is_demoted,
    signals.presses_a_button,
    signals.presses_a_button,
    signals.reacts,
    signals.votes,
    signals.asks_inline,
    signals.votes_as_a_channel,
    signals.writes_to_a_business,
    signals.writes_to_a_guest,
    identity.renames,
    identity.buys_premium,
    identity.takes_a_username,
    identity.takes_a_username,
    identity.clears_the_username,
    identity.recases_the_username,
    identity.trades_usernames,
    talk.trades_and_shows_it,
    identity.deletes_the_account,
    bot_life.adds_the_bot,
    bot_life.adds_the_bot,
    bot_life.removes_the_bot,
    bot_life.promotes_the_bot,
    bot_life.promotes_the_bot,
    bot_life.demotes_the_bot,
    bot_life.blocks_the_bot,
    bot_life.unblocks_the_bot,
    bot_life.migrates,
    bot_life.echoes_of_the_old_group,
    bot_life.echoes_of_the_old_group,
)
