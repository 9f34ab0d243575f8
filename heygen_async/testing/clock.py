"""The local HeyGen's time, which a test turns.

By itself the clock is the real one. `advance` turns it by hand. With `autojump` the running event loop lives by it
too: whenever the loop would sleep until its next timer with nothing else to do, the clock jumps there instead. So a
program that polls a five-minute job every ten seconds ends in milliseconds, and nothing in it knows.

A jump must never pass over work that is under way. Traffic within the loop shows itself to the selector within the
moment that each jump grants it. Work in threads is counted, those of the loop's executor and anyio's alike, and while
any is pending the loop waits for real. So it does while an answer of another process is awaited, or a child process
runs (see `outside`). What cannot be seen is work in threads that a library keeps for itself, as aiosqlite does, and
processes begun without asyncio: a test whose timeouts hang on those turns jumping off. (The idea is trio's MockClock.)
"""

from __future__ import annotations

import asyncio
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import anyio.to_thread

from .external_activity import Outside

if TYPE_CHECKING:
    import selectors
    from collections.abc import Callable, Generator

__all__ = ["Clock"]

_GRACE = 0.0005  # seconds that traffic on loopback is granted to show itself, twice
_STARTS = ("subprocess_exec", "subprocess_shell")


class Clock:
    """Unix time that can be turned forward."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def time(self) -> float:
        """Seconds since 1970, by this clock."""
        return time.time() + self._ahead

    def advance(self, seconds: float) -> None:
        """Turn it forward."""
        if seconds < 0:
            raise ValueError(f"a clock is turned forward only, not by {seconds}")
        self._ahead += seconds

    @contextmanager
    def autojump(self) -> Generator[None]:
        """Make the running event loop live by this clock, jumping over the times in which it would only sleep.

        Raises:
            RuntimeError: The loop has no selector to stand behind, as uvloop, or lives by a clock already.

        """
        loop: Any = asyncio.get_running_loop()
        if not hasattr(loop, "_selector"):
            kind = f"{type(loop).__module__}.{type(loop).__qualname__}"
            raise RuntimeError(
                f"autojump needs asyncio's own selector loop, not {kind}: run the test on asyncio's loop (another one "
                "comes with a fixture event_loop_policy or a loop factory), or let its clock be the real one, by "
                "HeyGenEmulator(autojump=False, render_seconds=0) or @pytest.mark.heygen(autojump=False, render_seconds=0)"
            )
        real = loop._selector
        if isinstance(real, _JumpingSelector):
            raise RuntimeError(  # noqa: TRY004  no argument is of the wrong type
                "this event loop lives by the clock of another local HeyGen already: share that one, by "
                "HeyGenEmulator(clock=first.clock) without autojump"
            )
        jumping = _JumpingSelector(real, self, anyio.to_thread.current_default_thread_limiter())
        run_in_executor = loop.run_in_executor

        def counted(executor: Any, func: Callable[..., Any], *args: Any) -> Any:
            future = run_in_executor(executor, func, *args)
            jumping.threads += 1
            future.add_done_callback(jumping.thread_ended)
            return future

        before, real_time = self._ahead, loop.time
        loop._selector = jumping
        loop.run_in_executor = counted
        for name in _STARTS:
            setattr(loop, name, jumping.outside.began(getattr(loop, name)))
        loop.time = lambda: real_time() + self._ahead - before
        try:
            yield
        finally:
            loop._selector = real
            for name in ("run_in_executor", *_STARTS):
                delattr(loop, name)
            jumping.outside.forget()
            # Timers that are still scheduled are due in this time, so the loop's clock never goes back.
            ahead = self._ahead - before
            loop.time = lambda: real_time() + ahead


class _JumpingSelector:
    """A selector that turns the clock where it would sleep."""

    def __init__(self, real: selectors.BaseSelector, clock: Clock, limiter: anyio.CapacityLimiter) -> None:
        self._real = real
        self._clock = clock
        self._limiter = limiter
        self.threads = 0
        self.outside = Outside(real)
        for key in list(getattr(real, "get_map", dict[int, Any])().values()):
            self.outside.opened(key.fd, before=True)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def thread_ended(self, _: object) -> None:
        self.threads -= 1

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        key = self._real.register(fileobj, events, data)
        self.outside.opened(key.fd)
        return key

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        key = self._real.unregister(fileobj)
        self.outside.closed(key.fd)
        return key

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None or timeout <= 0:
            return self._select(timeout)
        for _ in range(2):
            if ready := self._select(min(timeout, _GRACE)):
                return ready
        if self.threads > 0 or self._limiter.borrowed_tokens > 0 or self.outside.under_way():
            return self._select(min(timeout, 0.01))
        self._clock.advance(timeout)
        return []

    def _select(self, timeout: float | None) -> Any:
        ready = self._real.select(timeout)
        self.outside.heard(ready)
        return ready
