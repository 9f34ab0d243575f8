"""A server that answers as fast as asyncio can, so that the client is what is measured."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing.connection import Connection

from rows import pin

__all__ = ["serving"]


class Exchange(asyncio.Protocol):
    """Each request head gets the body that `answer` makes of it."""

    def __init__(self, answer: Callable[[bytes], bytes]) -> None:
        self._answer = answer
        self._seen = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._seen += data
        while b"\r\n\r\n" in self._seen:
            head, _, self._seen = self._seen.partition(b"\r\n\r\n")
            body = self._answer(head)
            told = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            self._transport.write(told.encode() + body)


async def serve(answer: Callable[[bytes], bytes], tell: Connection) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: Exchange(answer), "127.0.0.1", 0)
    tell.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


def run(answer: Callable[[bytes], bytes], tell: Connection) -> None:
    pin(0)
    asyncio.run(serve(answer, tell))


def canned(body: bytes, _: bytes) -> bytes:
    return body


@contextmanager
def serving(answer: bytes | Callable[[bytes], bytes]) -> Iterator[str]:
    """One body for every request, or what a function of the module's own makes of each head.

    The address of a server of its own process, on the first core; this process goes to the second.
    """
    pin(1)
    work = partial(canned, answer) if isinstance(answer, bytes) else answer
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=run, args=(work, there), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{here.recv()}"
    finally:
        process.terminate()
        process.join()
