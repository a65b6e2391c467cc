"""Group commit, without a database: who waits for what, and what happens when it fails."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from userreg.errors import NotCommitted
from userreg.group_commit import GroupCommit, Limits


class Store:
    """Commits numbers. Negative ones are poison, and 1000 more puts them aside; -1 cannot even be
    put aside. `down` fails everything, `gate` holds it."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.down: list[Exception] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.entered = asyncio.Event()
        self.at_once = self.most_at_once = 0

    async def commit(self, items: list[int]) -> list[str]:
        self.entered.set()
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        try:
            return await self._commit(items)
        finally:
            self.at_once -= 1

    async def _commit(self, items: list[int]) -> list[str]:
        await self.gate.wait()
        if self.down:
            raise self.down.pop()
        if any(item < 0 for item in items):
            raise ValueError("poison")
        self.batches.append(items)
        return [f"ok {item}" for item in items]

    def set_aside(self, item: int, error: BaseException) -> int:
        return item if item == -1 else 1000 + item


@contextlib.asynccontextmanager
async def writing(store: Store, **limits: Any) -> AsyncIterator[GroupCommit[int, str]]:
    commits = GroupCommit(
        store.commit, store.set_aside, lambda error: isinstance(error, ValueError),
        Limits(**limits),
    )  # fmt: skip
    async with commits.running():
        yield commits


async def test_one_item_is_a_batch_of_one() -> None:
    store = Store()
    async with writing(store) as commits:
        assert await commits.submit(1) == "ok 1"
    assert store.batches == [[1]]


async def test_everything_that_waits_goes_into_the_next_transaction() -> None:
    store = Store()
    store.gate.clear()
    async with writing(store, batch=100) as commits:
        waiting = [asyncio.ensure_future(commits.submit(n)) for n in range(250)]
        await asyncio.sleep(0)
        store.gate.set()
        results = await asyncio.gather(*waiting)
    assert results == [f"ok {n}" for n in range(250)]
    assert [len(batch) for batch in store.batches] == [100, 100, 50]


async def test_in_two_shifts_half_of_those_who_wait_are_served_while_the_others_wait() -> None:
    store = Store()
    store.gate.clear()
    async with writing(store, shifts=True) as commits:
        waiting = [asyncio.ensure_future(_again_and_again(commits, n, 20)) for n in range(90)]
        await store.entered.wait()
        store.gate.set()
        await asyncio.gather(*waiting)
    sizes = [len(batch) for batch in store.batches]
    assert sum(sizes) == 90 * 20
    assert all(40 <= size <= 50 for size in sizes[2:-5]), sizes


async def test_in_shifts_whoever_comes_first_is_served_first() -> None:
    store = Store()
    async with writing(store, shifts=True) as commits:
        await asyncio.gather(*(commits.submit(n) for n in range(50)))
    assert [n for batch in store.batches for n in batch] == [*range(50)]


async def test_when_one_transaction_is_held_up_the_next_begins_beside_it() -> None:
    store = Store()
    store.gate.clear()
    async with writing(store, writers=2, patience=0.01) as commits:
        held_up = asyncio.ensure_future(commits.submit(1))
        await store.entered.wait()
        held = store.gate
        store.gate = asyncio.Event()
        store.gate.set()
        assert await commits.submit(2) == "ok 2"
        assert not held_up.done()
        held.set()
        assert await held_up == "ok 1"
    assert store.batches == [[2], [1]]


async def test_the_end_waits_for_every_transaction() -> None:
    store = Store()
    store.gate.clear()
    async with writing(store, writers=2, patience=0.01) as commits:
        first = asyncio.ensure_future(commits.submit(1))
        await store.entered.wait()
        gate, store.gate = store.gate, asyncio.Event()
        store.entered.clear()
        second = asyncio.ensure_future(commits.submit(2))
        await store.entered.wait()
        gate.set()
        await first
        asyncio.get_running_loop().call_later(0.05, store.gate.set)
    assert store.batches == [[1], [2]]
    assert await second == "ok 2"


async def test_never_are_there_more_transactions_at_once_than_writers() -> None:
    store = Store()
    store.gate.clear()
    async with writing(store, writers=2, patience=0.001, batch=1) as commits:
        waiting = [asyncio.ensure_future(commits.submit(n)) for n in range(5)]
        await store.entered.wait()
        for _ in range(20):
            await asyncio.sleep(0.001)
        assert store.most_at_once == 2
        store.gate.set()
        await asyncio.gather(*waiting)
    assert store.most_at_once == 2


async def test_nothing_overtakes_what_is_not_held_up() -> None:
    store = Store()
    async with writing(store, writers=2, patience=60, batch=1) as commits:
        await asyncio.gather(*(commits.submit(n) for n in range(20)))
    assert store.most_at_once == 1
    assert store.batches == [[n] for n in range(20)]


async def _again_and_again(commits: GroupCommit[int, str], item: int, times: int) -> None:
    for _ in range(times):
        await commits.submit(item)


async def test_a_bad_item_is_put_aside_and_its_neighbours_are_committed() -> None:
    store = Store()
    async with writing(store) as commits:
        results = await asyncio.gather(*(commits.submit(n) for n in [1, 2, -3, 4, 5, -6, 7]))
    assert results == ["ok 1", "ok 2", "ok 997", "ok 4", "ok 5", "ok 994", "ok 7"]
    assert sorted(n for batch in store.batches for n in batch) == [1, 2, 4, 5, 7, 994, 997]


async def test_a_bad_item_that_cannot_be_put_aside_is_refused_alone() -> None:
    store = Store()
    async with writing(store) as commits:
        results = await asyncio.gather(
            *(commits.submit(n) for n in [1, 2, -1, 4]), return_exceptions=True
        )
    assert [str(result)[:4] for result in results] == ["ok 1", "ok 2", "The ", "ok 4"]


async def test_a_short_failure_of_the_database_is_not_noticed() -> None:
    store = Store()
    store.down = [OSError("gone"), OSError("gone")]
    async with writing(store) as commits:
        assert await commits.submit(1) == "ok 1"


async def test_while_the_database_is_down_everybody_is_refused_soon() -> None:
    store = Store()
    store.down = [OSError("gone")] * 1000
    async with writing(store, retry=0.1) as commits:
        async with asyncio.timeout(1):
            results = await asyncio.gather(
                *(commits.submit(n) for n in range(20)), return_exceptions=True
            )
        assert all(isinstance(result, NotCommitted) for result in results)
        store.down.clear()
        assert await commits.submit(99) == "ok 99"


async def test_the_log_names_an_error_without_words(caplog: pytest.LogCaptureFixture) -> None:
    """As asyncpg's is, when a statement takes too long."""
    store = Store()
    store.down = [TimeoutError()]
    async with writing(store) as commits:
        with pytest.raises(NotCommitted):
            await commits.submit(1)
    assert "nothing committed, 1 updates refused: TimeoutError" in caplog.text


async def test_a_full_queue_refuses_at_once() -> None:
    store = Store()
    store.gate.clear()
    async with writing(store, pending=3, batch=1) as commits:
        first = asyncio.ensure_future(commits.submit(0))
        await store.entered.wait()
        waiting = [asyncio.ensure_future(commits.submit(n)) for n in (1, 2, 3)]
        await asyncio.sleep(0)
        with pytest.raises(NotCommitted, match="Too many"):
            await commits.submit(4)
        store.gate.set()
        await asyncio.gather(first, *waiting)


async def test_a_transaction_that_hangs_is_given_up() -> None:
    store = Store()
    store.gate.clear()
    async with writing(store, commit=0.05, retry=0.0) as commits:
        with pytest.raises(NotCommitted):
            await commits.submit(1)
        store.gate.set()
        assert await commits.submit(2) == "ok 2"


async def test_closing_commits_what_is_pending_and_refuses_what_comes() -> None:
    store = Store()
    store.gate.clear()
    async with writing(store) as commits:
        waiting = [asyncio.ensure_future(commits.submit(n)) for n in range(5)]
        await asyncio.sleep(0)
        commits.refuse()
        with pytest.raises(NotCommitted, match="closing"):
            await commits.submit(6)
        store.gate.set()
    assert await asyncio.gather(*waiting) == [f"ok {n}" for n in range(5)]


async def test_a_caller_that_went_away_disturbs_nobody() -> None:
    store = Store()
    store.gate.clear()
    async with writing(store) as commits:
        gone, stays = (asyncio.ensure_future(commits.submit(n)) for n in (1, 2))
        await asyncio.sleep(0)
        gone.cancel()
        store.gate.set()
        assert await stays == "ok 2"
    assert gone.cancelled()


async def test_those_who_were_just_answered_and_send_again_are_written_together() -> None:
    """As requests do: between the answer and the next item lie a few turns of the event loop."""
    store = Store()

    async def send_twice(commits: GroupCommit[int, str], number: int) -> None:
        await commits.submit(number)
        for _ in range(number % 3):
            await asyncio.sleep(0)
        await commits.submit(100 + number)

    async with writing(store) as commits:
        await asyncio.gather(*(send_twice(commits, number) for number in range(30)))
    assert [len(batch) for batch in store.batches] == [30, 30]
