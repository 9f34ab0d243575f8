"""Progress notifications of a call that waits, one for every poll."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .._jobs.wait_options import JobUpdate
    from .confirmation import Context


class ProgressReports:
    """The notifications of one call. A client receives them only if it requested them."""

    def __init__(self, context: Context) -> None:
        self._session = context.session
        self._last = -1.0

    async def report_update(self, update: JobUpdate[Any]) -> None:
        """Report a poll."""
        value, total = (update.poll_count, None) if update.progress is None else (update.progress, 100)
        await self._report(value, total, f"{update.kind} {update.id}: {update.state}")

    async def _report(self, value: float, total: float | None, message: str) -> None:
        # The protocol requires growing values, but a percentage may stay the same for many polls.
        self._last = max(self._last + 0.001, value)
        await self._session.report_progress(self._last, total, message)
