"""The receiver as an ASGI application and as an aiohttp handler: read the body within its limit, send the status."""

from __future__ import annotations

from collections.abc import AsyncIterable, Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from .signature import Headers, normalize_headers

if TYPE_CHECKING:
    from aiohttp import web

#: `WebhookReceiver.receive`: body and headers in, the status of the response out.
Receive: TypeAlias = Callable[[bytes, Headers], Awaitable[int]]


async def serve_asgi(receive_delivery: Receive, max_body: int, scope: Any, receive: Any, send: Any) -> None:
    """Respond to one ASGI request."""
    if scope["type"] != "http":
        raise NotImplementedError(f"A WebhookReceiver serves http only, not {scope['type']}.")

    async def chunks() -> AsyncIterable[bytes]:
        has_more = True
        while has_more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            yield message.get("body", b"")
            has_more = message.get("more_body", False)

    status = await _serve(receive_delivery, max_body, scope["method"], scope["headers"], chunks())
    headers = [(b"content-length", b"0"), *([(b"retry-after", b"1")] if status == 503 else [])]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


async def serve_aiohttp(receive_delivery: Receive, max_body: int, request: web.BaseRequest) -> web.StreamResponse:
    """Respond to one aiohttp request."""
    from aiohttp import web  # noqa: PLC0415  ASGI applications do not need aiohttp's server

    chunks = request.content.iter_any()
    status = await _serve(receive_delivery, max_body, request.method, request.headers.items(), chunks)
    return web.Response(status=status, headers={"Retry-After": "1"} if status == 503 else None)


async def _serve(
    receive_delivery: Receive, max_body: int, method: str, headers: Any, chunks: AsyncIterable[bytes]
) -> int:
    if method == "OPTIONS":  # HeyGen probes an older endpoint this way
        return 200
    if method != "POST":
        return 405
    pairs = list(headers)
    length = normalize_headers(pairs).get("Content-Length", "0")
    if not length.isdecimal() or int(length) > max_body:
        return 413
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > max_body:
            return 413
    return await receive_delivery(bytes(body), pairs)
