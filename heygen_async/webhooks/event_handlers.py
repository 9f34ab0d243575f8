"""The handlers of a receiver: each event is handled once by all processes that share an event store, with retries."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from inspect import isawaitable
from logging import getLogger
from typing import Any, TypeAlias

from .._http.backoff import Backoff
from .._http.retrying import retrying
from .._http.worker_threads import run_to_completion
from ..types.webhooks import Event
from .event_stores import EventStore
from .events import event_key

_log = getLogger("heygen_async")

#: Called with an event; may be async. An exception means that the event was not handled.
Handler: TypeAlias = Callable[[Any], Awaitable[object] | object]
#: Called with an event and the exception of its handler; may be async.
FailureHandler: TypeAlias = Callable[[Any, Exception], Awaitable[object] | object]

_ALL_TYPES = "*"


class EventHandlers:
    """Handlers by event type.

    An event is claimed in the store before its handlers run. Afterwards it is marked as done; if a handler fails in
    every attempt or is cancelled, the event is released.

    Args:
        store: The event store.
        max_attempts: The maximum number of calls of a failing handler.
        retry: The delays between these attempts, and between two checks of a claim that another process holds.
        on_failure: Called when a handler has failed in every attempt.
    """

    def __init__(self, store: EventStore, max_attempts: int, retry: Backoff, on_failure: FailureHandler | None) -> None:
        self._store = store
        self._max_attempts = max_attempts
        self._retry = retry
        self._on_failure = on_failure
        self._handlers: dict[str, list[Handler]] = {}
        self._claimed_here: set[str] = set()  # keys of the events that this process is handling

    @property
    def event_types(self) -> list[str]:
        """The event types that have handlers; `*` means all types."""
        return sorted(self._handlers)

    def add(self, handler: Handler, event_types: tuple[str, ...]) -> None:
        """Add a handler for these event types, or for all types if there are none."""
        for name in event_types or (_ALL_TYPES,):
            self._handlers.setdefault(name, []).append(handler)

    async def handle(self, event: Event, *, closing: asyncio.Event | None = None) -> bool:
        """Run the handlers of an event unless it is done already; return whether it is done now.

        Args:
            event: The event.
            closing: If another process holds the claim, wait for the end of the claim, or until this event is set. That
                process may have died, and HeyGen does not repeat an acknowledged delivery. None does not wait.
        """
        key, polls = event_key(event), 0
        while (claim := await self._store.claim(key)) == "busy" and closing is not None and not closing.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(self._retry.ceiling(polls)):
                    await closing.wait()
            polls += 1
        if claim != "new":
            if claim == "busy" and closing is not None and key not in self._claimed_here:
                _log.warning(
                    "The receiver is closing while another process holds the claim of webhook event %s. If that "
                    "process has died, replay the event.",
                    key,
                )
            return claim == "done"
        self._claimed_here.add(key)
        try:
            return await self._run_handlers(event, key)
        finally:
            self._claimed_here.discard(key)

    async def _run_handlers(self, event: Event, key: str) -> bool:
        try:
            for handler in [*self._handlers.get(event.event_type, ()), *self._handlers.get(_ALL_TYPES, ())]:
                await self._run_with_retries(handler, event)
        except (asyncio.CancelledError, Exception) as error:
            await run_to_completion(self._store.release(key))
            if isinstance(error, asyncio.CancelledError):
                raise
            _log.error("The webhook event %s (%s) was not handled: %r", key, event.event_type, error)
            if self._on_failure is not None:
                await _call(self._on_failure, event, error)
            return False
        await run_to_completion(self._store.mark_done(key))
        return True

    async def _run_with_retries(self, handler: Handler, event: Event) -> None:
        attempts = retrying(self._retry, max_retries=self._max_attempts - 1)
        async for _ in attempts:
            try:
                return await _call(handler, event)
            except Exception as error:  # noqa: BLE001  a handler may raise anything
                attempts.failed(error)
        raise attempts.error


async def _call(function: Callable[..., Awaitable[object] | object], *args: object) -> None:
    result = function(*args)
    if isawaitable(result):
        await result
