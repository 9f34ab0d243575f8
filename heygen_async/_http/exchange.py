"""One exchange: a request that is sent once, and its response, open for reading.

Every request of the SDK is sent here: those to the API and those to file stores. The callers differ in the URL, the
headers and the use of the response.

No response can fill the memory: a body is read up to its limit, and aiohttp inflates a compressed body piece by piece
while it is read. Beyond a limit, the connection is closed.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

import msgspec
from yarl import URL

from ..errors import APIConnectionError
from ..types.redaction import without_query
from .limits import DEFAULT_LIMITS, MIB
from .proxies import explain_failure, proxy_for, refusal
from .retry_policy import FailedAttemptError, RequestOutcome
from .shared_state import closed_error
from .streamed_body import Body, OutgoingBody

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

    import aiohttp

    from .limits import Limits
    from .proxies import Proxy
    from .telemetry import RequestSpan

_SWITCHING_PROTOCOLS = 101
_PROXY_LOGIN_REQUIRED = 407


class Exchange(msgspec.Struct, eq=False):
    """A request that was sent, and its open response. Close it.

    Attributes:
        response: aiohttp's response.
        address: The address that was requested, for error messages.
        limits: The limits of the response.
        is_complete: Whether everything was sent and read, so that nothing is left to close.
        is_too_large: Whether the body exceeds its limit, so that `read` returned its beginning.
        span: The span of the request, if the program traces. It ends when everything was read, or with `close`.
    """

    response: aiohttp.ClientResponse
    address: str
    _outgoing: OutgoingBody | None
    limits: Limits = DEFAULT_LIMITS
    is_complete: bool = False
    is_too_large: bool = False
    span: RequestSpan | None = None

    def __repr__(self) -> str:
        return f"Exchange({without_query(self.address)} → {self.response.status})"

    def read_arrived(self) -> bytes:
        """Return the whole body if it has arrived with the head, as most do; empty if `read` has to be awaited.

        Raises:
            FailedAttemptError: The connection broke.
        """
        content = self.response.content
        if self._outgoing is not None or self.span is not None or not content.is_eof():
            return b""
        if content.total_bytes > self._max_bytes:
            return b""
        try:
            body = content.read_nowait()
        except Exception as problem:  # noqa: BLE001  mapped, or raised again
            raise _failure(problem, self.response.method, self.address, None) from None
        self.is_complete = True
        return body

    @property
    def _max_bytes(self) -> int:
        return self.limits.json_body if self.response.status < 300 else self.limits.error_body

    async def read(self) -> bytes:
        """Read the whole body; of a body over its limit, read the beginning and close the connection.

        Raises:
            FailedAttemptError: The connection broke.
        """
        max_bytes = self._max_bytes
        content = await self.read_chunk()
        if not self.response.content.at_eof() or len(content) > max_bytes:
            content = await self._read_on(bytearray(content), max_bytes)
        self.is_complete = self._outgoing is None and not self.is_too_large
        if self.span is not None and self.is_complete:
            self.span.end(self.response.content.total_bytes)
        return content

    async def _read_on(self, body: bytearray, max_bytes: int) -> bytes:
        """Read the rest of a body that has begun."""
        while len(body) <= max_bytes:
            chunk = await self.read_chunk()
            if not chunk:
                return bytes(body)
            body += chunk
        self.is_too_large = True
        self.response.close()
        return bytes(memoryview(body)[: self.limits.error_body])

    async def read_chunk(self, max_bytes: int | None = None) -> bytes:
        """Read the bytes that have arrived, or wait for some; empty at the end of the body.

        Raises:
            FailedAttemptError: The connection broke.
        """
        content = self.response.content
        try:
            return await (content.readany() if max_bytes is None else content.read(max_bytes))
        except Exception as problem:  # noqa: BLE001  mapped, or raised again
            if self.span is not None:
                self.span.fail(problem)
            raise _failure(problem, self.response.method, self.address, self._outgoing) from None

    async def close(self) -> None:
        """Keep the connection for reuse when everything was sent and read, else close it. Close a streamed body."""
        outgoing = self._outgoing
        if self.span is not None:
            self.span.end(self.response.content.total_bytes)
        if self.response.content.at_eof() and (outgoing is None or outgoing.complete):
            self.response.release()
        else:
            self.response.close()
        if outgoing is not None:
            await outgoing.close()


async def open_exchange(
    session: aiohttp.ClientSession,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes | Body | None,
    max_silence: float,
    address: str,
    limits: Limits = DEFAULT_LIMITS,
    proxy: Proxy | None = None,
    **options: Any,
) -> Exchange:
    """Send one request, and return as soon as the response's head has arrived.

    Args:
        session: The connections.
        method: The HTTP method.
        url: The percent-encoded URL.
        headers: The headers, complete.
        body: The body; a `Body` is streamed.
        max_silence: The seconds for which the server may accept no byte of a streamed body.
        address: The address for error messages; they show it without its query.
        limits: The limits of the response.
        proxy: The proxy; by default the session's for this URL.
        options: More of aiohttp's arguments, such as `timeout`.

    Raises:
        FailedAttemptError: No response arrived.
        ConfigurationError: The client was closed before the request was sent.
        Exception: The source of a streamed body raised it.
    """
    outgoing: OutgoingBody | None = None
    if isinstance(body, Body):
        options["data"] = outgoing = OutgoingBody(body, max_silence)
    elif body is not None:
        options["data"] = BytesIO(body) if len(body) > MIB else body  # aiohttp sends a file in pieces
    options["headers"] = headers
    options["raise_for_status"] = False
    options["max_line_size"] = options["max_field_size"] = limits.header
    try:
        target = URL(url, encoded=True)
        if proxy is None:
            proxy = proxy_for(session, target)
        if proxy is not None:
            options |= proxy.arguments()
        if session.trust_env:
            from .environment_proxy import request_without_netrc  # noqa: PLC0415  few programs pass such a session

            pending: Awaitable[aiohttp.ClientResponse] = request_without_netrc(session, method, target, options)
        else:
            pending = session.request(method, target, **options)
        response = await (pending if outgoing is None else outgoing.limit(pending))
        if response.status == _SWITCHING_PROTOCOLS:
            response.close()
            raise _switched_protocols(method, without_query(address))
        if response.status == _PROXY_LOGIN_REQUIRED and proxy is not None:  # over plain http there is no tunnel
            response.close()
            raise refusal(proxy, response.status, response.reason)
        return Exchange(response, address, outgoing, limits)
    except BaseException as problem:
        if outgoing is not None:
            await outgoing.close()
        if not isinstance(problem, Exception) or isinstance(problem, FailedAttemptError):
            raise
        if isinstance(problem, RuntimeError) and session.closed:
            raise closed_error() from None
        raise _failure(explain_failure(problem, proxy), method, address, outgoing) from None


def _switched_protocols(method: str, path: str) -> FailedAttemptError:
    reason = "the server switched to another protocol (status 101), which the request had not asked for"
    error = APIConnectionError(f"{method} {path}: {reason}.", method=method, path=path)
    return FailedAttemptError(error, RequestOutcome.UNKNOWN)


def _failure(problem: Exception, method: str, address: str, outgoing: OutgoingBody | None) -> Exception:
    """Return the exception to raise for a failed exchange: that of the body's source, or a `FailedAttemptError`."""
    from .connection_errors import failed_attempt  # noqa: PLC0415  imports aiohttp

    if outgoing is not None and outgoing.problem is not None:
        return outgoing.problem
    return failed_attempt(problem, method, without_query(address))
