"""The concurrency limiter: at most `capacity` tasks hold a permit; the others wait in FIFO order.

`asyncio.Semaphore` does the same, but has no deadline, no variable capacity and no fast path without a coroutine.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque


class ConcurrencyLimiter:
    """A number of permits, each held by one task at a time.

    Attributes:
        capacity: The number of permits. `resize` may change it at any time; tasks keep the permits that they hold.
        in_use: The number of permits that are held.
    """

    __slots__ = ("_waiters", "capacity", "in_use")

    def __init__(self, capacity: int) -> None:
        self.capacity: int = capacity
        self.in_use: int = 0
        self._waiters: deque[asyncio.Future[bool]] = deque()

    @property
    def has_waiters(self) -> bool:
        """Whether a task waits for a permit."""
        return bool(self._waiters)

    def try_acquire(self) -> bool:
        """Take a permit when one is free and no task waits; return whether it was taken."""
        if self.in_use < self.capacity and not self._waiters:
            self.in_use += 1
            return True
        return False

    async def acquire(self, deadline: float = math.inf, *, priority: bool = False) -> bool:
        """Wait for a permit and take it.

        Args:
            deadline: The event loop's time at which waiting ends.
            priority: Whether to go before the tasks that already wait.

        Returns:
            False when no permit became free before the deadline.
        """
        if self.try_acquire():
            return True
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[bool] = loop.create_future()  # its result is whether a permit was granted
        if priority:
            self._waiters.appendleft(waiter)
        else:
            self._waiters.append(waiter)
        # A timer alone takes half the time of `asyncio.timeout_at`.
        timer = None if deadline == math.inf else loop.call_at(deadline, _end_waiting, waiter)
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.result():
                self.release()  # the permit was granted in the same moment
            raise
        finally:
            if timer is not None:
                timer.cancel()

    def release(self) -> None:
        """Return a permit; the task that has waited longest gets it."""
        self.in_use -= 1
        if self._waiters:
            self._grant()

    def resize(self, capacity: int) -> None:
        """Change the number of permits. A smaller number takes effect as permits are released."""
        self.capacity = capacity
        self._grant()

    def _grant(self) -> None:
        while self._waiters and self.in_use < self.capacity:
            waiter = self._waiters.popleft()
            if not waiter.done():
                self.in_use += 1
                waiter.set_result(True)


def _end_waiting(waiter: asyncio.Future[bool]) -> None:
    if not waiter.done():
        waiter.set_result(False)
