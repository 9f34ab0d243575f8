"""Requests as they travel: JSON bodies, query strings, streamed bodies of a known length."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, cast
from urllib.parse import quote

import msgspec
from msgspec import UNSET

from . import __version__
from .errors import HeyGenError, InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

_PLAIN = re.compile(r"[A-Za-z0-9_.~-]*").fullmatch  # most ids, which need no quoting
USER_AGENT = f"heygen-async/{__version__} Python/{sys.version_info.major}.{sys.version_info.minor}"


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """A request's body that streams, of a known length."""

    length: int
    content_type: str
    read: Callable[[], AsyncIterator[bytes]]


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
        f"{name}={_query_value(value)}" for name, value in values.items() if value is not None and value is not UNSET
    )
    return f"?{pairs}" if pairs else ""


def _query_value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ",".join([_quoted(str(item)) for item in cast("Sequence[object]", value)])
    return _quoted(str(value))


def _quoted(text: str) -> str:
    return text if _PLAIN(text) else quote(text, safe="")


@asynccontextmanager
async def watched(body: Body, silence: float) -> AsyncGenerator[Body]:
    """The same body, with an end to what is inside when the server takes nothing of it, or says nothing to it, so long.

    :raises TimeoutError: that is what happened
    """
    async with asyncio.timeout(None) as limit:
        now = asyncio.get_running_loop().time

        async def read() -> AsyncIterator[bytes]:
            async for chunk in body.read():  # which may take its time
                limit.reschedule(now() + silence)
                yield chunk
                limit.reschedule(None)
            limit.reschedule(now() + silence)

        yield msgspec.structs.replace(body, read=read)


async def read_noting(body: Body, unreadable: list[HeyGenError]) -> AsyncIterator[bytes]:
    """The body's bytes; why they could not be read is noted, since aiohttp tells only that the connection broke."""
    try:
        async for chunk in body.read():
            yield chunk
    except HeyGenError as problem:
        unreadable.append(problem)
        raise


def stream_headers(body: Body) -> dict[str, str]:
    """What a streamed body is announced with; a known length keeps it from being chunked."""
    return {"Content-Type": body.content_type, "Content-Length": str(body.length)}


def path_of(address: str) -> str:
    """An address on the API's host without its query."""
    return address.partition("?")[0]


def without_query(url: str) -> str:
    """A URL as it may be shown: a presigned query is a credential."""
    return url.partition("?")[0]
