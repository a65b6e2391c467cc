"""What can be made to go wrong."""

from dataclasses import dataclass


@dataclass
class Switches:
    """All of it is what Telegram and networks do by themselves, only more seldom."""

    #: Each update comes twice, as if the answer had been lost on its way.
    twice: bool = False
    #: The queues are not equally fast.
    out_of_order: bool = False
    #: The Bot API takes its time.
    slow: bool = False
