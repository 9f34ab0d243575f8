"""`WebhookReceiver`: the endpoint that HeyGen calls, for any ASGI application or an aiohttp one.

The receiver verifies the signature of a delivery, parses it, notifies subscribed clients, and puts the event into a
bounded queue. HeyGen gets a 200 before a handler runs, because it gives up after ten seconds. If the queue is full,
HeyGen gets a 503 and delivers later. With `acknowledge="after"`, HeyGen gets its 200 only when the handlers are done,
and delivers the event again when they failed: for applications whose handlers must not lose an event in a crash.
"""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from inspect import ismethod
from logging import getLogger
from math import inf
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

from .._http.backoff import Backoff
from ..errors import DecodeError, InvalidInputError, WebhookVerificationError
from ..types.webhooks import Event, EventName
from . import http_adapters
from .event_handlers import EventHandlers, FailureHandler, Handler
from .event_queue import EventQueue
from .event_stores import EventStore, MemoryEventStore
from .events import event_key, parse
from .signature import TOLERANCE, Headers, verify

if TYPE_CHECKING:
    from aiohttp import web

_log = getLogger("heygen_async")

H = TypeVar("H", bound=Handler)
RETRY = Backoff(initial=1.0, maximum=30.0)
_RESPONSE_TIME = 9.0  # seconds; HeyGen waits for ten
_UNSIGNED_WARNING = (
    "This WebhookReceiver has no secret, so it accepts unsigned events from anybody; the first one is %s. Pass the "
    "secret of the endpoint; if it comes from an environment variable, check that the variable is set."
)


class WebhookReceiver:
    """A receiver of HeyGen's webhooks. Close it (`async with`, or `aclose`), so that queued events are handled first.

    In a web app, close it in the lifespan: a process that ends without that loses its queued events.

    Args:
        secret: The secret that `webhooks.endpoints.create` returned; several during a rotation. None accepts unsigned
            calls, such as those to a `callback_url`, until `add_secret`; their events are marked as not verified.
        event_store: The store of handled events: `MemoryEventStore` (the default), `SQLiteEventStore`,
            `RedisEventStore` or your own.
        acknowledge: `first` responds before the handlers run; `after` responds with 200 only when they are done.
        queue_size: The maximum number of events that wait for their handlers; further deliveries get a 503.
        concurrency: The maximum number of events that are handled in parallel.
        max_attempts: The maximum number of calls of a failing handler.
        retry: The delays between these attempts.
        on_failure: Called with the event and the exception when the last attempt failed; may be async.
        tolerance: The seconds that the timestamp of a delivery may differ from now; None for older endpoints, which
            send no timestamp.
        max_body: The maximum size of a body in bytes; larger ones are rejected.
        clock: Returns Unix seconds; a test passes the clock of the local HeyGen.

    Raises:
        InvalidInputError: The secret is empty, or a number is below 1.
    """

    def __init__(
        self,
        secret: str | Sequence[str] | None,
        *,
        event_store: EventStore | None = None,
        acknowledge: Literal["first", "after"] = "first",
        queue_size: int = 1000,
        concurrency: int = 10,
        max_attempts: int = 5,
        retry: Backoff = RETRY,
        on_failure: FailureHandler | None = None,
        tolerance: float | None = TOLERANCE,
        max_body: int = 1 << 20,
        clock: Callable[[], float] = time.time,
    ) -> None:
        for name, value in (("queue_size", queue_size), ("concurrency", concurrency), ("max_attempts", max_attempts)):
            if value < 1:
                raise InvalidInputError(name, value, "an integer, 1 or more")
        secrets = [secret] if isinstance(secret, str) else secret
        if secrets is not None and not (secrets and all(secrets)):
            raise InvalidInputError(
                "secret", "", "the secret that endpoints.create returned, or None to accept unsigned calls"
            )
        self._expiry_by_secret: dict[str, float] | None = None if secrets is None else dict.fromkeys(secrets, inf)
        self._acknowledge_after = acknowledge == "after"
        self._queue_size = queue_size
        self._tolerance = tolerance
        self._max_body = max_body
        self._clock = clock
        self._handlers = EventHandlers(event_store or MemoryEventStore(), max_attempts, retry, on_failure)
        self._queue = EventQueue(self._handlers, size=queue_size, concurrency=concurrency)
        self._listeners: list[Callable[[], Callable[[Mapping[str, Any]], object] | None]] = []
        self._has_warned = False

    def __repr__(self) -> str:
        return f"WebhookReceiver({', '.join(self._handlers.event_types) or 'no handlers'})"

    def on(self, *types: EventName | str) -> Callable[[H], H]:
        """Decorate a handler of these event types, or of all types without arguments.

        The handler is called with the event and may be async. An exception means that the event was not handled: the
        handler is called again, up to `max_attempts` times.
        """

        def add(handler: H) -> H:
            self._handlers.add(handler, types)
            return handler

        return add

    def subscribe(self, listener: Callable[[Mapping[str, Any]], object]) -> None:
        """Call the listener with the raw body of each verified event immediately.

        A bound method, such as a client's `handle_event`, is held weakly: it is dropped with its object.
        """
        self._listeners.append(weakref.WeakMethod(listener) if ismethod(listener) else lambda: listener)

    def add_secret(self, secret: str, *, grace: float = 86_400.0) -> None:
        """Verify with this secret from now on; earlier secrets stay valid for `grace` seconds."""
        limit = self._clock() + grace
        earlier = self._expiry_by_secret or {}
        self._expiry_by_secret = {known: min(expiry, limit) for known, expiry in earlier.items()} | {secret: inf}

    async def receive(self, body: bytes, headers: Headers) -> int:
        """Process a delivery and return the HTTP status of the response.

        Returns:
            200 for an accepted event, also a repeated one. 400 for a body that is not an event. 401 for a wrong
            signature. 500 and 503 when HeyGen should deliver the event again.

        Raises:
            ConfigurationError: The receiver is open in another event loop.
        """
        try:
            event = self._verify_and_parse(body, headers)
        except (WebhookVerificationError, DecodeError) as error:
            _log.warning("%s", error)
            return 400 if isinstance(error, DecodeError) else 401
        self._queue.open()
        if self._queue.is_closing:
            return 503
        if self._expiry_by_secret is None and not self._has_warned:
            self._has_warned = True
            _log.warning(_UNSIGNED_WARNING, event_key(event))
        self._notify_listeners(event)
        if self._acknowledge_after:
            is_done = await self._queue.handle_now(event, _RESPONSE_TIME)
            return 503 if is_done is None else 200 if is_done else 500
        if not self._queue.put_nowait(event):
            _log.warning("The webhook queue is full (%d events); HeyGen delivers again later.", self._queue_size)
            return 503
        return 200

    async def enqueue(self, event: Event) -> None:
        """Add an event that is known to be HeyGen's, such as one of its event log; wait while the queue is full.

        Raises:
            ConfigurationError: The receiver is open in another event loop.
        """
        self._queue.open()
        self._notify_listeners(event)
        await self._queue.put(event)

    async def aclose(self) -> None:
        """Handle all queued events, then end; meanwhile deliveries get a 503. The next use opens the receiver again.

        Raises:
            ConfigurationError: The receiver is open in another event loop.
        """
        await self._queue.close()

    async def __aenter__(self) -> Self:
        self._queue.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve as an ASGI application: `FastAPI(routes=[Route("/webhooks/heygen", receiver)])`; Starlette likewise.

        Do not use `mount`: it redirects the path itself, and serves only the paths below it.
        """
        await http_adapters.serve_asgi(self.receive, self._max_body, scope, receive, send)

    async def aiohttp_handler(self, request: web.BaseRequest) -> web.StreamResponse:
        """Serve as an aiohttp handler: `app.router.add_route("*", "/webhooks/heygen", receiver.aiohttp_handler)`."""
        return await http_adapters.serve_aiohttp(self.receive, self._max_body, request)

    def _verify_and_parse(self, body: bytes, headers: Headers) -> Event:
        if self._expiry_by_secret is not None:
            now = self._clock()
            secrets = [secret for secret, expiry in self._expiry_by_secret.items() if expiry > now]
            verify(body, headers, secrets, tolerance=self._tolerance, now=now)
        return parse(body, headers, verified=self._expiry_by_secret is not None)

    def _notify_listeners(self, event: Event) -> None:
        if not event.verified:
            return
        for reference in list(self._listeners):
            listener = reference()
            if listener is None:
                self._listeners.remove(reference)
            else:
                listener(event.raw)
