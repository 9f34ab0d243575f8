"""The client's waits: `wait_for_…` and `watch_…` for every kind of job in the registry.

Every wait takes the job's id, or a struct that has it, and the options that `WAIT_SECTIONS` describes. A download has
no part in `timeout`. When it fails, the `DownloadError` has the finished job as `job`. The same call again continues the
download, or keeps its complete file.

Every wait raises these errors:

* `JobFailedError`: the job failed; the error has HeyGen's code and message.
* `InputRequiredError`: the job needs input from a person.
* `WaitTimeoutError`: the time ran out. The job is still running; a wait with the same id resumes it.
* `NotFoundError`: the job does not exist, or was deleted meanwhile. A job that was just created gets 30 s to appear.
* Another `HeyGenError`: a poll failed permanently (`poll_failures`). A note has the job's id and the resuming call.

A finished job is returned without a request. A `watch_…` method is an async generator of a `JobUpdate` for every poll.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from .._http.call_errors import explain_call, explains_calls
from .._http.tasks import start_task
from ..types.tracebacks import strips_frames
from .kinds import base_name
from .registry import KINDS, VIDEO
from .wait_options import WAIT_SECTIONS, JobUpdate, OnUpdate, WaitOptions, wait_options

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable, Mapping
    from os import PathLike

    from .._http.backoff import Backoff
    from .._http.transport import Transport
    from ..legacy.types.videos import LegacyVideoCreated
    from ..types.base import JSONValue, ResponseStruct
    from ..types.batches import Batch, BatchCreated
    from ..types.job_handles import JobHandle
    from ..types.video_agents import MessageSent, Session, SessionCreated
    from ..types.videos import Video, VideoCreated
    from .declared_waits import DeclaredWaits
    from .kinds import JobKind
else:
    DeclaredWaits = object

BatchKind: TypeAlias = Literal["videos", "video_translations", "lipsyncs", "assets"]


@explains_calls
class Waits(DeclaredWaits):
    """The waits of a client, which `AsyncHeyGen` inherits."""

    _transport: Transport
    if TYPE_CHECKING:  # `Downloads` has the method

        async def _wait_and_download(
            self, kind: JobKind[Any], wait: Coroutine[Any, Any, Any], destination: str | PathLike[str]
        ) -> Any: ...

    async def wait_for_video(
        self,
        job: str | Video | VideoCreated | Session | SessionCreated | LegacyVideoCreated,
        *,
        timeout: float | None = None,
        poll: Backoff | None = None,
        on_update: OnUpdate | None = None,
        download_to: str | PathLike[str] | None = None,
        stop_on_cancel: bool = False,
    ) -> Video:
        """Wait until a video is finished. For a `video_agents` session or its id, the session's video is found first.

        Args:
            job: The video's or the session's id, or a struct that has one of them.
            timeout: Seconds for the whole wait; by default the client's `wait_timeout`.
            poll: The pauses between polls; by default the kind's own.
            on_update: Called with a `JobUpdate` after every poll that got a response; may be async.
            download_to: The file to write, or an existing folder, for the finished video. A path that is no folder is
                the file's name. An existing file is kept if it has the same bytes, so the wait can be repeated.
            stop_on_cancel: Whether to stop the session at HeyGen too when this wait is cancelled.

        Raises:
            DownloadError: The video is finished (`job`), but could not be saved, or another file has its name.
            JobFailedError: The video or its session failed.
            WaitTimeoutError: The time ran out; a wait with the same id resumes it.
        """
        from . import waiting

        options = wait_options(timeout, poll, on_update)
        wait = waiting.wait_for_video(self._transport, job, stop_on_cancel=stop_on_cancel, **options)
        return await (wait if download_to is None else self._wait_and_download(VIDEO, wait, download_to))

    def watch_video(
        self,
        job: str | Video | VideoCreated | Session | SessionCreated | LegacyVideoCreated,
        *,
        timeout: float | None = None,
        poll: Backoff | None = None,
        on_update: OnUpdate | None = None,
    ) -> AsyncGenerator[JobUpdate[Session] | JobUpdate[Video]]:
        """Watch the polls of `wait_for_video`."""
        from . import waiting

        return waiting.watch_video(self._transport, job, **wait_options(timeout, poll, on_update))

    async def wait_for_session(
        self,
        job: str | Session | SessionCreated | MessageSent,
        *,
        timeout: float | None = None,
        poll: Backoff | None = None,
        on_update: OnUpdate | None = None,
        stop_on_cancel: bool = False,
    ) -> Session:
        """Wait until a Video Agent session is completed or needs input (`waiting_for_input`, `reviewing`).

        A session that needs input is returned. Reply with `video_agents.send_message`, and wait for its result.

        Args:
            job: The session's id, or a struct that has it.
            timeout: Seconds for the whole wait; by default the client's `wait_timeout`.
            poll: The pauses between polls; by default the kind's own.
            on_update: Called with a `JobUpdate` after every poll that got a response; may be async.
            stop_on_cancel: Whether to stop the session at HeyGen too when this wait is cancelled.
        """
        from . import waiting

        return await waiting.wait_for_session(
            self._transport, job, stop_on_cancel=stop_on_cancel, **wait_options(timeout, poll, on_update)
        )

    def watch_session(
        self,
        job: str | Session | SessionCreated | MessageSent,
        *,
        timeout: float | None = None,
        poll: Backoff | None = None,
        on_update: OnUpdate | None = None,
    ) -> AsyncGenerator[JobUpdate[Session]]:
        """Watch the polls of `wait_for_session`."""
        from . import waiting

        return waiting.watch_session(self._transport, job, **wait_options(timeout, poll, on_update))

    async def wait_for_batch(
        self,
        job: str | BatchCreated,
        *,
        kind: BatchKind | None = None,
        timeout: float | None = None,
        poll: Backoff | None = None,
        on_update: OnUpdate | None = None,
    ) -> Batch:
        """Wait until every item of a batch has ended. Single items may have failed; each has its own status.

        Args:
            job: The batch's id, or the result of `create_batch`.
            kind: The batch's resource, when `job` is an id.
            timeout: Seconds for the whole wait; by default the client's `wait_timeout`.
            poll: The pauses between polls; by default the kind's own.
            on_update: Called with a `JobUpdate` after every poll that got a response; may be async.

        Raises:
            InvalidInputError: `job` is an id, and `kind` is missing.
        """
        from . import awaited_jobs, waiting

        options = wait_options(timeout, poll, on_update)
        return await waiting.wait_for_job(self._transport, awaited_jobs.kind_of_batch(job, kind), job, **options)

    def watch_batch(
        self,
        job: str | BatchCreated,
        *,
        kind: BatchKind | None = None,
        timeout: float | None = None,
        poll: Backoff | None = None,
        on_update: OnUpdate | None = None,
    ) -> AsyncGenerator[JobUpdate[Batch]]:
        """Watch the polls of `wait_for_batch`."""
        from . import awaited_jobs, waiting

        options = wait_options(timeout, poll, on_update)
        return waiting.watch_job(self._transport, awaited_jobs.kind_of_batch(job, kind), job, **options)

    async def wait_for(
        self,
        job: str | ResponseStruct | JobHandle,
        *,
        kind: str | None = None,
        timeout: float | None = None,
        poll: Backoff | None = None,
        on_update: OnUpdate | None = None,
    ) -> Any:
        """Wait for one job of any kind, and return its finished struct. For a session, its video is awaited.

        Args:
            job: A handle of `heygen_async.distributed`, the struct that create returned, or an id.
            kind: The kind of an id: the word of its wait, such as `podcast`; by default `video`.
            timeout: Seconds for the whole wait; by default the client's `wait_timeout`.
            poll: The pauses between polls; by default the kind's own.
            on_update: Called with a `JobUpdate` after every poll that got a response; may be async.

        Raises:
            InvalidInputError: `job` names no job, or several; `wait_for_all` waits for several.
        """
        from .awaited_jobs import awaited_job

        one = awaited_job(job, kind)
        return await getattr(self, f"wait_for_{one.wait}")(one.job, **wait_options(timeout, poll, on_update))

    async def wait_for_all(
        self,
        jobs: Iterable[str | ResponseStruct | JobHandle],
        *,
        return_exceptions: bool = False,
        timeout: float | None = None,
        poll: Backoff | None = None,
        on_update: OnUpdate | None = None,
    ) -> list[Any]:
        """Wait for jobs of any kinds in parallel, and return their results in the order of `jobs`.

        Args:
            jobs: Handles, results of create methods, or ids of videos. For a session, its video is awaited. For a
                result of several jobs, all of them are awaited.
            return_exceptions: Return an error in its job's place, instead of raising the first.
            timeout: Seconds for each wait; by default the client's `wait_timeout`.
            poll: The pauses between polls; by default each kind's own.
            on_update: Called with a `JobUpdate` after every poll that got a response; may be async.

        Raises:
            HeyGenError: The first error, raised when all jobs have ended; its notes name the other failed jobs.
        """
        from . import waiting

        options = wait_options(timeout, poll, on_update)
        ordered = self._waits_for(jobs, options)
        waits = {name: wait() for name, wait in dict(ordered).items()}  # one wait for a job that is named twice
        ends = await waiting.wait_for_every(waits, raises=not return_exceptions)
        results = dict(zip(waits, ends, strict=True))
        return [results[name] for name, _ in ordered]

    async def as_completed(
        self,
        jobs: Iterable[str | ResponseStruct | JobHandle],
        *,
        timeout: float | None = None,
        poll: Backoff | None = None,
        on_update: OnUpdate | None = None,
    ) -> AsyncGenerator[tuple[str, Any]]:
        """Yield each job's id and result in the order in which the jobs end. A failed job's result is its error.

        When the loop ends early, or the generator is closed, the other waits are cancelled.

        Args:
            jobs: The same as for `wait_for_all`.
            timeout: Seconds for each wait; by default the client's `wait_timeout`.
            poll: The pauses between polls; by default each kind's own.
            on_update: Called with a `JobUpdate` after every poll that got a response; may be async.
        """
        options = wait_options(timeout, poll, on_update)
        tasks = {start_task(wait()): name for name, wait in dict(self._waits_for(jobs, options)).items()}
        pending = set(tasks)
        try:
            while pending:
                ended, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                for task in ended:
                    yield tasks[task], task.exception() or task.result()
        finally:
            for task in pending:
                task.cancel()
            await asyncio.gather(*pending, return_exceptions=True)

    def _waits_for(
        self, jobs: Iterable[str | ResponseStruct | JobHandle], options: WaitOptions
    ) -> list[tuple[str, Callable[[], Coroutine[Any, Any, Any]]]]:
        """Return the id of each job, and the call that waits for it."""
        from .awaited_jobs import awaited_jobs

        return [
            (one.id, partial(getattr(self, f"wait_for_{one.wait}"), one.job, **options))
            for job in jobs
            for one in awaited_jobs(job)
        ]

    def handle_event(self, event: Mapping[str, JSONValue]) -> int:
        """Wake this client's waits for the jobs of a webhook event, and return their number.

        A woken wait polls its job immediately. The event is a hint; only the status request returns the job's state.

        Args:
            event: A webhook event with `event_type` and `event_data`.

        Raises:
            ConfigurationError: The client was created without `events=True`.
        """
        from .webhook_wake_up import wake

        return wake(self._transport.shared_state, event)


def _wait_method(kind: JobKind[Any]) -> Any:
    async def wait_for(
        self: Waits,
        job: object,
        *,
        timeout: float | None = None,
        poll: Backoff | None = None,
        on_update: OnUpdate | None = None,
        download_to: str | PathLike[str] | None = None,
    ) -> object:
        from . import waiting

        wait = waiting.wait_for_result(self._transport, kind, job, **wait_options(timeout, poll, on_update))
        return await (wait if download_to is None else self._wait_and_download(kind, wait, download_to))

    return wait_for


def _watch_method(kind: JobKind[Any]) -> Any:
    def watch(
        self: Waits,
        job: object,
        *,
        timeout: float | None = None,
        poll: Backoff | None = None,
        on_update: OnUpdate | None = None,
    ) -> AsyncGenerator[JobUpdate[Any]]:
        from . import waiting

        return waiting.watch_job(self._transport, kind, job, **wait_options(timeout, poll, on_update))

    return watch


def _add_methods() -> None:
    """Give `Waits` the methods of every kind that has no hand-written ones."""
    for kind in KINDS:
        name = f"wait_for_{kind.wait}"
        if not kind.about:
            continue
        accepted = " | ".join(("str", *map(base_name, kind.inputs)))
        returns = (kind.final_name, f"AsyncGenerator[JobUpdate[{base_name(kind.result)}]]")
        about = (kind.about + WAIT_SECTIONS, f"Watch the polls of `{name}`.")
        methods = (_wait_method(kind), _watch_method(kind))
        names = (name, f"watch_{kind.wait}")
        for method, method_name, result, doc in zip(methods, names, returns, about, strict=True):
            method.__name__, method.__qualname__, method.__doc__ = method_name, f"Waits.{method_name}", doc
            method.__annotations__.update({"job": accepted, "return": result})
            setattr(Waits, method_name, strips_frames(method, explain_call))


_add_methods()
