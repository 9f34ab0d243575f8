"""`WebhookReceiver`: the endpoint that HeyGen calls, ready to be mounted in an ASGI app or an aiohttp one.

A delivery is verified, told to the waits that it concerns, and put into a queue of a bounded length; HeyGen hears 200
before any handler runs, since it gives up after ten seconds. When the queue is full it hears 503 and delivers again
later. An application whose handlers must not lose an event to a crash asks for `acknowledge="after"`: then HeyGen
hears 200 only when the handlers are done, and delivers again what failed.

The queue and its workers are those of one event loop. After `aclose` it begins anew in the next one, and so it does
with what a loop left that ended without it, which is told in a warning: whatever ends then takes these events along.
"""

from __future__ import annotations

import asyncio
import time
import weakref
from collections.abc import AsyncIterable, Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from inspect import isawaitable, ismethod
from logging import getLogger
from math import inf
from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias, TypeVar, cast

from .._http.backoff import Backoff
from .._http.worker_threads import run_to_completion
from ..errors import ConfigurationError, DecodeError, InvalidInputError, WebhookVerificationError
from ..types.webhooks import Event, EventName
from . import signature as webhooks
from .event_stores import EventStore, MemoryEventStore

if TYPE_CHECKING:
    from aiohttp import web

_log = getLogger("heygen_async")

Handler: TypeAlias = "Callable[[Any], Awaitable[object] | object]"
H = TypeVar("H", bound=Handler)
RETRY = Backoff(initial=1.0, maximum=30.0)
_ANSWER_WITHIN = 9.0  # seconds; HeyGen waits for ten
_EVERY = "*"
_UNSIGNED = (
    "This WebhookReceiver has no secret: it takes whatever is sent to it, unsigned and by anybody, this event (%s) "
    "first. Give it the secret of the endpoint; where that comes from the environment, it is not set."
)
_LEFT = (
    "The event loop or the receiver ended before %d acknowledged webhook events were handled; they are lost when this "
    "process ends now: %s. Close the receiver first (`async with`, in a web app's lifespan), or replay them."
)
_CLAIMED = (
    "The webhook event %s is with another process, for which the receiver does not wait at its end: replay it if that "
    "one died."
)


class WebhookReceiver:
    """Where HeyGen's webhooks arrive. Close it at the end (`async with`, or `aclose`): what is queued is handled first.

    In a web app that is the lifespan's to do: a process that is ended without it loses what is queued.

    Args:
        secret: Of the endpoint, as `webhooks.endpoints.create` returned it; several while one takes over; None takes
            unsigned calls (those of a `callback_url`), whose events are marked as not verified, until `add_secret`; the
            first of them is told in a warning.
        seen: Where handled events are remembered: `MemoryEventStore`, `SQLiteEventStore`, `RedisEventStore`, or your
            own.
        acknowledge: `first` answers before handlers run; `after` answers 200 only when they are done.
        queue_size: How many events may wait for their handlers; more are answered with 503.
        concurrency: How many events are handled at once.
        attempts: How often a failing handler is tried.
        retry: The pauses between these.
        on_failure: Called with the event and the exception when a handler failed for good; may be async.
        tolerance: Seconds that a delivery's timestamp may be off; None for the older endpoints, which send none.
        max_body: Bytes; larger bodies are refused unread.
        clock: Unix seconds; a test gives the local HeyGen's.
    """

    def __init__(
        self,
        secret: str | Sequence[str] | None,
        *,
        seen: EventStore | None = None,
        acknowledge: Literal["first", "after"] = "first",
        queue_size: int = 1000,
        concurrency: int = 10,
        attempts: int = 5,
        retry: Backoff = RETRY,
        on_failure: Callable[[Any, Exception], Awaitable[object] | object] | None = None,
        tolerance: float | None = webhooks.TOLERANCE,
        max_body: int = 1 << 20,
        clock: Callable[[], float] = time.time,
    ) -> None:
        for name, value in (("queue_size", queue_size), ("concurrency", concurrency), ("attempts", attempts)):
            if value < 1:
                raise InvalidInputError(name, value, "a whole number, 1 or more")
        given = [secret] if isinstance(secret, str) else secret
        if given is not None and not (given and all(given)):
            raise InvalidInputError("secret", "", "what endpoints.create returned, or None for unsigned calls")
        self._secrets: dict[str, float] | None = None if given is None else dict.fromkeys(given, inf)  # until when
        self._seen: EventStore = seen or MemoryEventStore()
        self._after = acknowledge == "after"
        self._queue_size = queue_size
        self._concurrency = concurrency
        self._attempts = attempts
        self._retry = retry
        self._on_failure = on_failure
        self._tolerance = tolerance
        self._max_body = max_body
        self._clock = clock
        self._handlers: dict[str, list[Handler]] = {}
        self._listeners: list[Callable[[], Callable[[Mapping[str, Any]], object] | None]] = []
        self._loop: asyncio.AbstractEventLoop | None = None  # to which the next four belong
        self._queue: asyncio.Queue[Event] = asyncio.Queue()
        self._closing = asyncio.Event()
        self._workers: set[asyncio.Task[None]] = set()
        self._handling: set[asyncio.Task[bool]] = set()
        self._claimed: set[str] = set()  # the ids of what is being handled here
        self._left: list[Event] = []  # what was being handled when its loop ended
        self._has_warned = False

    def __repr__(self) -> str:
        return f"WebhookReceiver({', '.join(sorted(self._handlers)) or 'no handlers'})"

    # -- setting it up

    def on(self, *types: EventName | str) -> Callable[[H], H]:
        """Decorate a handler of these types of event, or of all when none is named; it may be async.

        An exception means that the event was not handled: it is tried again, and the others' handlers are not.
        """

        def add(handler: H) -> H:
            for name in types or (_EVERY,):
                self._handlers.setdefault(name, []).append(handler)
            return handler

        return add

    def subscribe(self, listener: Callable[[Mapping[str, Any]], object]) -> None:
        """Tell this, too, of every verified event at once (a client's `handle_event`); it is not kept alive by that."""
        self._listeners.append(weakref.WeakMethod(listener) if ismethod(listener) else lambda: listener)

    def add_secret(self, secret: str, *, grace: float = 86_400.0) -> None:
        """Verify with this secret from now on, and for `grace` seconds still with those that there are."""
        until = self._clock() + grace
        self._secrets = {one: min(end, until) for one, end in (self._secrets or {}).items()} | {secret: inf}

    # -- a delivery's way

    async def receive(self, body: bytes, headers: webhooks.Headers) -> int:
        """Take a delivery; the HTTP status to answer with.

        200 when it was taken (or had been before), 400 for what is no event, 401 for what HeyGen did not sign, 500 and
        503 for what should be delivered again.
        """
        try:
            if self._secrets is not None:
                now = self._clock()
                secrets = [secret for secret, end in self._secrets.items() if end > now]
                webhooks.verify(body, headers, secrets, tolerance=self._tolerance, now=now)
            event = webhooks.parse(body, headers, verified=self._secrets is not None)
        except (WebhookVerificationError, DecodeError) as error:
            _log.warning("%s", error)
            return 400 if isinstance(error, DecodeError) else 401
        queue = self._opened()
        if self._closing.is_set():
            return 503
        if self._secrets is None and not self._has_warned:
            self._has_warned = True
            _log.warning(_UNSIGNED, webhooks.id_of(event))
        self._tell(event)
        if self._after:
            return await self._handled_in_time(event)
        try:
            queue.put_nowait(event)
        except asyncio.QueueFull:
            _log.warning("The queue of webhook events is full (%d): 503, so HeyGen delivers again.", queue.maxsize)
            return 503
        self._work()
        return 200

    async def hand_on(self, event: Event) -> None:
        """Take an event that is known to be HeyGen's, such as one of its log; wait while the queue is full."""
        queue = self._opened()
        self._tell(event)
        self._work()
        await queue.put(event)

    async def aclose(self) -> None:
        """Handle what is queued, then end. Deliveries are answered with 503 meanwhile; the next use begins anew.

        Raises:
            ConfigurationError: It is at work in another event loop.
        """
        queue = self._opened()
        self._closing.set()
        try:
            if queue.qsize():  # which an ended loop left
                self._work()
            await queue.join()
            await asyncio.gather(*self._handling, return_exceptions=True)
        finally:
            workers: list[asyncio.Task[Any]] = [*self._workers, *self._handling]
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
            self._loop = None

    async def __aenter__(self) -> Self:
        self._opened()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def _tell(self, event: Event) -> None:
        if not event.verified:
            return
        for listener in list(self._listeners):
            told = listener()
            if told is None:
                self._listeners.remove(listener)
            else:
                told(event.raw)

    def _opened(self) -> asyncio.Queue[Event]:
        """The queue of this event loop; it begins with what a loop left that has ended.

        Raises:
            ConfigurationError: It is at work in another one.
        """
        loop = asyncio.get_running_loop()
        if self._loop is loop:
            return self._queue
        if self._loop is not None and not self._loop.is_closed():
            raise ConfigurationError(
                "This WebhookReceiver is at work in another event loop. Close it there (leave its `async with`), or "
                "make one for each loop."
            )
        self._take_along()
        left, self._left = self._left, []
        self._queue = asyncio.Queue(max(self._queue_size, len(left)))
        for event in left:
            self._queue.put_nowait(event)
        self._loop, self._closing, self._workers, self._handling = loop, asyncio.Event(), set(), set()
        return self._queue

    def _take_along(self) -> None:
        self._left += [self._queue.get_nowait() for _ in range(self._queue.qsize())]

    def _work(self) -> None:
        while len(self._workers) < self._concurrency:
            worker = asyncio.ensure_future(self._worker(self._queue))
            self._workers.add(worker)
            worker.add_done_callback(self._ended)

    def _ended(self, worker: asyncio.Task[None]) -> None:
        """With the last worker ends what is queued: its loop ends, or a close was cancelled."""
        self._workers.discard(worker)
        if self._workers:
            return
        if not self._closing.is_set():
            self._loop = None
        self._take_along()
        if self._left:
            ids = ", ".join(map(webhooks.id_of, self._left))
            _log.warning(_LEFT, len(self._left), ids)

    async def _worker(self, queue: asyncio.Queue[Event]) -> None:
        worker = cast("asyncio.Task[None]", asyncio.current_task())
        while True:
            event = await queue.get()
            try:
                await self._handle(event, patient=True)
            except asyncio.CancelledError:
                if worker.cancelling():
                    self._left.append(event)
                    raise
                _log.exception("A handler of the webhook event %s was cancelled", webhooks.id_of(event))
            except Exception:  # noqa: BLE001  a store that is out of reach; the next event may be luckier
                _log.exception("The webhook event %s could not be taken", webhooks.id_of(event))
            finally:
                queue.task_done()

    async def _handled_in_time(self, event: Event) -> int:
        """Handle it before answering; when that takes too long it goes on, and the next delivery hears how it went."""
        handling = asyncio.ensure_future(self._handle(event, patient=False))
        self._handling.add(handling)
        handling.add_done_callback(self._handling.discard)
        done, _ = await asyncio.wait({handling}, timeout=_ANSWER_WITHIN)
        if not done:
            return 503
        return 200 if not handling.cancelled() and handling.exception() is None and handling.result() else 500

    async def _handle(self, event: Event, *, patient: bool) -> bool:
        """Run its handlers, unless that was done; whether it is handled now.

        Args:
            patient: Wait while another has it, who may have died with it, since HeyGen will not deliver it again.
        """
        id, looks = webhooks.id_of(event), 0
        while (claim := await self._seen.claim(id)) == "busy" and patient and not self._closing.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(self._retry.ceiling(looks)):
                    await self._closing.wait()
            looks += 1
        if claim != "new":
            if claim == "busy" and patient and id not in self._claimed:
                _log.warning(_CLAIMED, id)
            return claim == "done"
        self._claimed.add(id)
        try:
            return await self._handle_claimed(event, id)
        finally:
            self._claimed.discard(id)

    async def _handle_claimed(self, event: Event, id: str) -> bool:
        try:
            for handler in [*self._handlers.get(event.event_type, ()), *self._handlers.get(_EVERY, ())]:
                await self._try(handler, event)
        except (asyncio.CancelledError, Exception) as error:
            await run_to_completion(self._seen.release(id))
            if isinstance(error, asyncio.CancelledError):
                raise
            _log.error("The webhook event %s (%s) was not handled: %r", id, event.event_type, error)
            if self._on_failure is not None:
                said = self._on_failure(event, error)
                if isawaitable(said):
                    await said
            return False
        await run_to_completion(self._seen.done(id))
        return True

    async def _try(self, handler: Handler, event: Event) -> None:
        for attempt in range(self._attempts):
            try:
                said = handler(event)
                if isawaitable(said):
                    await said
            except Exception:
                if attempt == self._attempts - 1:
                    raise
                await asyncio.sleep(self._retry.delay(attempt))
            else:
                return

    # -- where it is mounted

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Be an ASGI application: `FastAPI(routes=[Endpoint("/webhooks/heygen", receiver)])`, and Starlette likewise.

        Not by `mount`, which takes what is below a path alone, and redirects the path itself.
        """
        if scope["type"] != "http":
            raise NotImplementedError(f"a WebhookReceiver takes http alone, not {scope['type']}")

        async def chunks() -> AsyncIterable[bytes]:
            more = True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return
                yield message.get("body", b"")
                more = message.get("more_body", False)

        status = await self._answered(scope["method"], scope["headers"], chunks())
        headers = [(b"content-length", b"0"), *([(b"retry-after", b"1")] if status == 503 else [])]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    async def aiohttp_handler(self, request: web.BaseRequest) -> web.StreamResponse:
        """Be a handler of aiohttp: `app.router.add_route("*", "/webhooks/heygen", receiver.aiohttp_handler)`."""
        from aiohttp import web  # noqa: PLC0415  whoever calls this has it

        status = await self._answered(request.method, request.headers.items(), request.content.iter_any())
        return web.Response(status=status, headers={"Retry-After": "1"} if status == 503 else None)

    async def _answered(self, method: str, headers: Any, chunks: AsyncIterable[bytes]) -> int:
        if method == "OPTIONS":  # by which an older endpoint is probed
            return 200
        if method != "POST":
            return 405
        pairs = list(headers)
        length = webhooks.fields(pairs).get("Content-Length", "0")
        if not length.isdecimal() or int(length) > self._max_body:
            return 413
        body = bytearray()
        async for chunk in chunks:
            body += chunk
            if len(body) > self._max_body:
                return 413
        return await self.receive(bytes(body), pairs)
