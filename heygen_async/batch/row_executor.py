"""One row from its submission to its outcome."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from ..errors import HeyGenError
from .api_clock import creation_time
from .failures import FATAL, is_final
from .job_submission import JobSubmitter
from .journal_entries import error_to_facts

if TYPE_CHECKING:
    from .journal_entries import Entry
    from .outcomes import State
    from .rows import Row
    from .run_state import RunState

_MAX_TASKS_AHEAD = 64  # tasks of rows without a running or submitted job


class RowExecutor:
    """Executes the rows of one run, each in a separate task."""

    def __init__(self, state: RunState) -> None:
        self.submitter: JobSubmitter = JobSubmitter(state)
        self._state = state

    async def start(self, row: Row) -> None:
        """Start a row's task as soon as the capacity allows a job for it."""
        if row.entry.state != "planned" or await self.submitter.admit(row):
            await self.start_admitted(row)

    async def start_admitted(self, row: Row) -> None:
        """Start the task of a row that may be submitted."""
        state = self._state
        if row.entry.state == "planned":
            row.entry.batch, row.entry.position = None, None
        while len(state.tasks) > state.capacity.running_jobs + state.capacity.submissions + _MAX_TASKS_AHEAD:
            await state.tasks.wait_for_one()
        if row.entry.state in {"planned", "submitting"}:
            await state.budget.wait_while_paused()
            await state.capacity.acquire()
            row.holds_place = True
        state.tasks.start(self.execute, row)

    async def start_running(self, row: Row, ids: list[str]) -> None:
        """Start the task of a row whose jobs were created elsewhere: by one of HeyGen's batches."""
        row.entry.state, row.entry.ids = "running", ids
        await self._state.journal.put(row.entry, new_jobs=True)
        self._state.tasks.start(self.execute, row)

    async def execute(self, row: Row) -> None:
        """Submit the row, wait for its jobs, download the results, and report the outcome."""
        try:
            created = await self._submit(row)
            if row.entry.state == "running":
                await self._wait(row, created)
            else:
                await self.finish(row)
        except FATAL:
            raise
        except (HeyGenError, OSError) as error:
            await self.fail(row, error)
        finally:
            if row.holds_place:
                self._state.capacity.release()

    async def _submit(self, row: Row) -> Any:
        if row.entry.state == "running":
            self.submitter.has_started = True
            self._state.capacity.resumed(len(row.entry.ids or ()))
        elif row.entry.state != "completed":
            return await self.submitter.submit(row)
        return None

    async def _wait(self, row: Row, created: Any) -> None:
        entry, ids = row.entry, row.entry.ids or []
        try:
            ends = await row.kind.wait(self._state.heygen, created, ids, self._state.timeout)
        finally:
            self._state.capacity.ended(len(ids))
        results, errors = _split(ends)
        if not row.resumed:
            entry.created_earlier = existed_before(entry, [*results, *errors])
        if entry.created_earlier and row.is_sought:
            entry.possible_charges = 0  # the key has led to the job
        if errors:
            await self.fail(row, errors[0], results)
            return
        entry.state, entry.results = "completed", msgspec.json.encode(results)
        await self._state.journal.put(entry)
        await self._download(row, results)

    async def fail(self, row: Row, error: Exception, results: list[Any] | None = None) -> None:
        """Report a failed row. Store the failure when it is final; otherwise a later run continues with the row."""
        if is_final(error):
            row.entry.state, row.entry.error = "failed", error_to_facts(error)
            if not row.entry.ids:
                self._state.budget.refund(row.entry.usd, row.cost)
                row.entry.usd = 0.0
            await self._state.journal.put(row.entry)
        await self._state.outcomes.report(row, "failed", results=results or [], error=error)

    async def finish(self, row: Row) -> None:
        """Download the results of a completed row that are not on the disk, and report the outcome."""
        await self._download(row, row.kind.decode_results(row.entry.results or b"[]"))

    async def _download(self, row: Row, results: list[Any]) -> None:
        paths, error = await self._state.output_files.fetch(row, results)
        state: State = "completed" if error is None else "failed"
        await self._state.outcomes.report(row, state, results=results, paths=paths, error=error)


def existed_before(entry: Entry, ends: Sequence[Any]) -> bool:
    """Return whether HeyGen created one of the jobs before the row was submitted. Times are in whole seconds."""
    times = [creation_time(getattr(end, "job", end)) for end in ends]
    return any(time < int(entry.submitted_at or 0.0) - 1 for time in times if time is not None)


def _split(ends: Sequence[Any]) -> tuple[list[Any], list[HeyGenError]]:
    """Return the finished structs, and the errors of jobs.

    Raises:
        BaseException: An error that ends the run, or that no job causes.
    """
    results: list[Any] = []
    errors: list[HeyGenError] = []
    for end in ends:
        if isinstance(end, HeyGenError) and not isinstance(end, FATAL):
            errors.append(end)
        elif isinstance(end, BaseException):
            raise end
        else:
            results.append(end)
    return results, errors
