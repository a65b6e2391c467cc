"""Telegram's delivery: first in, first out within a queue, the queues side by side.

An update stays in flight until it is answered. When the answer is lost on its way, the update is
sent again, at once or later, and its queue waits. What nobody answered for 24 hours is lost.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from random import Random
from typing import Final

from userreg.sandbox.world.proofs import Update

#: Seconds that a delivery takes at most, if the update lives so long.
_LONGEST_DELAY: Final = 600


@dataclass(frozen=True)
class Delivery:
    """One delivery of an update, received at that second."""

    update: Update
    received_at: int


@dataclass
class _Waiting:
    delivery: Delivery
    times: int


def plan(updates: Iterable[Update], random: Random, lost: float = 0.08) -> list[list[Delivery]]:
    """Waves of deliveries that are in flight at the same time."""
    queues: dict[tuple[str, int], deque[_Waiting]] = {}
    for update in updates:
        if random.random() >= lost:
            delay = random.randint(0, min(_LONGEST_DELAY, update.lifetime - 5))
            waiting = _Waiting(Delivery(update, update.at + delay), _times(random))
            queues.setdefault(update.queue, deque()).append(waiting)
    speeds = {queue: random.choice((0.1, 0.5, 0.9)) for queue in queues}
    waves = []
    while queues:
        moving = [queue for queue in queues if random.random() < speeds[queue]] or list(queues)
        waves.append([d for queue in moving for d in _send(queues[queue], random)])
        queues = {queue: waiting for queue, waiting in queues.items() if waiting}
    return waves


def _times(random: Random) -> int:
    return random.choices((1, 2, 3), (8, 2, 1))[0]


def _send(queue: deque[_Waiting], random: Random) -> list[Delivery]:
    """The first of the queue; twice, when the connection broke while it was being handled."""
    first = queue[0]
    now = random.randint(1, first.times)
    first.times -= now
    if not first.times:
        queue.popleft()
    return [first.delivery] * now
