"""One exchange with a file store: presigned URLs, bytes as they come, and never the API's key."""

from __future__ import annotations

import asyncio
import math
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import msgspec
from multidict import CIMultiDict
from yarl import URL

from .._http.encoding import USER_AGENT, Outgoing, without_query
from ..errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Mapping

    import aiohttp

    from .._http.encoding import Body
    from .._http.transport import Transport


@asynccontextmanager
async def exchange(
    transport: Transport,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    body: Body | None = None,
    deadline: float = math.inf,
) -> AsyncGenerator[StoredAnswer]:
    """One exchange with a file store, never with the API's key: the answer, open for reading.

    A body goes out with these headers and its length, and with no type that they do not give.

    Args:
        deadline: The loop's time at which it ends, reading included.

    Raises:
        APIConnectionError: No answer came.
        InvalidInputError: The URL can be nobody's.
    """
    session = await transport.shared_state.session()
    limits = transport.options.timeout
    left = deadline - asyncio.get_running_loop().time()
    out = None if body is None else Outgoing(body, limits.read)
    length = {} if body is None else {"Content-Length": str(body.length)}
    from .._http.connection import READ_BUFFER, client_timeout  # noqa: PLC0415  imports aiohttp

    try:
        try:
            asked = session.request(
                method,
                URL(url, encoded=True),
                data=out,
                headers=CIMultiDict({"User-Agent": USER_AGENT, "Accept-Encoding": "identity", **length, **headers}),
                skip_auto_headers=("Content-Type",),
                allow_redirects=method == "GET",
                raise_for_status=False,
                read_bufsize=READ_BUFFER,
                timeout=client_timeout(left, msgspec.structs.replace(limits, read=math.inf)),
            )
            async with asyncio.timeout(limits.read if out is None else None):
                answer = await (asked if out is None else out.within(asked))
        except Exception as broken:  # noqa: BLE001  told in our words, or raised again
            if out is not None and out.problem is not None:
                raise out.problem from out.problem.__cause__
            raise _told_of_storage(broken, method, url) from None
        stored = StoredAnswer(answer, method, url, limits.read)
        try:
            yield stored
        finally:
            stored.close(whole=out is None or out.ended)
    finally:
        if out is not None:
            await out.close()


class StoredAnswer:
    """A file store's answer: `status`, `headers`, and the body, read as it comes.

    Silence is watched by one timer that looks back, since a timer for each piece would be felt.
    """

    def __init__(self, answer: aiohttp.ClientResponse, method: str, url: str, limit: float) -> None:
        self._answer = answer
        self._method = method
        self._url = url
        self._limit = limit
        self._waits_since: float | None = None
        self._timer = asyncio.get_running_loop().call_later(limit, self._look)
        self.status: int = answer.status
        self.headers: Mapping[str, str] = answer.headers

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        silent = 0.0 if self._waits_since is None else loop.time() - self._waits_since
        if silent >= self._limit:
            self._answer.close()  # which who waits for it is told
        else:
            self._timer = loop.call_later(self._limit - silent, self._look)

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body in the pieces in which it comes, uncopied.

        Raises:
            APIConnectionError: It broke off, or nothing came for too long.
        """
        now = asyncio.get_running_loop().time
        while True:
            self._waits_since = now()
            try:
                chunk = await self._answer.content.readany()
            except Exception as broken:  # noqa: BLE001  told in our words, or raised again
                raise _told_of_storage(broken, self._method, self._url) from None
            self._waits_since = None
            if not chunk:
                return
            yield chunk

    async def text(self, most: int = 2000) -> str:
        """The beginning of the body, for an error's sake; empty when it cannot be had."""
        self._waits_since = asyncio.get_running_loop().time()
        try:
            return (await self._answer.content.read(most)).decode("utf-8", "replace")
        except Exception:  # noqa: BLE001  the error that is being told matters more
            return ""

    def close(self, *, whole: bool) -> None:
        """Give the connection back when all was sent (`whole`) and read, and close it when not."""
        self._timer.cancel()
        self._answer.release() if whole and self._answer.content.at_eof() else self._answer.close()


def _told_of_storage(broken: Exception, method: str, url: str) -> Exception:
    from .._http.connection import told  # noqa: PLC0415  imports aiohttp

    if isinstance(broken, ValueError):  # a host or a port that can be none
        return InvalidInputError("url", without_query(url), "the address of a file that can be reached")
    return told(broken, method, without_query(url)) or broken
