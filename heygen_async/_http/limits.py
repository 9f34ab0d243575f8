"""What all tasks of one client share so that together they stay polite: the gate, the line, the retry budget.

A server that answers 429 speaks to the program, not to the task that happened to ask. If each task slept alone, a
thousand of them would each learn the same thing from a refused request of its own. So the first 429 shuts a gate that
every request passes: what is in flight then is the last that goes out until the pause is over. When it opens, the
tasks that waited come back spread over up to a second, not in one burst that would shut it again.

A server that breaks (5xx, resets) must not be asked more because of it. Each request that goes out earns a tenth of a
retry, and a retry spends a whole one; a small reserve lets a program that has just started retry too. So an outage
adds a tenth to the load, whatever the number of tasks.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from typing import TYPE_CHECKING, TypeVar

from ..errors import RateLimitError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")

_random = random.Random()  # noqa: S311  spreading tasks needs no secrecy


class RateLimitGate:
    """Shut for a while after a 429; every request passes it before it is sent. `until` is 0 when it is open."""

    __slots__ = ("_waiting", "until")

    def __init__(self) -> None:
        self.until: float = 0.0
        self._waiting = 0

    def shut(self, until: float) -> None:
        """Let nothing through before `until` (loop time); a longer pause that is running stays."""
        self.until = max(self.until, until)

    async def passed(self, deadline: float) -> bool:
        """Wait until it is open; False, at once, when that would be after `deadline`."""
        loop = asyncio.get_running_loop()
        self._waiting += 1
        try:
            while (now := loop.time()) < self.until:
                if self.until > deadline:
                    return False
                spread = min(1.0, self._waiting / 100) * _random.random()
                await asyncio.sleep(min(self.until - now + spread, deadline - now))
        finally:
            self._waiting -= 1
        self.until = 0.0
        return True


class ConcurrencyLimiter:
    """How many requests may be in flight at once; those above wait their turn.

    As `asyncio.Semaphore`, without its coroutines on the way of a request that need not wait.
    """

    __slots__ = ("_waiting", "free")

    def __init__(self, most: int) -> None:
        self.free: int = most
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def taken(self, deadline: float) -> bool:
        """Wait for a slot and take it; False when there is none before the deadline."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout_at(deadline):
                await turn
        except (asyncio.CancelledError, TimeoutError) as ended:
            if turn.done() and not turn.cancelled():
                self.release()  # it was given a slot in the same moment
            if isinstance(ended, TimeoutError):
                return False
            raise
        return True

    def release(self) -> None:
        """Give a slot to the one who waits longest, or back."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self.free += 1


class RetryBudget:
    """How many retries may be added to what is sent anyway."""

    __slots__ = ("_tokens",)

    RESERVE = 10.0
    EARNED = 0.1
    MOST = 100.0

    def __init__(self) -> None:
        self._tokens = self.RESERVE

    def earn(self) -> None:
        """A request of its own right went out."""
        if self._tokens < self.MOST:
            self._tokens += self.EARNED

    def spend(self) -> bool:
        """Whether one more retry is affordable; if so, it is paid for."""
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class PollLimiter:
    """How many looks at jobs may be under way at once: one, and more while the API keeps up.

    A look that meets a 429 shuts the gate; those that are under way then still arrive, inside the pause that the API
    asked for. So looks go out one by one at first. Each ten that went well while others stood in line make room for one
    more, up to 32; a 429 takes it all back. A look that takes longer than two seconds holds nobody up.
    """

    MOST = 32
    STEADY = 10
    SLOW = 2.0  # seconds

    def __init__(self, gate: RateLimitGate) -> None:
        self.room: int = 1
        self._gate = gate
        self._under_way = 0
        self._steady = 0
        self._first: deque[asyncio.Future[None]] = deque()
        self._others: deque[asyncio.Future[None]] = deque()
        self._called_at = 0.0

    async def turn(self, look: Callable[[], Awaitable[T]], *, first: bool = False) -> T:
        """Make this look when its turn has come; `first` before those that are not."""
        loop = asyncio.get_running_loop()
        if self._under_way < self.room and not self._first and not self._others and loop.time() >= self._gate.until:
            self._under_way += 1
        else:
            turn = loop.create_future()
            (self._first if first else self._others).append(turn)
            self._call()
            try:
                await turn
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled():
                    self._leave()
                raise
        left = False

        def leave() -> None:
            nonlocal left
            if not left:
                left = True
                self._leave()

        slow = loop.call_later(self.SLOW, leave)
        try:
            result = await look()
        except RateLimitError:
            self.room, self._steady = 1, 0
            raise
        finally:
            slow.cancel()
            leave()
        if self._first or self._others:
            self._steady += 1
            if self._steady >= self.STEADY:
                self.room, self._steady = min(self.room + 1, self.MOST), 0
        return result

    def _leave(self) -> None:
        self._under_way -= 1
        self._call()

    def _call(self) -> None:
        """Let those go whose turn it is, unless the API asked for a pause."""
        loop = asyncio.get_running_loop()
        while (self._first or self._others) and self._under_way < self.room:
            if loop.time() < self._gate.until:
                if self._called_at <= loop.time():
                    self._called_at = self._gate.until
                    loop.call_at(self._called_at, self._call)
                return
            turn = (self._first or self._others).popleft()
            if not turn.done():
                self._under_way += 1
                turn.set_result(None)
