"""The aiohttp session that requests go through, and its timeouts.

This module is imported at a client's first request. Importing aiohttp takes a tenth of a second, so `import
heygen_async` does without it.
"""

from __future__ import annotations

import math
import socket
import ssl
import sys
from typing import TYPE_CHECKING, Any

import aiohttp

from .connector import Connector
from .proxies import Proxies
from .public_hosts import check_addresses, private_kind

if TYPE_CHECKING:
    from aiohttp.abc import AbstractResolver, ResolveResult
    from yarl import URL

    from .configuration import Timeout

READ_BUFFER = 1 << 20  # bytes of a download that may wait to be written
_KEEPALIVE = 30.0  # seconds an idle connection is kept; load balancers keep theirs longer
_CONNECT_SHARE = 0.99  # of the time left; the rest is for reporting that the request was not sent


class PublicResolver(aiohttp.ThreadedResolver):
    """A resolver that returns public addresses only, so that a connector with it connects to no others.

    A connector does not resolve literal addresses; check these before (`public_hosts.check_url`).
    """

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Resolve a host.

        Raises:
            RefusedUrlError: None of its addresses is public.
        """
        results = await super().resolve(host, port, family)
        public = [result for result in results if private_kind(result["host"]) is None]
        if not public:
            check_addresses(host, [result["host"] for result in results])
        return public


def open_session(
    proxies: Proxies | None = None, ssl_context: ssl.SSLContext | None = None, resolver: AbstractResolver | None = None
) -> aiohttp.ClientSession:
    """Open a session without cookies, connection limit and hidden retries.

    The transport limits the connections and retries itself. Retries by aiohttp would bypass the hooks and the retry
    budget, and aiohttp has no public option against them.

    Raises:
        ConfigurationError: A SOCKS proxy needs the extra `socks`.
    """
    proxies = proxies or Proxies()
    connector_type: type[Connector] = Connector
    if proxies.socks is not None:
        from .socks import SocksConnector  # noqa: PLC0415  an extra

        connector_type = SocksConnector
    connector = connector_type(
        proxies,
        limit=0,
        keepalive_timeout=_KEEPALIVE,
        ttl_dns_cache=60,
        socket_factory=_keepalive_socket,
        resolver=resolver,
        ssl=True if ssl_context is None else ssl_context,
    )
    session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
    session._retry_connection = False  # noqa: SLF001  the only switch, see above
    return session


def release_session(session: aiohttp.ClientSession) -> None:
    """Close a session of `open_session` whose event loop no longer runs.

    Neither the session nor asyncio warns.
    """
    connector = session.connector
    session.detach()  # otherwise aiohttp warns of an unclosed session
    if isinstance(connector, Connector):
        connector.release()


def _keepalive_socket(address: tuple[Any, ...]) -> socket.socket:
    """Create a socket with TCP keep-alive, which detects a lost peer while the connection is silent."""
    new_socket = socket.socket(*address[:3])
    new_socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if sys.platform == "linux":
        new_socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 30)
        new_socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 10)
    return new_socket


def client_timeout(total: float, limits: Timeout) -> aiohttp.ClientTimeout:
    """Build aiohttp's timeout. It is exact; by default aiohttp rounds times over 5 s up to full seconds.

    Args:
        total: The seconds left for the exchange; infinite for no limit.
        limits: The limits for connecting and for reading.

    Raises:
        TimeoutError: No time is left. (aiohttp takes 0 for no limit.)
    """
    if total <= 0:
        raise aiohttp.ConnectionTimeoutError
    return aiohttp.ClientTimeout(
        total=None if total == math.inf else total,
        sock_connect=min(limits.connect, _CONNECT_SHARE * total),
        # Each read timer costs CPU, and has no effect when the whole exchange ends before it.
        sock_read=None if limits.read == math.inf or total <= limits.read else limits.read,
        ceil_threshold=math.inf,
    )


async def resolve(session: aiohttp.ClientSession, url: URL) -> list[str]:
    """Return the addresses to which a session would connect for a URL, from its connector's cache where it has one.

    There are none behind a proxy, which resolves the host itself, and none for a connector that is not aiohttp's own.

    Raises:
        OSError: The host was not found.
        aiohttp.ClientError: The host is not valid.
        ValueError: The host is not valid.
    """
    connector = session.connector
    if not isinstance(connector, aiohttp.TCPConnector) or await has_proxy(session, url):
        return []
    results = await connector._resolve_host(url.raw_host or "", url.port or 0)  # noqa: SLF001  no public method
    return [result["host"] for result in results]


async def has_proxy(session: aiohttp.ClientSession, url: URL) -> bool:
    """Return whether a session reaches a URL through a proxy, which then resolves the host."""
    if isinstance(connector := session.connector, Connector):
        return connector.proxies.for_url(url) is not None
    if getattr(session, "_default_proxy", None) is not None:
        return True
    if not session.trust_env:
        return False
    from .environment_proxy import proxy_of_environment  # noqa: PLC0415  few programs pass such a session

    return await proxy_of_environment(url) is not None
