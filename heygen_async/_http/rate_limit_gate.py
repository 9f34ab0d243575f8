"""The rate-limit gate: it pauses the whole client after a 429, and then spaces its requests out.

The problem: a 429 concerns the whole program, not only the task whose request was rejected. If each task slept alone,
each of a thousand tasks would send one request that is rejected.

The rejected way: a retry loop in each task, as most clients have it. Its rejected requests count against the limit too,
and the tasks that sleep equally long return in one burst.

The rules:

* Every request waits at the gate before it is sent. The first 429 closes the gate for all.
* Requests already in flight are not affected; nothing else is sent until the pause is over.
* Afterwards the waiting tasks continue in their order, at the rate that the client has learnt (`allowed_rate`). While
  that is unknown, they continue at random distances for a second, and then without any. The 429 may be due to the
  plan's job slots, which say nothing about a rate.
* A task whose deadline is before the opening fails immediately. No task waits longer than its deadline.
"""

from __future__ import annotations

import asyncio
import math
import random
from collections import deque
from contextvars import ContextVar
from typing import TYPE_CHECKING

from .allowed_rate import AllowedRate
from .running_loop import TIMER_PRECISION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_random = random.Random()  # noqa: S311  spreading tasks needs no secrecy
_SPREAD_SECONDS = 1.0  # after a pause, in which the tasks are spread while the rate is unknown
_MIN_TASKS_PER_SECOND = 100  # in that time

#: The gate that the current task has passed already for its next request.
_passed: ContextVar[RateLimitGate | None] = ContextVar("_passed", default=None)


class RateLimitGate:
    """A gate that every request passes before it is sent.

    Attributes:
        closed_until: The event loop's time of the opening; 0 when the gate is open.
        is_active: Whether a request has to `wait`.
        record_accepted: Records that the API has not refused the request that was sent at this time.
    """

    __slots__ = (
        "_allowed", "_grown_at", "_pause_end", "_spacing", "_timer", "_waiters", "closed_until", "is_active",
        "record_accepted",
    )  # fmt: skip

    def __init__(self) -> None:
        self.closed_until: float = 0.0
        self.is_active: bool = False
        self._allowed = AllowedRate()
        self.record_accepted: Callable[[float], None] = self._allowed.record_accepted
        self._waiters: deque[tuple[asyncio.Future[bool], float]] = deque()  # with their deadlines
        self._timer: asyncio.TimerHandle | None = None
        self._grown_at = math.inf  # the time up to which the rate has grown
        self._pause_end = 0.0  # of the last pause
        self._spacing = 0.0  # seconds between two tasks while the rate is unknown

    @property
    def rate(self) -> float:
        """The requests a second that are sent at most; infinite while no rate is known."""
        return self._allowed.rate

    def close(self, until: float) -> None:
        """Close the gate until `until` (event loop time), unless a longer pause is already set."""
        self.closed_until = self._pause_end = max(self.closed_until, until)
        self._grown_at = math.inf
        self.is_active = True
        for waiter, deadline in self._waiters:
            if deadline < self.closed_until and not waiter.done():
                waiter.set_result(False)
        self._schedule()

    def record_refused(self, sent_at: float, now: float, pause: float) -> None:
        """Learn from a 429. Those of requests that were in flight when the gate was closed teach nothing new."""
        if sent_at >= self._pause_end:
            self._allowed.record_refused(sent_at, now, pause)

    def record_quota(self, headers: Mapping[str, str], max_pause: float) -> None:
        """Use the limit that a response's headers state: its rate, or a pause until requests are allowed again."""
        from .rate_limit_headers import read_quota  # noqa: PLC0415  HeyGen sends none today

        now, quota = asyncio.get_running_loop().time(), read_quota(headers)
        if quota is None:
            return
        if quota.rate is not None:
            self._allowed.set_rate(quota.rate, quota.remaining, now)
            self.is_active = True
        elif not quota.remaining and quota.reset:
            self.close(now + min(quota.reset, max_pause))

    async def wait(self, deadline: float) -> bool:
        """Wait until the current task may send a request.

        Returns:
            False when the gate opens only after `deadline` (event loop time), immediately; or when the deadline passed.
        """
        loop = asyncio.get_running_loop()
        now = loop.time()
        if now >= self.closed_until:
            if _passed.get() is self:
                _passed.set(None)
                self.closed_until = 0.0
                return True
            if not self._waiters and self._pass(now, is_calm=True):
                return True
        elif self.closed_until > deadline:
            return False
        waiter: asyncio.Future[bool] = loop.create_future()
        self._waiters.append((waiter, deadline))
        self._schedule()
        try:
            async with asyncio.timeout_at(None if deadline == math.inf else deadline):
                return await waiter
        except TimeoutError:
            return False

    def explain(self) -> str:
        """Return why a task cannot continue, for an error message."""
        pause = self.closed_until - asyncio.get_running_loop().time()
        if pause > 0:
            return f"HeyGen requested a pause of {pause:.1f} s"
        return f"{len(self._waiters)} requests wait, because HeyGen refuses more than about {self.rate:.1f} a second"

    async def wait_ahead(self) -> None:
        """Wait now for the next request of the current task."""
        if self.is_active and await self.wait(math.inf):
            _passed.set(self)

    @staticmethod
    def forget_wait_ahead() -> None:
        """Let the next request of the current task wait again, whether `wait_ahead` was used or not."""
        _passed.set(None)

    def _pass(self, now: float, *, is_calm: bool = False) -> bool:
        """Let one request through the open gate, if the rate allows it."""
        self.closed_until = 0.0
        if not self._allowed.take(now, is_calm=is_calm):
            return False
        self.is_active = self._allowed.is_known or bool(self._waiters)
        return True

    def _schedule(self) -> None:
        """Set the timer to the time at which the next waiting task continues."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._waiters:
            self._grown_at = math.inf
            return
        loop = asyncio.get_running_loop()
        now = loop.time()
        if now < self.closed_until:
            due_at = self.closed_until
            self._spacing = 1 / max(len(self._waiters), _MIN_TASKS_PER_SECOND)
        elif self._allowed.is_known:
            due_at = now + self._allowed.seconds_until_next(now)
        elif now < self._pause_end + _SPREAD_SECONDS:
            due_at = now + 2 * self._spacing * _random.random()
        else:
            due_at = now
        self._timer = loop.call_at(due_at, self._open)

    def _open(self) -> None:
        """Let waiting tasks continue: as many as the rate allows, or one while it is unknown."""
        self._timer = None
        now = asyncio.get_running_loop().time() + TIMER_PRECISION
        if now >= self.closed_until:
            if now > self._grown_at:
                self._allowed.grow(now - self._grown_at)
            self._grown_at = now
            while self._waiters and (self._waiters[0][0].done() or self._pass(now)):
                waiter, _ = self._waiters.popleft()
                if not waiter.done():
                    waiter.set_result(True)
                    if not self._allowed.is_known:
                        break
        self._schedule()
