"""One row of a submission: start its workflow exactly once, wait for its result, record the outcome.

The problem: the journal must know each row's outcome, and Temporal forgets a workflow some time after its end. So a row
that the journal knows as ended starts no workflow. For all others, the workflow's id is derived from the batch's name
and the row: Temporal runs one workflow for it, and returns the result of one that is completed. A workflow that was
cancelled may start again; its job is found under the row's key and mark.

Rejected ways:

- Waiting for every workflow at once: each wait is a long poll, and Temporal limits them.
- Reading ended workflows from Temporal's list: it is late, and cannot select those of a batch without setup.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from ...batch.failures import FATAL, outage_attempts
from ...batch.journal_entries import StoredFile
from ...batch.row_executor import RowExecutor, existed_before
from ...errors import ConfigurationError, HeyGenError, InvalidInputError
from ...types.job_handles import JobHandle
from .failures import from_failure
from .messages import RowResult, RowTask
from .workflow import MakeRow, workflow_id

if TYPE_CHECKING:
    from ...batch.rows import Row
    from ...batch.run_state import RunState

T = TypeVar("T")
RowWorkflow = WorkflowHandle[MakeRow, RowResult]

_MAX_RESULT_POLLS = 200  # long polls of results in flight; Temporal allows about a thousand for all clients
_TRANSIENT = frozenset(
    {
        RPCStatusCode.ABORTED,
        RPCStatusCode.CANCELLED,
        RPCStatusCode.DEADLINE_EXCEEDED,
        RPCStatusCode.INTERNAL,
        RPCStatusCode.RESOURCE_EXHAUSTED,
        RPCStatusCode.UNAVAILABLE,
        RPCStatusCode.UNKNOWN,
    }
)


class WorkflowOptions(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """The options of a submission's workflows."""

    client: Client
    task_queue: str
    ahead: int
    heartbeat_timeout: float


class WorkflowExecutor(RowExecutor):
    """Executes the rows of one submission, each in a workflow."""

    def __init__(self, state: RunState, options: WorkflowOptions) -> None:
        super().__init__(state)
        self._options = options
        self._result_polls = asyncio.Semaphore(_MAX_RESULT_POLLS)

    async def start(self, row: Row) -> None:
        """Start a row's task as soon as fewer rows than `ahead` are without an outcome."""
        if row.item.path is not None:
            await self.fail(row, InvalidInputError("path", row.item.path, "no path; the workers choose it"))
        elif row.kind.job_kind is None:
            await self.fail(
                row, InvalidInputError("kind", row.item.kind, "a kind with jobs; create_speech returns speech")
            )
        elif row.entry.state == "completed":
            await self.finish(row)
        elif row.entry.state != "planned" or await self.submitter.admit(row):
            while self._state.capacity.running_jobs >= self._options.ahead:
                await self._state.tasks.wait_for_one()
            self._state.capacity.resumed(1)
            self._state.tasks.start(self.execute, row)

    async def execute(self, row: Row) -> None:
        """Start the row's workflow, wait for its end, and report the outcome."""
        try:
            workflow = await self._find_workflow(row) or await self._start_workflow(row)
            async with self._result_polls:
                result = await _repeat_in_outage(workflow.result)
        except WorkflowFailureError as failure:
            error, ids = from_failure(failure, workflow_id(row.marker))
            row.entry.ids = ids or row.entry.ids
            await self.fail(row, error)
        except FATAL:
            raise
        except (HeyGenError, OSError) as error:
            await self.fail(row, error)
        else:
            await self._complete(row, result)
        finally:
            self._state.capacity.ended(1)

    async def _find_workflow(self, row: Row) -> RowWorkflow | None:
        """Return the workflow that an earlier run started, if it has not failed."""
        if not row.resumed:
            return None
        workflow = self._options.client.get_workflow_handle_for(MakeRow.run, workflow_id(row.marker))
        try:
            status = (await _repeat_in_outage(workflow.describe)).status
        except ConfigurationError as error:
            if not _is_not_found(error.__cause__):
                raise
            return None
        return workflow if status in {WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.COMPLETED} else None

    async def _start_workflow(self, row: Row) -> RowWorkflow:
        entry, state = row.entry, self._state
        if entry.batch is not None:
            raise ConfigurationError(
                f"{entry.key!r} is in one of HeyGen's own batches. Continue this journal with engine='api' (--engine "
                "api)."
            )
        await state.clock.synchronise()
        request = msgspec.to_builtins(await self.submitter.upload_files(row))
        if entry.state == "running":  # an earlier run without Temporal has created the job
            return await self._request_start(row, self._task(row, request, entry.submitted_at or 0.0))
        async with self.submitter.recorded(row):
            requested_at = 0.0 if row.is_sought else entry.submitted_at or 0.0
            return await self._request_start(row, self._task(row, request, requested_at))

    def _task(self, row: Row, request: Any, requested_at: float) -> RowTask:
        entry = row.entry
        handle = JobHandle(
            kind=entry.kind, key=entry.key, idempotency_key=entry.idempotency_key, mark=row.marker,
            requested_at=requested_at, ids=tuple(entry.ids or ()),
        )  # fmt: skip
        return RowTask(
            request=request, handle=handle, heartbeat_timeout=self._options.heartbeat_timeout,
            timeout=self._state.timeout,
        )  # fmt: skip

    async def _request_start(self, row: Row, task: RowTask) -> RowWorkflow:
        client, id = self._options.client, workflow_id(row.marker)
        try:
            return await _repeat_in_outage(
                lambda: client.start_workflow(
                    MakeRow.run,
                    task,
                    id=id,
                    task_queue=self._options.task_queue,
                    id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
                    id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                    memo={"batch": self._state.batch_name, "key": row.entry.key, "kind": row.entry.kind},
                    static_summary=f"{row.entry.key} of {self._state.batch_name}",
                )
            )
        except WorkflowAlreadyStartedError:  # it is completed
            return client.get_workflow_handle_for(MakeRow.run, id)

    async def _complete(self, row: Row, result: RowResult) -> None:
        entry = row.entry
        entry.state, entry.ids, entry.results = "completed", result.ids, msgspec.json.encode(result.results)
        entry.paths = {path: StoredFile(entry.joined_ids, "") for path in result.files}
        if not row.resumed:
            entry.created_earlier = existed_before(entry, row.kind.decode_results(entry.results))
        await self._state.journal.put(entry)
        await self.finish(row)

    async def finish(self, row: Row) -> None:
        """Report the outcome of a completed row."""
        entry = row.entry
        results = row.kind.decode_results(entry.results or b"[]")
        paths = [path for path, file in (entry.paths or {}).items() if file.jobs == entry.joined_ids]
        await self._state.outcomes.report(row, "completed", results=results, paths=[Path(path) for path in paths])


def _is_not_found(error: BaseException | None) -> bool:
    return isinstance(error, RPCError) and error.status == RPCStatusCode.NOT_FOUND


async def _repeat_in_outage(request: Callable[[], Awaitable[T]]) -> T:
    """Send a request to Temporal. Repeat it during an outage, for half an hour.

    Raises:
        ConfigurationError: Temporal rejects the request, or cannot be reached.
    """
    attempts = outage_attempts()
    async for _ in attempts:
        try:
            return await request()
        except RPCError as error:
            if _is_not_found(error):
                raise ConfigurationError(f"Temporal knows no such workflow or namespace ({error.message}).") from error
            attempts.failed(error, retryable=error.status in _TRANSIENT)
    raise ConfigurationError(
        f"Temporal does not respond, or rejects the request ({attempts.error}). Rows that were submitted go on. Check "
        "the address, the namespace and the credentials, then run the batch again to follow them."
    )
