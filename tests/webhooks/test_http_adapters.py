"""The receiver as an ASGI application and as an aiohttp handler."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
import zlib
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

from heygen_async import Limits, WebhookReceiver
from heygen_async.testing import HeyGenEmulator


async def test_rejects_requests_that_are_not_deliveries(api: HeyGenEmulator) -> None:
    receiver = create_receiver(api, limits=Limits(webhook_body=1000))
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
    assert await call_asgi(receiver, {"headers": headers}, {"type": "http.disconnect"}) == []
    receiver._queue._closing.set()
    body = event_body(2)
    headers = [
        (name.encode(), value.encode())
        for name, value in signed_headers(body, time=api.clock.time(), id="evt_2").items()
    ]
    start, _ = await call_asgi(receiver, {"headers": headers}, {"type": "http.request", "body": body})
    assert start["status"] == 503
    assert (b"retry-after", b"1") in start["headers"]
    with pytest.raises(NotImplementedError, match="websocket"):
        await call_asgi(receiver, {"type": "websocket"})
    await receiver.aclose()


LIMITS = Limits(webhook_body=100_000, webhook_body_seconds=7)


async def test_slow_body_is_given_up(api: HeyGenEmulator, caplog: pytest.LogCaptureFixture) -> None:
    receiver = create_receiver(api, limits=LIMITS)

    async def pieces() -> AsyncIterator[bytes]:
        while True:
            yield b" "
            await asyncio.sleep(1)

    async with serve_receiver(receiver) as url, aiohttp.ClientSession() as session, receiver:
        began = api.clock.time()
        async with session.post(url, data=pieces()) as answer:
            assert (answer.status, answer.headers["Connection"]) == (408, "close")
        assert 7 <= api.clock.time() - began < 9
    assert "did not arrive within limits.webhook_body_seconds" in caplog.text


async def test_endless_body_is_too_large(api: HeyGenEmulator) -> None:
    receiver = create_receiver(api, limits=LIMITS)
    sent = 0

    async def pieces() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 10_000
            yield b" " * 10_000

    async with serve_receiver(receiver) as url, aiohttp.ClientSession() as session, receiver:
        try:
            async with session.post(url, data=pieces()) as answer:
                assert answer.status == 413
        except aiohttp.ClientConnectionError:  # the connection was closed while the body was sent
            pass
    assert sent < 10_000_000


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br"])
async def test_compressed_body_is_not_inflated(api: HeyGenEmulator, coding: str) -> None:
    receiver = create_receiver(api, limits=LIMITS)
    content = b" " * 2_000_000
    bomb = {"gzip": gzip.compress, "deflate": zlib.compress}.get(coding, lambda text: text[:1000])(content)
    headers = {**signed_headers(bomb, time=api.clock.time()), "Content-Encoding": coding}
    async with (
        serve_receiver(receiver) as url,
        aiohttp.ClientSession() as session,
        receiver,
        session.post(url, data=bomb, headers=headers) as answer,
    ):
        assert answer.status in {400, 415}
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    start, _ = await call_asgi(receiver, {"headers": pairs}, {"type": "http.request", "body": bomb})
    assert start["status"] == 415


async def test_asgi_bodies_have_the_same_limits(api: HeyGenEmulator) -> None:
    receiver = create_receiver(api, limits=LIMITS)
    sent: list[dict[str, Any]] = []

    async def receive_slowly() -> dict[str, Any]:
        await asyncio.sleep(1)
        return {"type": "http.request", "body": b" ", "more_body": True}

    async def receive_endlessly() -> dict[str, Any]:
        return {"type": "http.request", "body": b" " * 10_000, "more_body": True}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    for version, receive in (("1.1", receive_slowly), ("1.1", receive_endlessly), ("2", receive_endlessly)):
        await receiver({"type": "http", "method": "POST", "headers": [], "http_version": version}, receive, send)
    starts = [message for message in sent if message["type"] == "http.response.start"]
    assert [start["status"] for start in starts] == [408, 413, 413]
    assert [(b"connection", b"close") in start["headers"] for start in starts] == [True, True, False]


async def test_body_of_tiny_chunks_takes_no_more_memory_than_its_limit_twice(api: HeyGenEmulator) -> None:
    receiver = create_receiver(api, limits=Limits(webhook_body=200_000))
    statuses: list[int | None] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": bytes([32, 32]), "more_body": True}

    async def send(message: dict[str, Any]) -> None:
        statuses.append(message.get("status"))

    tracemalloc.start()
    await receiver({"type": "http", "method": "POST", "headers": []}, receive, send)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert statuses == [413, None]
    assert peak < 2.2 * 200_000


async def test_body_that_ends_early_is_no_error_of_the_server(
    api: HeyGenEmulator, caplog: pytest.LogCaptureFixture
) -> None:
    receiver = create_receiver(api)
    async with serve_receiver(receiver) as url, receiver:
        port = int(url.rpartition(":")[2].partition("/")[0])
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /hook HTTP/1.1\r\nHost: here\r\nContent-Length: 100\r\n\r\n{")
        await writer.drain()
        await asyncio.sleep(0.1)
        writer.close()
        await writer.wait_closed()
        await asyncio.sleep(0.1)
    assert "Error handling request" not in caplog.text
    body = b" " * 2_000_000
    assert await receiver.receive(body, {}) == 413
