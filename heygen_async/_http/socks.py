"""Connections through a SOCKS proxy, by `aiohttp_socks`, which the extra `socks` installs.

This module is imported when a client with a SOCKS proxy opens its connections.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import aiohttp
from yarl import URL

from ..errors import ConfigurationError
from .connector import Connector
from .proxies import Proxies, ProxyError

try:
    from aiohttp_socks import ProxyConnectionError, ProxyConnector, ProxyError as SocksError, ProxyType
except ModuleNotFoundError:
    raise ConfigurationError("A SOCKS proxy needs an extra: pip install 'heygen-async[socks]'") from None

if TYPE_CHECKING:
    import asyncio

    from aiohttp.abc import ResolveResult
    from aiohttp.client_proto import ResponseHandler

    Connection: TypeAlias = tuple[asyncio.Transport, ResponseHandler]


class SocksConnector(Connector, ProxyConnector):
    """A connector that opens each connection directly or through the SOCKS proxy, which also resolves the host."""

    def __init__(self, proxies: Proxies, **options: Any) -> None:
        proxy = proxies.socks
        if proxy is None:
            raise RuntimeError("There is no SOCKS proxy.")
        kind = ProxyType.SOCKS4 if proxy.url.scheme.startswith("socks4") else ProxyType.SOCKS5
        name, _, password = (proxy.login or "").partition(":")
        super().__init__(
            proxies, proxy_type=kind, host=proxy.url.host, port=proxy.url.port or 1080, rdns=True,
            username=name or None, password=password or None, **options,
        )  # fmt: skip
        self._resolver = _Resolver(proxies)
        self._socks_url = proxy.url

    async def _wrap_create_connection(self, *args: Any, req: Any, **options: Any) -> Connection:
        proxy = self.proxies.for_url(req.url)
        direct: Any = aiohttp.TCPConnector
        if proxy is None or not proxy.is_socks:
            return cast("Connection", await direct._wrap_create_connection(self, *args, req=req, **options))  # noqa: SLF001
        through_proxy: Any = super()
        try:
            return cast("Connection", await through_proxy._wrap_create_connection(*args, req=req, **options))  # noqa: SLF001
        except (SocksError, ProxyConnectionError) as problem:
            raise ProxyError(f"the proxy {self._socks_url} opened no connection ({problem})") from None


class _Resolver(aiohttp.ThreadedResolver):
    """A resolver that leaves the hosts behind the proxy to the proxy."""

    def __init__(self, proxies: Proxies) -> None:
        super().__init__()
        self._proxies = proxies

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the host itself where a SOCKS proxy connects to it, and its addresses elsewhere."""
        proxy = self._proxies.for_url(URL.build(scheme="https", host=host, port=port or None))
        if proxy is None or not proxy.is_socks:
            return await super().resolve(host, port, family)
        return [{"hostname": host, "host": host, "port": port, "family": socket.AF_INET, "proto": 0, "flags": 0}]
