"""aiohttp's side of the transport: the session it sends through, and what its exceptions mean.

It is imported when a client first opens: aiohttp costs a tenth of a second, which `import heygen_async` does not pay.
"""

from __future__ import annotations

import socket
import sys
from typing import TYPE_CHECKING, Any

import aiohttp

from ..errors import APIConnectionError, APITimeoutError

if TYPE_CHECKING:
    from .configuration import Timeout

READ_BUFFER = 1 << 20  # bytes of a download that may wait to be written
_KEEPALIVE = 30.0  # seconds an idle connection is kept: below what load balancers keep theirs


class _Connector(aiohttp.TCPConnector):
    """One that is closed with its client; the warning about a client left open is the client's own, given once."""

    def __del__(self, _: object = None) -> None:
        if not self.closed:  # the public close() is to be awaited; what it does at once has had two names
            close = getattr(self, "_close_immediately", None) or self._close
            close()


def open_session() -> aiohttp.ClientSession:
    """A session without cookies; how many requests run at once is the transport's affair, not the connector's.

    So is trying again: aiohttp would do so by itself, unseen by hooks and budget, and has no public name for not to.
    """
    session = aiohttp.ClientSession(
        connector=_Connector(limit=0, keepalive_timeout=_KEEPALIVE, ttl_dns_cache=60, socket_factory=_keepalive_socket),
        cookie_jar=aiohttp.DummyCookieJar(),
    )
    session._retry_connection = False  # noqa: SLF001
    return session


def _keepalive_socket(address: tuple[Any, ...]) -> socket.socket:
    """TCP keep-alive on, so that a peer that went away in a silent minute is noticed."""
    made = socket.socket(*address[:3])
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if sys.platform == "linux":
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 30)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 10)
    return made


def client_timeout(total: float | None, limits: Timeout) -> aiohttp.ClientTimeout:
    """Aiohttp's form of the limits, exact: it would round those over 5 s up to whole seconds.

    Raises:
        TimeoutError: Nothing is left of the whole; to aiohttp that would be no limit at all.
    """
    total = None if total == float("inf") else total
    if total is not None and total <= 0:
        raise aiohttp.ConnectionTimeoutError
    return aiohttp.ClientTimeout(
        total=total,
        # A little before the whole call's end, so that what was never delivered is told as that.
        sock_connect=limits.connect if total is None else min(limits.connect, 0.99 * total),
        # A timer for each read is work, and idle when the whole call ends before it.
        sock_read=None if limits.read == float("inf") or (total is not None and total <= limits.read) else limits.read,
        ceil_threshold=float("inf"),
    )


def was_sent(error: BaseException) -> bool:
    """Whether the request may have reached the server: False only when no connection came about."""
    return not isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError | aiohttp.InvalidURL)


def never_will(error: BaseException) -> bool:
    """Whether trying again is pointless: a certificate that is not trusted, an address that is none."""
    return isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.InvalidURL | aiohttp.ClientSSLError)


def told(error: BaseException, method: str, address: str) -> APIConnectionError | None:
    """Aiohttp's exception in our words, without its internals (they hold headers); None when it is not one of those."""
    if isinstance(error, TimeoutError):
        where = "no connection came about" if isinstance(error, aiohttp.ConnectionTimeoutError) else "no answer came"
        return APITimeoutError(f"{method} {address}: {where} in time.", method=method, path=address)
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        reason = f"the server's certificate is not trusted ({error.certificate_error})"
    elif isinstance(error, aiohttp.ClientConnectorDNSError):
        reason = f"the host {error.host} was not found"
    elif isinstance(error, aiohttp.ClientConnectorError):
        reason = f"no connection to {error.host}:{error.port} ({error.os_error.strerror or error.os_error})"
    elif isinstance(error, aiohttp.ServerDisconnectedError):
        reason = "the server closed the connection without an answer"
    elif isinstance(error, aiohttp.ClientPayloadError):
        reason = "the answer was cut off"
    elif isinstance(error, aiohttp.ClientError | OSError):
        reason = f"the connection broke ({type(error).__name__})"
    else:
        return None
    return APIConnectionError(f"{method} {address}: {reason}.", method=method, path=address)
