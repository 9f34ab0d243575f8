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
"""

from __future__ import annotations

import asyncio
import math
from inspect import isawaitable
from logging import DEBUG, getLogger
from typing import TYPE_CHECKING, Any, TypeVar, cast

import msgspec

from .. import errors
from ..types.redaction import without_query
from .decoding import ResponseDecoder
from .drift import report_drift
from .error_mapping import error_from_response, final_error, not_sent_error
from .exchange import Exchange, open_exchange
from .last_response import record_response
from .redirects import MAX_REDIRECTS, REDIRECT_STATUSES, redirect_address
from .response import RequestInfo, Response
from .retry_policy import MAX_DELAY, FailedAttemptError, RequestOutcome, may_retry, outcome_of
from .retrying import retrying

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine

    import aiohttp
    from multidict import CIMultiDict

    from .concurrency_limiter import ConcurrencyLimiter
    from .configuration import Options
    from .endpoint import Endpoint
    from .retrying import Attempts
    from .shared_state import SharedState
    from .streamed_body import Body

T = TypeVar("T")

_log = getLogger("heygen_async")
_SAME_TIME = 0.001  # seconds


class Call(msgspec.Struct, eq=False):
    """One call of an operation, over all its attempts.

    Attributes:
        endpoint: The operation.
        address: The path with the query.
        headers: The headers, without a token.
        body: The encoded or streamed body.
        time_limit: The timeout of the whole call in seconds; for an event stream, of its opening.
        idempotency_key: The key, when HeyGen honours one for this operation.
        is_stream: Whether the response is an event stream, which stays open.
        deadline: The event loop's time at which the call ends.
        limiter: The connection limit that the call counts against.
        exchange: The open exchange of an event stream.
        failure: The newest failed attempt.
        is_unknown: Whether an attempt had an unknown outcome.
    """

    endpoint: Endpoint
    address: str
    headers: CIMultiDict[str]
    body: bytes | Body | None
    time_limit: float
    idempotency_key: str | None
    limiter: ConcurrencyLimiter
    is_stream: bool = False
    deadline: float = math.inf
    exchange: Exchange | None = None
    failure: FailedAttemptError | None = None
    is_unknown: bool = False

    def error(self) -> errors.HeyGenError:
        """Return the error to raise after the last attempt."""
        if self.failure is None:
            raise RuntimeError("No attempt has failed.")
        error, outcome = self.failure.error, self.failure.outcome
        if self.is_unknown and outcome is not RequestOutcome.FINAL:
            outcome = RequestOutcome.UNKNOWN
        return final_error(error, outcome, self.endpoint, self.idempotency_key)


class AttemptLoop:
    """The loop of one view of a client."""

    __slots__ = ("_options", "_shared_state", "_timeouts")

    def __init__(self, shared_state: SharedState, options: Options) -> None:
        self._shared_state = shared_state
        self._options = options
        self._timeouts: dict[float, aiohttp.ClientTimeout] = {}

    async def send(self, call: Call, decode: Callable[[Response], T]) -> T:
        """Send a call until it succeeds or must not be sent again, and return its decoded response.

        Raises:
            HeyGenError: The call failed.
        """
        shared_state = self._shared_state
        loop = asyncio.get_running_loop()
        call.deadline = loop.time() + call.time_limit
        session = shared_state.session_in(loop) or await shared_state.session()
        gate = shared_state.rate_limit_gate
        attempts = retrying(self._options.retry, None, call.deadline, MAX_DELAY)
        is_renewed = False
        async for number in attempts:
            headers = call.headers
            if gate.closed_until or shared_state.credentials is not None or not call.limiter.try_acquire():
                try:
                    headers = await self._prepare(call, session)
                except errors.HeyGenError:
                    if call.is_unknown:
                        break  # the error of the earlier attempt is the important one
                    raise
            if number == 1:
                shared_state.retry_budget.earn()
            try:
                return await self._attempt(call, number, session, headers, decode)
            except FailedAttemptError as failure:
                call.failure = failure
            except asyncio.CancelledError:
                _log_cancelled(call)
                raise
            finally:
                if call.exchange is None:
                    call.limiter.release()
            if self._reject_token(headers, call.failure.error) and not is_renewed:
                is_renewed = True
                attempts.repeat()
            elif not self._schedule_retry(call, call.failure, attempts):
                break
        raise call.error() from None

    async def stream(self, call: Call) -> AsyncGenerator[bytes]:
        """Send a call until its event stream is open, and yield the stream's bytes as they arrive.

        The stream counts against the connection limit until it ends or the generator is closed. A stream that
        breaks is not opened again: its consumer knows whether that is safe.

        Raises:
            HeyGenError: The stream was not opened, or broke.
        """
        await self.send(call, lambda _: None)
        exchange = cast("Exchange", call.exchange)
        try:
            while chunk := await exchange.read_chunk():
                yield chunk
        except FailedAttemptError as failure:
            call.failure = failure
            raise call.error() from None
        finally:
            call.limiter.release()
            await exchange.close()

    async def _prepare(self, call: Call, session: aiohttp.ClientSession) -> CIMultiDict[str]:
        """Wait for the gate and the connection limit, and return the headers with a valid token.

        Raises:
            APITimeoutError: The deadline passes before.
            AuthenticationError: No token is valid.
        """
        shared_state, deadline = self._shared_state, call.deadline
        gate, limiter = shared_state.rate_limit_gate, call.limiter
        while True:
            if gate.closed_until and not await gate.wait_open(deadline):
                pause = gate.closed_until - asyncio.get_running_loop().time()
                reason = f"HeyGen asked this client to pause for {pause:.1f} s, longer than this call may take."
                raise not_sent_error(
                    call.endpoint, call.address, f"{reason} Try again later, or with a longer timeout."
                )
            if not limiter.try_acquire() and not await limiter.acquire(deadline):
                reason = "all connections allowed by max_connections were in use. Raise it, or use a longer timeout."
                raise not_sent_error(call.endpoint, call.address, reason)
            if not gate.closed_until:
                break
            limiter.release()  # the gate was closed while this call waited for its place
        if shared_state.credentials is None:
            return call.headers
        try:
            return await shared_state.credentials.sign(session, call.headers, deadline)
        except BaseException:
            limiter.release()
            raise

    async def _attempt(
        self,
        call: Call,
        number: int,
        session: aiohttp.ClientSession,
        headers: CIMultiDict[str],
        decode: Callable[[Response], T],
    ) -> T:
        """Send a call once, and return its decoded response.

        Raises:
            FailedAttemptError: The attempt failed.
        """
        options, endpoint = self._options, call.endpoint
        clock = asyncio.get_running_loop().time
        if options.on_request is not None:
            url = options.base_url + without_query(call.address)
            key = call.idempotency_key
            info = RequestInfo(method=endpoint.method, url=url, attempt=number, idempotency_key=key)
            await _run_hook(options.on_request(info))
        started = clock()
        send = self._open_stream if call.is_stream else self._send_once
        exchange = await send(call, session, headers, call.address, started)
        if exchange.response.status in REDIRECT_STATUSES:
            exchange = await self._follow_redirects(call, session, headers, exchange)
        try:
            raw = exchange.response
            stays_open = call.is_stream and raw.status < 300
            content = b"" if stays_open else await exchange.read()
            elapsed = clock() - started
            response = Response(endpoint.method, exchange.address, raw.status, raw.headers, content, number, elapsed)
            record_response(self._shared_state.ref, response)
            if _log.isEnabledFor(DEBUG):
                _log.debug("%s %s → %d in %.3f s", response.method, response.path, response.status, elapsed)
            if options.on_response is not None:
                await _run_hook(options.on_response(response))
            if raw.status >= 300:
                error = error_from_response(response)
                raise FailedAttemptError(error, outcome_of(error))
            result = self._decode(decode, response, call)
            call.exchange = exchange if stays_open else None
            return result
        except errors.InvalidJSONError as error:
            raise FailedAttemptError(error, RequestOutcome.UNKNOWN) from None
        finally:
            if call.exchange is None and not exchange.is_complete:
                await exchange.close()

    def _decode(self, decode: Callable[[Response], T], response: Response, call: Call) -> T:
        """Decode a response; decode it leniently when it deviates from the documented form.

        Raises:
            InvalidJSONError: The body is not JSON.
            DecodeError: It lacks the id of the created resource, or the client is strict.
        """
        problem: errors.DecodeError | None = None
        try:
            result = decode(response)
        except errors.DecodeError as error:
            problem = error
        else:
            has_blank = getattr(decode, "has_blank", None)
            if has_blank is None or not has_blank(result):
                return result
        if not isinstance(decode, ResponseDecoder):
            raise cast("errors.DecodeError", problem)
        try:
            lenient, drifts = cast("ResponseDecoder[T]", decode).decode_leniently(response, call.endpoint)
        except errors.DecodeError as error:
            error.idempotency_key = call.idempotency_key
            raise
        if self._options.strict and problem is not None and response.body:
            raise problem
        if drifts:
            report_drift(response, drifts, self._options.on_drift)
        return lenient

    def _send_once(
        self, call: Call, session: aiohttp.ClientSession, headers: CIMultiDict[str], address: str, now: float
    ) -> Coroutine[Any, Any, Exchange]:
        """Send the request to an address of the API."""
        options = self._options
        return open_exchange(
            session,
            call.endpoint.method,
            options.base_url + address,
            headers,
            call.body,
            options.timeout.read,
            address,
            allow_redirects=False,
            timeout=self._timeout(call, now),
        )

    async def _open_stream(
        self, call: Call, session: aiohttp.ClientSession, headers: CIMultiDict[str], address: str, now: float
    ) -> Exchange:
        """Open an event stream within the call's deadline, which does not limit the open stream."""
        try:
            async with asyncio.timeout_at(call.deadline):
                return await self._send_once(call, session, headers, address, now)
        except TimeoutError as problem:
            from .connection_errors import failed_attempt  # noqa: PLC0415  imports aiohttp

            raise failed_attempt(problem, call.endpoint.method, without_query(address)) from None

    async def _follow_redirects(
        self, call: Call, session: aiohttp.ClientSession, headers: CIMultiDict[str], exchange: Exchange
    ) -> Exchange:
        """Follow redirects within the API's base URL, and return the last response."""
        send = self._open_stream if call.is_stream else self._send_once
        for _ in range(MAX_REDIRECTS):
            address = redirect_address(exchange.response, self._options.base_url)
            if address is None:
                break
            try:
                await exchange.read()
            finally:
                await exchange.close()
            exchange = await send(call, session, headers, address, asyncio.get_running_loop().time())
            if exchange.response.status not in REDIRECT_STATUSES:
                break
        return exchange

    def _timeout(self, call: Call, now: float) -> aiohttp.ClientTimeout:
        """Return the time left as aiohttp's timeout, which is cached for calls that have just started.

        Raises:
            FailedAttemptError: No time is left, so nothing is sent.
        """
        limit = math.inf if call.is_stream else call.time_limit
        remaining = math.inf if call.is_stream else call.deadline - now
        is_new = not limit - remaining > _SAME_TIME  # also when both are infinite
        timeout = self._timeouts.get(limit) if is_new else None
        if timeout is None:
            from .session import client_timeout  # noqa: PLC0415  imports aiohttp

            try:
                timeout = client_timeout(limit if is_new else remaining, self._options.timeout)
            except TimeoutError:
                error = not_sent_error(call.endpoint, call.address, "no time was left. Use a longer timeout.")
                raise FailedAttemptError(error, RequestOutcome.NOT_SENT) from None
            if is_new:
                self._timeouts[limit] = timeout
        return timeout

    def _reject_token(self, headers: CIMultiDict[str], error: errors.HeyGenError) -> bool:
        """Report a 401 to the credentials; return whether it was one."""
        credentials = self._shared_state.credentials
        if credentials is None or not isinstance(error, errors.APIError) or error.status != 401:
            return False
        credentials.reject(headers, error)
        return True

    def _schedule_retry(self, call: Call, failure: FailedAttemptError, attempts: Attempts) -> bool:
        """Decide whether and when a call is sent again after a failed attempt."""
        error, outcome = failure.error, failure.outcome
        gate, now = self._shared_state.rate_limit_gate, asyncio.get_running_loop().time()
        retry_after = error.retry_after if isinstance(error, errors.APIError) else None
        delay = self._options.retry.delay(attempts.number - 1) if retry_after is None else retry_after
        if outcome is RequestOutcome.REJECTED and isinstance(error, errors.RateLimitError | errors.ServerError):
            gate.close(now + min(delay, MAX_DELAY))
        if not attempts.failed(error, retry_after=delay):
            return False
        if not may_retry(
            error, outcome, call.endpoint, self._options, attempts.number, self._shared_state.retry_budget
        ):
            return False
        call.is_unknown = call.is_unknown or outcome is RequestOutcome.UNKNOWN
        path = without_query(call.address)
        _log.debug("%s %s: attempt %d failed; retry in %.2f s", call.endpoint.method, path, attempts.number, delay)
        if gate.closed_until >= now + delay:
            attempts.repeat()  # the gate delays the attempt, and spreads it
        return True


async def _run_hook(result: Awaitable[None] | None) -> None:
    """Await the result of a hook that is asynchronous."""
    if isawaitable(result):
        await result


def _log_cancelled(call: Call) -> None:
    if call.idempotency_key is not None and call.endpoint.billable:
        method, path = call.endpoint.method, without_query(call.address)
        _log.warning("%s %s was cancelled in flight. Its idempotency key is %s.", method, path, call.idempotency_key)
