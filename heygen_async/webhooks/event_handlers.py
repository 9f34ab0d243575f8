"""The handlers of a receiver: each attempt has a time limit, and a failed one is repeated."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from inspect import isawaitable, iscoroutine
from logging import getLogger
from typing import Any, TypeAlias

from .._http.backoff import Backoff
from .._http.retrying import retrying
from ..types.webhooks import Event
from .event_claims import event_name
from .time_limits import within

_log = getLogger("heygen_async.webhooks")

#: Called with an event; may be async. An exception means that the event was not handled.
Handler: TypeAlias = Callable[[Any], Awaitable[object] | object]
#: Called with an event and the exception of its handler; may be async.
FailureHandler: TypeAlias = Callable[[Any, Exception], Awaitable[object] | object]

_ALL_TYPES = "*"


class EventHandlers:
    """Handlers by event type.

    Args:
        max_attempts: The maximum number of calls of a failing handler.
        retry: The delays between these attempts.
        timeout: The seconds for one attempt of an async handler, and for `on_failure`.
        on_failure: Called when an event was not handled.

    Attributes:
        is_stopping: Returns whether the running worker is cancelled because the receiver or its event loop ends. Any
            other cancellation is of a handler's own making.
    """

    def __init__(self, *, max_attempts: int, retry: Backoff, timeout: float, on_failure: FailureHandler | None) -> None:
        self._max_attempts = max_attempts
        self._retry = retry
        self._timeout = timeout
        self._on_failure = on_failure
        self._handlers: dict[str, list[Handler]] = {}
        self.is_stopping: Callable[[], bool] = bool

    @property
    def event_types(self) -> list[str]:
        """The event types that have handlers; `*` means all types."""
        return sorted(self._handlers)

    def add(self, handler: Handler, event_types: tuple[str, ...]) -> None:
        """Add a handler for these event types, or for all types if there are none."""
        for name in event_types or (_ALL_TYPES,):
            self._handlers.setdefault(name, []).append(handler)

    async def handle(self, event: Event, keep_claim: Callable[[], Awaitable[bool]]) -> bool:
        """Run the handlers of an event, each with its retries.

        Args:
            event: The event.
            keep_claim: Awaited before each attempt: renews the claim, and returns whether it still exists.

        Returns:
            False if the claim was lost, because another process has the event now.

        Raises:
            Exception: A handler's, of its last attempt.
        """
        for handler in (*self._handlers.get(event.event_type, ()), *self._handlers.get(_ALL_TYPES, ())):
            attempts = retrying(self._retry, max_retries=self._max_attempts - 1)
            async for _ in attempts:
                if not await keep_claim():
                    return False
                try:
                    await self._call(handler, event)
                    break
                except Exception as error:  # noqa: BLE001  a handler may raise anything
                    attempts.failed(error)
            else:
                raise attempts.error
        return True

    async def report_failure(self, event: Event, error: Exception) -> None:
        """Log that an event was not handled, and call `on_failure`."""
        _log.error("The webhook event %s (%s) was not handled: %r", event_name(event), event.event_type, error)
        if self._on_failure is None:
            return
        try:
            await self._call(self._on_failure, event, error)
        except Exception:  # noqa: BLE001  it may raise anything
            _log.exception("on_failure itself failed for the webhook event %s", event_name(event))

    async def _call(self, function: Callable[..., Awaitable[object] | object], *args: object) -> None:
        """Call a function and await its result.

        Raises:
            TimeoutError: It did not end in time, and was cancelled.
            RuntimeError: It ended in a CancelledError, although nobody here cancelled it.
            Exception: The function's.
        """
        try:
            result = function(*args)
            if isawaitable(result):
                work = result if iscoroutine(result) else _await(result)
                await within(self._timeout, work, partial(self._expired, function))
        except asyncio.CancelledError as error:
            if self.is_stopping():
                raise
            _forget_cancellation()
            raise RuntimeError(f"{_name(function)} ended in a CancelledError of its own making.") from error

    def _expired(self, function: Callable[..., object]) -> Exception:
        return TimeoutError(
            f"{_name(function)} did not end within {self._timeout:g} s (handler_timeout), and was cancelled."
        )


async def _await(result: Awaitable[object]) -> object:
    return await result


def _name(function: Callable[..., object]) -> str:
    return getattr(function, "__qualname__", repr(function))


def _forget_cancellation() -> None:
    """Let the current task go on, after a handler has cancelled it."""
    task = asyncio.current_task()
    while task is not None and task.cancelling():
        task.uncancel()
