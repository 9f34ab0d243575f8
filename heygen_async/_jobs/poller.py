"""The poller: it decides when each job is polled, and which jobs share one bulk status request.

The problem: ten thousand tasks may wait, each for its own job. If each sent its own status requests, that would be ten
thousand requests a round.

Rejected ways:

* One polling task for each wait. It costs a request for each job and poll, and a task's memory for each job.
* One fixed interval for all jobs. New jobs would be polled too rarely, or old ones too often; each entry keeps its own
  backoff schedule.
* Trusting the bulk status. It has no result, may lag behind, and does not find every id.

The way: all waits of a client for one kind of job are entries in one queue, ordered by the time when each is due. When
the first entry is due, the poller also takes entries that are due soon; a job may be polled early by half its pause. Up
to 100 of them share one bulk status request. No task runs for a waiting entry: the entry of a running job goes back
into the queue, and its wait stays asleep.

The invariants:

* A bulk status is a hint. Unless it says in progress, the job's own status request decides.
* A kind without a bulk endpoint, or whose bulk endpoint is refused, is polled by the jobs' own status requests.
* All status requests of a client pass its `PollLimiter`: few in parallel after a 429, more while they succeed.
* A poll that fails with a transient error only delays the wait (`poll_failures`). An entry's deadline ends its wait
  even while a status request is silent.
* When the last wait ends, no timer and no request is left.
* Closing the client ends every wait immediately, without a further poll.
"""

from __future__ import annotations

import asyncio
import itertools
import math
from contextlib import nullcontext
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Any

from .. import errors
from .._http.running_loop import TIMER_PRECISION
from .._http.tasks import start_task
from ..types.batches import MAX_IDS, JobStatus
from .poll_failures import is_blocked
from .poll_log import log_pause, log_poll
from .states import phase_of, state_word

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from .._http.transport import Transport
    from .kinds import JobKind
    from .poll_entry import PollEntry
    from .wait_options import JobUpdate


class Poller:
    """The queue of the waits for one kind of job."""

    def __init__(self, kind: JobKind[Any]) -> None:
        self._kind = kind
        self._queue: list[tuple[float, int, PollEntry]] = []
        self._numbers = itertools.count()  # keeps entries that are due at the same time in order
        self._paused_count = 0
        self._timer: asyncio.Handle | None = None
        self._timer_at = math.inf
        self._bulk_tasks: set[asyncio.Task[None]] = set()
        self._has_bulk = kind.bulk_endpoint is not None

    @staticmethod
    def shared(transport: Transport, kind: JobKind[Any]) -> Poller:
        """Return the poller that is shared by all waits for this kind with the same address and headers."""
        pollers = transport.shared_state.pollers
        key = (kind.name, transport.options.base_url, *sorted(transport.options.headers.items()))
        poller: Poller = pollers.get(key) or pollers.setdefault(key, Poller(kind))
        return poller

    async def next_update(self, entry: PollEntry) -> JobUpdate[Any]:
        """Return the next poll of this entry, or, unless it wants updates, the poll that ends its wait.

        Polls that fail with a transient error are skipped.

        Raises:
            WaitTimeoutError: The entry's deadline passed.
            WaitInterruptedError: The client was closed.
            HeyGenError: A status request failed permanently, such as with 404.
        """
        while True:
            if entry.is_interrupted:
                raise entry.timeout_error()
            try:
                status = await self._pause(entry)
                job: object = status
                if status is None:
                    job = await self._poll_alone(entry)
                    entry.schedule_next()
                elif self._kind.endpoint is not self._kind.bulk_endpoint:
                    return entry.update(None)
            except errors.HeyGenError as error:
                if entry.survives(error):
                    entry.schedule_retry(error)
                    continue
                if not entry.is_result_missing or isinstance(error, errors.ConfigurationError):
                    raise entry.annotate(error) from None
            except TimeoutError:
                if entry.is_interrupted or not entry.is_result_missing:
                    raise entry.timeout_error() from None
            else:
                entry.record(job)
                if entry.wants_updates or entry.has_ended:
                    return entry.update(job)
                continue
            return entry.accept_missing_result()

    async def _poll_alone(self, entry: PollEntry) -> object:
        """Send the entry's own status request, and return the job's struct.

        Raises:
            TimeoutError: The entry's deadline passed, or its client was closed.
        """
        poll_limiter, count = entry.transport.shared_state.poll_limiter, entry.poll_count
        try:
            # The context is not attached while a generator yields, so it is that of the request alone.
            in_span = nullcontext() if entry.span is None else entry.span.as_current()
            async with asyncio.timeout_at(entry.deadline) as entry.request_timeout:
                with in_span:
                    return await poll_limiter.run(lambda: self._fetch(entry))
        except TimeoutError as silence:
            if entry.poll_count > count and not isinstance(silence, errors.HeyGenError):
                log_poll(entry, entry.state, silence)
            raise
        finally:
            entry.request_timeout = None

    def _fetch(self, entry: PollEntry) -> Coroutine[Any, Any, object]:
        entry.poll_count += 1
        return self._kind.fetch(entry.transport, entry.id)

    async def _pause(self, entry: PollEntry) -> JobStatus | None:
        """Wait until the entry's own status request is due (None), or a bulk status for its caller has arrived.

        Raises:
            TimeoutError: The entry's deadline passed.
        """
        loop = asyncio.get_running_loop()
        if entry.is_event_pending:
            entry.is_event_pending = False
            return None
        pause_end = entry.pause_end = loop.create_future()
        self._paused_count += 1
        self._enqueue(entry)
        try:
            reason = await pause_end
        finally:
            entry.pause_end = entry.due_at = None
            entry.in_bulk_request = False
            self._paused_count -= 1
            if not self._paused_count:
                await self._stop()
        if reason == "timeout":
            raise TimeoutError
        return None if reason == "due" else reason

    async def _stop(self) -> None:
        """Stop the timer and the requests, because no entry is paused any more."""
        self._queue.clear()
        self._set_timer()
        running = [task for task in self._bulk_tasks if not task.done()]
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running)

    def _enqueue(self, entry: PollEntry) -> None:
        """Put the entry into the queue, due after its pause."""
        if len(self._queue) > 2 * self._paused_count + MAX_IDS:  # most places are stale
            self._queue = [place for place in self._queue if place[2].due_at == place[0]]
            heapify(self._queue)
        entry.in_bulk_request = False
        now = asyncio.get_running_loop().time()
        entry.due_at = min(now + entry.pause, entry.deadline)
        log_pause(entry, entry.due_at - now)
        heappush(self._queue, (entry.due_at, next(self._numbers), entry))
        self._set_timer()

    def _set_timer(self) -> None:
        """Set the timer to the time when the first entry is due. (Not every loop's timers have `when()`.)"""
        due_at = self._queue[0][0] if self._queue else math.inf
        if due_at == self._timer_at:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_at(due_at, self._poll_due_entries) if self._queue else None
        self._timer_at = due_at

    def _poll_due_entries(self) -> None:
        self._timer, self._timer_at = None, math.inf
        now = asyncio.get_running_loop().time() + TIMER_PRECISION
        for_bulk: list[PollEntry] = []
        while self._queue and self._queue[0][0] <= now:
            due_at, _, entry = heappop(self._queue)
            if entry.due_at != due_at:
                continue  # a stale place
            if now >= entry.deadline:
                entry.end_pause("timeout")
            elif entry.polls_alone or entry.needs_own_poll or not self._has_bulk:
                entry.end_pause("due")
            else:
                for_bulk.append(entry)
        if for_bulk:
            self._start_bulk_requests(for_bulk, now)
        self._set_timer()

    def _start_bulk_requests(self, due: list[PollEntry], now: float) -> None:
        """Send bulk status requests for the due entries; fill the last one with entries that are due soon."""
        entries: dict[str, list[PollEntry]] = {}
        for entry in due:
            entries.setdefault(entry.id, []).append(entry)
        while self._queue and len(entries) % MAX_IDS:
            due_at, _, entry = self._queue[0]
            if entry.due_at == due_at:
                if entry.polls_alone or entry.needs_own_poll or due_at - entry.pause / 2 > now:
                    break
                entries.setdefault(entry.id, []).append(entry)
            heappop(self._queue)
        if len(entries) == 1:  # the job's own status request says more
            for entry in next(iter(entries.values())):
                entry.end_pause("due")
            return
        ids = list(entries)
        for start in range(0, len(ids), MAX_IDS):
            self._start_bulk_request({id: entries[id] for id in ids[start : start + MAX_IDS]})

    def _start_bulk_request(self, entries: dict[str, list[PollEntry]]) -> None:
        """Send one bulk status request in a separate task."""
        for entry in itertools.chain(*entries.values()):
            entry.in_bulk_request = True
            entry.due_at = None
        task = start_task(self._poll_in_bulk(entries))
        self._bulk_tasks.add(task)
        task.add_done_callback(self._bulk_tasks.discard)

    async def _poll_in_bulk(self, by_id: dict[str, list[PollEntry]]) -> None:
        """Send one bulk status request, and apply the result to the entries that still wait for it."""
        entries = list(itertools.chain(*by_id.values()))
        transport = entries[0].transport
        deadlines = _Deadlines(entries)
        try:
            statuses = await transport.shared_state.poll_limiter.run(
                lambda: self._request_bulk_status(transport, by_id), priority=True
            )
        except errors.HeyGenError as error:
            is_refused = isinstance(error, errors.NotFoundError | errors.PermissionDeniedError)
            self._has_bulk = self._has_bulk and not (is_refused and not is_blocked(error))
            for entry in entries:
                self._apply_bulk_failure(entry, error)
        except Exception as bug:  # noqa: BLE001  a wait must not hang because of a bug
            for entry in entries:
                if entry.in_bulk_request and entry.pause_end is not None and not entry.pause_end.done():
                    entry.pause_end.set_exception(bug)
        else:
            for entry in entries:
                if entry.in_bulk_request:
                    self._apply_bulk_status(entry, statuses.get(entry.id))
        finally:
            deadlines.cancel()

    async def _request_bulk_status(
        self, transport: Transport, by_id: dict[str, list[PollEntry]]
    ) -> dict[str | None, JobStatus]:
        """Wait for the poll limiter, then send the bulk status request for the entries that still wait."""
        endpoint = self._kind.bulk_endpoint
        waiting = [entry for entry in itertools.chain(*by_id.values()) if entry.in_bulk_request]
        if endpoint is None or not waiting:
            return {}
        for entry in waiting:
            entry.poll_count += 1
        query = {self._kind.bulk_id_parameter: list(dict.fromkeys(entry.id for entry in waiting))}
        telemetry = transport.shared_state.telemetry
        spans = [entry.span for entry in waiting if entry.span is not None]
        with nullcontext() if telemetry is None else telemetry.shared_by(spans):
            statuses = await transport.call(endpoint, list[JobStatus], query=query)
        return {status.video_id: status for status in statuses}

    def _apply_bulk_failure(self, entry: PollEntry, error: errors.HeyGenError) -> None:
        if not entry.in_bulk_request:
            return
        if entry.survives(error, is_bulk=True):
            entry.schedule_retry(error)
            self._enqueue(entry)
        else:  # the job's own status request shows whether anything is wrong with it
            entry.polls_alone = True
            entry.end_pause("due")

    def _apply_bulk_status(self, entry: PollEntry, status: JobStatus | None) -> None:
        state = "not_found" if status is None else state_word(status.status)
        phase = phase_of(self._kind, state)
        entry.count_response(state)
        if phase == "running" or state == entry.unknown_state:
            entry.enter_state(state)
            entry.schedule_next()
            if entry.wants_updates and status is not None:
                entry.end_pause(status)
            else:
                self._enqueue(entry)
        elif (
            status is not None
            and phase != "unknown"
            and state != "not_found"
            and self._kind.endpoint is self._kind.bulk_endpoint
        ):
            entry.end_pause(status)  # no other endpoint says more
        else:
            entry.needs_own_poll = True
            entry.was_missing = state == "not_found"
            entry.unknown_state = state if phase == "unknown" and not entry.was_missing else None
            entry.end_pause("due")


class _Deadlines:
    """A timer that ends the waits whose deadlines pass while their bulk status request is in flight."""

    def __init__(self, entries: list[PollEntry]) -> None:
        self._entries = entries
        self._timer: asyncio.TimerHandle | None = None
        self._check()

    def cancel(self) -> None:
        """Stop the timer."""
        if self._timer is not None:
            self._timer.cancel()

    def _check(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time() + TIMER_PRECISION
        for entry in self._entries:
            if entry.in_bulk_request and entry.deadline <= now:
                entry.end_pause("timeout")
        remaining = [entry.deadline for entry in self._entries if entry.in_bulk_request]
        self._timer = loop.call_at(min(remaining), self._check) if remaining else None
