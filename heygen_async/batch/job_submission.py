"""Creating a row's job exactly once, in spite of rejections, outages and lost responses.

The journal records each request before it is sent.
"""

from __future__ import annotations

import asyncio
import copy
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from .._files import request_files
from .._http.idempotency import new_key
from ..errors import (
    AmbiguousRequestError,
    HeyGenError,
    InsufficientCreditError,
    QuotaExceededError,
    RateLimitError,
)
from ..pricing import NOTHING
from .failures import ACCESS_DENIED, FATAL, OUTAGE, POSSIBLY_CREATED, REJECTED, outage_attempts
from .recovery import UnknownOriginError, find_jobs

if TYPE_CHECKING:
    from ..client import AsyncHeyGen
    from ..types.files import AssetFile
    from .rows import Row
    from .run_state import RunState

_SEARCH_DELAYS = (5.0, 15.0, 40.0)  # seconds before each search for a job whose response was lost a moment ago
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

    async def admit(self, row: Row) -> bool:
        """Return whether a job may be created for a row. If not, the row is held, or its outcome is reported.

        A job may be created if its file name is free, the run is not a dry run, and the budget covers it. After the
        first row that exceeds the budget, all further rows are held.
        """
        state, cost = self._state, row.cost or NOTHING
        if (error := await state.output_files.conflict(row)) is not None:
            await state.outcomes.report(row, "failed", error=error)
        elif state.dry_run:
            await state.outcomes.report(row, "planned", estimate=cost)
        elif self.held_rows or not await state.budget.reserve(cost):
            self.held_rows += 1
        else:
            row.entry.usd = cost.usd
            return True
        return False

    @asynccontextmanager
    async def recorded(self, *rows: Row) -> AsyncGenerator[None]:
        """Store the rows as `submitting` before the request in the body is sent, and as `planned` after a rejection.

        Raises:
            HeyGenError: An earlier request was rejected for a reason that applies to all rows.
        """
        if self._fatal_error is not None:
            raise copy.copy(self._fatal_error)
        for row in rows:
            if row.entry.state != "submitting":
                row.entry.state, row.entry.submitted_at = "submitting", time.time()
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
        entry = row.entry
        attempts = outage_attempts()
        async for _ in attempts:
            if entry.state == "submitting" and not row.key_is_valid and await self._recover(row):
                return None
            body = await self._upload_files(row)
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
                attempts.repeat()
            except OUTAGE as error:
                attempts.failed(error)
            else:
                await self._record_jobs(row, row.kind.created_ids(created), created)
                return created
        raise attempts.error

    async def _upload_files(self, row: Row) -> Any:
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

    async def _recover(self, row: Row, error: AmbiguousRequestError | None = None) -> bool:
        """Search for the job of a request without a response. Return False when no job exists.

        Args:
            row: The row whose request was sent.
            error: The request's error; None for a request of an earlier run.

        Raises:
            AmbiguousRequestError: It is unknown whether a job exists.
        """
        for delay in (0.0,) if error is None else _SEARCH_DELAYS:
            await asyncio.sleep(delay)
            try:
                ids = await find_jobs(self._state.heygen, self._state.journal, row)
            except UnknownOriginError:
                if error is None and self._state.retry_failed:
                    break
                raise error or ambiguous(row) from None
            if ids:
                await self._record_jobs(row, ids)
                return True
        row.entry.idempotency_key, row.entry.state = new_key(), "planned"
        return False

    async def _record_jobs(self, row: Row, ids: list[str], created: Any = None) -> None:
        """Store the ids of the row's jobs, and the result when creating the job returned it."""
        capacity = self._state.capacity
        row.entry.state, row.entry.ids = "running", ids
        row.holds_place = False
        capacity.accepted(len(ids))
        if row.kind.job_kind is None:
            row.entry.state, row.entry.results = "completed", msgspec.json.encode([created])
            capacity.ended(len(ids))
        await self._state.journal.put(row.entry)


def ambiguous(row: Row) -> AmbiguousRequestError:
    """Return the error for a row that an earlier run sent without receiving a response."""
    return AmbiguousRequestError(
        f"An earlier run sent the request for {row.item.key!r} and received no response. HeyGen's list does not show "
        "whether a job exists; it may be queued. Look for it there; retry_failed creates a new one."
    )
