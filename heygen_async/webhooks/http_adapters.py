"""The receiver as an ASGI application and as an aiohttp handler: read the body within its limits, send the status.

A body that is too large is a 413, one that takes too long a 408, and a compressed one a 415. HeyGen compresses none,
and signs the bytes that it sends. After these the connection is closed.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Awaitable, Callable
from contextlib import suppress
from logging import getLogger
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from .._http.limits import Limits
from .signature import Fields, normalize_headers
from .time_limits import within

if TYPE_CHECKING:
    from aiohttp import web

#: Body and headers in, the status of the response out.
Receive: TypeAlias = Callable[[bytes, Fields], Awaitable[int]]

_log = getLogger("heygen_async.webhooks")

_BAD_REQUEST, _TOO_SLOW, _TOO_LARGE, _COMPRESSED, _TRY_LATER = 400, 408, 413, 415, 503
_CLOSES_CONNECTION = frozenset({_BAD_REQUEST, _TOO_SLOW, _TOO_LARGE, _COMPRESSED})  # the rest may be on its way
_REASONS = {
    _TOO_SLOW: "its body did not arrive within limits.webhook_body_seconds",
    _TOO_LARGE: "its body is larger than limits.webhook_body",
    _COMPRESSED: "its body is compressed, which HeyGen never does",
}
_MAX_LENGTH_DIGITS = 20


class _DisconnectedError(Exception):
    """The sender has gone before its body had arrived."""


class _TooSlowError(Exception):
    """The body did not arrive in time."""


async def serve_asgi(receive_delivery: Receive, limits: Limits, scope: Any, receive: Any, send: Any) -> None:
    """Respond to one ASGI request."""
    if scope["type"] != "http":
        raise NotImplementedError(f"A WebhookReceiver serves http only, not {scope['type']}.")

    async def chunks() -> AsyncIterable[bytes]:
        has_more = True
        while has_more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise _DisconnectedError
            yield message.get("body", b"")
            has_more = message.get("more_body", False)

    fields = normalize_headers(scope["headers"])
    try:
        status = await _serve(receive_delivery, limits, scope["method"], fields, chunks())
    except _DisconnectedError:
        return
    headers = [(b"content-length", b"0")]
    if status == _TRY_LATER:
        headers.append((b"retry-after", b"1"))
    if status in _CLOSES_CONNECTION and scope.get("http_version", "1.1") < "2":
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


async def serve_aiohttp(receive_delivery: Receive, limits: Limits, request: web.BaseRequest) -> web.StreamResponse:
    """Respond to one aiohttp request."""
    from aiohttp import http, web  # noqa: PLC0415  ASGI applications do not need aiohttp's server

    chunks, fields = request.content.iter_any(), cast("Fields", request.headers)
    try:
        status = await _serve(receive_delivery, limits, request.method, fields, chunks)
    except (OSError, http.HttpProcessingError, web.RequestPayloadError):  # the body ended early, or is malformed
        status = _BAD_REQUEST
    response = web.Response(status=status, headers={"Retry-After": "1"} if status == _TRY_LATER else None)
    if status in _CLOSES_CONNECTION and not request.content.is_eof():
        response.force_close()
        if status in {_TOO_SLOW, _COMPRESSED}:  # otherwise aiohttp reads the rest for ten seconds, and inflates it
            with suppress(OSError):
                await response.prepare(request)
                await response.write_eof()
            request.protocol.force_close()
    return response


async def _serve(
    receive_delivery: Receive,
    limits: Limits,
    method: str,
    fields: Fields,
    chunks: AsyncIterable[bytes],
) -> int:
    if method == "OPTIONS":  # HeyGen probes an older endpoint this way
        return 200
    if method != "POST":
        return 405
    body = await _read(chunks, fields, limits)
    if isinstance(body, int):
        _log.warning("A webhook delivery was rejected: %s.", _REASONS[body])
        return body
    return await receive_delivery(body, fields)


async def _read(chunks: AsyncIterable[bytes], fields: Fields, limits: Limits) -> bytes | int:
    """Return the body, or the status of the response to a body that is not accepted."""
    if fields.get("Content-Encoding", "identity").strip().lower() != "identity":
        return _COMPRESSED
    length = fields.get("Content-Length", "0")
    if not (length.isdecimal() and len(length) <= _MAX_LENGTH_DIGITS) or int(length) > limits.webhook_body:
        return _TOO_LARGE
    try:
        body = await within(limits.webhook_body_seconds, _join(chunks, limits.webhook_body), _TooSlowError)
    except _TooSlowError:
        return _TOO_SLOW
    return _TOO_LARGE if body is None else body


async def _join(chunks: AsyncIterable[bytes], max_size: int) -> bytes | None:
    """Return all chunks, or None if they are larger than `max_size`."""
    first, rest = b"", bytearray()  # a list of small chunks would take many times their size
    async for chunk in chunks:
        if len(first) + len(rest) + len(chunk) > max_size:
            return None
        if first:
            rest += chunk
        else:
            first = chunk
    return first + rest if rest else first
