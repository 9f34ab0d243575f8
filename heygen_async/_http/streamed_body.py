"""Request bodies that are streamed: a known length, and bytes that are read anew for each attempt."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from typing import TypeVar

import msgspec

T = TypeVar("T")

_CLOSE_ATTEMPTS = 1000  # a millisecond apart


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """A streamed body.

    Attributes:
        length: The number of bytes; a known length keeps the request from being chunked.
        content_type: The media type.
        read: Starts a new reading of the bytes.
    """

    length: int
    content_type: str
    read: Callable[[], AsyncGenerator[bytes]]

    def headers(self) -> dict[str, str]:
        """Return the headers that announce the body."""
        return {"Content-Type": self.content_type, "Content-Length": str(self.length)}


class OutgoingBody:
    """One reading of a `Body`, as the async iterable that aiohttp sends.

    Close it after the exchange: aiohttp does not close a body that it stops sending, nor the file behind it.

    Attributes:
        problem: The exception that ended the reading, raised by the source or by a progress callback. aiohttp itself
            would only report a broken connection.
        complete: Whether all bytes were read.
    """

    def __init__(self, body: Body, max_silence: float) -> None:
        self.problem: Exception | None = None
        self.complete: bool = False
        self._timeout = asyncio.timeout(None)
        self._started = False
        self._chunks = self._read(body, max_silence)

    def __aiter__(self) -> AsyncGenerator[bytes]:
        if self._started:  # older versions of aiohttp send the rest of a body on a second connection
            raise ConnectionResetError(errno.ECONNRESET, "The connection broke while the body was sent.")
        self._started = True
        return self._chunks

    async def limit(self, response: Awaitable[T]) -> T:
        """Await the response to this body.

        Raises:
            TimeoutError: The server accepted no byte, or sent no response, for `max_silence` seconds.
        """
        async with self._timeout:
            return await response

    async def _read(self, body: Body, max_silence: float) -> AsyncGenerator[bytes]:
        now = asyncio.get_running_loop().time
        try:
            async with aclosing(body.read()) as chunks:
                async for chunk in chunks:  # reading the source is not limited, only sending is
                    self._expire(now() + max_silence)
                    yield chunk
                    self._expire(None)
            self.complete = True
            self._expire(now() + max_silence)
        except Exception as problem:
            self.problem = problem
            raise

    def _expire(self, time: float | None) -> None:
        with suppress(RuntimeError):  # the response has arrived, and the timeout is over
            self._timeout.reschedule(time)

    async def close(self) -> None:
        """Close the reading, as soon as aiohttp has stopped it."""
        for _ in range(_CLOSE_ATTEMPTS):
            try:
                return await self._chunks.aclose()
            except RuntimeError:  # aiohttp is cancelling it at this moment
                await asyncio.sleep(0.001)
        return None
