"""The structs that the workflow and its activities exchange. Temporal stores them as JSON.

A new field needs a default value: running workflows have been stored without it.
"""

from __future__ import annotations

from typing import Any

import msgspec

from ...types.job_handles import JobHandle


class RowTask(msgspec.Struct, frozen=True, kw_only=True):
    """The argument of the workflow: one row of a batch.

    Attributes:
        request: The request as JSON. Its files are URLs or asset ids.
        handle: The handle of the row's job, without ids.
        heartbeat_timeout: The seconds after which a step of a dead worker starts again elsewhere.
        timeout: The seconds for the job, from its creation on; None for no limit.
    """

    request: dict[str, Any]
    handle: JobHandle
    heartbeat_timeout: float = 30.0
    timeout: float | None = None


class JobState(msgspec.Struct, frozen=True, kw_only=True):
    """The response of the activities that create and poll a job.

    Attributes:
        handle: The handle with the ids.
        is_completed: Whether every job of the row is completed.
        next_poll_in: The seconds until the next poll, if no signal arrives earlier.
    """

    handle: JobHandle
    is_completed: bool = False
    next_poll_in: float = 0.0


class RowResult(msgspec.Struct, frozen=True, kw_only=True):
    """The result of the workflow.

    Attributes:
        ids: The ids of the row's jobs.
        results: The finished structs as JSON.
        files: The paths or names of the files that were written.
    """

    ids: list[str]
    results: list[dict[str, Any]] = []
    files: list[str] = []
