"""Submissions: which rows may create a job, and the record of each request in the journal before it is sent."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from ..pricing import NOTHING
from .failures import ACCESS_DENIED, POSSIBLY_CREATED, REJECTED

if TYPE_CHECKING:
    from .rows import Row
    from .run_state import RunState


class Submissions:
    """The requests of one run that create jobs.

    Attributes:
        started: Whether a job was created, may have been created, or was resumed.
        held_rows: The number of rows that the budget does not cover.
    """

    def __init__(self, state: RunState) -> None:
        self.started: bool = False
        self.held_rows: int = 0
        self._state = state
        self._in_flight = 0

    async def admit(self, row: Row) -> bool:
        """Return whether a job may be created for a row. If not, the row is held, or its outcome is reported.

        Its file name must be free, the run no dry run, and the budget large enough. After the first row that exceeds
        the budget, all further rows are held.
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
        """Store the rows as `submitting` before the request inside is sent, and as `planned` when it is rejected."""
        for row in rows:
            if row.entry.state != "submitting":
                row.entry.state, row.entry.submitted_at = "submitting", time.time()
        await self._state.journal.put(*[row.entry for row in rows])
        self._in_flight += 1
        try:
            yield
            self.started = True
        except REJECTED:
            for row in rows:
                row.entry.state = "planned"
            await self._state.journal.put(*[row.entry for row in rows])
            raise
        except POSSIBLY_CREATED:
            self.started = True
            raise
        finally:
            self._in_flight -= 1

    def run_failed(self, error: Exception) -> None:
        """Consider requests in flight when the run ends. An invalid key is rejected for all of them."""
        if self._in_flight and not isinstance(error, ACCESS_DENIED):
            self.started = True
