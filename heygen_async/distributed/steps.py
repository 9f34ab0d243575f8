"""The steps of one row: prepare, create, poll or wait, fetch. Each may be interrupted anywhere and repeated anywhere.

The problem: an engine repeats a step whose worker died, and cannot know whether the step had its effect. A second
create would be paid for. HeyGen recognises a repeat by its idempotency key, but for a day only.

The scheme:

- `prepare` derives the key from the batch's name and the row's content, and notes HeyGen's time. Nothing is created, so
  the engine can store the handle first.
- `create` sends the row under its key. When the handle is older than HeyGen keeps the key, `create` first searches
  HeyGen's list for the row's mark (`row_creation.py`). Without a handle it cannot know the row's age, so it always
  searches.
- `poll`, `wait` and `fetch` only read. `fetch` writes a file under its name when it is complete.

An error is raised at once, and a 429 is not repeated here: an engine waits without a worker. `errors.py` says which
errors are final.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from os import PathLike
from typing import TYPE_CHECKING, Any, cast

import msgspec

from .._http.hooks import call_hook
from .._http.worker_threads import run_in_thread
from .._jobs import waiting
from .._jobs.poll_failures import NEW_JOB_TIME
from ..batch.api_clock import APIClock
from ..batch.failures import POSSIBLY_CREATED
from ..batch.kinds import kind_named
from ..batch.rows import Item, item_from
from ..errors import (
    ConcurrencyLimitError,
    HeyGenError,
    InvalidInputError,
    JobFailedError,
    NotFoundError,
    RateLimitError,
)
from ..types.job_handles import JobHandle
from ..types.tracebacks import strips_frames_of_methods
from .handles import new_handle, row_in_progress
from .row_creation import RowCreation
from .row_files import fetch_files
from .row_polling import poll_job

if TYPE_CHECKING:
    from .._http.backoff import Backoff
    from .._jobs.kinds import JobKind
    from .._jobs.wait_options import JobUpdate, OnUpdate
    from ..client import AsyncHeyGen
    from .limiters import Limiter
    from .row_files import Store

_PAUSE = 5.0  # seconds after a 429 that names no pause
_POLL_TIMEOUT = 60.0  # seconds


class PollResult(msgspec.Struct, frozen=True, kw_only=True):
    """The state of a row's jobs after one poll. It is JSON-able.

    Attributes:
        is_completed: Whether every job of the row is completed.
        state: The API's own word; of several jobs, the state of the first one that is unfinished.
        progress: The percentage, if the API gives one.
        next_poll_in: The seconds until the next poll; None when the row is completed.
    """

    is_completed: bool
    state: str
    progress: int | None = None
    next_poll_in: float | None = None


@strips_frames_of_methods
class Steps:
    """The steps of rows, on one client. Every step of a row may run on another worker, and may be repeated.

    Args:
        heygen: The client, which all steps of a worker share; the caller closes it.
        limiter: The places for unfinished jobs that workers share; None to find the plan's limit by 429 responses.
    """

    def __init__(self, heygen: AsyncHeyGen, *, limiter: Limiter | None = None) -> None:
        self._clock = APIClock(heygen)
        self._heygen = self._clock.heygen
        self._limiter = limiter

    async def prepare(
        self, row: Item | tuple[str, Any], *, batch: str, kind: str = "videos", attempt: int = 1
    ) -> JobHandle:
        """Check a row, and return its handle without ids. Nothing is created.

        The first call of a worker sends one request, for HeyGen's clock.

        Args:
            row: An item, or a pair of a key and a request.
            batch: The batch's name, 1 to 255 characters. A row of another batch is another job.
            kind: The kind of a pair.
            attempt: The number of the deliberate attempt, from 1. Each creates another job.

        Raises:
            InvalidInputError: The row or an argument is invalid, or a local file cannot be read.
            HeyGenError: HeyGen cannot be reached, or rejects the API key.
        """
        await self._clock.synchronise(max_retries=0)
        requested_at = self._clock.now()
        return await run_in_thread(
            partial(new_handle, row, batch=batch, requested_at=requested_at, kind=kind, attempt=attempt)
        )

    async def create(
        self,
        row: Item | tuple[str, Any],
        handle: JobHandle | None = None,
        *,
        batch: str | None = None,
        kind: str = "videos",
    ) -> JobHandle:
        """Create the row's jobs, and return the handle with their ids. The same row gets the same jobs.

        Pass the handle that `prepare` returned and the engine stored: then at any later time no second job is created.
        Without a handle, HeyGen's list is searched before each create: by the title, or among the jobs of the last
        seven days. A handle with ids is returned as it is, without a request.

        Args:
            row: The row that was prepared.
            handle: The row's handle. Its request may name uploaded files in place of local ones.
            batch: The batch's name, without a handle.
            kind: The kind of a pair, without a handle.

        Raises:
            ConcurrencyLimitError: The limiter has no free place. `retry_after` has the pause in seconds.
            RateLimitError: HeyGen responded with a 429. `retry_after` has the pause if HeyGen named one.
            AmbiguousRequestError: It is unknown whether a job exists, and repeating the step does not help.
            InvalidInputError: The handle is another row's, or neither a handle nor a batch is passed.
            HeyGenError: No job was created, or the step can be repeated.
        """
        item = item_from(row, handle.kind if handle else kind)
        if handle is None:
            handle = await run_in_thread(partial(new_handle, item, batch=batch or ""))
        elif (item.kind, item.key) != (handle.kind, handle.key):
            raise InvalidInputError("handle", handle.key, f"the handle of {item.key!r} ({item.kind})")
        if handle.ids:
            return handle
        creation = RowCreation(self._clock, row_in_progress(item, handle.idempotency_key, handle.requested_at))
        async with self._new_lease(handle):
            ids = await creation.find_or_create()
        now = self._clock.now()
        return msgspec.structs.replace(handle, ids=tuple(ids), requested_at=handle.requested_at or now, created_at=now)

    async def poll(self, handle: JobHandle, *, timeout: float = _POLL_TIMEOUT) -> PollResult:
        """Send a status request for each of a row's jobs. Requests of the same moment share bulk status requests.

        Args:
            handle: The handle that `create` returned.
            timeout: The seconds to wait for a response during an outage.

        Raises:
            JobFailedError: A job failed.
            InputRequiredError: A job needs input from a person.
            WaitTimeoutError: No response arrived in time. The step can be repeated.
            HeyGenError: A status request was rejected.
        """
        async with self._lease(handle):
            polls = await self._poll_all(handle, timeout)
        unfinished = next((poll for poll in polls if poll.next_poll_in is not None), None)
        if self._limiter is not None and unfinished is not None:
            await self._limiter.renew(handle.idempotency_key)
        elif unfinished is None:
            await self.release(handle)
        last = unfinished or polls[0]
        return PollResult(
            is_completed=unfinished is None, state=last.state, progress=last.progress, next_poll_in=last.next_poll_in
        )

    async def wait(
        self,
        handle: JobHandle,
        *,
        timeout: float | None = None,
        poll: Backoff | None = None,
        on_update: OnUpdate | None = None,
    ) -> list[Any]:
        """Wait in this process until a row's jobs are finished, and return their structs, one for each id.

        Args:
            handle: The handle that `create` returned.
            timeout: Seconds for the whole wait; by default the client's `wait_timeout`.
            poll: The pauses between polls; by default the kind's own.
            on_update: Called with a `JobUpdate` after every poll that got a response; may be async.

        Raises:
            JobFailedError: A job failed.
            InputRequiredError: A job needs input from a person.
            WaitTimeoutError: The time ran out. The step can be repeated.
            HeyGenError: A status request was rejected.
        """

        async def report(update: JobUpdate[Any]) -> None:
            if self._limiter is not None:
                await self._limiter.renew(handle.idempotency_key)
            if on_update is not None:
                await call_hook(on_update, update)

        reports = None if self._limiter is None and on_update is None else report
        async with self._lease(handle):
            results = await self._heygen.wait_for_all([handle], timeout=timeout, poll=poll, on_update=reports)
        await self.release(handle)
        return results

    async def fetch(
        self, handle: JobHandle, destination: str | PathLike[str] | Store, *, timeout: float | None = None
    ) -> list[str]:
        """Download the files of a row, and return their paths. Waits for jobs that are unfinished.

        A file appears under its name when it is complete, and replaces a file of this name. The names begin with the
        row's key. A kind without files has none.

        Args:
            handle: The handle that `create` returned.
            destination: An existing folder; or the file to write; or an async function that stores a file elsewhere. It
                gets the file's name and its stream, and must discard the bytes when the stream raises an error.
            timeout: Seconds for the wait; by default the client's `wait_timeout`.

        Returns:
            The paths, or the names that the function got.

        Raises:
            DownloadError: A file could not be downloaded completely or written.
            InvalidInputError: The destination is one file, and the row has several.
            HeyGenError: A job failed, or its end is not known; see `wait`.
        """
        kind = kind_named(handle.kind)
        if not kind.url_fields:
            return []
        async with self._lease(handle):
            polls = await self._poll_all(handle, _POLL_TIMEOUT)
        if all(poll.next_poll_in is None for poll in polls):
            jobs = [poll.job for poll in polls]
            await self.release(handle)
        else:
            jobs = await self.wait(handle, timeout=timeout)
        transport, result_kind = self._heygen._transport, cast("JobKind[Any]", kind.result_kind)  # noqa: SLF001
        return await fetch_files(transport, result_kind, jobs, handle.key, destination)

    async def release(self, handle: JobHandle) -> None:
        """Give the row's lease back to the limiter, when the engine gives the row up. Its job continues at HeyGen.

        Args:
            handle: The handle of the job.
        """
        if self._limiter is not None:
            await self._limiter.release(handle.idempotency_key)

    async def _poll_all(self, handle: JobHandle, timeout: float) -> list[JobUpdate[Any]]:
        if not handle.ids:
            raise InvalidInputError("handle.ids", None, f"the ids of {handle.key!r}; create its job first")
        kind = cast("JobKind[Any]", kind_named(handle.kind).job_kind)
        is_new = handle.created_at is not None and self._clock.now() - handle.created_at < NEW_JOB_TIME
        transport = self._heygen._transport  # noqa: SLF001
        polls = {id: poll_job(transport, kind, id, timeout, is_new=is_new) for id in handle.ids}
        return await waiting.wait_for_every(polls)

    @asynccontextmanager
    async def _new_lease(self, handle: JobHandle) -> AsyncGenerator[None]:
        """Take the row's lease for a create in the body; give it back when it is certain that no job was created."""
        limiter, name = self._limiter, handle.idempotency_key
        if limiter is None:
            yield
            return
        if delay := await limiter.acquire(name):
            full = ConcurrencyLimitError(
                f"The row {handle.key!r} was not sent: all jobs that the limiter allows are running. Repeat the step "
                f"in {delay:.1f} s."
            )
            full.retry_after = delay
            raise full
        try:
            yield
        except POSSIBLY_CREATED:
            raise
        except (HeyGenError, OSError) as error:
            await limiter.release(name)
            if isinstance(error, RateLimitError):
                await limiter.pause(error.retry_after or _PAUSE)
            raise

    @asynccontextmanager
    async def _lease(self, handle: JobHandle) -> AsyncGenerator[None]:
        """Give the row's lease back when its job has failed or is gone."""
        try:
            yield
        except (JobFailedError, NotFoundError):
            await self.release(handle)
            raise
