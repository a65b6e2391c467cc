"""A model of Telegram as one bot sees it: people, chats, and the updates that they make.

`World` lives a story and keeps the ground truth (`history`). Each of its updates says by itself
what it proves (`proofs`), so that the `ledger` knows, without reading any JSON, what a registry has
to hold after the updates that were delivered. `delivery` is Telegram's: queues, retries, losses.
`judge` compares a registry with both.

The package knows nothing of the code that it judges.
"""

from .actions import ACTIONS
from .delivery import Delivery, plan
from .judge import Tables, Untrue, compare, judge_by_the_truth
from .ledger import Expected, Table, expected
from .people import BOT_ID
from .proofs import Update
from .world import Choice, World

__all__ = [
    "ACTIONS",
    "BOT_ID",
    "Choice",
    "Delivery",
    "Expected",
    "Table",
    "Tables",
    "Untrue",
    "Update",
    "World",
    "compare",
    "expected",
    "judge_by_the_truth",
    "plan",
]
