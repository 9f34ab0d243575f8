"""The queue of claimed events, and the workers that handle them.

The problem: HeyGen gives up on a delivery after ten seconds, so the receiver responds first and handles the event
later. An event that was acknowledged is not delivered again, so the queue must not lose it.

Rejected ways:

* A task for each delivery. A burst would start any number of handlers; a bounded queue makes HeyGen deliver later.
* Workers that live as long as the receiver. A worker belongs to one event loop, and a receiver may be used in several
  loops one after another, for example in tests. So a queue belongs to the loop that opened it, and closing starts over.
* Dropping the queue when a loop ends without `close`. Its events are kept for the next loop, and a warning names them,
  because they are lost if the process ends first.

Invariants:

* A delivery gets a place before it is claimed, and is claimed before it is acknowledged. Without a place or a claim,
  HeyGen delivers it again.
* An event is in the queue, with one worker, or in the list that the next loop starts with.
* `close` returns when every event was handled, or its time is over. Events that arrive meanwhile are not accepted.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from functools import partial
from logging import getLogger
from typing import Any, Literal, TypeAlias

from .._http.backoff import Backoff
from .._http.concurrency_limiter import ConcurrencyLimiter
from .._http.tasks import start_task
from ..errors import ConfigurationError
from ..types.webhooks import Event
from .event_claims import Delivery, EventClaims, event_name
from .event_handlers import EventHandlers
from .event_stores import ClaimResult

_log = getLogger("heygen_async.webhooks")

_CLAIM_POLL = Backoff(initial=1.0, maximum=30.0)  # of a claim that another process holds
_CANCEL_SECONDS = 0.1  # that cancelled workers have to end
_LEFT_BEHIND = (
    "The event loop or the receiver ended before %d events were handled: %s. The acknowledged ones are lost if "
    "this process ends now. Close the receiver first (`async with`, in a web app's lifespan), or replay the events."
)

#: What became of a delivery: it is `queued`; `done` before; `busy`, because it is being claimed or handled elsewhere;
#: `refused`, because the queue is full or closing; or `failed`, because the store failed.
Placement: TypeAlias = Literal["queued", "done", "busy", "refused", "failed"]


class EventQueue:
    """A bounded queue with a limited number of workers, in one event loop at a time.

    Args:
        handlers: The handlers of the events.
        claims: Their claims.
        size: The maximum number of events that wait for a worker.
        concurrency: The maximum number of events that are handled in parallel.
    """

    def __init__(self, handlers: EventHandlers, claims: EventClaims, *, size: int, concurrency: int) -> None:
        self._handlers = handlers
        self._claims = claims
        self._size = size
        self._concurrency = concurrency
        self._loop: asyncio.AbstractEventLoop | None = None  # the rest but `_left_behind` belongs to it
        self._queue: asyncio.Queue[Delivery] = asyncio.Queue()
        self._places = ConcurrencyLimiter(size)
        self._closing = asyncio.Event()
        self._workers: set[asyncio.Task[None]] = set()
        self._in_work: set[Delivery] = set()
        self._by_key: dict[str, Delivery] = {}  # the deliveries that are queued or in work here
        self._left_behind: list[Delivery] = []  # by a loop that has ended
        self._watch: asyncio.Task[Any] | None = None  # is cancelled only together with all workers
        handlers.is_stopping = self._is_stopping

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
        deliveries, self._left_behind = self._left_behind, []
        self._loop, self._closing, self._workers, self._in_work = loop, asyncio.Event(), set(), set()
        self._queue, self._places, self._by_key = asyncio.Queue(), ConcurrencyLimiter(self._size), {}
        self._watch = None
        for delivery in deliveries:
            delivery.result = delivery.claimed_at = None  # of the other loop
            self._register(delivery)
            self._places.in_use += 1
            self._put(delivery)

    async def place(self, delivery: Delivery) -> tuple[Placement, Delivery]:
        """Claim a delivery and add it to the queue, without waiting for a place.

        Returns:
            What became of it, and the delivery that is in the queue: an earlier one of the same event, or this one.
        """
        if (earlier := self._earlier(delivery)) is not None:
            return ("queued" if earlier.is_queued else "busy"), earlier
        places = self._places
        if self._closing.is_set() or not places.try_acquire():
            return "refused", delivery
        self._register(delivery)
        placement: Placement = "busy"
        try:
            placement = await self._claim(delivery)
        finally:
            if placement not in {"queued", "failed"}:
                places.release()
            if placement != "queued":
                self._unregister(delivery)
        return placement, delivery

    async def _claim(self, delivery: Delivery) -> Placement:
        """Claim a delivery that has a place. If the store fails, a worker will report it."""
        closing = self._closing
        try:
            claim = await self._claims.acquire(delivery)
        except Exception as error:  # noqa: BLE001  a store may raise anything
            delivery.failure = error
            claim = "new"
        if claim != "new":
            return claim
        if closing.is_set():
            await self._claims.release(delivery)
            return "refused"
        self._put(delivery)
        return "queued" if delivery.failure is None else "failed"

    async def put(self, event: Event) -> None:
        """Add an event that a worker claims; wait while the queue is full.

        Raises:
            ConfigurationError: The queue was closed meanwhile.
        """
        delivery, places = self._claims.new_delivery(event, None), self._places
        await places.acquire()
        if self._loop is None or self._places is not places:
            raise ConfigurationError(f"The receiver was closed before webhook event {delivery} was in its queue.")
        if self._earlier(delivery) is not None:
            self._places.release()
            return
        self._register(delivery)
        self._put(delivery)

    async def wait_for_result(self, delivery: Delivery, timeout: float) -> bool | None:
        """Wait until a queued delivery was handled; return whether it is done, or None after a timeout."""
        if delivery.result is None:
            delivery.result = asyncio.get_running_loop().create_future()
        result = delivery.result
        await asyncio.wait({result}, timeout=timeout)
        return result.result() if result.done() and not result.cancelled() else None

    async def close(self, timeout: float | None) -> list[Event]:
        """Handle all events, then end the workers; the next `open` starts anew.

        Args:
            timeout: The maximum number of seconds; None for no limit.

        Returns:
            The events that were not handled. The next `open` continues with them.

        Raises:
            ConfigurationError: The queue is open in another loop.
        """
        self.open()
        self._closing.set()
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(timeout):
                    while self._in_work or self._queue.qsize():
                        await self._queue.join()
        finally:
            tasks = {*self._workers, *([self._watch] if self._watch else [])}
            for task in tasks:
                task.cancel()
            if tasks:
                await asyncio.wait(tasks, timeout=_CANCEL_SECONDS)
            self._loop = None
            self._places.resize(sys.maxsize)  # ends the waits of `put`
            self._keep_queued_events()
            await self._claims.release(*self._left_behind)
            undone = [delivery.event for delivery in (*self._left_behind, *self._in_work)]
            _warn_of(undone)
        return undone

    def _is_stopping(self) -> bool:
        return self._watch is None or self._watch.cancelling() > 0

    def _earlier(self, delivery: Delivery) -> Delivery | None:
        for key in delivery.claim.keys:
            if (earlier := self._by_key.get(key)) is not None:
                return earlier
        return None

    def _register(self, delivery: Delivery) -> None:
        for key in delivery.claim.keys:
            self._by_key[key] = delivery

    def _unregister(self, delivery: Delivery) -> None:
        for key in delivery.claim.keys:
            if self._by_key.get(key) is delivery:
                del self._by_key[key]

    def _put(self, delivery: Delivery) -> None:
        delivery.is_queued = True
        self._queue.put_nowait(delivery)
        if self._watch is None:
            self._watch = start_task(asyncio.Event().wait())
        if len(self._workers) < min(self._concurrency, self._queue.qsize() + len(self._in_work)):
            worker = start_task(self._work(self._queue, self._places))
            self._workers.add(worker)
            worker.add_done_callback(self._on_worker_end)

    async def _work(self, queue: asyncio.Queue[Delivery], places: ConcurrencyLimiter) -> None:
        while True:
            delivery = await queue.get()
            places.release()
            self._in_work.add(delivery)
            is_done: bool | None = None
            try:
                is_done = await self._handle(delivery)
            except asyncio.CancelledError:
                if not delivery.is_handled:
                    self._left_behind.append(delivery)
                raise
            except Exception:  # noqa: BLE001  a fault of this package; later events may succeed
                _log.exception("The webhook event %s could not be handled", delivery)
            finally:
                self._in_work.discard(delivery)
                self._unregister(delivery)
                delivery.end(is_done=is_done)
                queue.task_done()

    async def _handle(self, delivery: Delivery) -> bool | None:
        """Handle an event or report its failure; return whether it is done, or None if another process has it."""
        try:
            if delivery.failure is not None:
                raise delivery.failure
            if delivery.claimed_at is None and (claim := await self._claim_when_free(delivery)) != "new":
                return True if claim == "done" else None
            if not await self._handlers.handle(delivery.event, partial(self._claims.keep, delivery)):
                return None
            await self._claims.finish(delivery)
        except asyncio.CancelledError:
            await self._claims.release(delivery)
            raise
        except Exception as error:  # noqa: BLE001  a handler and a store may raise anything
            await self._claims.release(delivery)
            await self._handlers.report_failure(delivery.event, error)
            return False
        return True

    async def _claim_when_free(self, delivery: Delivery) -> ClaimResult:
        """Claim an event that HeyGen does not repeat. Wait for the end of another claim: its process may have died."""
        polls = 0
        while (claim := await self._claims.acquire(delivery)) == "busy" and not self._closing.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(_CLAIM_POLL.ceiling(polls)):
                    await self._closing.wait()
            polls += 1
        if claim == "busy":
            self._left_behind.append(delivery)
            _log.warning(
                "The receiver is closing while another process holds the claim of webhook event %s. If that process "
                "has died, replay the event.",
                delivery,
            )
        return claim

    def _on_worker_end(self, worker: asyncio.Task[None]) -> None:
        """Keep the queued events when the last worker has ended because its loop ends."""
        self._workers.discard(worker)
        if not (self._workers or self._closing.is_set()):
            self._loop = None
            self._keep_queued_events()
            _warn_of([delivery.event for delivery in self._left_behind])

    def _keep_queued_events(self) -> None:
        self._left_behind += [self._queue.get_nowait() for _ in range(self._queue.qsize())]


def _warn_of(undone: list[Event]) -> None:
    if undone:
        _log.warning(_LEFT_BEHIND, len(undone), ", ".join(map(event_name, undone)))
