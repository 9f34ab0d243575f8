"""The one retry loop of the SDK: a number of attempts under a deadline, with backoff and `Retry-After`."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING

import msgspec

from ..errors import APIConnectionError

if TYPE_CHECKING:
    from .backoff import Backoff


_MAX_LOOKUPS = 3
_MAX_LOOKUP_DELAY = 4.0  # seconds; all lookups of an unknown host take less than 10


class Attempts(msgspec.Struct, eq=False):
    """An async iterator of attempt numbers, from 1. Create it with `retrying`.

    Attributes:
        number: The number of the current attempt; 0 before the first.
        timed_out: Whether the loop ended because the next attempt would exceed the deadline.
    """

    _backoff: Backoff
    _max_retries: float
    _deadline: float
    _max_delay: float
    _failures: int = 0
    _next_delay: float | None = 0.0
    _error: Exception | None = None
    _lookups: int = 0
    number: int = 0
    timed_out: bool = False

    def __aiter__(self) -> Attempts:
        return self

    async def __anext__(self) -> int:
        delay, self._next_delay = self._next_delay, None
        if delay is None:
            raise StopAsyncIteration
        if delay:
            await asyncio.sleep(delay)
        self.number += 1
        return self.number

    @property
    def error(self) -> Exception:
        """The error of the newest failed attempt."""
        if self._error is None:
            raise RuntimeError("No attempt has failed.")
        return self._error

    def failed(self, error: Exception, *, retry_after: float | None = None, retryable: bool = True) -> bool:
        """Record a failed attempt, and decide whether another one follows.

        Args:
            error: The reason, for `error` after the loop.
            retry_after: The delay in seconds that the server requested; it replaces the backoff.
            retryable: False when another attempt is pointless.

        Returns:
            Whether the loop continues. It ends immediately when no retry is left, when the next delay would exceed the
            deadline, and when the server requests more than `max_delay`. A host that was never reached is looked up
            three times.
        """
        self._error = error
        delay = self._backoff.delay(max(self._failures, 0)) if retry_after is None else retry_after
        self._failures += 1
        if is_unknown_host(error):
            self._lookups += 1
            retryable = retryable and self._lookups < _MAX_LOOKUPS
            delay = min(delay, _MAX_LOOKUP_DELAY)
        if not retryable or self._failures > self._max_retries or delay > self._max_delay:
            return False
        if self._deadline != math.inf and asyncio.get_running_loop().time() + delay >= self._deadline:
            self.timed_out = True
            return False
        self._next_delay = delay
        return True

    def repeat(self) -> None:
        """Make another attempt immediately, without counting a failure, because its cause was removed."""
        self._next_delay = 0.0

    def progressed(self) -> None:
        """Reset the count of failures and the backoff, because an attempt achieved a part of the work.

        The failure that ends this attempt does not count, so the work continues even when no retry is allowed.
        """
        self._failures = -1


def is_unknown_host(error: BaseException | None) -> bool:
    """Return whether an error, or its cause, is that a host was not found which was never reached."""
    if isinstance(error, APIConnectionError):
        return error.is_unknown_host
    return error is not None and is_unknown_host(error.__cause__)


def retrying(
    backoff: Backoff, max_retries: int | None = None, deadline: float = math.inf, max_delay: float = math.inf
) -> Attempts:
    """Iterate over the attempts of an operation.

    The loop's body returns or breaks when an attempt succeeds. When one fails, it calls `failed` with the error. The
    iterator then waits and starts the next attempt, or ends. After the loop, raise `error`.

        attempts = retrying(options.retry, max_retries=3, deadline=deadline)
        async for _ in attempts:
            try:
                return await send()
            except APIConnectionError as error:
                attempts.failed(error)
        raise attempts.error

    An error that is not caught in the body ends the loop. A cancellation ends a delay immediately.

    Args:
        backoff: The delays between attempts.
        max_retries: The maximum number of attempts after the first one; None for no limit.
        deadline: The event loop's time that no delay may reach.
        max_delay: The maximum delay in seconds that a server may request.
    """
    return Attempts(backoff, math.inf if max_retries is None else max_retries, deadline, max_delay)
