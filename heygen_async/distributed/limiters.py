"""Limiters: workers share the plan's number of parallel jobs, instead of finding it by rejected requests.

The problem: each 429 costs a request, and a worker does not know how many jobs the others run. A worker that dies holds
its places for ever, if nobody takes them back.

A place is a lease: it has the name of a row, and expires when nobody renews it. It belongs to the row and not to the
worker. So the worker that continues a row has its place, and each poll by any worker renews it.

`RedisLimiter` (`redis_limiter.py`) is for several machines. Another store needs the four methods of `Limiter`.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

from .._http.backoff import Backoff
from .._http.configuration import check_seconds
from ..errors import InvalidInputError

LEASE_LIFETIME = 1800.0  # seconds
RETRY_AFTER = 5.0  # seconds


class Limiter(Protocol):
    """The places for unfinished jobs that workers share. The name of a lease is the row's idempotency key."""

    async def acquire(self, name: str) -> float:
        """Take or renew a lease.

        Args:
            name: The name of the lease: the row's idempotency key.

        Returns:
            0 when the lease is held; otherwise the seconds until the next attempt.
        """
        ...

    async def renew(self, name: str) -> None:
        """Extend a lease whose job is unfinished, even when it has expired.

        Args:
            name: The name of the lease: the row's idempotency key.
        """
        ...

    async def release(self, name: str) -> None:
        """Give a lease back. Releasing it again has no effect.

        Args:
            name: The name of the lease: the row's idempotency key.
        """
        ...

    async def pause(self, seconds: float) -> None:
        """Grant no new lease for this time, because HeyGen has responded with a 429.

        Args:
            seconds: The pause that HeyGen requested, in seconds.
        """
        ...


class LocalLimiter:
    """A limiter for the tasks of one process.

    Args:
        limit: The maximum number of unfinished jobs: the concurrency of the plan.
        lifetime: The seconds after which a lease expires that nobody renews. Longer than the pause between two polls.
        retry_after: The longest pause in seconds before the next attempt of a row that got no lease; the shortest is
            half of it.
    """

    def __init__(self, limit: int, *, lifetime: float = LEASE_LIFETIME, retry_after: float = RETRY_AFTER) -> None:
        check_limiter(limit, lifetime, retry_after)
        self._limit = limit
        self._lifetime = lifetime
        self._delay = retry_delay(retry_after)
        self._leases: dict[str, float] = {}  # the expiry by the event loop's time
        self._paused_until = 0.0

    async def acquire(self, name: str) -> float:
        """Take or renew a lease; see `Limiter`.

        Args:
            name: The name of the lease: the row's idempotency key.
        """
        now = asyncio.get_running_loop().time()
        self._leases = {held: expiry for held, expiry in self._leases.items() if expiry > now}
        if name not in self._leases:
            if self._paused_until > now:
                return self._paused_until - now
            if len(self._leases) >= self._limit:
                return self._delay.delay(0)
        self._leases[name] = now + self._lifetime
        return 0.0

    async def renew(self, name: str) -> None:
        """Extend a lease; see `Limiter`.

        Args:
            name: The name of the lease: the row's idempotency key.
        """
        self._leases[name] = asyncio.get_running_loop().time() + self._lifetime

    async def release(self, name: str) -> None:
        """Give a lease back; see `Limiter`.

        Args:
            name: The name of the lease: the row's idempotency key.
        """
        self._leases.pop(name, None)

    async def pause(self, seconds: float) -> None:
        """Grant no new lease for this time; see `Limiter`.

        Args:
            seconds: The pause that HeyGen requested, in seconds.
        """
        self._paused_until = max(self._paused_until, asyncio.get_running_loop().time() + seconds)


def check_limiter(limit: int, lifetime: float, retry_after: float) -> None:
    """Check the arguments of a limiter.

    Raises:
        InvalidInputError: One is out of its range. The error names it.
    """
    if limit < 1:
        raise InvalidInputError("limit", limit, "an integer, 1 or more")
    check_seconds("lifetime", lifetime)
    check_seconds("retry_after", retry_after)


def retry_delay(seconds: float) -> Backoff:
    """Return pauses between half of this time and all of it, so that rows that wait do not come back together."""
    return Backoff(initial=seconds, factor=1.0, maximum=seconds, jitter=0.5)
