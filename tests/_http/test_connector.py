"""The connections of a client: their number in a burst, their reuse, and IPv6."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web

from heygen_async import AsyncHeyGen


class CountingServer:
    """A server that counts its connections and the requests in parallel."""

    def __init__(self) -> None:
        self.connections: set[object] = set()
        self.parallel = self.max_parallel = self.requests = 0

    async def respond(self, request: web.BaseRequest) -> web.Response:
        self.connections.add(request.transport)
        self.requests += 1
        self.parallel += 1
        self.max_parallel = max(self.max_parallel, self.parallel)
        await asyncio.sleep(0)
        self.parallel -= 1
        return web.json_response({"data": {"username": "ada"}})


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_a_burst_of_requests_shares_the_connections(host: str) -> None:
    counts = CountingServer()
    server = await asyncio.get_running_loop().create_server(web.Server(counts.respond), host, 0)
    port = server.sockets[0].getsockname()[1]
    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    async with AsyncHeyGen("key", base_url=address, max_connections=20) as heygen:
        await asyncio.gather(*(heygen.users.me() for _ in range(1000)))
        assert (counts.requests, counts.max_parallel <= 20, len(counts.connections) <= 20) == (1000, True, True)
        await heygen.users.me()
        assert len(counts.connections) <= 20
    server.close()
