"""Progress notifications of a call: one for every poll, and one every few seconds in between.

Hosts that extend their time limit at each notification then wait for the response.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from .._http.tasks import start_task

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from .._jobs.wait_options import JobUpdate
    from .confirmation import Context


_SECONDS = 4.0


class ProgressReports:
    """The notifications of one call. A client receives them only if it requested them."""

    def __init__(self, context: Context) -> None:
        self._session = context.session
        self._last = -1.0
        self._message = "running"

    @asynccontextmanager
    async def every_few_seconds(self) -> AsyncGenerator[None]:
        """Repeat the last message every few seconds until the body ends."""
        task = start_task(self._repeat())
        try:
            yield
        finally:
            task.cancel()

    async def report_update(self, update: JobUpdate[Any]) -> None:
        """Report a poll."""
        value, total = (update.poll_count, None) if update.progress is None else (update.progress, 100)
        self._message = f"{update.kind} {update.id}: {update.state}"
        await self._report(value, total, self._message)

    async def _repeat(self) -> None:
        while True:
            await asyncio.sleep(_SECONDS)
            await self._report(0, None, self._message)

    async def _report(self, value: float, total: float | None, message: str) -> None:
        # The protocol requires growing values, but a percentage may stay the same for many polls.
        self._last = max(self._last + 0.001, value)
        await self._session.report_progress(self._last, total, message)
