"""Waiting for a job until it ends.

A wait is a series of polls with growing pauses. The poller decides when each poll is sent; this file decides which job
is polled, and how the wait ends. When the caller passes a session, a wait for a video polls the session until it has a
video id, and then polls the video.

The invariants:

* A transient error of a poll (no connection, 5xx, 429) only delays the wait. A permanent error, such as 401, 403 or
  404, ends it, with a note that has the id and the call that resumes it. `poll_failures` has the rules.
* A state that ends a job ends its wait with that poll (`states`). Only a completed job without its result is polled
  further, for at most 30 s.
* The timeout holds for the whole wait, over every job that it follows.
* Every end has the last state, the elapsed time, the poll count, and the id that resumes the wait in this process or
  another.
* Cancelling a wait stops the polls. The job continues at HeyGen, unless the caller set `stop_on_cancel`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager, suppress
from functools import partial
from logging import getLogger
from typing import TYPE_CHECKING, Any, TypeVar, Unpack, cast

import anyio
import msgspec

from .. import errors
from .._http.deadlines import block_deadline
from .._http.hooks import call_hook
from .._http.running_loop import running_loop
from ..types.video_agents import MessageSent, Session, SessionCreated, SessionStatus, SessionStopped
from ..types.videos import Video
from .poll_entry import PollEntry
from .poller import Poller
from .registry import SESSION, STOP_SESSION, VIDEO
from .wait_options import JobUpdate, WaitOptions

if TYPE_CHECKING:
    from .._http.transport import Transport
    from ..types.base import ResponseStruct
    from .kinds import JobKind

J = TypeVar("J")

_log = getLogger("heygen_async.jobs")
_MAX_STOP_TIME = 5.0  # seconds that stopping a session may take after a cancellation


async def watch_job(
    transport: Transport, kind: JobKind[J], job: object, **options: Unpack[WaitOptions]
) -> AsyncGenerator[JobUpdate[J]]:
    """Yield every poll of one job until it ends."""
    with PollEntry(transport, options) as entry:
        entry.follow(kind, kind.id_of(job), Poller.shared(transport, kind), is_new=kind.is_new(job))
        while True:
            update: JobUpdate[J] = await entry.poller.next_update(entry)
            yield update
            entry.raise_for_state()
            if update.next_poll_in is None:
                return


async def watch_session(
    transport: Transport, session: str | Session | SessionCreated | MessageSent, **options: Unpack[WaitOptions]
) -> AsyncGenerator[JobUpdate[Session]]:
    """Yield every poll of a session until it is completed, has failed or needs input."""
    with PollEntry(transport, options) as entry:
        entry.follow(SESSION, SESSION.id_of(session), Poller.shared(transport, SESSION), is_new=SESSION.is_new(session))
        update: JobUpdate[Session] | None = None
        while True:
            try:
                update = await entry.poller.next_update(entry)
            except errors.NotFoundError:
                # A session may be deleted while its video renders. Then the end of the video is the session's end.
                last = entry.job
                if update is None or not isinstance(last, Session) or last.video_id is None:
                    raise
                entry.follow(VIDEO, last.video_id, Poller.shared(transport, VIDEO), is_new=False)
                while (await entry.poller.next_update(entry)).next_poll_in is not None:
                    pass
                entry.raise_for_state()
                last.status = SessionStatus.COMPLETED
                yield msgspec.structs.replace(
                    update, state="completed", elapsed=entry.elapsed, poll_count=entry.poll_count, next_poll_in=None
                )
                return
            yield update
            if entry.phase == "failed":
                raise _session_failure(entry)
            if update.next_poll_in is None:
                return


async def watch_video(
    transport: Transport, job: str | ResponseStruct, **options: Unpack[WaitOptions]
) -> AsyncGenerator[JobUpdate[Session] | JobUpdate[Video]]:
    """Yield every poll of a video. For a session, yield the polls of the session first."""
    if not isinstance(job, Session | SessionCreated):
        started_at = running_loop().time()
        try:
            async with aclosing(watch_job(transport, VIDEO, job, **options)) as video_updates:
                async for video_update in video_updates:
                    yield video_update
            return
        except errors.NotFoundError as missing:
            job = await _find_session(transport, job, missing, options, started_at)
    session_id, video_id, is_new = job.session_id, job.video_id, isinstance(job, SessionCreated)
    with PollEntry(transport, options) as entry:
        while True:
            if video_id is None:
                entry.follow(SESSION, session_id, Poller.shared(transport, SESSION), is_new=is_new)
                while video_id is None:
                    session_update: JobUpdate[Session] = await entry.poller.next_update(entry)
                    yield session_update
                    video_id = _video_id_of(entry)
                is_new = False
            entry.follow(VIDEO, video_id, Poller.shared(transport, VIDEO), is_new=is_new)
            try:
                while True:
                    update: JobUpdate[Video] = await entry.poller.next_update(entry)
                    yield update
                    entry.raise_for_state()
                    if update.next_poll_in is None:
                        return
            except errors.NotFoundError:
                # A session may name its video a little before the API knows the video.
                if isinstance(entry.job, Video):
                    raise
                entry.follow(SESSION, session_id, Poller.shared(transport, SESSION), is_new=False)
                if (await entry.poller.next_update(entry)).next_poll_in is None:
                    raise
                video_id, is_new = cast("Session", entry.job).video_id, True


def _video_id_of(entry: PollEntry) -> str | None:
    """Return the video id of the session that the entry follows; None while the session has none yet.

    Raises:
        JobFailedError: The session ended without a video.
        InputRequiredError: The session needs input before it creates a video.
    """
    video_id = cast("Session", entry.job).video_id
    if entry.phase == "failed":
        raise _session_failure(entry)
    if video_id is None:
        entry.raise_for_state()
        if entry.phase == "completed" and entry.has_ended:
            raise entry.failure("it ended without a video")
    return video_id


def _session_failure(entry: PollEntry) -> errors.JobFailedError:
    """Return the error for a failed session. The API gives no code; the agent's newest error message has the reason."""
    messages = cast("Session", entry.job).messages or ()
    return entry.failure(next((message.content for message in messages if message.type == "error"), None))


async def wait_for_job(transport: Transport, kind: JobKind[J], job: Any, **options: Unpack[WaitOptions]) -> J:
    """Wait for one job of any kind, and return the struct of its last poll."""
    if kind is VIDEO and isinstance(job, Session | SessionCreated):
        return cast("J", await wait_for_video(transport, job, **options))
    if kind is SESSION:
        return cast("J", await wait_for_session(transport, job, **options))
    if kind.is_completed(job):
        return cast("J", job)
    on_update = options.get("on_update")
    with PollEntry(transport, options, wants_updates=on_update is not None) as entry:
        entry.follow(kind, kind.id_of(job), Poller.shared(transport, kind), is_new=kind.is_new(job))
        while True:
            update: JobUpdate[J] = await entry.poller.next_update(entry)
            if on_update is not None:
                await call_hook(on_update, update)
            entry.raise_for_state()
            if update.next_poll_in is None:
                return cast("J", update.job)


async def wait_for_result(transport: Transport, kind: JobKind[Any], job: Any, **options: Unpack[WaitOptions]) -> Any:
    """Wait for one job, and return its result, also where the status endpoint returns only the state.

    Raises:
        WaitTimeoutError: The job, or the request for its result, did not end in time.
    """
    id, started_at = kind.id_of(job), asyncio.get_running_loop().time()
    last = await wait_for_job(transport, kind, job, **options)
    if kind.final_endpoint is None:
        return last
    try:
        async with asyncio.timeout(remaining_time(transport, options, started_at)):
            return await kind.fetch_final(transport, id)
    except TimeoutError:
        raise errors.WaitTimeoutError(
            f"The {kind.name} {id} is finished, but requesting its result took too long. Wait again with the same id.",
            kind=kind.name, id=id, job=last, state=kind.state(last), poll_count=1,
            elapsed=asyncio.get_running_loop().time() - started_at,
        ) from None  # fmt: skip


async def wait_for_every(waits: Mapping[str, Awaitable[J]], *, raises: bool = True) -> list[J]:
    """Run waits in parallel until all have ended.

    Args:
        waits: The waits by their jobs' ids.
        raises: Whether to raise the error of the first job that failed, or else the first error. Otherwise the results
            contain the errors.

    Raises:
        JobFailedError: A job failed. The error has the ends of all jobs: `finished`, `failed` and `pending`.
        HeyGenError: A wait ended for another reason, and no job failed.
    """
    results: list[Any]
    if len(waits) == 1:  # without a task for the wait
        try:
            results = [await next(iter(waits.values()))]
        except Exception as error:  # noqa: BLE001  an end among others
            results = [error]
    else:
        results = await asyncio.gather(*waits.values(), return_exceptions=True)
    if raises and any(isinstance(result, BaseException) for result in results):
        raise _combined_error(dict(zip(waits, results, strict=True)))
    return cast("list[J]", results)


def _combined_error(ends: Mapping[str, object]) -> BaseException:
    """Return the error to raise for jobs that ended in different ways, in the order of the jobs."""
    unfinished = {id: end for id, end in ends.items() if isinstance(end, BaseException)}
    failures = [end for end in unfinished.values() if isinstance(end, errors.JobFailedError)]
    pending = [id for id, end in unfinished.items() if end not in failures]
    error = failures[0] if failures else next(iter(unfinished.values()))
    if isinstance(error, errors.JobFailedError | errors.WaitTimeoutError | errors.InputRequiredError):
        error.finished = [end for id, end in ends.items() if id not in unfinished]
        error.pending = pending
    if isinstance(error, errors.JobFailedError):
        error.other_failures = failures[1:]
    error.add_note(
        f"This call waited for {len(ends)} jobs ({', '.join(ends)}). These did not succeed: {', '.join(unfinished)}."
        + (f" Of these, the end of {', '.join(pending)} is not known; they may still be running." if pending else "")
    )
    return error


async def wait_for_session(
    transport: Transport,
    job: str | Session | SessionCreated | MessageSent,
    *,
    stop_on_cancel: bool = False,
    **options: Unpack[WaitOptions],
) -> Session:
    """Wait until a session is completed or needs input."""
    if isinstance(job, Session) and (SESSION.is_completed(job) or SESSION.state(job) in SESSION.needs_input):
        return job
    async with _stopping_session(transport, job, stop_on_cancel=stop_on_cancel):
        return cast("Session", await _last_job(watch_session(transport, job, **options), options))


async def wait_for_video(
    transport: Transport,
    job: str | ResponseStruct,
    *,
    stop_on_cancel: bool = False,
    **options: Unpack[WaitOptions],
) -> Video:
    """Wait for a finished video, by its id, its session's id, or a struct that has one of them."""
    if not isinstance(job, Session | SessionCreated):
        started_at = running_loop().time()
        try:
            return await wait_for_job(transport, VIDEO, job, **options)
        except errors.NotFoundError as missing:
            job = await _find_session(transport, job, missing, options, started_at)
    async with _stopping_session(transport, job, stop_on_cancel=stop_on_cancel):
        return cast("Video", await _last_job(watch_video(transport, job, **options), options))


async def _find_session(
    transport: Transport, id: object, missing: errors.NotFoundError, options: WaitOptions, started_at: float
) -> Session:
    """Return the session with this id, polled within the time of the wait. `options` get the remaining time.

    Raises:
        NotFoundError: `missing`, when there is no such session either.
    """
    if isinstance(id, str):
        with suppress(errors.APIError), PollEntry(transport, options) as entry:
            entry.started_at, entry.deadline = started_at, started_at + entry.timeout
            entry.follow(SESSION, id, Poller.shared(transport, SESSION), is_new=False)
            await entry.poller.next_update(entry)
            options["timeout"] = remaining_time(transport, options, started_at)
            return cast("Session", entry.job)
    raise missing


def remaining_time(transport: Transport, options: WaitOptions, started_at: float) -> float:
    """Return the seconds that remain of a wait."""
    timeout = options.get("timeout") or transport.options.wait_timeout
    return max(min(started_at + timeout, block_deadline.get()) - asyncio.get_running_loop().time(), 0.001)


async def _last_job(updates: AsyncGenerator[JobUpdate[Any]], options: WaitOptions) -> object:
    """Report every update to `on_update`, and return the struct of the last one."""
    on_update = options.get("on_update")
    job: object = None
    async with aclosing(updates):
        async for update in updates:
            job = update.job
            if on_update is not None:
                await call_hook(on_update, update)
    return job


@asynccontextmanager
async def stopping_on_cancel(name: str, stop: Callable[[], Awaitable[object]] | None) -> AsyncGenerator[None]:
    """Call `stop` when the body is cancelled, so that the job at HeyGen stops too."""
    try:
        yield
    except asyncio.CancelledError:
        if stop is not None:
            with anyio.move_on_after(_MAX_STOP_TIME, shield=True):
                try:
                    await stop()
                except errors.HeyGenError as error:
                    _log.warning("The %s could not be stopped: %s", name, error)
        raise


def _stopping_session(transport: Transport, job: object, *, stop_on_cancel: bool) -> AbstractAsyncContextManager[None]:
    id = job.session_id if stop_on_cancel and isinstance(job, Session | SessionCreated) else None
    stop = None if id is None else partial(transport.call, STOP_SESSION, SessionStopped, id, body={})
    return stopping_on_cancel(f"session {id}", stop)
