"""Creating a row's job exactly once, without a journal: by its key for a day, then by its mark in HeyGen's list."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import TYPE_CHECKING

from .._jobs.registry import SESSION
from ..batch.recovery import SEARCH_DELAYS, UnknownOriginError, search_jobs
from ..errors import AmbiguousRequestError, APIConnectionError, InvalidInputError

if TYPE_CHECKING:
    from ..batch.api_clock import APIClock
    from ..batch.rows import Row

_MAX_SEARCHED_AGE = 7 * 86_400.0  # seconds; for a handle without time, older jobs are not searched


class RowCreation:
    """The create of one row.

    Args:
        clock: HeyGen's clock.
        row: The row. The time of its entry is that of its handle; 0 if it is unknown.

    Raises:
        InvalidInputError: A session needs the time of its handle.
    """

    def __init__(self, clock: APIClock, row: Row) -> None:
        if row.kind.job_kind is SESSION and not row.entry.submitted_at:
            raise InvalidInputError(
                "handle", None, "the handle that prepare returned; without its time, sessions cannot be told apart"
            )
        self._clock = clock
        self._row = row
        self._heygen = clock.heygen._view(retries_rate_limits=False)  # noqa: SLF001

    async def find_or_create(self) -> list[str]:
        """Return the ids of the row's jobs, which are created unless they exist.

        Raises:
            AmbiguousRequestError: It is unknown whether a job exists.
            HeyGenError: No job was created, or the step can be repeated.
        """
        await self._clock.synchronise(max_retries=0)
        return await self._find() or await self._send()

    async def _find(self) -> list[str]:
        """Return the ids of the jobs of an earlier request, unless the key of the row leads to them."""
        row, now = self._row, self._clock.now()
        if row.key_is_valid(self._heygen, now):
            return []
        if row.entry.submitted_at:
            return await self._search()
        row.entry.submitted_at = 0.0 if row.kind.lists_by_title else now - _MAX_SEARCHED_AGE
        try:
            return await search_jobs(self._heygen, _no_other_rows, row)
        except UnknownOriginError:  # the key protects the row for a day
            return []

    async def _search(self) -> list[str]:
        try:
            return await search_jobs(self._heygen, _no_other_rows, self._row)
        except UnknownOriginError:
            raise AmbiguousRequestError(
                f"The job of {self._row.item.key!r} may exist: the key of its handle has expired, and HeyGen's "
                "list does not show which job is the row's. Look for it there. To create another job, prepare the row "
                "with the next attempt."
            ) from None

    async def _send(self) -> list[str]:
        row = self._row
        try:
            created = await row.kind.create(self._heygen, row.request, row.entry.idempotency_key)
        except AmbiguousRequestError as lost:
            for delay in SEARCH_DELAYS:
                await asyncio.sleep(delay)
                if ids := await self._search():
                    return ids
            raise APIConnectionError(
                f"The response to the create of {row.item.key!r} was lost ({lost}), and HeyGen's list shows no job of "
                "this row. Repeat the step."
            ) from lost
        return row.kind.created_ids(created)


async def _no_other_rows(_: list[str]) -> Collection[str]:
    """Return the jobs of other rows: without a journal, they are not known."""
    return ()
