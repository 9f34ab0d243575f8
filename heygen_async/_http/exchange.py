"""One exchange: a request that is sent once, and its response, open for reading.

Every request of the SDK is sent here: those to the API and those to file stores. The callers differ in the URL, the
headers and the use of the response.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from yarl import URL

from ..types.redaction import without_query
from .shared_state import closed_error
from .streamed_body import Body, OutgoingBody

if TYPE_CHECKING:
    from collections.abc import Mapping

    import aiohttp


class Exchange(msgspec.Struct, eq=False):
    """A request that was sent, and its open response. Close it.

    Attributes:
        response: aiohttp's response.
        address: The address that was requested, for error messages.
        is_complete: Whether everything was sent and read, so that nothing is left to close.
    """

    response: aiohttp.ClientResponse
    address: str
    _outgoing: OutgoingBody | None
    is_complete: bool = False

    async def read(self) -> bytes:
        """Read the whole body.

        Raises:
            FailedAttemptError: The connection broke.
        """
        try:
            content = await self.response.read()
        except Exception as problem:  # noqa: BLE001  mapped, or raised again
            raise _failure(problem, self.response.method, self.address, self._outgoing) from None
        self.is_complete = self._outgoing is None
        return content

    async def read_chunk(self) -> bytes:
        """Read the bytes that have arrived, or wait for some; empty at the end of the body.

        Raises:
            FailedAttemptError: The connection broke.
        """
        try:
            return await self.response.content.readany()
        except Exception as problem:  # noqa: BLE001  mapped, or raised again
            raise _failure(problem, self.response.method, self.address, self._outgoing) from None

    async def close(self) -> None:
        """Keep the connection for reuse when everything was sent and read, else close it. Close a streamed body."""
        outgoing = self._outgoing
        if self.response.content.at_eof() and (outgoing is None or outgoing.complete):
            self.response.release()
        else:
            self.response.close()
        if outgoing is not None:
            await outgoing.close()


async def open_exchange(
    session: aiohttp.ClientSession,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes | Body | None,
    max_silence: float,
    address: str,
    **options: Any,
) -> Exchange:
    """Send one request, and return as soon as the response's head has arrived.

    Args:
        session: The connections.
        method: The HTTP method.
        url: The percent-encoded URL.
        headers: The headers, complete.
        body: The body; a `Body` is streamed.
        max_silence: The seconds for which the server may accept no byte of a streamed body.
        address: The address for error messages; they show it without its query.
        options: More of aiohttp's arguments, such as `timeout`.

    Raises:
        FailedAttemptError: No response arrived.
        ConfigurationError: The client was closed before the request was sent.
        Exception: The source of a streamed body raised it.
    """
    outgoing = OutgoingBody(body, max_silence) if isinstance(body, Body) else None
    try:
        pending = session.request(
            method,
            URL(url, encoded=True),
            data=body if outgoing is None else outgoing,
            headers=headers,
            raise_for_status=False,
            **options,
        )
        return Exchange(await (pending if outgoing is None else outgoing.limit(pending)), address, outgoing)
    except BaseException as problem:
        if outgoing is not None:
            await outgoing.close()
        if not isinstance(problem, Exception):
            raise
        if isinstance(problem, RuntimeError) and session.closed:
            raise closed_error() from None
        raise _failure(problem, method, address, outgoing) from None


def _failure(problem: Exception, method: str, address: str, outgoing: OutgoingBody | None) -> Exception:
    """Return the exception to raise for a failed exchange: that of the body's source, or a `FailedAttemptError`."""
    from .connection_errors import failed_attempt  # noqa: PLC0415  imports aiohttp

    if outgoing is not None and outgoing.problem is not None:
        return outgoing.problem
    return failed_attempt(problem, method, without_query(address))
