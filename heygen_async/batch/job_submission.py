"""Creating a row's job exactly once, in spite of rejections, outages and lost responses.

The journal records each request before it is sent.
"""

from __future__ import annotations

import asyncio
import copy
import math
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import msgspec

from .._files import request_files
from .._jobs.registry import SESSION
from ..errors import (
    AmbiguousRequestError,
    HeyGenError,
    InsufficientCreditError,
    QuotaExceededError,
    RateLimitError,
)
from ..pricing import NOTHING
from ..types.base import get_field
from .api_clock import creation_time
from .failures import ACCESS_DENIED, FATAL, OUTAGE, POSSIBLY_CREATED, REJECTED, outage_attempts
from .idempotency_keys import key_of_entry
from .recovery import SEARCH_DELAYS, JobList, UnknownOriginError, find_jobs
from .rows import KEY_LIFETIME

if TYPE_CHECKING:
    from ..client import AsyncHeyGen
    from ..types.files import AssetFile
    from .rows import Row
    from .run_state import RunState

_MAX_SESSION_AGE = 7 * 86_400.0  # seconds; older sessions with a row's prompt are not those of a lost journal
_MAX_KNOWN_UPLOADS = 1000  # uploaded files that later rows of the run can use


class JobSubmitter:
    """Submits the rows of one run, each in a separate request.

    Attributes:
        has_started: Whether a job was created, may have been created, or was resumed.
        held_rows: The number of rows that the budget does not cover.
    """

    def __init__(self, state: RunState) -> None:
        self.has_started: bool = False
        self.held_rows: int = 0
        #: Raises a 429 immediately: the capacity decides when the next job is submitted.
        self.heygen: AsyncHeyGen = state.heygen._view(retries_rate_limits=False)  # noqa: SLF001
        self._state = state
        self._in_flight = 0
        self._fatal_error: HeyGenError | None = None
        self._uploads: dict[object, asyncio.Future[AssetFile]] = {}
        self._lost_jobs: dict[str, JobList] = {}  # by kind
        self._seeking = asyncio.Lock()

    async def admit(self, row: Row) -> bool:
        """Return whether a row may be submitted. If not, the row is held, or its outcome is reported.

        It may if the run is not a dry run, and the budget covers the job. After the first row that exceeds the budget,
        all further rows are held. If another file has the name of its result, only an earlier job may answer the row.
        """
        state, cost = self._state, row.cost or NOTHING
        row.conflict = await state.output_files.conflict(row)
        if row.conflict is not None and (state.dry_run or not self._may_adopt(row)):
            await state.outcomes.report(row, "failed", error=row.conflict)
        elif state.dry_run:
            await state.outcomes.report(row, "planned", estimate=cost)
        elif self.held_rows or (reserved := await state.budget.reserve(cost)) is None:
            self.held_rows += 1
        else:
            row.entry.usd, row.entry.idempotency_key = reserved, key_of_entry(state.batch_name, row.entry)
            return True
        return False

    def _may_adopt(self, row: Row) -> bool:
        """Return whether a lost journal may be the reason for a file, and the job can be found by its mark."""
        kind = row.kind
        has_mark = (kind.lists_by_title or kind.lists_callback_id) and not (row.changed or self._state.again)
        return row.is_sought or has_mark

    @asynccontextmanager
    async def recorded(self, *rows: Row) -> AsyncGenerator[None]:
        """Store the rows as `submitting` before the request in the body is sent, and as `planned` after a rejection.

        Raises:
            HeyGenError: An earlier request was rejected for a reason that applies to all rows.
        """
        if self._fatal_error is not None:
            raise copy.copy(self._fatal_error)
        now = self._state.clock.now()
        for row in rows:
            if row.entry.state != "submitting":
                row.entry.state, row.entry.submitted_at = "submitting", now
        await self._state.journal.put(*[row.entry for row in rows])
        self._in_flight += 1
        try:
            yield
            self.has_started = True
        except REJECTED as error:
            if isinstance(error, FATAL):  # before any await, in which another row could be stored
                self._fatal_error = error
            for row in rows:
                row.entry.state = "planned"
            await self._state.journal.put(*[row.entry for row in rows])
            raise
        except POSSIBLY_CREATED:
            self.has_started = True
            raise
        finally:
            self._in_flight -= 1

    def run_failed(self, error: Exception) -> None:
        """Set `has_started` if requests are in flight when the run ends, unless HeyGen rejects the key of all."""
        if self._in_flight and not isinstance(error, ACCESS_DENIED):
            self.has_started = True

    async def submit(self, row: Row) -> Any:
        """Create the row's job; return the response, or None when an earlier request created it.

        The row counts against the capacity. Afterwards its entry is `running`, or `completed` when creating it
        returned the result.

        Raises:
            HeyGenError: No job was created, or it is unknown whether one was.
            OSError: A local file cannot be read.
        """
        entry, clock, older_job = row.entry, self._state.clock, 0
        await clock.synchronise()
        if (row.is_sought or row.conflict is not None) and await self._find_lost_job(row):
            return None
        if row.conflict is not None:
            self._state.budget.refund(entry.usd, row.cost)
            raise row.conflict
        attempts = outage_attempts()
        async for _ in attempts:
            key_is_valid = row.key_is_valid(self.heygen, clock.now())
            if entry.state == "submitting" and not key_is_valid and await self._recover(row):
                return None
            body = await self.upload_files(row)
            try:
                async with self.recorded(row):
                    created = await row.kind.create(self.heygen, body, entry.idempotency_key)
            except (QuotaExceededError, *FATAL):
                raise
            except (RateLimitError, InsufficientCreditError) as error:
                await self._wait_for_place(row, error)
                attempts.progressed()
                attempts.repeat()
            except AmbiguousRequestError as error:
                if await self._recover(row, error):
                    return None
                attempts.failed(error)
            except OUTAGE as error:
                attempts.failed(error)
            else:
                time = creation_time(created)
                if time is None or not older_job < time < self._oldest_answer(row):
                    await self._record_jobs(row, row.kind.created_ids(created), created)
                    return created
                older_job = time
                entry.idempotency_key = key_of_entry(self._state.batch_name, entry, older_job)
                attempts.repeat()
        raise attempts.error

    def _oldest_answer(self, row: Row) -> float:
        """Return the creation time of the oldest job that may answer a row. A permanent key leads to older ones."""
        has_own_key = get_field(row.item.request, "request_id") is not None
        if not self._has_permanent_key(row) or has_own_key or row.is_sought:
            return -math.inf
        return (row.entry.submitted_at or 0.0) - KEY_LIFETIME

    def _has_permanent_key(self, row: Row) -> bool:
        return math.isinf(row.kind.key_lifetime(self.heygen))

    async def upload_files(self, row: Row) -> Any:
        """Return the row's request with its local files uploaded. A file of several rows is uploaded once."""
        while len(self._uploads) > _MAX_KNOWN_UPLOADS:
            del self._uploads[next(iter(self._uploads))]
        transport = self._state.heygen._transport  # noqa: SLF001
        return await request_files.upload_files_in_body(transport, row.request, self._uploads)

    async def _wait_for_place(self, row: Row, error: RateLimitError | InsufficientCreditError) -> None:
        """Release the row's capacity, and wait until it is free again."""
        row.holds_place = False
        if isinstance(error, RateLimitError):
            self._state.capacity.rejected(error.retry_after or 1.0)
        else:
            self._state.capacity.release()
            await self._state.budget.wait_for_credit(error)
        await self._state.capacity.acquire(priority=True)
        row.holds_place = True

    async def _find_lost_job(self, row: Row) -> bool:
        """Search for the job of a row whose entry may be lost. Return False when none is found.

        Then the row's key replays a job that HeyGen still knows by it. For rows with the same prompt, one search at a
        time: each takes another session.
        """
        kind, entry = row.kind, row.entry
        since = self._state.clock.now() - _MAX_SESSION_AGE if kind.job_kind is SESSION else 0.0
        job_list = None if kind.lists_by_title else self._lost_jobs.setdefault(kind.resource, JobList(since))
        async with self._seeking if kind.job_kind is SESSION else nullcontext():
            try:
                ids = await find_jobs(self._state.heygen, self._state.journal, row, job_list)
            except UnknownOriginError:
                entry.possible_charges += row.conflict is None and not self._has_permanent_key(row)
                return False
            row.is_sought, row.is_adopted, row.resumed = False, bool(ids), bool(ids)
            if ids:
                entry.created_earlier = row.conflict is not None
                await self._record_jobs(row, ids)
            return row.is_adopted

    async def _recover(self, row: Row, error: AmbiguousRequestError | None = None) -> bool:
        """Search for the job of a request without a response. Return False when no job exists.

        Args:
            row: The row whose request was sent.
            error: The request's error; None for a request of an earlier run.

        Raises:
            AmbiguousRequestError: It is unknown whether a job exists.
        """
        for delay in (0.0,) if error is None else SEARCH_DELAYS:
            await asyncio.sleep(delay)
            try:
                ids = await find_jobs(self._state.heygen, self._state.journal, row)
            except UnknownOriginError:
                if error is None and self._state.retry_failed:
                    self.count_possible_charge(row)
                    break
                raise error or ambiguous(row) from None
            if ids:
                await self._record_jobs(row, ids)
                return True
        row.entry.state = "planned"  # the key stays: should HeyGen still know it, the job is the row's
        return False

    def count_possible_charge(self, row: Row) -> None:
        """Prepare a deliberate new job for a row whose earlier request may have been charged."""
        entry = row.entry
        entry.possible_charges += 1
        entry.attempt += 1
        entry.idempotency_key = key_of_entry(self._state.batch_name, entry)

    async def _record_jobs(self, row: Row, ids: list[str], created: Any = None) -> None:
        """Store the ids of the row's jobs, and the result when creating the job returned it."""
        capacity = self._state.capacity
        row.entry.state, row.entry.ids = "running", ids
        row.holds_place = False
        capacity.accepted(len(ids))
        if row.kind.job_kind is None:
            row.entry.state, row.entry.results = "completed", msgspec.json.encode([created])
            capacity.ended(len(ids))
        await self._state.journal.put(row.entry, new_jobs=True)


def ambiguous(row: Row) -> AmbiguousRequestError:
    """Return the error for a row that an earlier run sent without receiving a response."""
    return AmbiguousRequestError(
        f"An earlier run sent the request for {row.item.key!r} and received no response. HeyGen's list does not show "
        "whether a job exists; it may be queued. Look for it there; retry_failed creates a new one."
    )
