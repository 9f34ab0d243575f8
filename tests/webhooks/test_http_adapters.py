"""The receiver as an ASGI application and as an aiohttp handler."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from webhook_support import (
    create_receiver,
    event_body,
    serve_receiver,
    signed_headers,
)

from heygen_async import (
    WebhookReceiver,
)
from heygen_async.testing import HeyGenEmulator


async def test_rejects_requests_that_are_not_deliveries(api: HeyGenEmulator) -> None:
    receiver = create_receiver(api, max_body=1000)
    large = b"{" + b" " * 5000 + b"}"

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(large), 500):
            yield large[start : start + 500]

    async with serve_receiver(receiver) as url, aiohttp.ClientSession() as session, receiver:
        for method, data, status in (
            ("GET", b"", 405), ("OPTIONS", b"", 200), ("POST", b"{}", 401), ("POST", large, 413), ("POST", pieces(), 413),
        ):  # fmt: skip
            async with session.request(method, url, data=data) as answer:
                assert answer.status == status
        async with session.post(url, data=b"[1]", headers=signed_headers(b"[1]", time=api.clock.time())) as answer:
            assert answer.status == 400


async def call_asgi(
    receiver: WebhookReceiver, scope: dict[str, Any], *messages: dict[str, Any]
) -> list[dict[str, Any]]:
    """Return the messages that the application sends to its ASGI server."""
    remaining, sent = list(messages), list[dict[str, Any]]()

    async def receive() -> dict[str, Any]:
        return remaining.pop(0)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await receiver({"type": "http", "method": "POST", "headers": [], **scope}, receive, send)
    return sent


async def test_serves_as_an_asgi_application(api: HeyGenEmulator) -> None:
    receiver = create_receiver(api)
    body = event_body()
    headers = [
        (name.lower().encode(), value.encode()) for name, value in signed_headers(body, time=api.clock.time()).items()
    ]
    parts = [{"type": "http.request", "body": part, "more_body": True} for part in (body[:10], body[10:])]
    start, end = await call_asgi(receiver, {"headers": headers}, *parts, {"type": "http.request"})
    assert (start["status"], end["body"]) == (200, b"")
    start, _ = await call_asgi(receiver, {}, {"type": "http.disconnect"})
    assert start["status"] == 401
    receiver._queue._closing.set()
    start, _ = await call_asgi(receiver, {"headers": headers}, {"type": "http.request", "body": body})
    assert start["status"] == 503
    assert (b"retry-after", b"1") in start["headers"]
    with pytest.raises(NotImplementedError, match="websocket"):
        await call_asgi(receiver, {"type": "websocket"})
    await receiver.aclose()
