"""Requests as they travel: JSON bodies, query strings, streamed bodies of a known length."""

from __future__ import annotations

import asyncio
import errno
import re
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, TypeVar, cast
from urllib.parse import quote

import msgspec
from msgspec import UNSET

from .. import __version__
from ..errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

_PLAIN = re.compile(r"[A-Za-z0-9_.~-]*").fullmatch  # most ids, which need no quoting
T = TypeVar("T")

#: What reading JSON may fail with: bytes that are none, no UTF-8, text with half a character, or nested too deep.
UNREADABLE = (msgspec.DecodeError, UnicodeError, RecursionError)
_LETTING_GO = 1000  # milliseconds
USER_AGENT = f"heygen-async/{__version__} Python/{sys.version_info.major}.{sys.version_info.minor}"


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """A request's body that streams, of a known length."""

    length: int
    content_type: str
    read: Callable[[], AsyncGenerator[bytes]]


def json_body(body: object) -> bytes:
    """A body as JSON, without the fields that were not given."""
    if isinstance(body, dict):
        fields = cast("dict[str, object]", body)
        body = {name: value for name, value in fields.items() if value is not None and value is not UNSET}
    try:
        return msgspec.json.encode(body)
    except (TypeError, ValueError) as problem:
        raise InvalidInputError("body", body, f"values that JSON can hold ({problem})") from None


def query_string(values: Mapping[str, object] | None) -> str:
    """A query string, with the question mark, without what was not given."""
    if not values:
        return ""
    pairs = "&".join(
        f"{name}={_query_value(name, value)}"
        for name, value in values.items()
        if value is not None and value is not UNSET
    )
    return f"?{pairs}" if pairs else ""


def _query_value(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ",".join([quoted(name, str(item)) for item in cast("Sequence[object]", value)])
    return quoted(name, str(value))


def quoted(name: str, text: str) -> str:
    """A value as it stands in an address."""
    try:
        return text if _PLAIN(text) else quote(text, safe="")
    except UnicodeEncodeError:
        raise InvalidInputError(name, text, "characters of Unicode; this holds half of one") from None


class Outgoing:
    """A body on its way: aiohttp sends it, and `within` ends what takes none of it for so many seconds.

    `problem` is why it could not be read, or what a hook that was told of it raised (aiohttp tells only that the
    connection broke); `ended` is whether all of it was.
    Close it: aiohttp leaves what it does not send any more as it is, and a file open in it.
    """

    def __init__(self, body: Body, silence: float) -> None:
        self._limit = asyncio.timeout(None)
        self.problem: Exception | None = None
        self.ended: bool = False
        self._begun = False
        self._chunks = self._read(body, silence)

    def __aiter__(self) -> AsyncGenerator[bytes]:
        if self._begun:  # older versions of aiohttp would send the rest of it on a second connection
            raise ConnectionResetError(errno.ECONNRESET, "The connection broke while a body was sent")
        self._begun = True
        return self._chunks

    async def within(self, asked: Awaitable[T]) -> T:
        """What the request gives.

        Raises:
            TimeoutError: The server took nothing of the body, or said nothing to it, for too long.
        """
        async with self._limit:
            return await asked

    async def _read(self, body: Body, silence: float) -> AsyncGenerator[bytes]:
        now = asyncio.get_running_loop().time
        try:
            async with aclosing(body.read()) as chunks:
                async for chunk in chunks:  # which may take its time
                    self._expire(now() + silence)
                    yield chunk
                    self._expire(None)
            self.ended = True
            self._expire(now() + silence)
        except Exception as problem:
            self.problem = problem
            raise

    def _expire(self, when: float | None) -> None:
        with suppress(RuntimeError):  # the answer is there already
            self._limit.reschedule(when)

    async def close(self) -> None:
        """Leave nothing open, once aiohttp has let go of it."""
        for _ in range(_LETTING_GO):
            try:
                return await self._chunks.aclose()
            except RuntimeError:  # it is being stopped in the midst of reading
                await asyncio.sleep(0.001)
        return None


def stream_headers(body: Body) -> dict[str, str]:
    """What a streamed body is announced with; a known length keeps it from being chunked."""
    return {"Content-Type": body.content_type, "Content-Length": str(body.length)}


def path_of(address: str) -> str:
    """An address on the API's host without its query."""
    return address.partition("?")[0]


def is_url(text: str) -> bool:
    """Whether this is an address, and no path of a file."""
    return text[:8].lower().startswith(("https://", "http://"))


def without_query(url: str) -> str:
    """A URL as it may be shown: a presigned query is a credential."""
    return url.partition("?")[0]
