"""Recording submissions: the journal knows of each request before it is sent."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from .failures import ACCESS_DENIED, POSSIBLY_CREATED, REJECTED

if TYPE_CHECKING:
    from .journal import Journal
    from .rows import Row


class Submissions:
    """The requests that create jobs, in one run.

    Attributes:
        started: Whether a job was created, may have been created, or was resumed.
    """

    def __init__(self, journal: Journal) -> None:
        self.started: bool = False
        self._journal = journal
        self._in_flight = 0

    @asynccontextmanager
    async def recorded(self, *rows: Row) -> AsyncGenerator[None]:
        """Store the rows as `submitting` before the request inside is sent, and as `planned` when it is rejected."""
        for row in rows:
            if row.entry.state != "submitting":
                row.entry.state, row.entry.submitted_at = "submitting", time.time()
        await self._journal.put(*[row.entry for row in rows])
        self._in_flight += 1
        try:
            yield
        except REJECTED:
            for row in rows:
                row.entry.state = "planned"
            await self._journal.put(*[row.entry for row in rows])
            raise
        except POSSIBLY_CREATED:
            self.started = True
            raise
        else:
            self.started = True
        finally:
            self._in_flight -= 1

    def run_failed(self, error: Exception) -> None:
        """Consider requests in flight when the run ends. An invalid key is rejected for all of them."""
        if self._in_flight and not isinstance(error, ACCESS_DENIED):
            self.started = True
