"""Run many transfers in parallel, with a concurrency limit and an error for each failed one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeVar

from .._http.tasks import start_task
from ..errors import HeyGenError, InvalidInputError

T = TypeVar("T")
R = TypeVar("R")

#: The number of files that one call transfers in parallel.
DEFAULT_CONCURRENCY = 4


async def run_in_parallel(
    transfer: Callable[[T], Awaitable[R]], items: Iterable[T], concurrency: int, *, stop_on_error: bool = False
) -> list[R | HeyGenError]:
    """Return the result of each item, in the order of the items; a failed item has its error in place of a result.

    Items are taken from the iterable only when a transfer can start.

    Args:
        transfer: Called with each item.
        items: One item for each transfer.
        concurrency: The maximum number of transfers in parallel, 1 or more.
        stop_on_error: Cancel the other transfers at the first error, and raise that error.

    Raises:
        InvalidInputError: `concurrency` is below 1.
    """
    if concurrency < 1:
        raise InvalidInputError("concurrency", concurrency, "an integer, 1 or more")
    remaining = enumerate(items)
    results: dict[int, R | HeyGenError] = {}

    async def worker() -> None:
        for number, item in remaining:
            try:
                results[number] = await transfer(item)
            except HeyGenError as error:
                if stop_on_error:
                    raise
                results[number] = error

    count = min(concurrency, len(items)) if isinstance(items, Sequence) else concurrency
    workers = [start_task(worker()) for _ in range(count)]
    try:
        await asyncio.gather(*workers)
    finally:
        for task in workers:
            task.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
    return [results[number] for number in sorted(results)]
