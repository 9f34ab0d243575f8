"""The parts and options of one run that its rows share."""

from __future__ import annotations

from pathlib import Path

import msgspec

from ..client import AsyncHeyGen
from .api_clock import APIClock
from .background_tasks import BackgroundTasks
from .budget import Budget
from .capacity import JobCapacity
from .journal import Journal
from .outcomes import OutcomeQueue
from .output_files import OutputFiles


class RunState(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One run's client, parts and options."""

    heygen: AsyncHeyGen
    clock: APIClock
    batch_name: str
    journal: Journal
    capacity: JobCapacity
    budget: Budget
    output_files: OutputFiles
    outcomes: OutcomeQueue
    tasks: BackgroundTasks
    dry_run: bool
    retry_failed: bool
    again: bool
    timeout: float | None
    files: Path | None = None
