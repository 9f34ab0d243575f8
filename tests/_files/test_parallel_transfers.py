"""Parallel transfers: limited, ordered, with an error for each failed one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from heygen_async import HeyGenError, InvalidInputError, UploadError
from heygen_async._files.parallel_transfers import run_in_parallel


async def test_returns_results_and_errors_in_the_order_of_the_items() -> None:
    async def transfer(number: int) -> int:
        for _ in range(10 - number):  # later items end first
            await asyncio.sleep(0)
        if number == 3:
            raise UploadError("It failed.", source="3")
        return number * 10

    results = await run_in_parallel(transfer, range(6), 3)
    assert [None if isinstance(result, HeyGenError) else result for result in results] == [0, 10, 20, None, 40, 50]
    assert isinstance(results[3], UploadError)


async def test_takes_an_item_only_when_a_transfer_can_start() -> None:
    taken = running = 0

    def items() -> Iterator[int]:
        nonlocal taken
        for number in range(20):
            taken += 1
            yield number

    async def transfer(number: int) -> None:
        nonlocal running
        running += 1
        assert running <= 4
        assert taken - number <= 4
        await asyncio.sleep(0)
        running -= 1

    assert len(await run_in_parallel(transfer, items(), 4)) == taken == 20


async def test_first_error_cancels_the_other_transfers() -> None:
    cancelled: list[int] = []

    async def transfer(number: int) -> None:
        if number == 1:
            raise UploadError("It failed.", source="1")
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(number)
            raise

    with pytest.raises(UploadError):
        await run_in_parallel(transfer, [0, 1, 2], 3, stop_on_error=True)
    assert sorted(cancelled) == [0, 2]


async def test_other_exceptions_end_all_transfers() -> None:
    async def transfer(number: int) -> None:
        raise ValueError(number)

    with pytest.raises(ValueError, match="0"):
        await run_in_parallel(transfer, [0, 1], 1)


async def test_rejects_a_concurrency_below_one() -> None:
    with pytest.raises(InvalidInputError, match="concurrency"):
        await run_in_parallel(asyncio.sleep, [0], 0)
