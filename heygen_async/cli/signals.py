"""The signals that end a command: SIGINT (Ctrl-C), SIGTERM, and SIGHUP or SIGBREAK where they exist.

A command passes three phases:

1. While it imports its modules, a signal ends the process at once: `exit_at_signals`.
2. While it reads its arguments, a signal raises KeyboardInterrupt: `interrupt_at_signals`.
3. While its event loop runs, a signal ends its work in order: `handle_signals`, and for most commands
   `run_until_signal`. KeyboardInterrupt would end the event loop between any two instructions.

Nothing may delay the end: `GRACE` seconds after SIGTERM or SIGHUP, the process exits whatever still runs. After Ctrl-C
a person decides; a second Ctrl-C exits at once. A second one within a second does not count: some shells and package
runners send two.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar, cast

from .exit_codes import STOPPED

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Coroutine, Generator
    from types import FrameType

T = TypeVar("T")

GRACE = 2.5  # seconds
_DOUBLE_SIGNAL = 1.0  # seconds
_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")


def exit_at_signals() -> None:
    """Exit with `STOPPED` at the next signal."""
    _set_handlers(_exit)


def interrupt_at_signals() -> None:
    """Raise KeyboardInterrupt at each signal."""
    _set_handlers(signal.default_int_handler)


def run_until_signal(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine function with `asyncio.run`. A signal cancels it.

    Raises:
        KeyboardInterrupt: A signal arrived, and the cancelled work has ended.
    """
    import asyncio

    received: list[int] = []

    async def main() -> T:
        loop, task = asyncio.get_running_loop(), cast("asyncio.Task[T]", asyncio.current_task())
        with handle_signals(lambda: loop.call_soon_threadsafe(task.cancel), received=received):
            return await work()

    try:
        return asyncio.run(main())
    except asyncio.CancelledError:
        if received:
            raise KeyboardInterrupt from None
        raise


def _exit(*_: object) -> None:
    os._exit(STOPPED)


@contextmanager
def handle_signals(
    stop: Callable[[], object], exit_code: int = STOPPED, received: list[int] | None = None
) -> Generator[None]:
    """Call `stop` at the first signal within this context.

    The time limit goes on after the context: threads that still run may delay the end of the process.

    Args:
        stop: Ends the command's work. It is called between two instructions of the main thread.
        exit_code: The exit code if the work does not end in time.
        received: Takes the numbers of the signals.
    """
    previous = _set_handlers(_Handler(stop, exit_code, [] if received is None else received))
    try:
        yield
    finally:
        for number, earlier in previous.items():
            signal.signal(number, earlier)


class _Handler:
    """The handler of all signals of one command."""

    def __init__(self, stop: Callable[[], object], exit_code: int, received: list[int]) -> None:
        self.received: list[int] = received
        self._stop = stop
        self._exit_code = exit_code
        self._since = 0.0

    def __call__(self, number: int, _: FrameType | None) -> None:
        is_first, now = not self.received, time.monotonic()
        if number == signal.SIGINT and not is_first and now - self._since > _DOUBLE_SIGNAL:
            os._exit(self._exit_code)
        if number != signal.SIGINT and all(one == signal.SIGINT for one in self.received):
            self._limit_time()
        self.received.append(number)
        if is_first:
            self._since = now
            with suppress(RuntimeError):  # the event loop is closed
                self._stop()

    def _limit_time(self) -> None:
        timer = threading.Timer(GRACE, os._exit, (self._exit_code,))
        timer.daemon = True
        timer.start()


def _set_handlers(handler: Any) -> dict[int, Any]:
    """Set the handler of every signal, and return the earlier ones. In another thread than the main one, set none.

    SIGHUP stays ignored if it was, as `nohup` sets it.
    """
    if threading.current_thread() is not threading.main_thread():
        return {}
    numbers = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
    ignored = {number for number in numbers if signal.getsignal(number) is signal.SIG_IGN} - {signal.SIGINT}
    return {number: signal.signal(number, handler) for number in numbers if number not in ignored}
