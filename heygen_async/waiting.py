"""Watching a job until it ends.

A wait is a series of looks (one GET each) with growing pauses between them. Four rules make it good:

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
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from inspect import isawaitable
from logging import getLogger
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypedDict, TypeVar, Unpack, cast

import anyio
import msgspec

from .errors import (
    APIConnectionError,
    APIError,
    DecodeError,
    HeyGenError,
    InputRequiredError,
    InvalidInputError,
    JobFailedError,
    NotFoundError,
    RateLimitError,
    ServerError,
    WaitTimeoutError,
)
from .jobs import SESSION, STOP_SESSION, VIDEO, Kind
from .models.video_agents import MessageSent, Session, SessionCreated, SessionStatus, SessionStopped
from .models.videos import Video, VideoCreated

if TYPE_CHECKING:
    from .backoff import Backoff
    from .transport import Transport

J = TypeVar("J")
E = TypeVar("E", JobFailedError, InputRequiredError, WaitTimeoutError)

_log = getLogger("heygen_async")
_STOP_WITHIN = 5.0  # seconds that stopping a session may take after a cancellation


class Update(msgspec.Struct, Generic[J], frozen=True, kw_only=True):
    """What one look at a job showed.

    `state` is the API's own word, `progress` its percentage where it gives one, `elapsed` the seconds since the wait
    began, `looks` how many have been made, `next_look` the seconds until the next one, None when this was the last.
    """

    kind: str
    id: str
    job: J
    state: str
    progress: int | None
    elapsed: float
    looks: int
    next_look: float | None


if TYPE_CHECKING:
    #: Called at every look that showed something; may be async.
    OnUpdate: TypeAlias = Callable[[Update[Any]], Awaitable[object] | object]


class WaitOptions(TypedDict, total=False):
    """What every wait takes.

    `timeout` is in seconds and means the whole wait; `poll` are the pauses between looks; `on_update` is called with
    an `Update` after every look that succeeded, and may be async.
    """

    timeout: float | None
    poll: Backoff | None
    on_update: OnUpdate | None


class AndWait(WaitOptions, total=False):
    """What every `create_and_wait` takes beside its request."""

    idempotency_key: str | None


class _Watch:
    """One wait: its deadline, and what it has seen. It may turn to another job: from a session to its video."""

    __slots__ = (
        "_fresh",
        "_pause",
        "_step",
        "deadline",
        "id",
        "kind",
        "last",
        "limit",
        "looks",
        "poll",
        "started",
        "transport",
    )

    def __init__(self, transport: Transport, options: WaitOptions) -> None:
        timeout = options.get("timeout")
        self.limit = transport.options.wait_timeout if timeout is None else timeout
        if not self.limit > 0:
            raise InvalidInputError("timeout", timeout, "a number of seconds above 0")
        self.transport = transport.for_looks
        self.poll = options.get("poll") or transport.options.poll
        self.started = asyncio.get_running_loop().time()
        self.deadline = self.started + self.limit
        self.looks = 0
        self.last: object = None

    @property
    def elapsed(self) -> float:
        """Seconds since the wait began."""
        return asyncio.get_running_loop().time() - self.started

    def turn_to(self, kind: Kind[Any], id: str, *, fresh: bool) -> None:
        """Look at this from now on; a `fresh` job, which cannot be finished yet, is given a first pause."""
        self.kind = kind
        self.id = id
        self._step = 0
        self._pause = 0.0
        if fresh:
            self._next_pause()

    def _next_pause(self) -> None:
        self._pause = (self.poll or self.kind.poll).delay(self._step)
        self._step += 1

    async def next(self) -> Update[Any]:
        """What the next look shows; those that fail in passing are made again.

        :raises WaitTimeoutError: the time ran out
        :raises JobFailedError: the job ended badly
        :raises APIError: a look was answered with what will not change, such as 404
        """
        failures = 0
        job: Any = None
        while True:
            try:
                with anyio.move_on_after(self.deadline - asyncio.get_running_loop().time()) as scope:
                    await asyncio.sleep(self._pause)
                    self.looks += 1
                    job = await self.kind.seen(self.transport, self.id)
            except (APIConnectionError, RateLimitError, ServerError, DecodeError) as error:
                failures += 1
                self._pause_after(error, failures)
                continue
            if scope.cancelled_caught:
                raise self._out_of_time()
            self.last = job
            self._next_pause()
            return self._update(job)

    def _pause_after(self, error: HeyGenError, failures: int) -> None:
        """Soon, while the client's retry budget affords it; else at the usual pace; never before the server says."""
        step = self._step
        self._next_pause()
        self._step = step
        if self.transport.core.budget.spend():
            self._pause = min(self._pause, self.transport.options.retry.delay(failures))
        asked = error.retry_after if isinstance(error, APIError) else None
        self._pause = max(self._pause, asked or 0.0)

    def _update(self, job: Any) -> Update[Any]:
        state = self.kind.state(job)
        return Update(
            kind=self.kind.name,
            id=self.id,
            job=job,
            state=state,
            progress=getattr(job, "progress", None),
            elapsed=self.elapsed,
            looks=self.looks,
            next_look=None if state in self.kind.ends else self._pause,
        )

    @property
    def state(self) -> str:
        """The last state seen."""
        return self.kind.state(self.last) if self.looks and self.last is not None else "not seen"

    def _out_of_time(self) -> WaitTimeoutError:
        return self._ended(
            WaitTimeoutError,
            f"was not finished after {self.limit:g} s (last state: {self.state}, {self.looks} looks). "
            "It goes on at HeyGen; wait again with the same id.",
        )

    def failed(self, why: str | None = None) -> JobFailedError:
        """The end of a wait for a job that ended badly."""
        code, message = self.kind.failure(self.last)
        said = (message or why or "HeyGen gave no reason").rstrip(".")
        with_code = (
            f" with {code}" if code else "" if self.state in {"failed", "completed"} else f" (state {self.state})"
        )
        error = self._ended(JobFailedError, f"failed{with_code}: {said}.")
        error.failure_code, error.failure_message = code, message or why
        return error

    def asks(self) -> InputRequiredError:
        """The end of a wait for something that will not come before a person answers."""
        return self._ended(InputRequiredError, f"stopped to ask (state {self.state}): {self.kind.advice}.")

    def _ended(self, error: type[E], what: str) -> E:
        return error(
            f"The {self.kind.name} {self.id} {what}",
            kind=self.kind.name, id=self.id, job=self.last, state=self.state, elapsed=self.elapsed, looks=self.looks,
        )  # fmt: skip


async def watch(
    transport: Transport, kind: Kind[J], job: object, **options: Unpack[WaitOptions]
) -> AsyncGenerator[Update[J]]:
    """The looks at one job until it ends."""
    watch = _Watch(transport, options)
    watch.turn_to(kind, kind.id_of(job), fresh=kind.is_new(job))
    while True:
        update: Update[J] = await watch.next()
        yield update
        if update.state in kind.failed:
            raise watch.failed()
        if update.state in kind.asks:
            raise watch.asks()
        if update.next_look is None:
            return


async def watch_session(
    transport: Transport, session: str | Session | SessionCreated | MessageSent, **options: Unpack[WaitOptions]
) -> AsyncGenerator[Update[Session]]:
    """The looks at a session until it is completed, failed or asks."""
    watch = _Watch(transport, options)
    watch.turn_to(SESSION, SESSION.id_of(session), fresh=SESSION.is_new(session))
    update: Update[Session] | None = None
    while True:
        try:
            update = await watch.next()
        except NotFoundError:
            # A session may go while its video still renders; then the video tells how it ends.
            if update is None or update.job.video_id is None:
                raise
            watch.turn_to(VIDEO, update.job.video_id, fresh=False)
            while (of_video := await watch.next()).next_look is not None:
                pass
            if of_video.state in VIDEO.failed:
                raise watch.failed() from None
            update.job.status = SessionStatus.COMPLETED
            yield msgspec.structs.replace(
                update, state="completed", elapsed=watch.elapsed, looks=watch.looks, next_look=None
            )
            return
        yield update
        if update.state in SESSION.failed:
            raise watch.failed(_last_words(update.job))
        if update.next_look is None:
            return


async def watch_video(
    transport: Transport, job: str | Video | VideoCreated | Session | SessionCreated, **options: Unpack[WaitOptions]
) -> AsyncGenerator[Update[Session] | Update[Video]]:
    """The looks at a video; before it, when a session is given, those at the session that makes it."""
    watch = _Watch(transport, options)
    made_by = job if isinstance(job, Session | SessionCreated) else None
    session_id = None if made_by is None else SESSION.id_of(made_by)
    video_id = VIDEO.id_of(job) if made_by is None else made_by.video_id
    fresh = isinstance(job, VideoCreated | SessionCreated)
    while True:
        if video_id is None and session_id is not None:
            watch.turn_to(SESSION, session_id, fresh=fresh)
            while video_id is None:
                of_session: Update[Session] = await watch.next()
                yield of_session
                if of_session.state in SESSION.failed:
                    raise watch.failed(_last_words(of_session.job))
                video_id = of_session.job.video_id
                if video_id is None and of_session.state in SESSION.asks:
                    raise watch.asks()
                if video_id is None and of_session.state in SESSION.done:
                    raise watch.failed("it ended without a video")
            fresh = False
        watch.turn_to(VIDEO, cast("str", video_id), fresh=fresh)
        try:
            while True:
                of_video: Update[Video] = await watch.next()
                yield of_video
                if of_video.state in VIDEO.failed:
                    raise watch.failed()
                if of_video.next_look is None:
                    return
        except NotFoundError:
            # A session may name its video a little before the API shows it.
            if session_id is None or isinstance(watch.last, Video):
                raise
            watch.turn_to(SESSION, session_id, fresh=False)
            again: Update[Session] = await watch.next()
            if again.next_look is None:
                raise
            video_id, fresh = again.job.video_id, True


async def job(transport: Transport, kind: Kind[J], job: Any, **options: Unpack[WaitOptions]) -> J:
    """Wait for one job of any kind."""
    if kind is VIDEO or kind is SESSION:
        return cast("J", await (video if kind is VIDEO else session)(transport, job, **options))
    if isinstance(job, kind.into) and kind.state(job) in kind.done:
        return job
    return cast("J", await _last(watch(transport, kind, job, **options), options))


async def every(transport: Transport, kind: Kind[J], ids: Sequence[str], **options: Unpack[WaitOptions]) -> list[J]:
    """Wait for all of these; the first that ended badly is raised when all have ended, and tells of the others."""
    ends = await asyncio.gather(*(job(transport, kind, id, **options) for id in ids), return_exceptions=True)
    wrong = {id: end for id, end in zip(ids, ends, strict=True) if isinstance(end, BaseException)}
    for error in wrong.values():
        error.add_note(
            f"Of the {len(ids)} jobs of this call ({', '.join(ids)}) these did not end well: {', '.join(wrong)}."
        )
        raise error
    return cast("list[J]", ends)


def split(request: Mapping[str, object]) -> tuple[dict[str, Any], WaitOptions]:
    """What a `create_and_wait` was given: what is for create, and what is for the wait."""
    names = WaitOptions.__annotations__
    wait = {name: value for name, value in request.items() if name in names}
    return {name: value for name, value in request.items() if name not in names}, cast("WaitOptions", wait)


async def session(
    transport: Transport,
    job: str | Session | SessionCreated | MessageSent,
    *,
    stop_on_cancel: bool = False,
    **options: Unpack[WaitOptions],
) -> Session:
    """Wait for a session: completed, or stopped to ask."""
    if isinstance(job, Session) and str(job.status) in SESSION.done | SESSION.asks:
        return job
    async with _stopping(transport, job, wanted=stop_on_cancel):
        return cast("Session", await _last(watch_session(transport, job, **options), options))


async def video(
    transport: Transport,
    job: str | Video | VideoCreated | Session | SessionCreated,
    *,
    stop_on_cancel: bool = False,
    **options: Unpack[WaitOptions],
) -> Video:
    """Wait for a finished video, from its id, from what created it, or from the session that makes it."""
    if isinstance(job, Video) and str(job.status) in VIDEO.done:
        return job
    async with _stopping(transport, job, wanted=stop_on_cancel):
        return cast("Video", await _last(watch_video(transport, job, **options), options))


async def _last(updates: AsyncGenerator[Update[Any]], options: WaitOptions) -> object:
    """Tell of every update; what the last one showed."""
    tell = options.get("on_update")
    job: object = None
    async with aclosing(updates):
        async for update in updates:
            job = update.job
            if tell is not None:
                said = tell(update)
                if isawaitable(said):
                    await said
    return job


@asynccontextmanager
async def _stopping(transport: Transport, job: object, *, wanted: bool) -> AsyncGenerator[None]:
    """Stop the session at HeyGen, too, when the wait inside is cancelled and that was asked for."""
    try:
        yield
    except asyncio.CancelledError:
        if wanted and isinstance(job, Session | SessionCreated):
            with anyio.move_on_after(_STOP_WITHIN, shield=True):
                try:
                    await transport.call(STOP_SESSION, SessionStopped, job.session_id, body={})
                except HeyGenError as error:
                    _log.warning("The session %s could not be stopped: %s", job.session_id, error)
        raise


def _last_words(session: Session) -> str | None:
    """Why a session failed: the API gives no code, but the agent's newest error message says it."""
    said = [message for message in session.messages or () if message.type == "error"]
    return said[0].content if said else None
