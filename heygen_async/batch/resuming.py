"""Resuming: comparing each item with the journal entry of an earlier run.

| the entry | the row |
|---|---|
| none | is new |
| another digest | is new and `changed`; its old jobs are remembered in the journal |
| `created_earlier` | with `again` it is new |
| `failed` | fails again with the same error; with `retry_failed` it is new |
| `planned` | is new |
| none or `planned` in a recovered journal | is sought: its job may exist |
| any other state | is resumed at that state |
"""

from __future__ import annotations

from logging import getLogger
from typing import TYPE_CHECKING

from .._http.worker_threads import run_in_thread
from ..errors import InvalidInputError
from ..pricing import Estimate, estimate
from .digests import previous_digest
from .idempotency_keys import random_attempt
from .journal_entries import ACCEPTED, Entry, error_from_facts
from .rows import Item, Row, check_request

if TYPE_CHECKING:
    from .run_state import RunState

_log = getLogger("heygen_async.batch")


class Resumption:
    """The comparison of one run's items with its journal.

    Args:
        state: The run's shared parts.
        are_checked: Whether the source has checked the requests.
    """

    def __init__(self, state: RunState, *, are_checked: bool) -> None:
        self._state = state
        self._are_checked = are_checked

    async def resume(self, item: Item, digest: bytes | InvalidInputError, entry: Entry | None) -> Row | None:
        """Return the row that continues with an item. Return None when its outcome is reported.

        Args:
            item: The item.
            digest: The digest of its content, or the reason why it could not be computed.
            entry: The entry of the item's key, if the journal has one.
        """
        if isinstance(digest, InvalidInputError) and entry is not None and entry.state in ACCEPTED:
            digest = entry.digest  # the job exists, so its local files may be gone
        row = Row(
            item=item, entry=Entry(key=item.key, kind=item.kind, digest=digest if isinstance(digest, bytes) else b"")
        )
        if self._state.again:
            row.entry.attempt = random_attempt()
        try:
            row.cost = self._check(item, digest)
        except InvalidInputError as error:
            await self._state.outcomes.report(row, "failed", error=error)
            return None
        if entry is not None:
            return await self._compare(row, entry)
        row.is_sought = self._may_be_lost
        return row

    @property
    def _may_be_lost(self) -> bool:
        """Whether jobs of rows may exist that the journal does not know, and that the caller wants to keep."""
        return self._state.journal.is_recovering and not self._state.again

    async def _compare(self, row: Row, entry: Entry) -> Row | None:
        row.changed = await self._has_changed(row, entry)
        if row.changed:
            _log.warning("The content of %r has changed since the earlier run; it needs a new job.", row.item.key)
        elif not self._needs_new_job(entry):
            return await self._continue(row, entry)
        elif not self._state.again:
            row.entry.attempt = entry.attempt + 1
        row.entry.possible_charges = entry.possible_charges + (entry.state == "submitting")
        row.entry.paths = entry.paths  # the new job's files may replace them
        if not self._state.dry_run:
            await self._state.journal.put(row.entry, replacing=entry)
        return row

    async def _has_changed(self, row: Row, entry: Entry) -> bool:
        """Return whether the content differs. A journal of the previous format has digests of another form."""
        if entry.digest == row.entry.digest:
            return False
        try:
            return entry.digest != await run_in_thread(previous_digest, row.item)
        except InvalidInputError:  # a local file has vanished since its digest was computed
            return True

    def _needs_new_job(self, entry: Entry) -> bool:
        """Return whether the caller wants a new job for a row whose content is the same."""
        is_retried = entry.state == "failed" and self._state.retry_failed
        return is_retried or (entry.created_earlier and self._state.again)

    async def _continue(self, row: Row, entry: Entry) -> Row | None:
        """Return the row at the state of its entry. Return None when it has failed."""
        is_planned = entry.state == "planned"
        if is_planned and self._state.again:
            entry.attempt = row.entry.attempt
        if entry.state != "failed":
            is_sought = is_planned and self._may_be_lost
            return Row(item=row.item, entry=entry, resumed=not is_planned, is_sought=is_sought, cost=row.cost)
        error = error_from_facts(entry.error or {"type": "", "message": "The row failed.", "facts": {}})
        await self._state.outcomes.report(Row(item=row.item, entry=entry, resumed=True), "failed", error=error)
        return None

    def _check(self, item: Item, digest: bytes | InvalidInputError) -> Estimate:
        """Check the request; return the estimate for its job.

        Raises:
            InvalidInputError: The request is invalid.
        """
        if isinstance(digest, InvalidInputError):
            raise digest
        if self._are_checked:
            return estimate(item.kind, item.request)
        return check_request(item)
