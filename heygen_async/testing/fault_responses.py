"""Produce the failure of a `Fault`: before the operation, in its response, or in a download."""

from __future__ import annotations

import asyncio
import math
import socket
import struct
from base64 import b64encode
from email.utils import formatdate
from typing import TYPE_CHECKING

from aiohttp import web

from .api_errors import APIErrorResponse

if TYPE_CHECKING:
    from collections.abc import Callable

    from .fault_rules import Fault
    from .operations import Events

__all__ = ["build_error_headers", "damage", "damage_download", "date_header", "prevent", "read_body", "send_events"]

_MAX_BODY_BYTES = 64 << 20


def build_error_headers(error: APIErrorResponse) -> dict[str, str]:
    """Return the headers of an error response."""
    headers = {} if error.retry_after is None else {"Retry-After": f"{error.retry_after:g}"}
    return headers if error.hint is None else {**headers, "X-Emulator-Hint": error.hint}


def date_header(now: float) -> dict[str, str]:
    """Return the `Date` header of a response at this Unix time."""
    return {"Date": formatdate(now, usegmt=True)}


async def prevent(
    fault: Fault, request: web.BaseRequest, now: float, *, record_body: Callable[[bytes], object]
) -> web.StreamResponse | None:
    """Apply a fault that prevents the operation, and return its response; return None for any other kind."""
    if fault.kind == "reset_before":
        await reset(request)
    if fault.kind == "reset_mid_request":
        left = int((request.content_length or 0) * fault.position)
        while left > 0 and (chunk := await request.content.read(left)):
            left -= len(chunk)
        await reset(request)
    if fault.kind == "silent":
        await asyncio.get_running_loop().create_future()
    if fault.kind == "delay":
        await asyncio.sleep(fault.seconds)
    if fault.kind == "status":
        record_body(await read_body(request))
        error = APIErrorResponse(
            fault.status, fault.code or "internal_error", fault.message, retry_after=fault.retry_after
        )
        headers = date_header(now) | build_error_headers(error) | fault.headers
        if fault.retry_after is not None and fault.retry_after_date:
            headers |= {"Retry-After": formatdate(now + fault.retry_after, usegmt=True), **date_header(now)}
        return web.json_response(error.body(), status=fault.status, headers=headers)
    if fault.kind == "response":
        record_body(await read_body(request))
        return web.json_response(fault.body, status=fault.status, headers=date_header(now) | fault.headers)
    if fault.kind == "html":
        page = "<html><head><title>502 Bad Gateway</title></head><body><h1>502</h1></body></html>"
        return web.Response(text=page, status=502, content_type="text/html", headers=date_header(now))
    if fault.kind == "redirect":
        return web.Response(status=fault.status, headers=date_header(now) | fault.headers)
    return None


async def damage(
    fault: Fault, request: web.BaseRequest, status: int, headers: dict[str, str], body: bytes
) -> web.StreamResponse | None:
    """Apply a fault that damages the response of the API, and return it; return None for any other kind."""
    if fault.kind == "lost_response":
        await reset(request)
    if fault.kind == "corrupt":
        headers = {"Content-Type": "application/json", **headers}
        return web.Response(body=body[: len(body) // 2] + b"\x00}", status=200, headers=headers)
    if fault.kind in {"truncate", "reset_mid_body", "stall"}:
        response = web.StreamResponse(status=status, headers={"Content-Type": "application/json", **headers})
        return await cut(fault.kind, response, request, body, fault.position)
    return None


async def damage_download(fault: Fault, request: web.BaseRequest, response: web.StreamResponse, body: bytes) -> bytes:
    """Apply a fault to a response of the storage, and return the body to send."""
    response.content_length = len(body)
    match fault.kind:
        case "lost_response":
            await reset(request)
        case "truncate" | "reset_mid_body" | "stall":
            await cut(fault.kind, response, request, body, fault.position)
        case "corrupt" if body:
            middle = len(body) // 2
            return body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :]
        case "wrong_digest":
            response.headers["Repr-Digest"] = f"sha-256=:{b64encode(bytes(32)).decode()}:"
        case "short" | "long":
            response.content_length = None
            response.enable_chunked_encoding()
            return body[: int(len(body) * fault.position)] if fault.kind == "short" else body + body[-1024:]
        case _:
            pass
    return body


async def read_body(request: web.BaseRequest, *, max_bytes: int = _MAX_BODY_BYTES) -> bytes:
    """Return the body of a request to the API.

    Raises:
        APIErrorResponse: 413: it is larger than `max_bytes`.
    """
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > max_bytes:
            raise APIErrorResponse(413, "invalid_parameter", "The request body is too large.")
    return bytes(body)


async def reset(request: web.BaseRequest) -> None:
    """Reset the connection with a TCP RST; the handler is cancelled with it."""
    transport = request.transport
    if transport is not None:
        connection: socket.socket = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    await asyncio.get_running_loop().create_future()


async def send_events(
    fault: Fault | None, request: web.BaseRequest, headers: dict[str, str], events: Events
) -> web.StreamResponse:
    """Send server-sent events as they are produced; a fault ends them at its `position`."""
    response = web.StreamResponse(headers={**headers, "Content-Type": "text/event-stream", "Cache-Control": "no-cache"})
    await response.prepare(request)
    kind = fault.kind if fault is not None and fault.kind in {"truncate", "reset_mid_body", "stall"} else None
    left = math.inf if fault is None or kind is None else fault.position
    async for frame in events.frames:
        await response.write(frame if left >= 1 else frame[: int(len(frame) * left)])
        left -= 1
        if left < 0:
            break
    if left < 0:
        await asyncio.sleep(0)
        if kind == "stall":
            await asyncio.get_running_loop().create_future()
        if kind == "reset_mid_body":
            await reset(request)
    await response.write_eof()
    return response


async def cut(
    kind: str, response: web.StreamResponse, request: web.BaseRequest, body: bytes, position: float
) -> web.StreamResponse:
    """Send the body up to `position`; then reset the connection, close it, or leave it silent."""
    response.content_length = len(body)
    await response.prepare(request)
    await response.write(body[: int(len(body) * position)])
    if kind == "reset_mid_body":
        await asyncio.sleep(0)
        await reset(request)
    if kind == "stall":
        await asyncio.get_running_loop().create_future()
    if request.transport is not None:
        request.transport.close()
    await asyncio.get_running_loop().create_future()
    return response
