"""The attempt loop: each call of an operation, ordinary or event stream, is sent here.

The problem: a call has to survive resets, overload and outages. It must not be charged twice, send needless requests or
exceed its timeout.

Rejected: retries inside the HTTP library, which bypass the hooks and the retry budget. Rejected: one loop for each kind
of request, whose rules would diverge. Rejected: a delay without a check of the deadline before it.

One attempt passes these steps, in this order:

1. the rate-limit gate, which is closed after a 429;
2. the connection limit;
3. the credentials, which may have to be refreshed;
4. the `on_request` hook;
5. the exchange, with redirects followed within the API's base URL;
6. the `on_response` hook;
7. decoding, or mapping the error response.

The invariants:

* Everything happens within the call's deadline. A delay that would exceed it is not started; the error is raised
  immediately.
* A call counts against the connection limit during an attempt, but not during a delay. An event stream counts until it
  is closed.
* A failure after an attempt with an unknown outcome never claims that nothing was sent (see `retry_policy`).
* A rejected token is replaced once in a call; that attempt does not count as a retry.
* For retries, a successful first attempt computes only the deadline.
* After a successful response to a billable request, the log and every exception have its id (`paid_requests`).
"""

from __future__ import annotations

import asyncio
from logging import DEBUG, getLogger
from typing import TYPE_CHECKING, TypeVar, cast

from .. import errors
from ..types.redaction import without_query
from .deadlines import block_deadline
from .decoding import BlankResultError, ResponseDecoder
from .error_mapping import error_from_response
from .event_stream import EventParser, EventTooLargeError
from .hooks import call_hook, report_request
from .last_response import record_response
from .paid_requests import add_created_ids
from .redirects import REDIRECT_STATUSES
from .request_sender import RequestSender
from .response import Response
from .retry_policy import MAX_DELAY, FailedAttemptError, RequestOutcome, may_retry, outcome_of
from .running_loop import running_loop

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import AsyncGenerator, Callable

    import aiohttp
    from multidict import CIMultiDict

    from .call import Call
    from .configuration import Options
    from .event_stream import Event
    from .exchange import Exchange
    from .retrying import Attempts
    from .shared_state import SharedState

T = TypeVar("T")

_log = getLogger("heygen_async.http")
_MAX_PARSED = 1 << 16  # bytes of an event stream that are parsed without a pause for other tasks


class AttemptLoop:
    """The loop of one view of a client."""

    __slots__ = ("_options", "_sender", "_shared_state")

    def __init__(self, shared_state: SharedState, options: Options) -> None:
        self._shared_state = shared_state
        self._options = options
        self._sender = RequestSender(shared_state, options)

    async def send(self, call: Call, decode: Callable[[Response], T]) -> T:
        """Send a call until it succeeds or must not be sent again, and return its decoded response.

        Raises:
            HeyGenError: The call failed.
        """
        shared_state = self._shared_state
        loop = running_loop()
        call.started = loop.time()
        call.deadline = call.started + call.time_limit
        if self._options.obeys_deadlines and (block_end := block_deadline.get()) < call.deadline:
            call.deadline = block_end
        session = shared_state.session_in(loop)
        if session is None:
            session = await shared_state.session()
            call.started = loop.time()
        span = None if shared_state.telemetry is None else shared_state.telemetry.start_operation(call)
        try:
            try:
                return await self._attempt(call, session, decode, loop)
            except FailedAttemptError as failure:
                call.failure = failure
            return await self._retry(call, session, decode, loop)
        except BaseException as error:
            add_created_ids(call.accepted, call.mask, error, decode)
            if span is not None:
                span.fail(error)
            raise
        finally:
            if span is not None:
                span.end()

    async def _retry(
        self, call: Call, session: aiohttp.ClientSession, decode: Callable[[Response], T], loop: AbstractEventLoop
    ) -> T:
        """Go on after the failed first attempt of a call.

        Raises:
            HeyGenError: The call failed.
        """
        from .retrying import retrying  # noqa: PLC0415  most calls succeed at once

        attempts = retrying(self._options.retry, None, call.deadline, MAX_DELAY)
        is_renewed = False
        async for number in attempts:
            if number > 1:
                call.attempt = number
                try:
                    call.started = loop.time()
                    return await self._attempt(call, session, decode, loop)
                except FailedAttemptError as failure:
                    call.failure = failure
                except errors.ConfigurationError:  # the client was closed
                    if call.is_unknown:
                        raise call.error() from None
                    raise
            if self._reject_token(call) and not is_renewed:
                is_renewed = True
                attempts.repeat()
            elif not self._schedule_retry(call, attempts):
                break
        raise call.error() from None

    async def stream(self, call: Call) -> AsyncGenerator[Event]:
        """Send a call until its event stream is open, and yield the stream's events as they arrive.

        The stream counts against the connection limit until it ends or the generator is closed. A stream that
        breaks is not opened again: its consumer knows whether that is safe.

        Raises:
            HeyGenError: The stream was not opened, or broke.
        """
        await self.send(call, lambda _: None)
        exchange = cast("Exchange", call.exchange)
        parser = EventParser(exchange.limits, call.mask)
        try:
            while chunk := await exchange.read_chunk(_MAX_PARSED):
                for event in parser.feed(chunk):
                    yield event
                if len(chunk) == _MAX_PARSED:
                    await asyncio.sleep(0)  # more may have arrived, for which the event loop must not stop
        except FailedAttemptError as failure:
            call.failure = failure
            raise call.error() from None
        except EventTooLargeError as problem:
            call.failure = call.too_large(exchange, problem.limit, problem.beginning)
            raise call.error() from None
        finally:
            call.limiter.release()
            await exchange.close()

    async def _attempt(
        self, call: Call, session: aiohttp.ClientSession, decode: Callable[[Response], T], loop: AbstractEventLoop
    ) -> T:
        """Send a call once, and return its decoded response.

        Raises:
            FailedAttemptError: The attempt failed.
        """
        shared_state, limiter = self._shared_state, call.limiter
        if shared_state.rate_limit_gate.is_active or shared_state.credentials or not limiter.try_acquire():
            await self._prepare(call, session)
        try:
            if call.attempt == 1:
                shared_state.retry_budget.earn()
            if self._options.on_request is not None:
                url = self._options.base_url + call.address
                await report_request(
                    self._options.on_request, call.endpoint.method, url, call.attempt, call.idempotency_key
                )
                call.started = loop.time()
            sender = self._sender
            send = sender.open_stream if call.is_stream else sender.send_once
            exchange = await send(call, session, call.address, call.started)
            if exchange.response.status in REDIRECT_STATUSES:
                exchange = await sender.follow_redirects(call, session, exchange)
            return await self._receive(call, exchange, decode, loop)
        except asyncio.CancelledError:
            call.log_cancelled()
            raise
        finally:
            if call.exchange is None:
                limiter.release()

    async def _prepare(self, call: Call, session: aiohttp.ClientSession) -> None:
        """Wait for the gate and the connection limit, and sign the headers with a valid token.

        Raises:
            APITimeoutError: The deadline passes before.
            AuthenticationError: No token is valid.
            HeyGenError: The error of an earlier attempt with an unknown outcome, which is the important one.
        """
        credentials = self._shared_state.credentials
        try:
            started = asyncio.get_running_loop().time()
            await self._enter(call)
            if self._shared_state.telemetry is not None:
                seconds = asyncio.get_running_loop().time() - started
                self._shared_state.telemetry.record_queue_time(call, seconds)
            if credentials is not None:
                try:
                    call.signed_headers = await credentials.sign(session, call.headers, call.deadline)
                    call.mask = credentials.mask
                except BaseException:
                    call.limiter.release()
                    raise
            call.started = asyncio.get_running_loop().time()
        except errors.HeyGenError:
            if call.is_unknown:
                raise call.error() from None
            raise

    async def _enter(self, call: Call) -> None:
        """Wait for the gate and the connection limit.

        Raises:
            APITimeoutError: The deadline passes before.
        """
        gate, limiter, deadline = self._shared_state.rate_limit_gate, call.limiter, call.deadline
        while True:
            if gate.is_active and not await gate.wait(deadline):
                reason = f"{gate.explain()}, which exceeds the timeout of this call."
                raise call.not_sent_error(f"{reason} Try again later, or with a longer timeout.")
            if not limiter.try_acquire() and not await limiter.acquire(deadline):
                reason = "all connections allowed by max_connections were in use. Raise it, or use a longer timeout."
                raise call.not_sent_error(reason)
            if not gate.closed_until:
                break
            limiter.release()  # the gate was closed while this call waited

    async def _receive(
        self, call: Call, exchange: Exchange, decode: Callable[[Response], T], loop: AbstractEventLoop
    ) -> T:
        """Read a response, and decode it or raise its error. An event stream stays open, in `call.exchange`.

        Raises:
            FailedAttemptError: The response is an error, is not JSON, or broke.
        """
        options, shared_state, raw = self._options, self._shared_state, exchange.response
        status, headers = raw.status, raw.headers
        stays_open = call.is_stream and status < 300
        try:
            content = b"" if stays_open else exchange.read_arrived() or await exchange.read()
            if call.mask.is_in(content):
                content = call.mask.body(content)
            elapsed = loop.time() - call.started
            if status != 429:
                shared_state.rate_limit_gate.record_accepted(call.started)
            if "RateLimit-Remaining" in headers:
                shared_state.rate_limit_gate.record_quota(headers, MAX_DELAY)
            method, address = call.endpoint.method, exchange.address
            response = Response(method, address, status, headers, content, call.attempt, elapsed)
            shared_state.has_response = True
            record_response(shared_state.ref, response, loop)
            if _log.isEnabledFor(DEBUG):
                message, fields = "%s %s → %d in %.3f s", call.log_fields(response)
                _log.debug(message, response.method, response.path, response.status, elapsed, extra=fields)
            if "Deprecation" in headers or "Sunset" in headers:
                from .deprecation import warn_of_deprecation  # noqa: PLC0415  few responses have them

                warn_of_deprecation(call, response, raw)
            if status < 300 and (call.endpoint.billable or shared_state.credentials is not None):
                call.record_success(response, decode, shared_state.credentials)
            if options.on_response is not None:
                await call_hook(options.on_response, response)
            if status >= 300:
                error = error_from_response(response)
                raise FailedAttemptError(error, outcome_of(error))
            if exchange.is_too_large:
                raise call.too_large(exchange, "json_body", content)
            try:
                result = decode(response)
            except (errors.DecodeError, BlankResultError) as problem:
                result = await self._decode_leniently(decode, response, call, problem)
            call.exchange = exchange if stays_open else None
            return result
        except errors.InvalidJSONError as error:
            raise FailedAttemptError(error, RequestOutcome.UNKNOWN) from None
        finally:
            if call.exchange is None and not exchange.is_complete:
                await exchange.close()

    async def _decode_leniently(
        self, decode: Callable[[Response], T], response: Response, call: Call, problem: Exception
    ) -> T:
        """Decode a response that deviates from the documented form.

        Raises:
            InvalidJSONError: The body is not JSON.
            DecodeError: It lacks the id of the created resource, or the client is strict.
        """
        if not isinstance(decode, ResponseDecoder):
            raise problem
        try:
            lenient, drifts = await cast("ResponseDecoder[T]", decode).decode_deviating(response, call.endpoint)
        except errors.DecodeError as error:
            error.idempotency_key = call.idempotency_key
            raise
        if self._options.strict and response.body and isinstance(problem, errors.DecodeError):
            raise problem
        if drifts:
            from .drift import report_drift  # noqa: PLC0415  most responses fit

            report_drift(response, drifts, self._options.on_drift, call.log_fields(response))
        return lenient

    def _reject_token(self, call: Call) -> bool:
        """Report a 401 of the newest attempt to the credentials; return whether they will have another token."""
        credentials, error = self._shared_state.credentials, call.newest_failure.error
        if credentials is None or not isinstance(error, errors.APIError) or error.status != 401:
            return False
        return credentials.reject(cast("CIMultiDict[str]", call.signed_headers), error)

    def _schedule_retry(self, call: Call, attempts: Attempts) -> bool:
        """Decide whether and when a call is sent again after its newest attempt failed."""
        error, outcome = self._shared_state.mark_known_host(call.newest_failure.error), call.newest_failure.outcome
        gate, now = self._shared_state.rate_limit_gate, asyncio.get_running_loop().time()
        retry_after = error.retry_after if isinstance(error, errors.APIError) else None
        delay = self._options.retry.delay(attempts.number - 1) if retry_after is None else retry_after
        if outcome is RequestOutcome.REJECTED and isinstance(error, errors.RateLimitError | errors.ServerError):
            if error.status == 429 and not call.endpoint.billable:  # otherwise full job slots may be the cause
                gate.record_refused(call.started, now, min(delay, MAX_DELAY))
            gate.close(now + min(delay, MAX_DELAY))
        if not attempts.failed(error, retry_after=delay):
            return False
        if not may_retry(
            error, outcome, call.endpoint, self._options, attempts.number, self._shared_state.retry_budget
        ):
            return False
        if self._shared_state.telemetry is not None:
            self._shared_state.telemetry.count_retry(call, error)
        call.is_unknown = call.is_unknown or outcome is RequestOutcome.UNKNOWN
        if _log.isEnabledFor(DEBUG):
            message, path = "%s %s: attempt %d failed; retry in %.2f s", without_query(call.address)
            _log.debug(message, call.endpoint.method, path, attempts.number, delay, extra=call.log_fields())
        if gate.closed_until >= now + delay:
            attempts.repeat()  # the gate delays the attempt, and spreads it
        return True
