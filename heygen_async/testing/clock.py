"""The emulator's clock: a test advances it, and with autojump the event loop uses its time.

The problem: a program polls a five-minute job every ten seconds, and its test must not take five minutes. Shorter
intervals would test another program, and a patched `asyncio.sleep` would miss the timers of libraries.

Without autojump the clock shows real time plus the seconds that `advance` added. With autojump it replaces the
time of the running event loop, as trio's MockClock does. It stands still while code runs, so that a busy machine
changes no result. Whenever the loop would sleep until its next timer and nothing else is in progress, the clock jumps
to that timer. Three kinds of work must not be jumped over:

* Traffic within this loop. The selector reports it immediately. Linux tells how many bytes each end of a connection
  has received; elsewhere, and after a connection was opened or closed, the loop waits a millisecond before each jump.
* Worker threads of the loop's executor and of anyio. The loop waits for them in real time, and the clock stands
  still. After one second it continues in real time, because a timer may be the timeout of a thread.
* Other processes: responses from them and child processes (see `external_activity.py`). The loop waits for them in
  real time, and the clock continues in real time.

The clock does not see threads that a library manages itself, as aiosqlite does, or processes started without asyncio. A
test whose timeouts depend on such work turns autojump off.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import anyio.to_thread

from .external_activity import ExternalActivity

if TYPE_CHECKING:
    import selectors
    from collections.abc import Callable, Generator

__all__ = ["Clock"]

_GRACE = 0.0005  # seconds of real time that traffic on loopback gets, twice, before a jump
_RESOLUTION = 1e-6  # seconds; a timer that is due within it runs now, as the loop's time may be large and is rounded
_THREAD_PATIENCE = 1.0  # seconds of real time for which the clock stands still while threads work
#: The system's clocks, whatever a test puts in the place of the functions of `time`.
_REAL = {"time": time.time, "monotonic": time.monotonic}
_PROCESS_STARTERS = ("subprocess_exec", "subprocess_shell")


class Clock:
    """A clock that shows Unix time and can be advanced."""

    def __init__(self) -> None:
        self._start = _REAL["time"]() - _REAL["monotonic"]()
        self._offset = 0.0  # seconds that `advance` and jumps added
        self._stopped_at: float | None = None  # real Unix time at which `freeze` was called or autojump began
        self._jumps = False  # whether autojump is on

    def time(self) -> float:
        """Return Unix time in seconds, by this clock."""
        return (self._real_time() if self._stopped_at is None else self._stopped_at) + self._offset

    def _real_time(self) -> float:
        """Return the Unix time since the creation of this clock, which no change of the system's clock moves."""
        return self._start + _REAL["monotonic"]()

    def advance(self, seconds: float) -> None:
        """Advance the clock.

        Args:
            seconds: The time in seconds, 0 or more.

        Raises:
            ValueError: `seconds` is negative.
        """
        if seconds < 0:
            raise ValueError(f"the clock cannot go back: advance() takes 0 or more seconds, not {seconds}")
        self._offset += seconds

    @property
    def is_frozen(self) -> bool:
        """Whether the clock stands still, after `freeze` or with autojump."""
        return self._stopped_at is not None

    def freeze(self) -> None:
        """Stop the clock: until `run` only `advance` moves it.

        Raises:
            RuntimeError: Autojump moves the clock.
        """
        if self._jumps:
            raise RuntimeError("freeze() does not apply to a clock with autojump, which moves only when the loop waits")
        if self._stopped_at is None:
            self._stopped_at = self._real_time()

    def run(self) -> None:
        """Let the clock run again after `freeze`, from the time that it shows. With autojump this has no effect."""
        if self._stopped_at is not None and not self._jumps:
            self._offset -= self._real_time() - self._stopped_at
            self._stopped_at = None

    @contextmanager
    def autojump(self) -> Generator[None]:
        """Let the current event loop use this clock, which jumps over each time in which the loop would sleep.

        Raises:
            RuntimeError: The loop is not one of asyncio's selector loops, or already uses a clock.
        """
        loop: Any = asyncio.get_running_loop()
        real_selector, real_time = _selector_of(loop), loop.time
        selector = _JumpingSelector(real_selector, self, anyio.to_thread.current_default_thread_limiter())
        run_in_executor = loop.run_in_executor

        def run_counted(executor: Any, func: Callable[..., Any], *args: Any) -> Any:
            future = run_in_executor(executor, func, *args)
            selector.thread_count += 1
            future.add_done_callback(selector.count_ended_thread)
            return future

        self.run()
        start, offset, resolution = real_time(), self._offset, loop._clock_resolution
        self._stopped_at, self._jumps = self._real_time(), True
        loop._selector = selector
        loop.run_in_executor = run_counted
        for name in _PROCESS_STARTERS:
            setattr(loop, name, selector.external.counting_children(getattr(loop, name)))
        loop.time = lambda: start + (self._offset - offset)
        loop._clock_resolution = _RESOLUTION
        try:
            yield
        finally:
            loop._selector, loop._clock_resolution = real_selector, resolution
            for name in ("run_in_executor", *_PROCESS_STARTERS):
                delattr(loop, name)
            selector.external.restore_transports()
            # Neither clock may go back or leap: scheduled timers are due in this time. So both continue from this time.
            difference = loop.time() - real_time()
            loop.time = lambda: real_time() + difference
            self._jumps = False
            self.run()


def _selector_of(loop: Any) -> selectors.BaseSelector:
    """Return the selector of a loop that can use a clock's time."""
    if not hasattr(loop, "_selector"):
        kind = f"{type(loop).__module__}.{type(loop).__qualname__}"
        raise RuntimeError(
            f"autojump needs asyncio's own selector loop, not {kind}. Run the test on asyncio's loop: remove the "
            "fixture event_loop_policy or the loop factory that sets another one. Or use real time: "
            "HeyGenEmulator(autojump=False, render_seconds=0) or @pytest.mark.heygen(autojump=False, render_seconds=0)"
        )
    selector: selectors.BaseSelector = loop._selector
    if isinstance(selector, _JumpingSelector):
        raise RuntimeError(  # noqa: TRY004  no argument has a wrong type
            "this event loop already uses the clock of another emulator: share that clock with "
            "HeyGenEmulator(clock=first.clock), without autojump"
        )
    return selector


class _JumpingSelector:
    """A selector that advances the clock instead of sleeping."""

    def __init__(self, real: selectors.BaseSelector, clock: Clock, limiter: anyio.CapacityLimiter) -> None:
        self._real = real
        self._clock = clock
        self._limiter = limiter
        self._threads_since: float | None = None
        self._files_changed = True  # since the last pause for traffic: a connection may be in the opening or closing
        self.thread_count = 0
        self.external = ExternalActivity(real)
        for key in list(getattr(real, "get_map", dict[int, Any])().values()):
            self.external.add(key.fd, awaited=False)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def count_ended_thread(self, _: object) -> None:
        """Record that work in the loop's executor has ended."""
        self.thread_count -= 1

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        """Register a file, and record its peer."""
        self._files_changed = True
        key = self._real.register(fileobj, events, data)
        self.external.add(key.fd)
        return key

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        """Unregister a file."""
        self._files_changed = True
        key = self._real.unregister(fileobj)
        self.external.remove(key.fd)
        return key

    def select(self, timeout: float | None = None) -> Any:
        """Return the files that are ready; advance the clock by `timeout` if none is and nothing is in progress."""
        if timeout is not None and timeout <= 0:
            return self._select(timeout)
        if timeout is not None and (ready := self._select_internal(timeout)):
            return ready
        if self._threads_work():
            return self._wait(timeout, clock_stands=not self._threads_outlast_patience())
        if self.external.describe():
            return self._wait(timeout, clock_stands=False)
        if timeout is None:
            return self._select(None)
        self._clock.advance(timeout)
        return []

    def _select_internal(self, timeout: float) -> Any:
        """Return the files that are ready, after everything that the loop sent to itself has arrived."""
        all_received = not self._files_changed and self.external.all_received()
        for pause in (0,) if all_received else (min(timeout, _GRACE),) * 2:
            if ready := self._select(pause):
                return ready
        self._files_changed = False
        return []

    def _threads_work(self) -> bool:
        if self.thread_count > 0 or self._limiter.borrowed_tokens > 0:
            return True
        self._threads_since = None
        return False

    def _threads_outlast_patience(self) -> bool:
        now = _REAL["monotonic"]()
        if self._threads_since is None:
            self._threads_since = now
        return now - self._threads_since > _THREAD_PATIENCE

    def _wait(self, timeout: float | None, *, clock_stands: bool) -> Any:
        """Wait in real time: at most 10 ms if there is a timer, so that the end of the work is noticed."""
        limit = None if timeout is None else min(timeout, 0.01)
        start = _REAL["monotonic"]()
        ready = self._select(limit)
        if not clock_stands:
            elapsed = _REAL["monotonic"]() - start
            self._clock.advance(elapsed if timeout is None else min(elapsed, timeout))
        return ready

    def _select(self, timeout: float | None) -> Any:
        ready = self._real.select(timeout)
        self.external.note_ready(ready)
        return ready
