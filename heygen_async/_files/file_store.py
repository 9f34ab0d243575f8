"""One exchange with a file store: presigned URLs, bytes as they arrive, and never the API's credentials.

An exchange is sent like every other request (`_http/exchange.py`), with the client's hooks, but without its rate-limit
gate and connection limit: these apply to the API alone. The callers repeat exchanges with `retrying`.
"""

from __future__ import annotations

import asyncio
import math
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from .._http.public_hosts import RefusedUrlError
from .._http.retry_policy import FailedAttemptError, RequestOutcome
from .._http.running_loop import TIMER_PRECISION
from ..errors import APIConnectionError, InvalidInputError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Mapping

    from .._http.exchange import Exchange
    from .._http.streamed_body import Body
    from .._http.transport import Transport


class RefusedTransferError(Exception):
    """A request to a file store that no retry can make succeed; the text completes "<url> …"."""


@asynccontextmanager
async def exchange(
    transport: Transport,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    body: Body | None = None,
    deadline: float = math.inf,
    attempt: int = 1,
    is_from_program: bool = False,
) -> AsyncGenerator[StoredResponse]:
    """Send one request to a file store, and yield its response, open for reading.

    Args:
        transport: Provides the connections, the timeouts and the limits.
        method: GET or PUT. Redirects of a GET are followed.
        url: The URL, presigned where the store needs it.
        headers: The headers. A body adds its length to them, but no media type.
        body: The body, streamed.
        deadline: The event loop's time by which the response must be read.
        attempt: The number of the attempt, from 1, for the hooks.
        is_from_program: Whether the program passed the URL itself. Otherwise it may lead to public hosts only.

    Raises:
        APIConnectionError: No response arrived.
        RefusedTransferError: The URL, or one to which it redirects, must not be fetched.
        InvalidInputError: The program passed a URL without a valid host or port.
    """
    await transport.shared_state.session()  # imports aiohttp without stopping the event loop
    from .store_request import StoreRequest  # noqa: PLC0415  imports aiohttp

    request = StoreRequest(transport, method, headers, body, attempt=attempt, is_from_program=is_from_program)
    try:
        opened = await request.send(url, deadline)
    except RefusedUrlError as refused:
        raise RefusedTransferError(f"was refused: {refused}") from None
    except FailedAttemptError as failure:
        is_argument = is_from_program and isinstance(failure.error, InvalidInputError)
        may_pass = isinstance(failure.error, APIConnectionError) and failure.outcome is not RequestOutcome.FINAL
        if is_argument or may_pass:
            raise failure.error from None
        raise RefusedTransferError(f"was not fetched: {failure.error}") from None
    response = StoredResponse(opened, transport.options.timeout.read)
    try:
        yield response
    finally:
        await response.close()


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
        remaining = self._max_silence - silence
        if remaining < TIMER_PRECISION:
            self._exchange.response.close()  # the pending read raises
        else:
            self._timer = loop.call_later(remaining, self._check_silence)

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
