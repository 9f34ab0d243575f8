"""The engine `api`: sending rows in HeyGen's own batches, up to a hundred in one request.

HeyGen queues a batch's jobs, so the plan's capacity does not matter here. A row's journal entry holds its batch and its
position in it. Until the response arrives, the batch is the request's idempotency key; then it is HeyGen's id. The id
of a row's job is known when HeyGen has started the job; `api_batch_polling.py` waits for that.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING

from .. import errors
from .._files import request_files
from ..types.batches import MAX_IDS
from .api_batch_polling import poll_batch
from .failures import FATAL, OUTAGE, is_caused_by_one_row, outage_attempts
from .idempotency_keys import key_of_rows
from .job_submission import ambiguous
from .recovery import JobList, UnknownOriginError, find_jobs

if TYPE_CHECKING:
    from .row_executor import RowExecutor
    from .rows import Row
    from .run_state import RunState

_MAX_PARALLEL_BATCHES = 10


class ApiBatches:
    """The batches of one run.

    Args:
        state: The run's shared parts.
        executor: Continues with rows whose jobs are known.
        max_jobs: The caller's limit for unfinished jobs.
    """

    def __init__(self, state: RunState, executor: RowExecutor, max_jobs: int | None) -> None:
        self._state = state
        self._executor = executor
        self._size = min(MAX_IDS, max_jobs or MAX_IDS)
        self._places = asyncio.Semaphore(max(1, max_jobs // MAX_IDS) if max_jobs else _MAX_PARALLEL_BATCHES)
        self._new_rows: defaultdict[str, list[Row]] = defaultdict(list)  # by kind
        self._resumed_rows: defaultdict[str, list[Row]] = defaultdict(list)  # by batch
        self._job_lists: dict[str, JobList] = {}  # by kind

    async def add(self, row: Row) -> None:
        """Add a new row to the next batch of its kind. The row fails when HeyGen has no batches for it."""
        kind = row.kind.resource
        try:
            _check_row(row)
        except errors.InvalidInputError as error:
            await self._state.outcomes.report(row, "failed", error=error)
            return
        if not await self._executor.submitter.admit(row):
            return
        if row.conflict is not None:  # only an earlier job may answer it
            await self._executor.start_admitted(row)
        else:
            self._new_rows[kind].append(row)
            if len(self._new_rows[kind]) == self._size:
                await self._start(self._new_rows.pop(kind))

    def resume(self, row: Row) -> None:
        """Add a row that an earlier run sent in a batch."""
        self._resumed_rows[str(row.entry.batch)].append(row)

    async def flush(self) -> None:
        """Send the last rows, and continue with the batches of earlier runs. Call it after the last row."""
        for rows in self._new_rows.values():
            await self._start(rows)
        unknown: defaultdict[str, list[Row]] = defaultdict(list)
        for rows in self._resumed_rows.values():
            if rows[0].entry.state == "submitting":
                unknown[rows[0].item.kind] += rows
        self._job_lists = {
            kind: JobList(min(row.entry.submitted_at or 0.0 for row in rows)) for kind, rows in unknown.items()
        }
        for batch, rows in self._resumed_rows.items():
            is_accepted = rows[0].entry.state == "queued"
            self._state.tasks.start(self._poll if is_accepted else self._recover, batch, rows)

    async def _poll(self, batch: str, rows: list[Row]) -> None:
        await poll_batch(self._state, self._executor, batch, rows)

    async def _start(self, rows: list[Row]) -> None:
        """Send new rows in a task, as soon as the limit of parallel batches allows it."""
        await self._places.acquire()
        self._state.tasks.start(self._send_and_release, rows)

    async def _send_and_release(self, rows: list[Row]) -> None:
        try:
            await self._send(_key(rows), rows)
        finally:
            self._places.release()

    async def _send(self, key: str, rows: list[Row]) -> None:
        """Send a batch, and poll it until its rows have ended.

        One invalid row makes HeyGen reject the whole batch. Then each half is sent, until the invalid row is alone.
        """
        for position, row in enumerate(rows):
            row.entry.batch, row.entry.position = key, position
        try:
            batch = await self._create(key, rows)
        except FATAL:
            raise
        except (errors.HeyGenError, OSError) as error:
            if is_caused_by_one_row(error) and len(rows) > 1:
                self._send_halves(rows)
                return
            for row in rows:
                await self._executor.fail(row, error)
        else:
            await self._poll(batch, rows)

    def _send_halves(self, rows: list[Row]) -> None:
        for row in rows:
            row.entry.state = "planned"
        middle = len(rows) // 2
        self._state.tasks.start(self._start, rows[:middle])
        self._state.tasks.start(self._start, rows[middle:])

    async def _create(self, key: str, rows: list[Row]) -> str:
        """Create a batch; return its id."""
        state, kind = self._state, rows[0].item.kind
        requests = [row.request for row in rows]
        bodies = await request_files.upload_files_in_body(state.heygen._transport, requests)  # noqa: SLF001
        create = getattr(self._executor.submitter.heygen, kind).create_batch
        attempts = outage_attempts(max_retries=None)
        await state.clock.synchronise()
        async for _ in attempts:
            try:
                async with self._executor.submitter.recorded(*rows):
                    created = await create(**{rows[0].kind.batch_field or kind: bodies}, idempotency_key=key)
            except (errors.QuotaExceededError, errors.AmbiguousRequestError, *FATAL):
                raise
            except errors.RateLimitError as error:
                attempts.failed(error, retry_after=error.retry_after or 1.0)
            except errors.InsufficientCreditError as error:
                await state.budget.wait_for_credit(error)
                attempts.repeat()
            except OUTAGE as error:
                attempts.failed(error, retryable=rows[0].key_is_valid(state.heygen, state.clock.now(), "create_batch"))
            else:
                for row in rows:
                    row.entry.batch, row.entry.state = created.batch_id, "queued"
                await state.journal.put(*[row.entry for row in rows])
                return str(created.batch_id)
        raise attempts.error

    async def _recover(self, key: str, rows: list[Row]) -> None:
        """Continue with a batch of an earlier run that received no response.

        The request is repeated under its key where HeyGen honours it. Otherwise the rows' jobs are searched for.
        """
        rows.sort(key=lambda row: row.entry.position or 0)
        clock = self._state.clock
        async with self._places:
            await clock.synchronise()
            is_complete = len(rows) == await self._state.journal.batch_size(key)
            if is_complete and rows[0].key_is_valid(self._state.heygen, clock.now(), "create_batch"):
                await self._send(key, rows)
                return
            new_rows = [row for row in rows if not await self._find_job(row)]
            if new_rows:
                await self._send(_key(new_rows), new_rows)

    async def _find_job(self, row: Row) -> bool:
        """Continue with a row whose job is found, or fail it. Return False when a new job is to be created."""
        state = self._state
        try:
            ids = await find_jobs(state.heygen, state.journal, row, self._job_lists[row.item.kind])
        except UnknownOriginError:
            ids = []
        if ids:
            await self._executor.start_running(row, ids)
        elif state.retry_failed:
            self._executor.submitter.count_possible_charge(row)
            row.entry.state = "planned"
            return False
        else:
            await self._executor.fail(row, ambiguous(row))
        return True


def _key(rows: list[Row]) -> str:
    return key_of_rows(row.entry for row in rows)


def _check_row(row: Row) -> None:
    """Check that HeyGen's batches can hold a row.

    Raises:
        errors.InvalidInputError: They cannot hold it.
    """
    kind, request = row.kind, row.item.request
    if not kind.has_batches:
        raise errors.InvalidInputError("engine", "api", f"jobs: HeyGen has no batches of {kind.resource}")
    if kind.resource == "video_translations" and len(request["output_languages"]) != 1:
        raise errors.InvalidInputError(
            "output_languages", request["output_languages"], "one language with engine='api'"
        )
