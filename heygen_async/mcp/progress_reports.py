"""Progress notifications of a call that waits: first the ids of the created job, then every poll."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..agents.messages import describe_ids

if TYPE_CHECKING:
    from .._jobs.wait_options import JobUpdate
    from ..types.base import JSONValue
    from .confirmation import Context


class ProgressReports:
    """The notifications of one call. A client receives them only if it requested them."""

    def __init__(self, context: Context) -> None:
        self._session = context.session
        self._last = -1.0

    async def report_created(self, response: dict[str, JSONValue]) -> None:
        """Report the created job before the first poll, so that a client that cancels knows its id."""
        await self._report(0, None, f"created: {describe_ids(response)}")

    async def report_update(self, update: JobUpdate[Any]) -> None:
        """Report a poll."""
        value, total = (update.poll_count, None) if update.progress is None else (update.progress, 100)
        await self._report(value, total, f"{update.kind} {update.id}: {update.state}")

    async def _report(self, value: float, total: float | None, message: str) -> None:
        # The protocol requires growing values, but a percentage may stay the same for many polls.
        self._last = max(self._last + 0.001, value)
        await self._session.report_progress(self._last, total, message)
