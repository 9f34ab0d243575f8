"""The poll limiter: it limits the parallel status requests of all waits of a client.

The problem: status requests that are in flight when a 429 arrives still reach the API, during the pause that it
requested. A thousand waits would send many of them.

The rules:

* Status requests start one at a time.
* After ten successful ones with others waiting, one more may run in parallel, up to 32.
* A 429 sets the limit back to one; to a half if the client has learnt the rate that the API allows.
* A status request that takes longer than two seconds no longer counts, so that the next one can start.
* A status request passes the rate-limit gate before it counts as started.
"""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, TypeVar

from ..errors import RateLimitError
from .concurrency_limiter import ConcurrencyLimiter

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from .rate_limit_gate import RateLimitGate

T = TypeVar("T")


class PollLimiter:
    """The limit that the status requests of one client share."""

    MAX_CAPACITY = 32
    SUCCESSES_PER_STEP = 10
    SLOW = 2.0  # seconds

    def __init__(self, gate: RateLimitGate) -> None:
        self._gate = gate
        self._limiter = ConcurrencyLimiter(1)
        self._successes = 0

    @property
    def capacity(self) -> int:
        """The number of status requests that may run in parallel now."""
        return self._limiter.capacity

    async def run(self, poll: Callable[[], Awaitable[T]], *, priority: bool = False) -> T:
        """Call `poll` as soon as the limit allows it, and return its result.

        Args:
            poll: Sends one status request.
            priority: Whether to go before the status requests that already wait.
        """
        await self._limiter.acquire(priority=priority)
        place = _Place(self._limiter)
        timer: asyncio.TimerHandle | None = None
        try:
            await self._gate.wait_ahead()
            timer = asyncio.get_running_loop().call_later(self.SLOW, place.release)
            result = await poll()
        except RateLimitError:
            self._limiter.resize(1 if self._gate.rate == math.inf else max(1, self._limiter.capacity // 2))
            self._successes = 0
            raise
        finally:
            self._gate.forget_wait_ahead()
            if timer is not None:
                timer.cancel()
            place.release()
        self._count_success()
        return result

    def _count_success(self) -> None:
        if not self._limiter.has_waiters:
            return
        self._successes += 1
        if self._successes >= self.SUCCESSES_PER_STEP:
            self._successes = 0
            self._limiter.resize(min(self._limiter.capacity + 1, self.MAX_CAPACITY))


class _Place:
    """A permit that is released once: by the timer for slow requests, or at the end of the request."""

    __slots__ = ("_limiter",)

    def __init__(self, limiter: ConcurrencyLimiter) -> None:
        self._limiter: ConcurrencyLimiter | None = limiter

    def release(self) -> None:
        limiter, self._limiter = self._limiter, None
        if limiter is not None:
            limiter.release()
