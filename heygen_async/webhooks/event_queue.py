"""The queue of acknowledged events, and the workers that handle them.

The problem: HeyGen gives up on a delivery after ten seconds, so the receiver responds first and handles the event
later. An event that was acknowledged is not delivered again, so the queue must not lose it.

Rejected ways:

* A task for each delivery. A burst would start any number of handlers; a bounded queue makes HeyGen deliver later.
* Workers that live as long as the receiver. A worker belongs to one event loop, and a receiver may be used in several
  loops one after another, for example in tests. So a queue belongs to the loop that opened it, and closing starts over.
* Dropping the queue when a loop ends without `close`. Its events are kept for the next loop, and a warning names them,
  because they are lost if the process ends first.

Invariants:

* An event is in the queue, with one worker, or in the list that the next loop starts with.
* `close` returns when every event was handled. Events that arrive meanwhile are not accepted.
"""

from __future__ import annotations

import asyncio
from logging import getLogger
from typing import Any, cast

from ..errors import ConfigurationError
from ..types.webhooks import Event
from .event_handlers import EventHandlers
from .events import event_key

_log = getLogger("heygen_async")

_LEFT_BEHIND = (
    "The event loop or the receiver ended before %d acknowledged webhook events were handled: %s. They are lost if "
    "this process ends now. Close the receiver first (`async with`, in a web app's lifespan), or replay the events."
)


class EventQueue:
    """A bounded queue with a limited number of workers, in one event loop at a time.

    Args:
        handlers: The handlers of the events.
        size: The maximum number of queued events.
        concurrency: The maximum number of events that are handled in parallel.
    """

    def __init__(self, handlers: EventHandlers, *, size: int, concurrency: int) -> None:
        self._handlers = handlers
        self._size = size
        self._concurrency = concurrency
        self._loop: asyncio.AbstractEventLoop | None = None  # the next four belong to it
        self._queue: asyncio.Queue[Event] = asyncio.Queue()
        self._closing = asyncio.Event()
        self._workers: set[asyncio.Task[None]] = set()
        self._immediate: set[asyncio.Task[bool]] = set()
        self._left_behind: list[Event] = []  # by a loop that has ended

    @property
    def is_closing(self) -> bool:
        """Whether the queue accepts no more events."""
        return self._closing.is_set()

    def open(self) -> None:
        """Open the queue in the running loop, with the events that an ended loop has left behind.

        Raises:
            ConfigurationError: The queue is open in another loop.
        """
        loop = asyncio.get_running_loop()
        if self._loop is loop:
            return
        if self._loop is not None and not self._loop.is_closed():
            raise ConfigurationError(
                "This WebhookReceiver is open in another event loop. Close it there (leave its `async with`), or "
                "create one receiver for each loop."
            )
        self._keep_queued_events()
        events, self._left_behind = self._left_behind, []
        self._queue = asyncio.Queue(max(self._size, len(events)))
        for event in events:
            self._queue.put_nowait(event)
        self._loop, self._closing, self._workers, self._immediate = loop, asyncio.Event(), set(), set()

    def put_nowait(self, event: Event) -> bool:
        """Add an event; return False if the queue is full."""
        try:
            self._queue.put_nowait(event)
        except asyncio.QueueFull:
            return False
        self._start_workers()
        return True

    async def put(self, event: Event) -> None:
        """Add an event; wait while the queue is full."""
        self._start_workers()
        await self._queue.put(event)

    async def handle_now(self, event: Event, timeout: float) -> bool | None:
        """Handle an event outside the queue; return whether it is done, or None after a timeout.

        After the timeout the handling continues; the next delivery of the event returns its result.
        """
        task = asyncio.ensure_future(self._handlers.handle(event))
        self._immediate.add(task)
        task.add_done_callback(self._immediate.discard)
        done, _ = await asyncio.wait({task}, timeout=timeout)
        if not done:
            return None
        return not task.cancelled() and task.exception() is None and task.result()

    async def close(self) -> None:
        """Handle all events, then end the workers; the next `open` starts anew.

        Raises:
            ConfigurationError: The queue is open in another loop.
        """
        self.open()
        self._closing.set()
        try:
            if self._queue.qsize():  # events of an ended loop, which no worker has
                self._start_workers()
            await self._queue.join()
            await asyncio.gather(*self._immediate, return_exceptions=True)
        finally:
            tasks: list[asyncio.Task[Any]] = [*self._workers, *self._immediate]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._loop = None

    def _start_workers(self) -> None:
        while len(self._workers) < self._concurrency:
            worker = asyncio.ensure_future(self._work(self._queue))
            self._workers.add(worker)
            worker.add_done_callback(self._on_worker_end)

    async def _work(self, queue: asyncio.Queue[Event]) -> None:
        worker = cast("asyncio.Task[None]", asyncio.current_task())
        await asyncio.sleep(0)  # an eager task would handle events before `_start_workers` counts it
        while True:
            event = await queue.get()
            try:
                await self._handlers.handle(event, closing=self._closing)
            except asyncio.CancelledError:
                if worker.cancelling():
                    self._left_behind.append(event)
                    raise
                _log.exception("A handler of the webhook event %s was cancelled", event_key(event))
            except Exception:  # noqa: BLE001  such as a store that cannot be reached; later events may succeed
                _log.exception("The webhook event %s could not be handled", event_key(event))
            finally:
                queue.task_done()

    def _on_worker_end(self, worker: asyncio.Task[None]) -> None:
        """Keep the queued events when the last worker has ended: its loop ends, or a close was cancelled."""
        self._workers.discard(worker)
        if self._workers:
            return
        if not self._closing.is_set():
            self._loop = None
        self._keep_queued_events()
        if self._left_behind:
            _log.warning(_LEFT_BEHIND, len(self._left_behind), ", ".join(map(event_key, self._left_behind)))

    def _keep_queued_events(self) -> None:
        self._left_behind += [self._queue.get_nowait() for _ in range(self._queue.qsize())]
