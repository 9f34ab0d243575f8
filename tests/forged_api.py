"""A server that gives prepared bodies, for responses that the local HeyGen never gives."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp.web

from heygen_async import AsyncHeyGen


class ForgedApi:
    """Gives every request the body for its path, or else the common one; the last of several is given for ever."""

    def __init__(self) -> None:
        self.url = ""
        self.body: bytes = b"{}"
        self.status = 200
        self.headers: dict[str, str] = {}
        self.bodies: dict[str, list[Any]] = {}
        self.requests: list[tuple[str, str]] = []

    def give(self, body: Any, *, status: int = 200, **headers: str) -> None:
        """Set the common body: bytes, or what is encoded as JSON."""
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.status, self.headers = status, headers

    async def handle(self, request: aiohttp.web.Request) -> aiohttp.web.Response:
        await request.read()
        self.requests.append((request.method, request.path))
        queue = self.bodies.get(request.path)
        if queue is None:
            body, status = self.body, self.status
        else:
            body = queue.pop(0) if len(queue) > 1 else queue[0]
            status, body = body if isinstance(body, tuple) else (200, body)
            body = body if isinstance(body, bytes) else json.dumps(body).encode()
        return aiohttp.web.Response(
            body=body, status=status, headers={"Content-Type": "application/json", **self.headers}
        )


@asynccontextmanager
async def served(handle: Callable[[aiohttp.web.Request], Awaitable[aiohttp.web.StreamResponse]]) -> AsyncIterator[str]:
    """Serve a handler of all paths on loopback; give its address."""
    app = aiohttp.web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    runner = aiohttp.web.AppRunner(app, access_log=None)
    await runner.setup()
    await aiohttp.web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0]
    try:
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def forged_api(**options: Any) -> AsyncIterator[tuple[ForgedApi, AsyncHeyGen]]:
    """Serve on loopback; give the server and a client of it."""
    api = ForgedApi()
    async with (
        served(api.handle) as api.url,
        AsyncHeyGen("key", base_url=api.url, **{"max_retries": 0, **options}) as client,
    ):
        yield api, client
