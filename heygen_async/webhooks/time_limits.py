"""A time limit that costs nothing while it is not needed.

The problem: a delivery passes four steps with a time limit (its body, its claim, its handler, its record), and nearly
always each of them ends without waiting. Four timers take longer than the steps themselves. So the timer starts when a
step first waits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator
from typing import Any, Generic, TypeVar, cast

T = TypeVar("T")


async def within(seconds: float, work: Coroutine[Any, Any, T], expired: Callable[[], Exception]) -> T:
    """Await a coroutine in this task. After these seconds it is cancelled.

    Raises:
        Exception: The result of `expired` after a timeout, or the coroutine's.
    """
    try:
        pending = work.send(None)
    except StopIteration as ended:
        return cast("T", ended.value)
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            return await _Rest(work, pending)
    except TimeoutError:
        if limit.expired():
            raise expired() from None
        raise


class _Rest(Generic[T]):
    """Awaits the rest of a coroutine that waits for `pending`."""

    def __init__(self, work: Coroutine[Any, Any, T], pending: object) -> None:
        self._work = work
        self._pending = pending

    def __await__(self) -> Generator[Any, Any, T]:
        work, pending = self._work, self._pending
        try:
            while True:
                try:
                    sent = yield pending
                except GeneratorExit:
                    work.close()
                    raise
                except BaseException as error:  # noqa: BLE001  passed on, cancellations too
                    pending = work.throw(error)
                else:
                    pending = work.send(sent)
        except StopIteration as ended:
            return cast("T", ended.value)
