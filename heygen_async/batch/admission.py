"""The checks before a new job is created: its file name is free, the run is no dry run, the budget covers it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..pricing import NOTHING

if TYPE_CHECKING:
    from .budget import Budget
    from .outcomes import OutcomeQueue
    from .output_files import OutputFiles
    from .rows import Row


class Admission:
    """The checks before a new job is created.

    Attributes:
        held_rows: The number of rows that the budget does not cover.
    """

    def __init__(self, budget: Budget, output_files: OutputFiles, outcomes: OutcomeQueue, *, dry_run: bool) -> None:
        self.held_rows: int = 0
        self._budget = budget
        self._output_files = output_files
        self._outcomes = outcomes
        self._dry_run = dry_run

    async def admit(self, row: Row) -> bool:
        """Return whether a job may be created. If not, the row is held, or its outcome is reported.

        After the first row that exceeds the budget, all further rows are held.
        """
        if (error := await self._output_files.conflict(row)) is not None:
            await self._outcomes.report(row, "failed", error=error)
            return False
        cost = row.cost or NOTHING
        if self._dry_run:
            await self._outcomes.report(row, "planned", estimate=cost)
            return False
        if self.held_rows or not await self._budget.reserve(cost):
            self.held_rows += 1
            return False
        row.entry.usd = cost.usd
        return True
