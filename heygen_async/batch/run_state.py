"""The parts of one run that its rows share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from .admission import Admission
from .background_tasks import BackgroundTasks
from .budget import Budget
from .capacity import JobCapacity
from .journal import Journal
from .outcomes import OutcomeQueue
from .output_files import OutputFiles
from .submissions import Submissions

if TYPE_CHECKING:
    from ..client import AsyncHeyGen


class RunState(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One run's client, options, and shared parts."""

    heygen: AsyncHeyGen
    journal: Journal
    capacity: JobCapacity
    budget: Budget
    admission: Admission
    submissions: Submissions
    output_files: OutputFiles
    outcomes: OutcomeQueue
    tasks: BackgroundTasks
    retry_failed: bool
    timeout: float | None

    @property
    def submitting_client(self) -> AsyncHeyGen:
        """The client for requests that create jobs. It does not wait after a 429: the capacity decides then."""
        return self.heygen._view(retries_rate_limits=False)  # noqa: SLF001
