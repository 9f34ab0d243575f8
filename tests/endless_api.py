"""A server whose response never ends, or inflates without end; it counts the bytes that the client took."""

from __future__ import annotations

import asyncio
import re
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from functools import cache
from itertools import cycle
from typing import Any, cast

from heygen_async import AsyncHeyGen

JSON = b"Content-Type: application/json\r\n"
GZIP = b"Content-Encoding: gzip\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
BLOCK = 1 << 16


@cache
def bomb(inflated: int, wbits: int = 31) -> bytes:
    """Return a stream that inflates to this many bytes: gzip's, or with `wbits` 15 that of deflate."""
    deflate, zeros = zlib.compressobj(9, wbits=wbits), bytes(1 << 20)
    return b"".join([*(deflate.compress(zeros) for _ in range(inflated >> 20)), deflate.flush()])


def response(*head: bytes, status: bytes = b"200 OK", begin: bytes = b"", repeat: bytes = b"") -> Iterator[bytes]:
    """Yield a response: its head, the begin of its body, and blocks of this repeated text for ever."""
    yield b"HTTP/1.1 %b\r\n%b\r\n" % (status, b"".join(head)) + begin
    if repeat:
        yield from cycle([repeat * (BLOCK // len(repeat))])


def endless_head(line: bytes) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\n"
    yield from cycle([line * (BLOCK // len(line))])


class EndlessApi:
    """Gives every request the response that `make` returns.

    Attributes:
        sent: The bytes that were sent; the operating system may hold some MiB of them.
        requests: The heads of the requests.
        connections: The number of connections.
        closed_by_client: The number of connections that the client closed.
    """

    def __init__(self) -> None:
        self.url = ""
        self.make: Callable[[], Iterator[bytes]] = response
        self.sent = 0
        self.requests: list[bytes] = []
        self.connections = 0
        self.closed_by_client = 0
        self._tasks: set[asyncio.Task[Any]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._tasks.add(cast("asyncio.Task[Any]", asyncio.current_task()))
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                self.requests.append(await reader.readuntil(b"\r\n\r\n"))
                await self._drop_body(reader)
                for part in self.make():
                    writer.write(part)
                    await writer.drain()
                    self.sent += len(part)
        self.closed_by_client += 1
        writer.close()

    async def _drop_body(self, reader: asyncio.StreamReader) -> None:
        length = re.search(rb"content-length: (\d+)", self.requests[-1], re.IGNORECASE)
        await reader.readexactly(int(length[1]) if length else 0)

    async def ended(self) -> None:
        """Wait until the client has closed all connections."""
        await asyncio.gather(*self._tasks)


@asynccontextmanager
async def endless_api(**options: Any) -> AsyncIterator[tuple[EndlessApi, AsyncHeyGen]]:
    """Serve on loopback; give the server and a client of it."""
    api = EndlessApi()
    server = await asyncio.start_server(api.serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()[:2]
    api.url = f"http://{host}:{port}"
    try:
        async with AsyncHeyGen("key", base_url=api.url, **options) as client:
            yield api, client
        await api.ended()
    finally:
        server.close()
