"""One exchange with the API: build it, send it, judge what came, try again or raise. The only room that knows aiohttp.

What goes wrong is one of four things, which `fates` tells apart; they decide whether it is sent again.
All of it happens inside one deadline, the call's; a pause that would outlast it is not begun.
"""

from __future__ import annotations

import asyncio
import math
import uuid
import weakref
from contextvars import ContextVar
from inspect import isawaitable
from logging import DEBUG, getLogger
from typing import TYPE_CHECKING, Any, TypeVar, cast

from multidict import CIMultiDict
from yarl import URL

from .. import errors
from ..pagination import Page, Pager
from . import decoding as envelope
from .encoding import USER_AGENT, Outgoing, json_body, path_of, query_string, stream_headers
from .response import RequestInfo, Response
from .retry import RequestOutcome, broken_off, fate_of, not_sent, told

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping

    import aiohttp

    from ..types.base import JSONValue
    from .configuration import Options
    from .encoding import Body
    from .endpoint import Endpoint
    from .session import SharedState

T = TypeVar("T")
E = TypeVar("E")

_log = getLogger("heygen_async")
_KEY_OK = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_:.-")
_A_MOMENT = 0.001  # seconds
LONGEST_PAUSE = 120.0  # seconds; a longer Retry-After is the caller's to decide
_MAX_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})

_last: ContextVar[_Last | None] = ContextVar("heygen_last_response", default=None)


class Transport:
    """One view of a client: its options, on the shared_state that all views share."""

    __slots__ = ("_headers", "_limits", "_timeouts", "_without_retries", "options", "shared_state")

    def __init__(self, shared_state: SharedState, options: Options) -> None:
        self.shared_state: SharedState = shared_state
        self.options: Options = options
        self._headers: CIMultiDict[str] = CIMultiDict({"User-Agent": USER_AGENT})
        if options.api_key is not None:
            self._headers["X-Api-Key"] = options.api_key
        self._headers.update(options.headers)
        self._limits: dict[str, float] = dict.fromkeys(
            ("POST", "PUT", "PATCH", "DELETE"), options.timeout.for_method("POST")
        )
        self._limits["GET"] = options.timeout.for_method("GET")
        self._limits["stream"] = options.timeout.for_method("POST", transfer=True)
        self._timeouts: dict[float, aiohttp.ClientTimeout] = {}
        self._without_retries: Transport | None = None

    @property
    def without_retries(self) -> Transport:
        """The same without retries: a wait makes its own pauses."""
        if self._without_retries is None:
            self._without_retries = Transport(self.shared_state, self.options.replace(max_retries=0))
        return self._without_retries

    @property
    def last_response(self) -> Response | None:
        """The newest answer that this task had from this client."""
        last = _last.get()
        mine = (
            last is not None and last.shared_state is self.shared_state.ref and last.task == id(asyncio.current_task())
        )
        return last.response if mine and last is not None else None

    def call(
        self,
        route: Endpoint,
        into: type[T],
        *ids: str,
        query: Mapping[str, object] | None = None,
        body: object = None,
        key: str | None = None,
        stream: Body | None = None,
    ) -> Coroutine[Any, Any, T]:
        """Perform an operation; its `data` as `into`. `stream` is a body that is read anew for each attempt."""
        return self._send(
            route,
            route.fill(ids) + query_string(query),
            envelope.one(into),
            body=json_body(body) if body is not None else None,
            key=key,
            stream=stream,
        )

    def pager(
        self,
        route: Endpoint,
        item: type[T],
        *ids: str,
        query: Mapping[str, object] | None = None,
        shape: str = "data",
    ) -> Pager[T]:
        """A cursor list; `shape` is `resources` for the older form. Nothing is sent before the pager is used."""
        path = route.fill(ids)
        given = dict(query or {})

        async def fetch(token: str | None) -> Page[T]:
            address = path + query_string(given if token is None else {**given, "token": token})
            if shape == "resources":
                older: envelope.Resources[T] = await self._send(route, address, envelope.resources(item))
                inner = older.data
                return Page(data=inner.resources, has_more=bool(inner.next_cursor), next_token=inner.next_cursor)
            page: envelope.Listing[T] = await self._send(route, address, envelope.listing(item))
            return Page(data=page.data, has_more=page.has_more, next_token=page.next_token)

        return Pager(fetch, path, cast("str | None", given.get("token")))

    async def ask(self, route: Endpoint, path: str, body: bytes | None, key: str | None) -> JSONValue:
        """An endpoint that the SDK does not know: the answer's JSON as it is."""
        return await self._send(route, path, envelope.anything, body=body, key=key)

    async def stream(
        self, route: Endpoint, *ids: str, body: object = None, key: str | None = None
    ) -> AsyncGenerator[bytes]:
        """The bytes of events as they come, limited in their silence alone. What may be repeated is the caller's to
        repeat; what may not is sent again here while nothing of it was done.
        """
        shared_state, address, loop = self.shared_state, route.fill(ids), asyncio.get_running_loop()
        session = shared_state.opened_in(loop) or await shared_state.session()
        data = None if body is None else json_body(body)
        plain, key = self._headers_for(route, data, None, key)
        attempt = 0
        from .connection import client_timeout  # noqa: PLC0415  imports aiohttp

        while True:
            attempt += 1
            await shared_state.rate_limit_gate.wait_open(math.inf)
            headers = (
                plain
                if shared_state.credentials is None
                else await shared_state.credentials.sign(session, plain, math.inf)
            )
            try:
                async with session.request(
                    route.method,
                    URL(self.options.base_url + address, encoded=True),
                    data=data,
                    headers={**headers, "Accept": "text/event-stream"},
                    allow_redirects=False,
                    raise_for_status=False,
                    timeout=client_timeout(math.inf, self.options.timeout),
                ) as answer:
                    if answer.status < 300:
                        async for chunk in answer.content.iter_any():
                            yield chunk
                        return
                    seen = Response(route.method, address, answer.status, answer.headers, await answer.read(), 1, 0.0)
                    refused = envelope.error_of(seen)
            except Exception as broken:  # noqa: BLE001  what is not aiohttp's is raised again
                error, fate = broken_off(broken, route.method, address)
            else:
                error, fate = refused, fate_of(refused)
                if shared_state.credentials is not None and refused.status == 401:
                    shared_state.credentials.refuse(headers, refused)
                    if attempt == 1:
                        continue
                if fate is RequestOutcome.REJECTED:
                    shared_state.rate_limit_gate.close(loop.time() + min(refused.retry_after or 0.0, LONGEST_PAUSE))
            pause = max(getattr(error, "retry_after", None) or 0.0, self.options.retry.delay(attempt - 1))
            if route.repeatable or pause > LONGEST_PAUSE or not self._may_repeat(route, error, fate, attempt):
                raise told(error, fate, route, key) from None
            await asyncio.sleep(pause)

    async def _send(
        self,
        route: Endpoint,
        address: str,
        read: Callable[[Response], E],
        *,
        body: bytes | None = None,
        key: str | None = None,
        stream: Body | None = None,
    ) -> E:
        # Every request comes this way, so nothing is computed here that the first, good attempt does not need.
        shared_state = self.shared_state
        loop = asyncio.get_running_loop()
        now, gate, slots = loop.time, shared_state.rate_limit_gate, shared_state.connection_limiter
        limit = self._limits[route.method if stream is None else "stream"]
        deadline = now() + limit
        session = shared_state.opened_in(loop) or await shared_state.session()
        headers = self._headers
        if route.method != "GET" or key is not None:
            headers, key = self._headers_for(route, body, stream, key)
        attempt = 1
        renewed = doubtful = False
        bearer = shared_state.credentials
        error: errors.HeyGenError
        while True:
            if gate.closed_until and not await gate.wait_open(deadline):
                why = f"HeyGen asked this client to pause for {gate.closed_until - now():.1f} s more, which is longer"
                raise not_sent(route, address, f"{why} than this call may take. Ask again then, or give it")
            if not slots.try_acquire() and not await slots.acquire(deadline):
                raise not_sent(route, address, "all of max_connections were busy. Allow more of them, or give it")
            try:
                if gate.closed_until:  # it was shut while this task waited for its slot
                    continue
                if bearer is not None:
                    headers = await bearer.sign(session, headers, deadline)
                if attempt == 1:
                    shared_state.retry_budget.earn()
                response = await self._once(
                    session, route.method, address, headers, key, attempt, limit, deadline, body, stream
                )
                if response.status < 300:
                    return read(response)
                answered = envelope.error_of(response)
                error, fate = answered, fate_of(answered)
                if bearer is not None and response.status == 401:
                    bearer.refuse(headers, error)
                    if not renewed:
                        renewed = True
                        attempt += 1
                        continue
            except _BrokenError as broken:
                error, fate = broken.error, broken.fate
            except errors.InvalidJSONError as garbled:
                error, fate = garbled, RequestOutcome.UNKNOWN
            except asyncio.CancelledError:
                if key is not None and route.billable:
                    _log.warning("%s %s was cancelled in flight; its idempotency key is %s", route.method, address, key)
                raise
            finally:
                slots.release()
            asked = error.retry_after if isinstance(error, errors.APIError) else None
            pause = asked if asked is not None else self.options.retry.delay(attempt - 1)
            if fate is RequestOutcome.REJECTED and isinstance(error, errors.RateLimitError | errors.ServerError):
                gate.close(now() + min(pause, LONGEST_PAUSE))
            if pause > min(deadline - now(), LONGEST_PAUSE) or not self._may_repeat(route, error, fate, attempt):
                raise told(
                    error, RequestOutcome.UNKNOWN if doubtful and fate is not RequestOutcome.FINAL else fate, route, key
                ) from None
            doubtful = doubtful or fate is RequestOutcome.UNKNOWN
            _log.debug("%s %s: attempt %d failed; again in %.2f s", route.method, path_of(address), attempt, pause)
            if now() + pause > gate.closed_until:
                await asyncio.sleep(pause)
            attempt += 1

    async def _once(
        self,
        session: aiohttp.ClientSession,
        method: str,
        address: str,
        headers: CIMultiDict[str],
        key: str | None,
        attempt: int,
        limit: float,
        deadline: float,
        body: bytes | None,
        stream: Body | None,
    ) -> Response:
        """One attempt: the answer, whatever its status.

        Raises:
            _BrokenError: No whole answer came.
        """
        options = self.options
        clock = asyncio.get_running_loop().time
        if options.on_request is not None:
            said = options.on_request(
                RequestInfo(
                    method=method, url=options.base_url + path_of(address), attempt=attempt, idempotency_key=key
                )
            )
            if isawaitable(said):
                await said
        started = clock()
        out = None if stream is None else Outgoing(stream, options.timeout.read)
        try:
            redirects = 0
            while True:
                asked = session.request(
                    method,
                    URL(options.base_url + address, encoded=True),
                    data=body if out is None else out,
                    headers=headers,
                    allow_redirects=False,
                    raise_for_status=False,
                    timeout=self._within(limit, deadline - clock()),
                )
                answer = await (asked if out is None else out.within(asked))
                content = await answer.read()
                if out is not None and not out.ended:
                    answer.close()  # it was answered before all of it was sent
                moved = self._moved_to(answer, method) if answer.status in _REDIRECTS else None
                if moved is None or redirects == _MAX_REDIRECTS:
                    break
                address = moved
                redirects += 1
                if out is not None and stream is not None:
                    await out.close()
                    out = Outgoing(stream, options.timeout.read)
        except Exception as broken:  # noqa: BLE001  what is not aiohttp's is raised again
            if out is not None and out.problem is not None:
                raise out.problem from out.problem.__cause__
            raise _BrokenError(*broken_off(broken, method, address)) from None
        finally:
            if out is not None:
                await out.close()
        response = Response(method, address, answer.status, answer.headers, content, attempt, clock() - started)
        last, task = _last.get(), id(asyncio.current_task())
        if last is None or last.task != task:
            last = _Last(task)
            _last.set(last)
        last.shared_state, last.response = self.shared_state.ref, response
        if _log.isEnabledFor(DEBUG):
            _log.debug("%s %s → %d in %.3f s", method, response.path, response.status, response.elapsed)
        if options.on_response is not None:
            said = options.on_response(response)
            if isawaitable(said):
                await said
        return response

    def _moved_to(self, answer: aiohttp.ClientResponse, method: str) -> str | None:
        """The address within the API's own host that a redirect leads to; None when it must not be followed."""
        if method != "GET" and answer.status not in {307, 308}:
            return None
        base = self.options.base_url
        try:
            target = answer.url.join(URL(answer.headers.get("Location", "")))
            if target.origin() != URL(base).origin() or not str(target).startswith(base + "/"):
                return None
        except ValueError:
            return None
        return str(target)[len(base) :]

    def _headers_for(
        self, route: Endpoint, body: bytes | None, stream: Body | None, key: str | None
    ) -> tuple[CIMultiDict[str], str | None]:
        if key is not None and (not 1 <= len(key) <= 255 or not _KEY_OK.issuperset(key)):
            raise errors.InvalidInputError("idempotency_key", key, "1 to 255 characters of A-Z a-z 0-9 _ : . -")
        if route.method == "GET":
            return self._headers, None
        headers = self._headers.copy()
        if body is not None:
            headers["Content-Type"] = "application/json"
        elif stream is not None:
            headers.update(stream_headers(stream))
        if key is None and route.idempotency == "header":
            key = str(uuid.uuid4())
        if key is not None:
            headers["Idempotency-Key"] = key
        return headers, key if route.idempotency == "header" else None

    def _within(self, limit: float, remaining: float) -> aiohttp.ClientTimeout:
        """Aiohttp's form of what is left; it is made once for what has just begun, which most have.

        Raises:
            TimeoutError: Nothing is left, so nothing is sent.
        """
        is_new = not limit - remaining > _A_MOMENT  # nor is that so without a limit
        made = self._timeouts.get(limit) if is_new else None
        if made is None:
            from .connection import client_timeout  # noqa: PLC0415  imports aiohttp

            made = client_timeout(limit if is_new else remaining, self.options.timeout)
            if is_new:
                self._timeouts[limit] = made
        return made

    def _may_repeat(self, route: Endpoint, error: errors.HeyGenError, fate: RequestOutcome, attempt: int) -> bool:
        if isinstance(error, errors.RequestInProgressError):
            return self.options.max_retries > 0  # ends with the call's deadline, not with a number of attempts
        if fate is RequestOutcome.FINAL or attempt > self.options.max_retries:
            return False
        if isinstance(error, errors.RateLimitError) and not self.options.waits_out_429:
            return False
        if fate is RequestOutcome.UNKNOWN and not route.repeatable:
            return False
        return fate is RequestOutcome.REJECTED or self.shared_state.retry_budget.spend()


class _Last:
    """A task's newest answer. It is made once for a task: setting a context variable anew costs a request more."""

    __slots__ = ("response", "shared_state", "task")

    def __init__(self, task: int) -> None:
        self.task = task
        self.shared_state: weakref.ref[SharedState] | None = None
        self.response: Response | None = None


class _BrokenError(Exception):
    """No whole answer came; `error` is what the caller may see of it."""

    def __init__(self, error: errors.HeyGenError, fate: RequestOutcome) -> None:
        super().__init__(error, fate)
        self.error: errors.HeyGenError = error
        self.fate: RequestOutcome = fate
