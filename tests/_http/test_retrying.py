"""The retry helper: attempts, delays, deadlines."""

from __future__ import annotations

import asyncio
import math

import pytest

from heygen_async import APIConnectionError, UploadError
from heygen_async._http.backoff import Backoff
from heygen_async._http.retrying import retrying
from heygen_async.testing.clock import Clock

AT_ONCE = Backoff(initial=0)
ONE_SECOND = Backoff(initial=1, factor=1, jitter=0)


async def test_ends_after_the_first_attempt_without_failure() -> None:
    assert [number async for number in retrying(AT_ONCE)] == [1]


async def test_repeats_a_failed_attempt_until_no_retry_is_left() -> None:
    attempts = retrying(AT_ONCE, max_retries=2)
    numbers = []
    async for number in attempts:
        numbers.append(number)
        attempts.failed(ValueError(number))
    assert numbers == [1, 2, 3]
    assert attempts.error.args == (3,)


async def test_ends_at_once_when_the_next_delay_would_reach_the_deadline() -> None:
    loop = asyncio.get_running_loop()
    attempts = retrying(ONE_SECOND, deadline=loop.time() + 0.5)
    async for _ in attempts:
        assert not attempts.failed(ValueError())
    assert attempts.number == 1


async def test_retry_after_replaces_the_backoff() -> None:
    attempts = retrying(Backoff(initial=1000, maximum=1000, jitter=0), max_retries=1)
    async for _ in attempts:
        attempts.failed(ValueError(), retry_after=0.0)
    assert attempts.number == 2


async def test_ends_when_the_server_asks_for_more_than_the_longest_delay() -> None:
    attempts = retrying(AT_ONCE, max_delay=120)
    async for _ in attempts:
        assert not attempts.failed(ValueError(), retry_after=121)
    assert attempts.number == 1


async def test_ends_after_an_error_that_is_not_retryable() -> None:
    attempts = retrying(AT_ONCE)
    async for _ in attempts:
        assert not attempts.failed(ValueError(), retryable=False)
    assert attempts.number == 1


async def test_progress_restores_all_retries_and_the_next_failure_is_free() -> None:
    attempts = retrying(AT_ONCE, max_retries=1)
    async for number in attempts:
        if number == 2:
            attempts.progressed()
        attempts.failed(ValueError())
    assert attempts.number == 4


async def test_repeat_starts_an_attempt_that_counts_as_no_failure() -> None:
    attempts = retrying(ONE_SECOND, max_retries=0, deadline=-math.inf)
    async for number in attempts:
        if number < 5:
            attempts.repeat()
    assert attempts.number == 5


async def test_cancelling_ends_a_delay() -> None:
    attempts = retrying(Backoff(initial=1000, maximum=1000, jitter=0))
    failed = asyncio.Event()

    async def work() -> None:
        async for _ in attempts:
            attempts.failed(ValueError())
            failed.set()

    task = asyncio.create_task(work())
    await failed.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert attempts.number == 1


@pytest.mark.parametrize("is_cause", [False, True])
async def test_unknown_host_is_looked_up_three_times_within_ten_seconds(is_cause: bool) -> None:
    problem = APIConnectionError("The host was not found.")
    problem.is_unknown_host = True
    error: Exception = problem
    if is_cause:
        error = UploadError("Not uploaded.", source="a")
        error.__cause__ = problem
    with Clock().autojump():
        started = asyncio.get_running_loop().time()
        attempts = retrying(Backoff(initial=1000, maximum=1000, jitter=0))
        async for _ in attempts:
            attempts.failed(error)
        assert asyncio.get_running_loop().time() - started < 10
    assert attempts.number == 3
