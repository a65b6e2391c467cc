"""Is a registry true?

`ledger` knows, from the proofs of what the world told, what a registry has to hold after the
updates that were delivered; `judge` compares a registry with it and with the truth. `delivery`
plans what Telegram may make of it on its way: queues, retries, losses.
"""

from .delivery import Delivery, plan
from .judge import Tables, Untrue, compare, judge_by_the_truth
from .ledger import Expected, Table, expected

__all__ = [
    "Delivery",
    "Expected",
    "Table",
    "Tables",
    "Untrue",
    "compare",
    "expected",
    "judge_by_the_truth",
    "plan",
]
