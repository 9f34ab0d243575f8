"""The workflow of one row: create its job, wait for the job's end, fetch the files.

A waiting row is an entry in Temporal's database: it holds no worker. A signal of the webhook bridge wakes it. Signals
may be lost, so it also polls, more and more rarely. A signal is never trusted: it only causes a poll.

Running workflows are replayed with this code. A change of the order or the arguments of its commands needs
`workflow.patched`; the tests replay recorded histories.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy

from ...errors import WaitTimeoutError
from .failures import to_failure
from .messages import JobState, RowResult, RowTask

T = TypeVar("T")

WORKFLOW_TYPE = "HeyGenMakeRow"
#: Added to the name of the worker's task queue for creates. Rows that wait for the plan's capacity wait there, and
#: leave the polls and downloads of other rows alone.
CREATE_QUEUE_SUFFIX = "-create"
_ID_PREFIX = "heygen:"
_STEP_TIMEOUT = timedelta(days=1)  # of one attempt; heartbeats end an attempt whose worker is dead
_RETRIES = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=60))


def workflow_id(mark: str) -> str:
    """Return the id of a row's workflow.

    Args:
        mark: The mark of the row's job: the row's key, and a digest of the batch's name and the row's content.
    """
    return _ID_PREFIX + mark


@workflow.defn(name=WORKFLOW_TYPE, sandboxed=False)  # the sandbox would cost memory for each waiting row
class MakeRow:
    """One row of a batch, from its create to its files."""

    def __init__(self) -> None:
        self._is_signalled = False

    @workflow.run
    async def run(self, task: RowTask) -> RowResult:
        """Create the row's job, wait for its end, and fetch its files."""
        queue = workflow.info().task_queue + CREATE_QUEUE_SUFFIX
        job = await self._step("heygen_create", task, [task], JobState, task_queue=queue)
        start, polls = workflow.now(), 0
        while not job.is_completed:
            polls += not await self._wait_for_signal(job.next_poll_in)
            job = await self._step("heygen_poll", task, [job.handle, polls], JobState)
            if not job.is_completed:
                _check_time(task, job, (workflow.now() - start).total_seconds())
        return await self._step("heygen_fetch", task, [job.handle], RowResult)

    @workflow.signal(name="heygen_job_event")
    def receive_event(self) -> None:
        """Poll the row's job now: HeyGen has sent an event about it."""
        self._is_signalled = True

    async def _wait_for_signal(self, seconds: float) -> bool:
        """Wait for a signal; return False when none has arrived in this time."""
        try:
            await workflow.wait_condition(lambda: self._is_signalled, timeout=timedelta(seconds=seconds))
        except TimeoutError:
            return False
        self._is_signalled = False
        return True

    async def _step(self, name: str, task: RowTask, arguments: list[Any], result_type: type[T], **options: Any) -> T:
        result: T = await workflow.execute_activity(
            name,
            args=arguments,
            result_type=result_type,
            start_to_close_timeout=_STEP_TIMEOUT,
            heartbeat_timeout=timedelta(seconds=task.heartbeat_timeout),
            retry_policy=_RETRIES,
            **options,
        )
        return result


def _check_time(task: RowTask, job: JobState, elapsed: float) -> None:
    """Raise the failure of the workflow if its job takes too long."""
    if task.timeout is None or elapsed < task.timeout:
        return
    handle = job.handle
    raise to_failure(
        WaitTimeoutError(
            f"Stopped waiting for {handle.key!r} ({', '.join(handle.ids)}) after {elapsed:.0f} s. It is still running "
            "at HeyGen. Run the batch again with a longer timeout to go on with the row.",
            kind=handle.kind, id=handle.ids[0], job=None, state="running", elapsed=elapsed, poll_count=0,
        ),
        handle.ids,
    )  # fmt: skip
