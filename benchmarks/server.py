"""A server that responds as fast as asyncio can, so that a benchmark measures the client."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing.connection import Connection

from rows import pin

__all__ = ["job_states", "serving"]


def job_states(target: str, state: Callable[[str], str]) -> bytes:
    """Return the API's response to a GET of one video, or of the statuses of several.

    Args:
        target: The target of the request.
        state: Returns the state of a job by its id.
    """
    _, _, ids = target.partition("video_ids=")
    if ids:
        statuses = (f'{{"video_id":"{id}","status":"{state(id)}"}}' for id in ids.replace("%2C", ",").split(","))
        return f'{{"data":[{",".join(statuses)}]}}'.encode()
    id = target.rpartition("/")[2]
    return f'{{"data":{{"id":"{id}","status":"{state(id)}","video_url":"https://example.com/v.mp4"}}}}'.encode()


class Exchange(asyncio.Protocol):
    """Send for each request head the body that `respond` returns for it."""

    def __init__(self, respond: Callable[[bytes], bytes]) -> None:
        self._respond = respond
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, self._received = self._received.partition(b"\r\n\r\n")
            body = self._respond(head)
            response_head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            self._transport.write(response_head.encode() + body)


async def serve(respond: Callable[[bytes], bytes], pipe: Connection) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: Exchange(respond), "127.0.0.1", 0)
    pipe.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


def run(respond: Callable[[bytes], bytes], pipe: Connection) -> None:
    pin(0)
    asyncio.run(serve(respond, pipe))


def canned(body: bytes, _: bytes) -> bytes:
    return body


@contextmanager
def serving(response: bytes | Callable[[bytes], bytes]) -> Iterator[str]:
    """Serve from a process of its own on the first core, move this process to the second, and yield the address.

    Args:
        response: The body for every request, or a function of a module that returns the body for a request head.
    """
    pin(1)
    respond = partial(canned, response) if isinstance(response, bytes) else response
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=run, args=(respond, there), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{here.recv()}"
    finally:
        process.terminate()
        process.join()
