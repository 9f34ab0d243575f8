"""Watching a job until it ends.

A wait is a series of looks with growing pauses between them; when each is made, and with whom it is shared, is the
lookout's affair. Four rules make it good:

* A look that fails in passing (no connection, a 5xx, a 429, a garbled answer) costs the wait nothing but time: the
  next look comes after a pause, or when the server says. Only what will not change ends a wait: 401, 403, a job that
  is not there.
* Its `timeout` means the wait: looks and pauses run inside it, whatever state the network is in.
* Every end is told whole: what was seen last, how long it took, how often it was looked at, and which id picks the
  wait up again, in this process or the next.
* Cancelling stops the watching, at once, and nothing at HeyGen, unless the caller says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager, suppress
from functools import partial
from logging import getLogger
from typing import TYPE_CHECKING, Any, Self, TypeVar, Unpack, cast

import anyio
import msgspec

from .. import errors
from .._http.backoff import Backoff
from ..types.video_agents import MessageSent, Session, SessionCreated, SessionStatus, SessionStopped
from ..types.videos import Video
from .poller import PASSING, PollEntry, Poller
from .registry import SESSION, STOP_SESSION, VIDEO
from .wait_options import JobUpdate, WaitOptions, call_hook, check_timeout

if TYPE_CHECKING:
    from .._http.transport import Transport
    from ..types.base import ResponseStruct
    from .kinds import JobKind

J = TypeVar("J")
T = TypeVar("T")
E = TypeVar("E", errors.JobFailedError, errors.InputRequiredError, errors.WaitTimeoutError)

_log = getLogger("heygen_async")
#: Where events tell of ends, looks are the safety net: of several processes, one alone gets the event.
EVENTS_POLL = Backoff(initial=30.0, factor=2.0, maximum=60.0, jitter=0.1)
_STOP_WITHIN = 5.0  # seconds that stopping a session may take after a cancellation


class _Watch(PollEntry):
    """One wait: its deadline, and what it has seen. It may turn to another job: from a session to its video."""

    __slots__ = ("_poll", "kind", "last", "limit", "started", "state")

    def __init__(self, transport: Transport, options: WaitOptions, *, wants_news: bool = True) -> None:
        timeout = options.get("timeout")
        check_timeout(timeout)
        self.limit = transport.options.wait_timeout if timeout is None else timeout
        self.started = asyncio.get_running_loop().time()
        super().__init__(transport.without_retries, self.started + self.limit, wants_news=wants_news)
        self._poll = options.get("poll") or transport.options.poll
        self.last: object = None
        self.state = "not seen"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._listen_to(None)

    @property
    def elapsed(self) -> float:
        """Seconds since the wait began."""
        return asyncio.get_running_loop().time() - self.started

    def turn_to(self, kind: JobKind[Any], id: str, *, new: bool) -> None:
        """Look at this from now on."""
        shared = self.transport.shared_state
        self._listen_to(id)
        self.kind = kind
        key = (kind.name, *sorted(self.transport.options.headers.items()))
        lookout = shared.pollers.get(key) or shared.pollers.setdefault(key, Poller(kind))
        self.begin(lookout, id, self._poll or (kind.poll if shared.event_listeners is None else EVENTS_POLL), new=new)

    def _listen_to(self, id: str | None) -> None:
        """Be woken by events of this id, and of no other any more."""
        listening = self.transport.shared_state.event_listeners
        if listening is None:
            return
        if (there := listening.get(self.id)) is not None:
            there.discard(self)
            if not there:
                del listening[self.id]
        if id is not None:
            listening.setdefault(id, set()).add(self)

    async def next(self) -> JobUpdate[Any]:
        """What the next look showed, or the next that ended it when nobody wants news; failures in passing are none.

        Raises:
            WaitTimeoutError: The time ran out.
            APIError: A look was answered with what will not change, such as 404.
        """
        poll_limiter = self.transport.shared_state.poll_limiter
        while True:
            try:
                shared = await self.lookout.next(self)
                if shared is not None and self.kind.endpoint is not self.kind.bulk_endpoint:
                    self.state = str(shared.status)
                    return self._update(None)
                job: object = shared
                if shared is None:
                    async with asyncio.timeout_at(self.deadline):
                        job = await poll_limiter.run(self._look)
                    self.went_on()
            except PASSING as error:
                self.went_wrong(error)
                continue
            except TimeoutError:
                raise self._out_of_time() from None
            self.reached = True
            self.alone = self.alone or self.doubted
            self.last = job
            self.state = self.kind.state(job)
            if self.wants_news or self.state in self.kind.end_states:
                return self._update(job)

    def _look(self) -> Coroutine[Any, Any, object]:
        self.poll_count += 1
        return self.kind.fetch(self.transport, self.id)

    def _update(self, job: Any) -> JobUpdate[Any]:
        return JobUpdate(
            kind=self.kind.name,
            id=self.id,
            job=job,
            state=self.state,
            progress=getattr(job, "progress", None),
            elapsed=self.elapsed,
            poll_count=self.poll_count,
            next_poll_in=None if self.state in self.kind.end_states and job is not None else self.pause,
        )

    def _out_of_time(self) -> errors.WaitTimeoutError:
        if self.poll_count and not self.reached:
            met = "none was answered"
            if self.trouble is not None:
                met = f"the last met {type(self.trouble).__name__}: {str(self.trouble).rstrip('.')}"
            return self._ended(
                errors.WaitTimeoutError,
                f"was not seen in {self.limit:g} s: HeyGen could not be asked (looks: {self.poll_count}; {met}). "
                "When HeyGen can be reached, wait again with the same id.",
            )
        return self._ended(
            errors.WaitTimeoutError,
            f"was not finished after {self.limit:g} s (last state: {self.state}, looks: {self.poll_count}). "
            "It goes on at HeyGen; wait again with the same id.",
        )

    def check(self) -> None:
        """Raise what ended it, when that was not its good end.

        Raises:
            JobFailedError: It ended badly.
            InputRequiredError: It stopped to ask.
        """
        if self.last is None or self.state not in self.kind.failed | self.kind.needs_input:
            return
        if self.state in self.kind.needs_input:
            raise self._ended(
                errors.InputRequiredError, f"stopped to ask (state {self.state}): {self.kind.input_advice}."
            )
        raise self.failed(_last_words(self.last) if isinstance(self.last, Session) else None)

    def failed(self, why: str | None = None) -> errors.JobFailedError:
        """The end of a wait for a job that ended badly."""
        code, message = self.kind.failure(self.last)
        said = (message or why or f"HeyGen gave no reason (state {self.state})").rstrip(".")
        error = self._ended(errors.JobFailedError, f"failed{f' with {code}' if code else ''}: {said}.")
        error.failure_code, error.failure_message = code, message or why
        return error

    def _ended(self, error: type[E], what: str) -> E:
        return error(
            f"The {self.kind.name} {self.id} {what}",
            kind=self.kind.name, id=self.id, job=self.last, state=self.state, elapsed=self.elapsed, poll_count=self.poll_count,
        )  # fmt: skip


async def watch(
    transport: Transport, kind: JobKind[J], job: object, **options: Unpack[WaitOptions]
) -> AsyncGenerator[JobUpdate[J]]:
    """The looks at one job until it ends."""
    with _Watch(transport, options) as watch:
        watch.turn_to(kind, kind.id_of(job), new=kind.is_new(job))
        while True:
            update: JobUpdate[J] = await watch.next()
            yield update
            watch.check()
            if update.next_poll_in is None:
                return


async def watch_session(
    transport: Transport, session: str | Session | SessionCreated | MessageSent, **options: Unpack[WaitOptions]
) -> AsyncGenerator[JobUpdate[Session]]:
    """The looks at a session until it is completed, failed or asks."""
    with _Watch(transport, options) as watch:
        watch.turn_to(SESSION, SESSION.id_of(session), new=SESSION.is_new(session))
        update: JobUpdate[Session] | None = None
        while True:
            try:
                update = await watch.next()
            except errors.NotFoundError:
                # A session may go while its video still renders; then the video tells how it ends.
                seen = watch.last
                if update is None or not isinstance(seen, Session) or seen.video_id is None:
                    raise
                watch.turn_to(VIDEO, seen.video_id, new=False)
                while (await watch.next()).next_poll_in is not None:
                    pass
                watch.check()
                seen.status = SessionStatus.COMPLETED
                yield msgspec.structs.replace(
                    update, state="completed", elapsed=watch.elapsed, poll_count=watch.poll_count, next_poll_in=None
                )
                return
            yield update
            if update.state in SESSION.failed:
                watch.check()
            if update.next_poll_in is None:
                return


async def watch_video(
    transport: Transport, job: str | ResponseStruct, **options: Unpack[WaitOptions]
) -> AsyncGenerator[JobUpdate[Session] | JobUpdate[Video]]:
    """The looks at a video; before it, when a session is given, those at the session that makes it."""
    if not isinstance(job, Session | SessionCreated):
        started = asyncio.get_running_loop().time()
        try:
            async for of_video in watch(transport, VIDEO, job, **options):
                yield of_video
            return
        except errors.NotFoundError as missing:
            job = await _session_named(transport, job, missing, options, started)
    with _Watch(transport, options) as watching:
        video_id, new = job.video_id, isinstance(job, SessionCreated)
        while True:
            if video_id is None:
                watching.turn_to(SESSION, SESSION.id_of(job), new=new)
                while video_id is None:
                    of_session: JobUpdate[Session] = await watching.next()
                    yield of_session
                    video_id = cast("Session", watching.last).video_id
                    if of_session.state in SESSION.failed or video_id is None:
                        watching.check()
                    if video_id is None and of_session.state in SESSION.completed:
                        raise watching.failed("it ended without a video")
                new = False
            watching.turn_to(VIDEO, video_id, new=new)
            try:
                while True:
                    update: JobUpdate[Video] = await watching.next()
                    yield update
                    watching.check()
                    if update.next_poll_in is None:
                        return
            except errors.NotFoundError:
                # A session may name its video a little before the API shows it.
                if isinstance(watching.last, Video):
                    raise
                watching.turn_to(SESSION, SESSION.id_of(job), new=False)
                again: JobUpdate[Session] = await watching.next()
                if again.next_poll_in is None:
                    raise
                video_id, new = cast("Session", watching.last).video_id, True


async def job(transport: Transport, kind: JobKind[J], job: Any, **options: Unpack[WaitOptions]) -> J:
    """Wait for one job of any kind."""
    if kind is VIDEO and isinstance(job, Session | SessionCreated):
        return cast("J", await video(transport, job, **options))
    if kind is SESSION:
        return cast("J", await session(transport, job, **options))
    if isinstance(job, kind.result_type) and kind.state(job) in kind.completed:
        return job
    tell = options.get("on_update")
    with _Watch(transport, options, wants_news=tell is not None) as watch:
        watch.turn_to(kind, kind.id_of(job), new=kind.is_new(job))
        while True:
            update: JobUpdate[J] = await watch.next()
            if tell is not None:
                await call_hook(tell, update)
            watch.check()
            if update.next_poll_in is None:
                return cast("J", update.job)


async def finished(transport: Transport, kind: JobKind[Any], what: Any, **options: Unpack[WaitOptions]) -> Any:
    """Wait for a job, and return the finished thing itself where the status endpoint returns the state alone.

    Raises:
        WaitTimeoutError: The job or its final request did not end in time.
    """
    id, started = kind.id_of(what), asyncio.get_running_loop().time()
    last = await job(transport, kind, what, **options)
    if kind.final_endpoint is None:
        return last
    try:
        async with asyncio.timeout(left(transport, options, started)):
            return await kind.fetch_final(transport, id)
    except TimeoutError:
        raise errors.WaitTimeoutError(
            f"The {kind.name} {id} is finished, but the request for it did not end in time. Wait again with the same id.",
            kind=kind.name, id=id, job=last, state=kind.state(last), poll_count=1,
            elapsed=asyncio.get_running_loop().time() - started,
        ) from None  # fmt: skip


async def every(waits: Mapping[str, Awaitable[J]], *, raises: bool = True) -> list[J]:
    """Wait for all to end; then raise the first error, which tells of the others, or give errors among the results."""
    ends = await asyncio.gather(*waits.values(), return_exceptions=True)
    wrong = {name: end for name, end in zip(waits, ends, strict=True) if isinstance(end, BaseException)}
    for error in wrong.values() if raises else ():
        error.add_note(
            f"Of the {len(waits)} jobs of this call ({', '.join(waits)}) these did not end well: {', '.join(wrong)}."
        )
        raise error
    return cast("list[J]", ends)


_job = job  # where `job` is a parameter


async def session(
    transport: Transport,
    job: str | Session | SessionCreated | MessageSent,
    *,
    stop_on_cancel: bool = False,
    **options: Unpack[WaitOptions],
) -> Session:
    """Wait for a session: completed, or stopped to ask."""
    if isinstance(job, Session) and str(job.status) in SESSION.completed | SESSION.needs_input:
        return job
    async with _stopping(transport, job, wanted=stop_on_cancel):
        return cast("Session", await _last(watch_session(transport, job, **options), options))


async def video(
    transport: Transport,
    job: str | ResponseStruct,
    *,
    stop_on_cancel: bool = False,
    **options: Unpack[WaitOptions],
) -> Video:
    """Wait for a finished video, from its id or its session's, from what created it, or from the session itself."""
    if not isinstance(job, Session | SessionCreated):
        started = asyncio.get_running_loop().time()
        try:
            return await _job(transport, VIDEO, job, **options)
        except errors.NotFoundError as missing:
            job = await _session_named(transport, job, missing, options, started)
    async with _stopping(transport, job, wanted=stop_on_cancel):
        return cast("Video", await _last(watch_video(transport, job, **options), options))


async def _session_named(
    transport: Transport, id: object, missing: errors.NotFoundError, options: WaitOptions, started: float
) -> Session:
    """The session of this id, when it is none of a video: within the time of the wait, and as patient."""
    if isinstance(id, str):
        with suppress(errors.APIError), _Watch(transport, options) as watch:
            watch.started, watch.deadline = started, started + watch.limit
            watch.turn_to(SESSION, id, new=False)
            await watch.next()
            options["timeout"] = left(transport, options, started)
            return cast("Session", watch.last)
    raise missing


def left(transport: Transport, options: WaitOptions, started: float) -> float:
    """The seconds that are left of a wait."""
    limit = options.get("timeout") or transport.options.wait_timeout
    return max(started + limit - asyncio.get_running_loop().time(), 0.001)


async def _last(updates: AsyncGenerator[JobUpdate[Any]], options: WaitOptions) -> object:
    """Tell of every update; what the last one showed."""
    tell = options.get("on_update")
    job: object = None
    async with aclosing(updates):
        async for update in updates:
            job = update.job
            if tell is not None:
                await call_hook(tell, update)
    return job


@asynccontextmanager
async def stopping(what: str, stop: Callable[[], Awaitable[object]] | None) -> AsyncGenerator[None]:
    """Stop it at HeyGen, too, when what is inside is cancelled and that was asked for."""
    try:
        yield
    except asyncio.CancelledError:
        if stop is not None:
            with anyio.move_on_after(_STOP_WITHIN, shield=True):
                try:
                    await stop()
                except errors.HeyGenError as error:
                    _log.warning("The %s could not be stopped: %s", what, error)
        raise


def _stopping(transport: Transport, job: object, *, wanted: bool) -> AbstractAsyncContextManager[None]:
    id = job.session_id if wanted and isinstance(job, Session | SessionCreated) else None
    stop = None if id is None else partial(transport.call, STOP_SESSION, SessionStopped, id, body={})
    return stopping(f"session {id}", stop)


def _last_words(session: Session) -> str | None:
    """Why a session failed: the API gives no code, but the agent's newest error message says it."""
    said = [message for message in session.messages or () if message.type == "error"]
    return said[0].content if said else None
