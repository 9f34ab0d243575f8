"""`PollEntry`: the state of one wait, in the poller's queue and for its caller.

An entry follows one job at a time. A wait for the video of a session first follows the session, then its video. The
entry keeps the deadline and the poll count of the whole wait.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias, TypeVar

from .. import errors
from .._http.backoff import Backoff
from ..types.batches import JobStatus
from .poller import Poller
from .wait_options import JobUpdate, WaitOptions, check_timeout
from .webhook_wake_up import listen, stop_listening

if TYPE_CHECKING:
    from .._http.transport import Transport
    from .kinds import JobKind

E = TypeVar("E", errors.JobFailedError, errors.InputRequiredError, errors.WaitTimeoutError, errors.WaitInterruptedError)

#: The poll schedule where webhook events report the end. Polls remain the safety net: when several processes share an
#: endpoint, only one of them gets the event.
EVENTS_POLL = Backoff(initial=30.0, factor=2.0, maximum=60.0, jitter=0.1)

#: The end of an entry's pause: its own status request is due, the deadline has passed, or a bulk status arrived.
PauseEnd: TypeAlias = JobStatus | Literal["due", "timeout"]


class PollEntry:
    """One wait, and a context manager that stops listening to events at its end.

    Args:
        transport: The client's transport.
        options: The options of the wait.
        wants_updates: Whether the caller wants every poll, not only the last one.

    Raises:
        InvalidInputError: The timeout is 0 or negative.
    """

    __slots__ = (
        "_failures", "_poll_option", "_step", "deadline", "due_at", "id", "in_bulk_request", "is_event_pending", "is_interrupted", "job",
        "kind", "last_error", "needs_own_poll", "pause", "pause_end", "poll", "poll_count", "poller", "polls_alone",
        "received_response", "request_timeout", "started_at", "state", "timeout", "transport", "unknown_state", "wants_updates",
        "was_missing",
    )  # fmt: skip

    def __init__(self, transport: Transport, options: WaitOptions, *, wants_updates: bool = True) -> None:
        timeout = options.get("timeout")
        check_timeout(timeout)
        self.transport: Transport = transport.without_retries
        self.timeout: float = transport.options.wait_timeout if timeout is None else timeout
        self.started_at: float = asyncio.get_running_loop().time()
        self.deadline: float = self.started_at + self.timeout
        self.wants_updates: bool = wants_updates
        self._poll_option = options.get("poll") or transport.options.poll
        self.id: str = ""
        self.job: object = None  # the last struct that a status request returned
        self.state: str = "unknown"
        self.poll_count: int = 0
        self.received_response: bool = False
        self.last_error: errors.HeyGenError | None = None
        self.pause_end: asyncio.Future[PauseEnd] | None = None
        self.due_at: float | None = None  # the time of its valid place in the queue; other places are stale
        self.in_bulk_request: bool = False
        self.is_interrupted: bool = transport.shared_state.is_closed
        self.request_timeout: asyncio.Timeout | None = None  # of the entry's own status request that is in flight
        self.is_event_pending: bool = False  # an event arrived while no pause could be ended

    def __enter__(self) -> Self:
        self.transport.shared_state.waits.add(self)
        return self

    def __exit__(self, *_: object) -> None:
        self.transport.shared_state.waits.discard(self)
        stop_listening(self.transport.shared_state, self)

    def follow(self, kind: JobKind[Any], id: str, *, is_new: bool) -> None:
        """Poll this job from now on, and listen to its events.

        A job created a moment ago cannot have ended, so its first poll is delayed.
        """
        stop_listening(self.transport.shared_state, self)
        listen(self.transport.shared_state, self, id)
        self.kind: JobKind[Any] = kind
        self.id = id
        self.poller: Poller = Poller.shared(self.transport, kind)
        has_events = self.transport.shared_state.event_listeners is not None and kind.event_prefixes
        self.poll: Backoff = self._poll_option or (EVENTS_POLL if has_events else kind.poll)
        self.polls_alone: bool = False  # the bulk status is of no use for this job
        self.needs_own_poll: bool = False  # the bulk status has to be confirmed
        self.was_missing: bool = False  # the bulk status did not have this id
        self.unknown_state: str | None = None  # an unknown bulk state of a job that is still running
        self.pause: float = 0.0
        self._step = self._failures = 0
        if is_new:
            self.schedule_next()
            remaining = self.deadline - asyncio.get_running_loop().time()
            self.pause = min(self.pause, remaining / 2)  # so that the shortest wait polls once

    @property
    def elapsed(self) -> float:
        """Seconds since the wait started."""
        return asyncio.get_running_loop().time() - self.started_at

    @property
    def has_ended(self) -> bool:
        """Whether the last state ends the wait."""
        return self.state in self.kind.end_states

    def schedule_next(self) -> None:
        """Take the schedule's next, longer pause, after a poll of a running job."""
        self.pause = self.poll.delay(self._step)
        self._step += 1
        self._failures = 0
        self.needs_own_poll = False

    def schedule_retry(self, error: errors.HeyGenError) -> None:
        """Take a short pause after a failed poll if the retry budget allows it, otherwise the schedule's."""
        self.last_error = error
        self.pause = self.poll.delay(self._step)
        self._failures += 1
        if self.transport.shared_state.retry_budget.spend():
            self.pause = min(self.pause, self.transport.options.retry.delay(self._failures))
        self.pause = max(self.pause, getattr(error, "retry_after", None) or 0.0)

    def end_pause(self, reason: PauseEnd) -> None:
        """Wake the wait, if it is in a pause."""
        if self.pause_end is not None and not self.pause_end.done():
            self.pause_end.set_result(reason)
            self.due_at = None
            self.in_bulk_request = False

    def interrupt(self) -> None:
        """End the wait immediately, because the client is closed."""
        self.is_interrupted = True
        self.end_pause("timeout")
        if self.request_timeout is not None and not self.request_timeout.expired():
            self.request_timeout.reschedule(asyncio.get_running_loop().time())

    def poll_now(self) -> None:
        """Poll as soon as possible, because a webhook event arrived."""
        self.is_event_pending = self.pause_end is None or self.pause_end.done()
        self.end_pause("due")

    def record(self, job: object) -> None:
        """Record the struct that a status request returned."""
        self.received_response = True
        self.polls_alone = self.polls_alone or self.was_missing
        self.job = job
        self.state = self.kind.state(job)

    def update(self, job: Any) -> JobUpdate[Any]:
        """Return the update for the caller. `job` is None after a bulk status request."""
        return JobUpdate(
            kind=self.kind.name,
            id=self.id,
            job=job,
            state=self.state,
            progress=getattr(job, "progress", None),
            elapsed=self.elapsed,
            poll_count=self.poll_count,
            next_poll_in=None if self.has_ended and job is not None else self.pause,
        )

    def raise_for_state(self) -> None:
        """Raise the error for the last state, unless the job is running or completed.

        Raises:
            JobFailedError: The job failed.
            InputRequiredError: The job needs input from a person.
        """
        if self.job is None:
            return
        if self.state in self.kind.needs_input:
            problem = f"needs input (state {self.state}): {self.kind.input_advice}."
            raise self._error(errors.InputRequiredError, problem)
        if self.state in self.kind.failed:
            raise self.failure()

    def failure(self, reason: str | None = None) -> errors.JobFailedError:
        """Return the error for a failed job. `reason` is used where the job's struct has no message."""
        code, message = self.kind.failure(self.job)
        message = message or reason
        text = (message or f"HeyGen gave no reason (state {self.state})").rstrip(".")
        error = self._error(errors.JobFailedError, f"failed{f' with {code}' if code else ''}: {text}.")
        error.failure_code, error.failure_message = code, message
        return error

    def timeout_error(self) -> errors.WaitTimeoutError | errors.WaitInterruptedError:
        """Return the error for a wait that ended by its timeout, or because its client was closed."""
        if self.is_interrupted:
            return self._error(
                errors.WaitInterruptedError,
                f"was not waited for, because the client is closed (last state: {self.state}, polls: "
                f"{self.poll_count}). It goes on at HeyGen; wait again with the same id, on an open client.",
            )
        if self.received_response or not self.poll_count:
            return self._error(
                errors.WaitTimeoutError,
                f"has not ended after {self.timeout:g} s (last state: {self.state}, polls: {self.poll_count}). "
                "It is still running at HeyGen; wait again with the same id.",
            )
        last = self.last_error
        detail = f"; last error: {type(last).__name__}: {str(last).rstrip('.')}" if last is not None else ""
        return self._error(
            errors.WaitTimeoutError,
            f"could not be polled for {self.timeout:g} s: no status request got a response (polls: {self.poll_count}"
            f"{detail}). When HeyGen can be reached again, wait again with the same id.",
        )

    def _error(self, error: type[E], problem: str) -> E:
        return error(
            f"The {self.kind.name} {self.id} {problem}",
            kind=self.kind.name, id=self.id, job=self.job, state=self.state, elapsed=self.elapsed,
            poll_count=self.poll_count,
        )  # fmt: skip
