"""The FIFO concurrency limiter."""

from __future__ import annotations

import asyncio

import pytest

from heygen_async._http.concurrency_limiter import ConcurrencyLimiter


async def waiting_tasks(limiter: ConcurrencyLimiter, count: int) -> list[asyncio.Task[bool]]:
    tasks = []
    for _ in range(count):
        tasks.append(asyncio.create_task(limiter.acquire()))
        await asyncio.sleep(0)
    return tasks


async def test_grants_places_in_the_order_of_arrival() -> None:
    limiter = ConcurrencyLimiter(1)
    assert limiter.try_acquire()
    first, second = await waiting_tasks(limiter, 2)
    limiter.release()
    assert await first
    assert not second.done()
    limiter.release()
    assert await second
    limiter.release()
    assert limiter.in_use == 0


async def test_priority_goes_before_the_tasks_that_wait() -> None:
    limiter = ConcurrencyLimiter(1)
    limiter.try_acquire()
    (ordinary,) = await waiting_tasks(limiter, 1)
    preferred = asyncio.create_task(limiter.acquire(priority=True))
    await asyncio.sleep(0)
    limiter.release()
    assert await preferred
    assert not ordinary.done()
    limiter.release()
    await ordinary


async def test_nobody_overtakes_a_waiting_task() -> None:
    limiter = ConcurrencyLimiter(1)
    limiter.try_acquire()
    (waiting,) = await waiting_tasks(limiter, 1)
    limiter.release()
    assert not limiter.try_acquire()
    assert await waiting


async def test_returns_false_at_the_deadline() -> None:
    limiter = ConcurrencyLimiter(1)
    limiter.try_acquire()
    assert not await limiter.acquire(asyncio.get_running_loop().time())
    limiter.release()
    assert limiter.try_acquire()


@pytest.mark.parametrize("granted", [False, True])
async def test_a_cancelled_task_keeps_no_place(granted: bool) -> None:
    limiter = ConcurrencyLimiter(1)
    limiter.try_acquire()
    (waiting,) = await waiting_tasks(limiter, 1)
    if granted:
        limiter.release()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    if not granted:
        limiter.release()
    assert limiter.try_acquire()
    assert limiter.in_use == 1


async def test_resizing_grants_more_places_and_takes_none_away() -> None:
    limiter = ConcurrencyLimiter(1)
    limiter.try_acquire()
    tasks = await waiting_tasks(limiter, 3)
    limiter.resize(3)
    await asyncio.sleep(0)
    assert [task.done() for task in tasks] == [True, True, False]
    limiter.resize(1)
    limiter.release()
    limiter.release()
    await asyncio.sleep(0)
    assert not tasks[2].done()
    limiter.release()
    assert await tasks[2]
