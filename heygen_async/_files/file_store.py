"""One exchange with a file store: presigned URLs, bytes as they arrive, and never the API's credentials.

An exchange is sent like every other request (`_http/exchange.py`), but without the client's hooks, rate-limit gate and
connection limit: these apply to the API alone. The callers repeat exchanges with `retrying`.
"""

from __future__ import annotations

import asyncio
import math
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import msgspec
from multidict import CIMultiDict

from .._http.encoding import USER_AGENT
from .._http.exchange import Exchange, open_exchange
from .._http.retry_policy import FailedAttemptError
from ..types.redaction import without_query

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Mapping

    import aiohttp

    from .._http.configuration import Timeout
    from .._http.streamed_body import Body
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
) -> AsyncGenerator[StoredResponse]:
    """Send one request to a file store, and yield its response, open for reading.

    Args:
        transport: Provides the connections and the timeouts.
        method: GET or PUT. Redirects of a GET are followed, to any host.
        url: The URL, presigned where the store needs it.
        headers: The headers. A body adds its length to them, but no media type.
        body: The body, streamed.
        deadline: The event loop's time by which the response must be read.

    Raises:
        APIConnectionError: No response arrived.
        InvalidInputError: The URL has no valid host or port.
    """
    session = await transport.shared_state.session()
    limits = transport.options.timeout
    try:
        opened = await _open(session, method, url, headers, body, limits, deadline)
    except FailedAttemptError as failure:
        raise failure.error from None
    response = StoredResponse(opened, limits.read)
    try:
        yield response
    finally:
        await response.close()


async def _open(
    session: aiohttp.ClientSession,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: Body | None,
    limits: Timeout,
    deadline: float,
) -> Exchange:
    from .._http.connection_errors import failed_attempt  # noqa: PLC0415  imports aiohttp
    from .._http.session import READ_BUFFER, client_timeout  # noqa: PLC0415  imports aiohttp

    length = {} if body is None else {"Content-Length": str(body.length)}
    timeout = asyncio.timeout(limits.read if body is None else None)
    left = deadline - asyncio.get_running_loop().time()
    try:
        total = client_timeout(left, msgspec.structs.replace(limits, read=math.inf))
        async with timeout:
            return await open_exchange(
                session,
                method,
                url,
                CIMultiDict({"User-Agent": USER_AGENT, "Accept-Encoding": "identity", **length, **headers}),
                body,
                limits.read,
                url,
                skip_auto_headers=("Content-Type",),
                auto_decompress=False,  # the length and the ranges of a file count the bytes that are sent
                allow_redirects=method == "GET",
                read_bufsize=READ_BUFFER,
                timeout=total,
            )
    except TimeoutError as problem:
        if left > 0 and not timeout.expired():
            raise  # the source of the body raised it
        raise failed_attempt(problem, method, without_query(url)) from None


class StoredResponse:
    """The response of a file store, whose body is read as it arrives.

    One timer checks for silence: a timer for each chunk would cost too much CPU.

    Attributes:
        status: The HTTP status.
        headers: The response headers.
    """

    def __init__(self, opened: Exchange, max_silence: float) -> None:
        self._exchange = opened
        self._max_silence = max_silence
        self._waiting_since: float | None = None
        self._timer = asyncio.get_running_loop().call_later(max_silence, self._check_silence)
        self.status: int = opened.response.status
        self.headers: Mapping[str, str] = opened.response.headers

    def _check_silence(self) -> None:
        loop = asyncio.get_running_loop()
        silence = 0.0 if self._waiting_since is None else loop.time() - self._waiting_since
        if silence >= self._max_silence:
            self._exchange.response.close()  # the pending read raises
        else:
            self._timer = loop.call_later(self._max_silence - silence, self._check_silence)

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the pieces of the body as they arrive, without copying them.

        Raises:
            APIConnectionError: The connection broke, or was silent for too long.
        """
        now = asyncio.get_running_loop().time
        while True:
            self._waiting_since = now()
            try:
                chunk = await self._exchange.read_chunk()
            except FailedAttemptError as failure:
                raise failure.error from None
            self._waiting_since = None
            if not chunk:
                return
            yield chunk

    async def text(self, max_bytes: int = 2000) -> str:
        """Return the beginning of the body for an error message; empty when it cannot be read."""
        self._waiting_since = asyncio.get_running_loop().time()
        try:
            return (await self._exchange.response.content.read(max_bytes)).decode("utf-8", "replace")
        except Exception:  # noqa: BLE001  the error that is being reported matters more
            return ""

    async def close(self) -> None:
        """Keep the connection for reuse when everything was sent and read; otherwise close it."""
        self._timer.cancel()
        await self._exchange.close()
