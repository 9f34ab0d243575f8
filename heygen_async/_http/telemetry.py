"""Traces and metrics by OpenTelemetry, for a program that has set a provider of them. It needs the extra `otel`.

```python
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter


def print_traces() -> None:
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(ConsoleSpanExporter()))
    trace.set_tracer_provider(provider)
```

The names are those of OpenTelemetry's conventions for HTTP clients; the SDK's own begin with `heygen`.

The spans:

* INTERNAL, one for each operation: the call with all its attempts and the delays between them. An event stream's ends
  when the stream is open. That of a bulk status request links to the waits that share it.
* CLIENT, one for each request, until its response was read: an attempt of an operation, a redirect of it, or a request
  to a file store.
* INTERNAL, one for each wait, with an event for each poll.

The invariants:

* `traceparent` goes to the API alone. File stores are other companies' and sign their requests; `baggage` goes nowhere.
* The instrumentation of aiohttp makes no second span: each request is sent in a context that suppresses it.
* No span and no metric has a key, a token or the query of a URL.

The metrics are `http.client.request.duration`, `http.client.request.body.size`, `http.client.response.body.size`,
`heygen.client.polls`, `heygen.client.retries` and `heygen.client.queue.duration`. The last one is the time that
requests waited for the rate limit or a connection.

Design notes
------------

This module is imported only by a program that has set a provider (`shared_state.find_telemetry`).

Rejected: a span for each poll, because ten thousand waits share a hundred requests. Rejected: a context that stays
attached while a `watch_…` generator yields, because the program's own spans would become children of the wait.
"""

from __future__ import annotations

from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING, Any

from opentelemetry import context, metrics, trace
from opentelemetry.context import _SUPPRESS_HTTP_INSTRUMENTATION_KEY
from opentelemetry.trace import SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from yarl import URL

from .. import __version__
from ..errors import HeyGenError
from ..types.redaction import without_query
from .retry_policy import FailedAttemptError
from .streamed_body import Body

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, Sequence

    from multidict import CIMultiDict

    from .call import Call
    from .exchange import Exchange

_NAME = "heygen_async"
_LINKS = context.create_key("heygen_links")
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)  # of the conventions
_propagator = TraceContextTextMapPropagator()


class ActiveSpan:
    """A span that is the current one of its task until it ends."""

    def __init__(self, span: trace.Span) -> None:
        self._span = span
        self._token = context.attach(trace.set_span_in_context(span))

    def fail(self, error: BaseException) -> None:
        """Record the error that ends the operation."""
        _set_error(self._span, error, str(error) if isinstance(error, HeyGenError) else None)

    def end(self) -> None:
        """End the span, and restore the one before it."""
        context.detach(self._token)
        self._span.end()


class RequestSpan:
    """The span of one request, and its metrics. It ends when the response was read, or is closed."""

    def __init__(
        self, telemetry: Telemetry, span: trace.Span, facts: dict[str, Any], body: bytes | Body | None
    ) -> None:
        self._telemetry = telemetry
        self.span: trace.Span = span
        self._facts = facts
        self._body = body
        self._started = perf_counter()
        self._has_ended = False

    def respond(self, status: int) -> None:
        """Record the status of the response."""
        self._facts["http.response.status_code"] = status
        self.span.set_attribute("http.response.status_code", status)
        if status >= 400:
            self._facts["error.type"] = str(status)
            self.span.set_attribute("error.type", str(status))
            self.span.set_status(StatusCode.ERROR)

    def fail(self, error: BaseException) -> None:
        """Record that no response arrived, or that it broke."""
        self._facts["error.type"] = _set_error(self.span, error)

    def end(self, received: int | None = None) -> None:
        """End the span. Another call has no effect.

        Args:
            received: The bytes of the response's body; None if there was no response.
        """
        if self._has_ended:
            return
        self._has_ended = True
        self._telemetry.duration.record(perf_counter() - self._started, self._facts)
        if received is not None:
            self._telemetry.sent.record(_size_of(self._body), self._facts)
            self._telemetry.received.record(received, self._facts)
        self.span.end()


class WaitSpan:
    """The span of a wait. It is the current one only while the wait sends its own status request."""

    def __init__(self, telemetry: Telemetry, span: trace.Span) -> None:
        self._telemetry = telemetry
        self.span: trace.Span = span
        self._kind = ""

    def follow(self, wait: str, kind: str, id: str) -> None:
        """Name the wait by the job that it polls from now on."""
        self._kind = kind
        self.span.update_name(f"wait_for_{wait}")
        self.span.set_attributes({"heygen.job.kind": kind, "heygen.job.id": id})

    def add_poll(self, number: int, state: str, error: BaseException | None = None) -> None:
        """Record a poll: its number, the job's state, and the error if it failed."""
        facts = {"heygen.job.kind": self._kind}
        failure = {} if error is None else {"error.type": _error_type(error)}
        self.span.add_event("poll", {"heygen.poll.number": number, "heygen.job.state": state, **failure})
        self._telemetry.polls.add(1, {**facts, **failure})

    @contextmanager
    def as_current(self) -> Generator[None]:
        """Make it the parent of the spans inside the block, which must not yield to the program."""
        with trace.use_span(self.span, end_on_exit=False, record_exception=False, set_status_on_exception=False):
            yield

    def end(self, error: BaseException | None) -> None:
        """End the span. A program that stops watching is no error."""
        if error is not None and not isinstance(error, GeneratorExit):
            _set_error(self.span, error, str(error) if isinstance(error, HeyGenError) else None)
        self.span.end()


class Telemetry:
    """The tracer and the instruments of one client.

    Args:
        tracers: The provider of tracers; None for metrics alone.
        meters: The provider of meters; None for traces alone.
    """

    def __init__(self, tracers: trace.TracerProvider | None, meters: metrics.MeterProvider | None) -> None:
        self._tracer = (tracers or trace.NoOpTracerProvider()).get_tracer(_NAME, __version__)
        meter = (meters or metrics.NoOpMeterProvider()).get_meter(_NAME, __version__)
        self.polls: metrics.Counter = meter.create_counter("heygen.client.polls", "{poll}", "Polls of jobs.")
        self._retries = meter.create_counter("heygen.client.retries", "{retry}", "Retries of operations.")
        self._queue_time = meter.create_histogram(
            "heygen.client.queue.duration", "s", "Time that requests waited for the rate limit or a connection.",
            explicit_bucket_boundaries_advisory=_SECONDS,
        )  # fmt: skip
        self.duration: metrics.Histogram = meter.create_histogram(
            "http.client.request.duration", "s", "Duration of HTTP client requests.",
            explicit_bucket_boundaries_advisory=_SECONDS,
        )  # fmt: skip
        self.sent: metrics.Histogram = meter.create_histogram(
            "http.client.request.body.size", "By", "Size of request bodies."
        )
        self.received: metrics.Histogram = meter.create_histogram(
            "http.client.response.body.size", "By", "Size of response bodies."
        )

    def start_operation(self, call: Call) -> ActiveSpan:
        """Start the span of an operation, as the current one."""
        name = call.operation_name
        links: Any = context.get_value(_LINKS)
        return ActiveSpan(self._tracer.start_span(name, attributes={"heygen.operation": name}, links=links))

    def start_wait(self) -> WaitSpan:
        """Start the span of a wait."""
        return WaitSpan(self, self._tracer.start_span("wait"))

    @contextmanager
    def shared_by(self, waits: Sequence[WaitSpan]) -> Generator[None]:
        """Make the operation inside the block a trace of its own, which links to the waits that share it."""
        links = [trace.Link(wait.span.get_span_context()) for wait in waits]
        token = context.attach(context.set_value(_LINKS, links, context.Context()))
        try:
            yield
        finally:
            context.detach(token)

    async def send(
        self,
        method: str,
        url: str,
        attempt: int,
        headers: CIMultiDict[str],
        body: bytes | Body | None,
        open_exchange: Callable[[CIMultiDict[str]], Awaitable[Exchange]],
        *,
        template: str | None = None,
    ) -> Exchange:
        """Send one request in its span.

        Args:
            method: The HTTP method.
            url: The URL; its query is not recorded.
            attempt: The number of the attempt, from 1.
            headers: The headers, which are not changed.
            body: The body.
            open_exchange: Sends the request with the headers it gets.
            template: The path with its ids in braces, for a request to the API; None for one to a file store, which
                gets no `traceparent`.
        """
        target = URL(url, encoded=True)
        facts: dict[str, Any] = {
            "http.request.method": method, "server.address": target.host or "", "server.port": target.port or 0,
        }  # fmt: skip
        attributes = {**facts, "url.full": without_query(url)}
        if attempt > 1:
            attributes["http.request.resend_count"] = attempt - 1
        if template is not None:
            attributes["url.template"] = template
        name = method if template is None else f"{method} {template}"
        span = self._tracer.start_span(name, kind=SpanKind.CLIENT, attributes=attributes)
        request = RequestSpan(self, span, facts, body)
        within = trace.set_span_in_context(span)
        if template is not None:
            headers = headers.copy()  # the requests of a client share them
            _propagator.inject(headers, within)
        token = context.attach(context.set_value(_SUPPRESS_HTTP_INSTRUMENTATION_KEY, True, within))  # noqa: FBT003
        try:
            exchange = await open_exchange(headers)
        except BaseException as error:
            request.fail(error)
            request.end()
            raise
        finally:
            context.detach(token)
        request.respond(exchange.response.status)
        exchange.span = request
        return exchange

    def count_retry(self, call: Call, error: BaseException) -> None:
        """Count a retry of an operation."""
        self._retries.add(1, {"heygen.operation": call.operation_name, "error.type": _error_type(error)})

    def record_queue_time(self, call: Call, seconds: float) -> None:
        """Record the time that an attempt waited before it was sent."""
        self._queue_time.record(seconds, {"heygen.operation": call.operation_name})


def _size_of(body: bytes | Body | None) -> int:
    """Return the bytes of a request's body."""
    return body.length if isinstance(body, Body) else len(body or b"")


def _set_error(span: trace.Span, error: BaseException, description: str | None = None) -> str:
    """Set the status of a span to an error, and return its type.

    Only the text of an exception that leaves the SDK is a description: before that, it may hold secrets.
    """
    error = error.error if isinstance(error, FailedAttemptError) else error
    kind = _error_type(error)
    span.set_attribute("error.type", kind)
    span.set_status(StatusCode.ERROR, description)
    return kind


def _error_type(error: BaseException) -> str:
    """Return `error.type`: the status of an error response, or the name of the exception's class."""
    kind = type(error)
    status = getattr(error, "status", None)
    if isinstance(error, HeyGenError) and isinstance(status, int):
        return str(status)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
