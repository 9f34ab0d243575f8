"""`WebhookReceiver`: the endpoint that HeyGen calls, for any ASGI application or an aiohttp one.

The receiver verifies the signature of a delivery, parses it, notifies subscribed clients, claims the event in its
store, and puts it into a bounded queue. HeyGen gets a 200 before a handler runs, because it gives up after ten seconds.
If the queue is full or the store fails, HeyGen gets a 503 and delivers later. With `acknowledge="after_handlers"`,
HeyGen gets its 200 only when the handlers are done, and delivers the event again when they failed. That is for
applications whose handlers must not lose an event in a crash.
"""

from __future__ import annotations

import asyncio
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from inspect import ismethod
from logging import getLogger
from math import inf
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

from .._http.backoff import Backoff
from .._http.limits import DEFAULT_LIMITS, Limits
from ..errors import DecodeError, InvalidInputError, WebhookVerificationError
from ..types.redaction import Secret
from ..types.tracebacks import strips_frames_of_methods
from ..types.webhooks import Event, EventName
from . import http_adapters
from .event_claims import EventClaims, event_name
from .event_handlers import EventHandlers, FailureHandler, Handler
from .event_queue import EventQueue
from .event_stores import EventStore, MemoryEventStore
from .events import parse_delivery
from .signature import TOLERANCE, Fields, Headers, check_signature, normalize_headers

if TYPE_CHECKING:
    from aiohttp import web

_log = getLogger("heygen_async.webhooks")

H = TypeVar("H", bound=Handler)
RETRY = Backoff(initial=1.0, maximum=30.0)
HANDLER_TIMEOUT = 300.0  # seconds
DEDUPE_WINDOW = 86_400.0  # seconds
_LEASE_MARGIN = 60.0  # seconds of a claim beyond one attempt of a handler
_RESPONSE_TIME = 9.0  # seconds; HeyGen waits for ten
_MIN_CLOSE_TIME = 0.1  # seconds for the event store after a timeout
_UNSIGNED_WARNING = (
    "This WebhookReceiver has no secret, so it accepts unsigned events from anybody; the first one is %s. Pass the "
    "secret of the endpoint; if it comes from an environment variable, check that the variable is set."
)


@strips_frames_of_methods
class WebhookReceiver:
    """A receiver of HeyGen's webhooks. Close it (`async with`, or `aclose`), so that queued events are handled first.

    In a web app, open and close it in the lifespan. Opening it opens the event store, and fails if the store cannot be
    used; without that, the first delivery opens it. A process that ends without closing it loses its queued events.

    Args:
        secret: The secret that `webhooks.endpoints.create` returned; several during a rotation. None accepts unsigned
            calls, such as those to a `callback_url`, until `add_secret`; their events are marked as not verified.
        event_store: The store of handled events: `MemoryEventStore` (the default), `SQLiteEventStore`,
            `RedisEventStore` or your own. While it fails, deliveries get a 503 and `on_failure` is called.
        acknowledge: `first` responds before the handlers run; `after_handlers` responds with 200 only when they are
            done.
        queue_size: The maximum number of events that wait for their handlers; further deliveries get a 503.
        concurrency: The maximum number of events that are handled in parallel.
        max_attempts: The maximum number of calls of a failing handler.
        retry: The delays between these attempts.
        handler_timeout: The seconds for one call of an async handler. A longer one is cancelled, and has failed.
        on_failure: Called with the event and the exception when the last attempt failed, or when the event store
            failed; may be async.
        dedupe_window: The seconds for which a repeated body is recognised, also under a new `Heygen-Event-Id`, which
            is not signed. Bodies without a job's id, such as test calls, are recognised by their event's id alone; with
            0, all are.
        tolerance: The seconds that the timestamp of a delivery may differ from now; None for older endpoints, which
            send no timestamp.
        limits: The maximum size of a body (`webhook_body`) and the time for it (`webhook_body_seconds`).
        clock: Returns Unix seconds. A test passes the clock of the local HeyGen, `api.clock.time`.

    Raises:
        InvalidInputError: The secret is empty, or an option has an invalid value.
    """

    def __init__(
        self,
        secret: str | Sequence[str] | None,
        *,
        event_store: EventStore | None = None,
        acknowledge: Literal["first", "after_handlers"] = "first",
        queue_size: int = 1000,
        concurrency: int = 10,
        max_attempts: int = 5,
        retry: Backoff = RETRY,
        handler_timeout: float = HANDLER_TIMEOUT,
        on_failure: FailureHandler | None = None,
        dedupe_window: float = DEDUPE_WINDOW,
        tolerance: float | None = TOLERANCE,
        limits: Limits = DEFAULT_LIMITS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._expiry_by_secret: dict[Secret, float] | None = _secrets(secret)
        del secret  # tracebacks show local variables
        for name, value in (("queue_size", queue_size), ("concurrency", concurrency), ("max_attempts", max_attempts)):
            if value < 1:
                raise InvalidInputError(name, value, "an integer, 1 or more")
        if not 0 < handler_timeout < inf:
            raise InvalidInputError("handler_timeout", handler_timeout, "a number of seconds above 0")
        if not dedupe_window >= 0:
            raise InvalidInputError("dedupe_window", dedupe_window, "a number of seconds, 0 or more")
        if acknowledge not in {"first", "after_handlers"}:
            raise InvalidInputError("acknowledge", acknowledge, "first or after_handlers")
        self._acknowledge_after = acknowledge == "after_handlers"
        self._queue_size = queue_size
        self._tolerance = tolerance
        self._limits = limits
        self._clock = clock
        self._handlers = EventHandlers(
            max_attempts=max_attempts, retry=retry, timeout=handler_timeout, on_failure=on_failure
        )
        lease = handler_timeout + retry.maximum + _LEASE_MARGIN
        self._claims = EventClaims(event_store or MemoryEventStore(), lease=lease, dedupe_window=dedupe_window)
        self._queue = EventQueue(self._handlers, self._claims, size=queue_size, concurrency=concurrency)
        self._listeners: list[Callable[[], Callable[[Mapping[str, Any]], object] | None]] = []
        self._has_warned = False

    def __repr__(self) -> str:
        return f"WebhookReceiver({', '.join(self._handlers.event_types) or 'no handlers'})"

    def on(self, *types: EventName | str) -> Callable[[H], H]:
        """Decorate a handler of these event types, or of all types without arguments.

        The handler is called with the event and may be async. An exception means that the event was not handled: the
        handler is called again, up to `max_attempts` times.

        Args:
            types: The types, such as `avatar_video.success`.
        """

        def add(handler: H) -> H:
            self._handlers.add(handler, types)
            return handler

        return add

    def subscribe(self, listener: Callable[[Mapping[str, Any]], object]) -> None:
        """Call the listener with the raw body of each verified event immediately.

        A bound method, such as a client's `handle_event`, is held weakly: it is dropped with its object.

        Args:
            listener: A function of the event.
        """
        self._listeners.append(weakref.WeakMethod(listener) if ismethod(listener) else lambda: listener)

    def add_secret(self, secret: str, *, grace: float = 86_400.0) -> None:
        """Verify with this secret from now on; earlier secrets stay valid for `grace` seconds.

        Args:
            secret: The secret that HeyGen returned.
            grace: The time in seconds for which earlier secrets stay valid; by default a day.
        """
        limit = self._clock() + grace
        earlier = self._expiry_by_secret or {}
        self._expiry_by_secret = {known: min(expiry, limit) for known, expiry in earlier.items()}
        self._expiry_by_secret[Secret(secret)] = inf

    async def receive(self, body: bytes, headers: Headers) -> int:
        """Process a delivery and return the HTTP status of the response.

        Args:
            body: The body of the request, as it was received.
            headers: The headers of the request.

        Returns:
            200 for an accepted event, also a repeated one. 400 for a body that is not an event, 413 for one that is too
            large. 401 for a wrong signature. 500 and 503 when HeyGen should deliver the event again.

        Raises:
            ConfigurationError: The receiver is open in another event loop.
        """
        if len(body) > self._limits.webhook_body:
            return 413
        return await self._receive(body, normalize_headers(headers))

    async def _receive(self, body: bytes, fields: Fields) -> int:
        """Process a delivery whose body is within its limit."""
        try:
            event = self._verify_and_parse(body, fields)
        except (WebhookVerificationError, DecodeError) as error:
            _log.warning("%s", error)
            return 400 if isinstance(error, DecodeError) else 401
        self._queue.open()
        if self._expiry_by_secret is None and not self._has_warned:
            self._has_warned = True
            _log.warning(_UNSIGNED_WARNING, event_name(event))
        if self._listeners:
            self._notify_listeners(event)
        began = asyncio.get_running_loop().time()
        if not self._claims.is_open:
            try:
                await self._claims.open()
            except Exception as error:  # noqa: BLE001  a store may raise anything
                _log.error("The webhook event %s cannot be accepted: %s", event_name(event), error)
                return 503
        placement, delivery = await self._queue.place(self._claims.new_delivery(event, body))
        if placement == "refused" and not self._queue.is_closing:
            _log.warning("The webhook queue is full (%d events); HeyGen delivers again later.", self._queue_size)
        if placement != "queued":
            return 200 if placement == "done" else 503
        if not self._acknowledge_after:
            return 200
        elapsed = asyncio.get_running_loop().time() - began
        is_done = await self._queue.wait_for_result(delivery, _RESPONSE_TIME - elapsed)
        return 503 if is_done is None else 200 if is_done else 500

    async def enqueue(self, event: Event) -> None:
        """Add an event that is known to be HeyGen's, such as one of its event log; wait while the queue is full.

        Args:
            event: The event, as `parse` returns it.

        Raises:
            ConfigurationError: The receiver is open in another event loop, or the event store cannot be used.
        """
        await self._open()
        self._notify_listeners(event)
        await self._queue.put(event)

    async def aclose(self, *, timeout: float | None = None) -> Sequence[Event]:
        """Handle all queued events, then end; meanwhile deliveries get a 503. The next use opens the receiver again.

        Args:
            timeout: The maximum number of seconds. Then running handlers are cancelled. None waits for all handlers;
                their `handler_timeout` limits it.

        Returns:
            The events that were left undone; a warning names them too. If the receiver is used again, it handles them.

        Raises:
            ConfigurationError: The receiver is open in another event loop.
        """
        loop = asyncio.get_running_loop()
        end = inf if timeout is None else loop.time() + timeout
        undone = await self._queue.close(timeout)
        await self._claims.aclose(max(end - loop.time(), _MIN_CLOSE_TIME))
        return undone

    async def __aenter__(self) -> Self:
        """Open the receiver and its event store.

        Raises:
            ConfigurationError: The event store cannot be used, or the receiver is open in another event loop.
        """
        await self._open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _open(self) -> None:
        if not self._claims.is_open:
            await self._claims.open()
        self._queue.open()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve as an ASGI application: `FastAPI(routes=[Route("/webhooks/heygen", receiver)])`; Starlette likewise.

        Do not use `mount`: it redirects the path itself, and serves only the paths below it.
        """
        await http_adapters.serve_asgi(self._receive, self._limits, scope, receive, send)

    async def aiohttp_handler(self, request: web.BaseRequest) -> web.StreamResponse:
        """Serve as an aiohttp handler: `app.router.add_route("*", "/webhooks/heygen", receiver.aiohttp_handler)`.

        Args:
            request: The request.
        """
        return await http_adapters.serve_aiohttp(self._receive, self._limits, request)

    def _verify_and_parse(self, body: bytes, fields: Fields) -> Event:
        if self._expiry_by_secret is None:
            return parse_delivery(body, fields, verified=False)
        now = self._clock()
        secrets = [secret for secret, expiry in self._expiry_by_secret.items() if expiry > now]
        check_signature(body, fields, secrets, tolerance=self._tolerance, now=now)
        return parse_delivery(body, fields, verified=True)

    def _notify_listeners(self, event: Event) -> None:
        if not event.verified:
            return
        for reference in list(self._listeners):
            listener = reference()
            if listener is None:
                self._listeners.remove(reference)
            else:
                listener(event.raw)


def _secrets(secret: str | Sequence[str] | None) -> dict[Secret, float] | None:
    """Return the secrets, which do not expire; None if there are none to check.

    Raises:
        InvalidInputError: A secret is empty.
    """
    if secret is None:
        return None
    secrets = [Secret(one) for one in ([secret] if isinstance(secret, str) else secret)]
    del secret
    if not (secrets and all(secrets)):
        expected = "the secret that endpoints.create returned, or None to accept unsigned calls"
        raise InvalidInputError("secret", "", expected)
    return dict.fromkeys(secrets, inf)
