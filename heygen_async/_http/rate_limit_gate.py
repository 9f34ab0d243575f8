"""The rate-limit gate: after a 429, no request of the client is sent until the pause is over.

The problem: a 429 concerns the whole program, not only the task whose request was rejected. If each task slept alone,
each of a thousand tasks would send one request that is rejected.

The rejected way: a retry loop in each task, as most clients have it. Its rejected requests count against the limit too,
and the tasks that sleep equally long return in one burst.

The rules:

* Every request waits at the gate before it is sent. The first 429 closes the gate for all.
* Requests already in flight are not affected; nothing else is sent until the pause is over.
* When the gate opens, each waiting task continues after a random delay of at most one second.
* A task whose deadline is before the opening fails immediately.
"""

from __future__ import annotations

import asyncio
import random

_random = random.Random()  # noqa: S311  spreading tasks needs no secrecy
_TASKS_PER_SECOND_OF_SPREAD = 100


class RateLimitGate:
    """A gate that every request passes before it is sent.

    Attributes:
        closed_until: The event loop's time of the opening; 0 when the gate is open.
    """

    __slots__ = ("_waiting", "closed_until")

    def __init__(self) -> None:
        self.closed_until: float = 0.0
        self._waiting = 0

    def close(self, until: float) -> None:
        """Close the gate until `until` (event loop time), unless a longer pause is already set."""
        self.closed_until = max(self.closed_until, until)

    async def wait_open(self, deadline: float) -> bool:
        """Wait until the gate is open.

        Returns:
            False, immediately, when the gate opens only after `deadline` (event loop time).
        """
        loop = asyncio.get_running_loop()
        self._waiting += 1
        try:
            while (now := loop.time()) < self.closed_until:
                if self.closed_until > deadline:
                    return False
                spread = min(1.0, self._waiting / _TASKS_PER_SECOND_OF_SPREAD) * _random.random()
                await asyncio.sleep(min(self.closed_until - now + spread, deadline - now))
        finally:
            self._waiting -= 1
        self.closed_until = 0.0
        return True
