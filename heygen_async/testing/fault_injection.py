"""What a fault makes of a request or of its answer."""

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
    from .faults import Fault
    from .operations import Events

__all__ = ["after", "before", "body_of", "headers_of", "stored", "streamed"]

_LARGEST_BODY = 64 << 20


def headers_of(refusal: APIErrorResponse) -> dict[str, str]:
    """The headers of a refusal."""
    return {} if refusal.retry_after is None else {"Retry-After": f"{refusal.retry_after:g}"}


async def before(fault: Fault, request: web.BaseRequest, now: float) -> web.StreamResponse | None:
    """What a fault does before anything is done; None when it is not of that sort."""
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
        await body_of(request)
        refusal = APIErrorResponse(
            fault.status, fault.code or "internal_error", fault.message, retry_after=fault.retry_after
        )
        headers = headers_of(refusal) | fault.headers
        if fault.retry_after is not None and fault.retry_after_date:
            headers |= {
                "Retry-After": formatdate(now + fault.retry_after, usegmt=True),
                "Date": formatdate(now, usegmt=True),
            }
        return web.json_response(refusal.body(), status=fault.status, headers=headers)
    if fault.kind == "html":
        page = "<html><head><title>502 Bad Gateway</title></head><body><h1>502</h1></body></html>"
        return web.Response(text=page, status=502, content_type="text/html")
    if fault.kind == "redirect":
        return web.Response(status=fault.status if 300 <= fault.status < 400 else 302, headers=fault.headers)
    return None


async def after(
    fault: Fault, request: web.BaseRequest, status: int, headers: dict[str, str], body: bytes
) -> web.StreamResponse | None:
    """What a fault makes of an answer to what was done."""
    if fault.kind == "lost_response":
        await reset(request)
    if fault.kind == "corrupt":
        return web.Response(body=body[: len(body) // 2] + b"\x00}", status=200, content_type="application/json")
    if fault.kind in {"truncate", "reset_mid_body", "stall"}:
        answer = web.StreamResponse(status=status, headers={"Content-Type": "application/json", **headers})
        return await cut(fault.kind, answer, request, body, fault.position)
    return None


async def stored(fault: Fault, request: web.BaseRequest, answer: web.StreamResponse, body: bytes) -> bytes:
    """What a fault makes of the storage's answer; the body that is to be sent then."""
    answer.content_length = len(body)
    match fault.kind:
        case "lost_response":
            await reset(request)
        case "truncate" | "reset_mid_body" | "stall":
            await cut(fault.kind, answer, request, body, fault.position)
        case "corrupt" if body:
            middle = len(body) // 2
            return body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :]
        case "wrong_digest":
            answer.headers["Repr-Digest"] = f"sha-256=:{b64encode(bytes(32)).decode()}:"
        case "short" | "long":
            answer.content_length = None
            answer.enable_chunked_encoding()
            return body[: int(len(body) * fault.position)] if fault.kind == "short" else body + body[-1024:]
        case _:
            pass
    return body


async def body_of(request: web.BaseRequest) -> bytes:
    """The whole body of a request to the API."""
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > _LARGEST_BODY:
            raise APIErrorResponse(413, "invalid_parameter", "The request body is too large.")
    return bytes(body)


async def reset(request: web.BaseRequest) -> None:
    """Reset the connection, as a machine that dies does; the handler ends with it."""
    transport = request.transport
    if transport is not None:
        made: socket.socket = transport.get_extra_info("socket")
        made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    await asyncio.get_running_loop().create_future()


async def streamed(
    fault: Fault | None, request: web.BaseRequest, headers: dict[str, str], events: Events
) -> web.StreamResponse:
    """Send events as they come; a fault cuts after so many of them, or at its share of one."""
    answer = web.StreamResponse(headers={**headers, "Content-Type": "text/event-stream", "Cache-Control": "no-cache"})
    await answer.prepare(request)
    kind = fault.kind if fault is not None and fault.kind in {"truncate", "reset_mid_body", "stall"} else None
    left = math.inf if fault is None or kind is None else fault.position
    async for frame in events.frames:
        await answer.write(frame if left >= 1 else frame[: int(len(frame) * left)])
        left -= 1
        if left < 0:
            break
    if left < 0:
        await asyncio.sleep(0)
        if kind == "stall":
            await asyncio.get_running_loop().create_future()
        if kind == "reset_mid_body":
            await reset(request)
    await answer.write_eof()
    return answer


async def cut(
    kind: str, answer: web.StreamResponse, request: web.BaseRequest, body: bytes, position: float
) -> web.StreamResponse:
    """Send a share of the body; then reset, close, or say nothing more."""
    answer.content_length = len(body)
    await answer.prepare(request)
    await answer.write(body[: int(len(body) * position)])
    if kind == "reset_mid_body":
        await asyncio.sleep(0)
        await reset(request)
    if kind == "stall":
        await asyncio.get_running_loop().create_future()
    if request.transport is not None:
        request.transport.close()
    await asyncio.get_running_loop().create_future()
    return answer
