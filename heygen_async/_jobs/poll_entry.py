"""`PollEntry`: the state of one wait, in the poller's queue and for its caller.

An entry follows one job at a time. A wait for the video of a session first follows the session, then its video. The
entry keeps the deadline and the poll count of the whole wait.
"""

from __future__ import annotations

import asyncio
from logging import getLogger
from typing import TYPE_CHECKING, Any, Literal, Protocol, Self, TypeAlias, TypeVar

from .. import errors
from .._http.backoff import Backoff
from .._http.code_advice import explain_failed_job
from .._http.deadlines import seconds_allowed
from ..types.batches import JobStatus
from ..types.redaction import redact_urls, redact_value
from .poll_failures import MAX_LOOKUP_PAUSE, NEW_JOB_TIME, NO_RESPONSE, FailureStreak, cause_of, resume_condition
from .poll_log import log_end, log_fields, log_poll
from .states import NO_STATE, Phase, phase_of
from .wait_options import JobUpdate, WaitOptions, check_timeout
from .webhook_wake_up import listen, stop_listening

if TYPE_CHECKING:
    from .._http.telemetry import WaitSpan
    from .._http.transport import Transport
    from .kinds import JobKind

_log = getLogger("heygen_async.jobs")

E = TypeVar("E", errors.JobFailedError, errors.InputRequiredError, errors.WaitTimeoutError, errors.WaitInterruptedError)

#: The poll schedule where webhook events report the end. Polls remain the safety net: when several processes share an
#: endpoint, only one of them gets the event.
EVENTS_POLL = Backoff(initial=30.0, factor=2.0, maximum=60.0, jitter=0.1)

_RESULT_TIME = 30.0  # seconds by which a completed job's result may come later than its state
_RESULT_PAUSE = 2.0  # seconds between the polls for it

#: The end of an entry's pause: its own status request is due, the deadline has passed, or a bulk status arrived.
PauseEnd: TypeAlias = JobStatus | Literal["due", "timeout"]


class EntryPoller(Protocol):
    """The poller of a kind of job, as an entry knows it."""

    async def next_update(self, entry: PollEntry) -> JobUpdate[Any]:
        """Return the next poll of this entry."""
        ...


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
        "_failures", "_poll_option", "_settled_polls", "_step", "_streak", "deadline", "due_at", "history", "id", "in_bulk_request",
        "is_event_pending", "is_interrupted", "is_result_missing", "job", "kind", "last_error", "needs_own_poll",
        "new_until", "pause", "pause_end", "phase", "poll", "poll_count", "poller", "polls_alone", "received_response",
        "request_timeout", "span", "started_at", "state", "timeout", "transport", "unknown_state", "wants_updates", "was_missing",
    )  # fmt: skip

    def __init__(self, transport: Transport, options: WaitOptions, *, wants_updates: bool = True) -> None:
        timeout = options.get("timeout")
        check_timeout(timeout)
        self.transport: Transport = transport.without_retries
        self.timeout: float = seconds_allowed(transport.options.wait_timeout if timeout is None else timeout)
        self.started_at: float = asyncio.get_running_loop().time()
        self.deadline: float = self.started_at + self.timeout  # earlier while the result of a completed job is missing
        self.wants_updates: bool = wants_updates
        self._poll_option = options.get("poll") or transport.options.poll
        self.id: str = ""
        self.job: object = None  # the last struct that a status request returned
        self.state: str = "unknown"
        self.phase: Phase = "running"  # by the last struct
        self.history: tuple[tuple[str, float], ...] = ()  # the states passed, with the seconds since the wait began
        self.poll_count: int = 0
        self.received_response: bool = False
        self.last_error: errors.HeyGenError | None = None
        self._streak: FailureStreak | None = None  # the failed polls since the last that got a response
        self._settled_polls: int = 0  # the poll count at that response
        self.pause_end: asyncio.Future[PauseEnd] | None = None
        self.due_at: float | None = None  # the time of its valid place in the queue; other places are stale
        self.in_bulk_request: bool = False
        self.is_interrupted: bool = transport.shared_state.is_closed
        self.request_timeout: asyncio.Timeout | None = None  # of the entry's own status request that is in flight
        self.span: WaitSpan | None = None  # if the program traces
        self.is_event_pending: bool = False  # an event arrived while no pause could be ended

    def __enter__(self) -> Self:
        self.transport.shared_state.waits.add(self)
        telemetry = self.transport.shared_state.choose_telemetry()
        if telemetry is not None:
            self.span = telemetry.start_wait()
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if self.span is not None:
            self.span.end(error)
        if self.id:
            log_end(self, error)
        self.transport.shared_state.waits.discard(self)
        stop_listening(self.transport.shared_state, self)

    def follow(self, kind: JobKind[Any], id: str, poller: EntryPoller, *, is_new: bool) -> None:
        """Poll this job from now on, and listen to its events.

        A job created a moment ago cannot have ended, so its first poll is delayed.
        """
        stop_listening(self.transport.shared_state, self)
        listen(self.transport.shared_state, self, id)
        self.kind: JobKind[Any] = kind
        self.id = id
        if self.span is not None:
            self.span.follow(kind.wait, kind.name, id)
        self.poller: EntryPoller = poller
        has_events = self.transport.shared_state.event_listeners is not None and kind.event_prefixes
        self.poll: Backoff = self._poll_option or (EVENTS_POLL if has_events else kind.poll)
        self.polls_alone: bool = False  # the bulk status is of no use for this job
        self.needs_own_poll: bool = False  # the bulk status has to be confirmed
        self.was_missing: bool = False  # the bulk status did not have this id
        self.unknown_state: str | None = None  # an unknown bulk state of a job that is still running
        self.pause: float = 0.0
        self._step = self._failures = 0
        self.phase, self._streak, self._settled_polls = "running", None, self.poll_count
        self.is_result_missing: bool = False  # the job is completed, and is polled for its result
        self.deadline = self.started_at + self.timeout
        self.new_until: float = asyncio.get_running_loop().time() + NEW_JOB_TIME if is_new else 0.0
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
        """Whether the last struct ends the wait."""
        return self.phase not in {"running", "unknown"} and not self.is_result_missing

    def schedule_next(self) -> None:
        """Take the schedule's next, longer pause, after a poll of a running job."""
        self.pause = self.poll.delay(self._step)
        self._step += 1
        self._failures = 0
        self.needs_own_poll = False

    def survives(self, error: errors.HeyGenError, *, is_bulk: bool = False) -> bool:
        """Count a failed poll, and return whether the wait continues."""
        if self.span is not None:
            self.span.add_poll(self.poll_count, self.state, error)
        log_poll(self, self.state, error)
        self._streak = self._streak or FailureStreak()
        is_new_job = not is_bulk and asyncio.get_running_loop().time() < self.new_until
        return self._streak.survives(error, is_new_job=is_new_job)

    def schedule_retry(self, error: errors.HeyGenError) -> None:
        """Take a short pause after a failed poll if the retry budget allows it, otherwise the schedule's."""
        self.last_error = error
        self.pause = self.poll.delay(self._step)
        self._failures += 1
        if self.transport.shared_state.retry_budget.spend():
            self.pause = min(self.pause, self.transport.options.retry.delay(self._failures))
        self.pause = max(self.pause, getattr(error, "retry_after", None) or 0.0)
        if cause_of(error) == "unknown":
            self.pause = min(self.pause, MAX_LOOKUP_PAUSE)

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
        self.polls_alone = self.polls_alone or self.was_missing
        self.job = job
        self.enter_state(self.kind.state(job))
        self.count_response(self.state)
        self.phase = phase_of(self.kind, self.state)
        if self.state == NO_STATE and self.new_until:  # a thing without state is older than its wait
            self.phase = "running"
        if self.phase == "completed" and self.kind.lacks_result(job):
            self._await_result()
        elif self.is_result_missing:
            self.is_result_missing, self.deadline = False, self.started_at + self.timeout

    def count_response(self, state: str) -> None:
        """Count a poll that got a response with this state."""
        self.received_response, self._streak, self._settled_polls = True, None, self.poll_count
        if self.span is not None:
            self.span.add_poll(self.poll_count, state)
        log_poll(self, state)

    def enter_state(self, state: str) -> None:
        """Record the state in a response, and warn of an unknown state at its first occurrence."""
        if state == self.state and self.history:
            return
        is_first = all(state != passed for passed, _ in self.history)
        self.state = state
        self.history = (*self.history, (state, self.elapsed))
        if is_first and phase_of(self.kind, state) == "unknown":
            message = "The %s %s has the unknown state %r. The wait continues, as for a running job."
            _log.warning(message, self.kind.name, self.id, state, extra=log_fields(self))

    def _await_result(self) -> None:
        """Poll a completed job on its own for its result, for a short time within the wait's timeout."""
        if not self.is_result_missing:
            self.is_result_missing = True
            self.deadline = min(self.deadline, asyncio.get_running_loop().time() + _RESULT_TIME)
        self.pause, self.polls_alone = _RESULT_PAUSE, True

    def accept_missing_result(self) -> JobUpdate[Any]:
        """Return the last update for a completed job whose result is still missing."""
        self.is_result_missing = False
        _log.warning(
            "The %s %s is completed, but has no %s yet. The job is returned without it; fetch the job again later.",
            self.kind.name, self.id, " or ".join(self.kind.result_fields), extra=log_fields(self),
        )  # fmt: skip
        return self.update(self.job)

    def update(self, job: Any) -> JobUpdate[Any]:
        """Return the update for the caller. `job` is None after a bulk status request."""
        return JobUpdate(
            kind=self.kind.name,
            id=self.id,
            job=job,
            state=self.state,
            progress=self.kind.progress(job),
            elapsed=self.elapsed,
            poll_count=self.poll_count,
            next_poll_in=None if self.has_ended and job is not None else self.pause,
            nodes=self.kind.node_states(job),
        )

    def raise_for_state(self) -> None:
        """Raise the error for the last state, unless the job is running or completed.

        Raises:
            JobFailedError: The job failed.
            InputRequiredError: The job needs input from a person.
        """
        if self.job is None:
            return
        if self.phase == "needs_input":
            problem = f"needs input (state {self.state}): {self.kind.input_advice}."
            raise self._error(errors.InputRequiredError, problem)
        if self.phase == "failed":
            raise self.failure()

    def failure(self, reason: str | None = None) -> errors.JobFailedError:
        """Return the error for a failed job. `reason` is used where the job's struct has no message."""
        code, message = self.kind.failure(self.job)
        message = message or reason
        text, action = explain_failed_job(code, message, f"HeyGen gave no reason (state {self.state})")
        error = self._error(
            errors.JobFailedError,
            f"failed{f' with {code}' if code else ''}: {text}. {action} A failed {self.kind.name} does not resume; "
            "creating it again starts another job, which is charged too.",
        )
        error.failure_code, error.failure_message, error.advice = redact_value(code), redact_value(message), action
        return error

    @property
    def resume_advice(self) -> str:
        """The call that resumes the wait, and a warning against a second create."""
        return (
            f"wait again with the same id: {self.kind.wait_call.format(id=self.id)}. "
            "To create it again would start another job, which is charged too."
        )

    def timeout_error(self) -> errors.WaitTimeoutError | errors.WaitInterruptedError:
        """Return the error for a wait that ended by its timeout, or because its client was closed."""
        if self.is_interrupted:
            return self._error(
                errors.WaitInterruptedError,
                f"was not waited for, because the client is closed (last state: {self.state}, polls: "
                f"{self.poll_count}). It goes on at HeyGen; on an open client, {self.resume_advice}",
            )
        failed = self._failed_polls()
        if self.received_response or not self.poll_count:
            since = failed and f"; since that state, {failed}"
            return self._error(
                errors.WaitTimeoutError,
                f"has not ended after {self.timeout:g} s (last state: {self.state}, polls: {self.poll_count}{since}). "
                f"It {'may still be' if failed else 'is still'} running at HeyGen; {self.resume_advice}",
            )
        return self._error(
            errors.WaitTimeoutError,
            f"could not be polled for {self.timeout:g} s (polls: {self.poll_count}{failed and f'; {failed}'}). "
            f"{resume_condition(self.last_error)}, {self.resume_advice}",
        )

    def _failed_polls(self) -> str:
        """Return what the polls since the last response got, such as `13 got status 503`; empty if there were none."""
        last = None if self._streak is None else self.last_error
        results = {} if self._streak is None else dict(self._streak.results)
        silent = self.poll_count - self._settled_polls - sum(results.values())
        if silent > 0:
            results[NO_RESPONSE] = results.get(NO_RESPONSE, 0) + silent
        counts = ", ".join(f"{count} got {result}" for result, count in results.items())
        return counts if last is None else f"{counts}; last error: {type(last).__name__}: {str(last).rstrip('.')}"

    def annotate(self, error: errors.HeyGenError) -> errors.HeyGenError:
        """Add a note to the error that ends the wait: the job's id, its last state, and the call that resumes the wait."""
        cause = (
            "HeyGen does not know this id"
            if isinstance(error, errors.NotFoundError)
            else "The job may still be running"
        )
        note = (
            f"Stopped waiting for the {self.kind.name} {self.id} after {self.elapsed:.1f} s (last state: {self.state}, "
            f"polls: {self.poll_count}). {cause}. When the cause of this error is removed, {self.resume_advice}"
        )
        error.add_note(redact_urls(note))  # a state of an unknown form may hold one
        return error

    def _error(self, error_type: type[E], problem: str) -> E:
        error = error_type(
            f"The {self.kind.name} {self.id} {problem}",
            kind=self.kind.name, id=self.id, job=self.job, state=self.state, elapsed=self.elapsed,
            poll_count=self.poll_count,
        )  # fmt: skip
        error.history = self.history
        return error
