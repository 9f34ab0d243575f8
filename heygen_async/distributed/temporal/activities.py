"""The activities of a row: the neutral steps, with heartbeats beside every wait and failures that Temporal understands.

A heartbeat reports that the worker is alive, and brings the cancellation of the workflow to a step that waits. When a
worker dies, Temporal starts its steps again on another one after the heartbeat timeout.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from os import PathLike
from pathlib import Path
from typing import TypeAlias

import msgspec
from temporalio import activity

from ..._http.backoff import Backoff
from ..._http.tasks import start_task
from ..._http.worker_threads import run_in_thread
from ...batch.rows import Item
from ...errors import ConcurrencyLimitError, ConfigurationError, HeyGenError
from ...types.job_handles import JobHandle
from ..row_files import Store
from ..steps import Steps
from .failures import to_failure
from .messages import JobState, RowResult, RowTask

Destination: TypeAlias = str | PathLike[str] | Store | None

_HEARTBEATS_PER_TIMEOUT = 4
_RESULT_POLL = Backoff(initial=0.05)  # of jobs that are completed


class Activities:
    """The activities of one worker process. They share its client.

    Args:
        poll: The delays between polls of a job without a signal.
        destination: Where the files go; None to download none.
    """

    def __init__(self, poll: Backoff, destination: Destination) -> None:
        self.steps: Steps | None = None
        self._poll = poll
        self._destination = destination

    async def open(self, steps: Steps) -> None:
        """Start to execute activities with these steps. Create the folder of the files."""
        folder = self._destination
        if folder is not None and not callable(folder):
            await run_in_thread(lambda: Path(folder).mkdir(parents=True, exist_ok=True))
        self.steps = steps

    @activity.defn(name="heygen_create")
    async def create(self, task: RowTask) -> JobState:
        """Create a row's job. Wait here while the limiter has no place for it."""
        handle = task.handle
        async with _reported(handle):
            item = Item(handle.key, task.request, handle.kind)
            while True:
                try:
                    created = await self._opened.create(item, handle)
                except ConcurrencyLimitError as full:
                    await asyncio.sleep(full.retry_after or 1.0)
                else:
                    return JobState(handle=created, next_poll_in=self._poll.delay(0))

    @activity.defn(name="heygen_poll")
    async def poll(self, handle: JobHandle, polls: int) -> JobState:
        """Poll a row's job. The next poll is later than the one before, unless a signal arrives."""
        async with _reported(handle):
            polled = await self._opened.poll(handle)
            return JobState(handle=handle, is_completed=polled.is_completed, next_poll_in=self._poll.delay(polls))

    @activity.defn(name="heygen_fetch")
    async def fetch(self, handle: JobHandle) -> RowResult:
        """Download the files of a completed row; return its finished structs."""
        async with _reported(handle):
            results = await self._opened.wait(handle, poll=_RESULT_POLL)
            files = [] if self._destination is None else await self._opened.fetch(handle, self._destination)
            return RowResult(ids=list(handle.ids), results=msgspec.to_builtins(results), files=files)

    @property
    def _opened(self) -> Steps:
        if self.steps is None:
            raise ConfigurationError("The worker has no HeyGenPlugin, or has ended.")
        return self.steps


@asynccontextmanager
async def _reported(handle: JobHandle) -> AsyncGenerator[None]:
    """Send heartbeats during the body; raise its errors as failures of the activity."""
    beating = start_task(_send_heartbeats())
    try:
        yield
    except HeyGenError as error:
        raise to_failure(error, handle.ids) from None
    finally:
        beating.cancel()
        with suppress(asyncio.CancelledError):
            await beating


async def _send_heartbeats() -> None:
    timeout = activity.info().heartbeat_timeout
    while timeout is not None:
        activity.heartbeat()
        await asyncio.sleep(timeout.total_seconds() / _HEARTBEATS_PER_TIMEOUT)
