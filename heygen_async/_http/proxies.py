"""Proxies: which requests go through one, by the `proxy` option or by the environment.

`HTTPS_PROXY`, `HTTP_PROXY` and `ALL_PROXY` name the proxy of the environment, and `NO_PROXY` the hosts that need none,
in upper or lower case. `NO_PROXY` is read as curl reads it: a list of hosts, each also for its subdomains, with an
optional port; addresses; networks such as `10.0.0.0/8`; and `*` for every host. The environment's proxy is never used
for this machine's own addresses. A proxy that the program passes is used for every host.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import msgspec
from yarl import URL

from ..errors import ConfigurationError
from ..types.redaction import HiddenStr
from .public_hosts import is_local_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    import aiohttp

_SOCKS = {"socks5", "socks5h", "socks4", "socks4a"}
_PORTS = {"http": 80, "https": 443}


class ProxyError(OSError):
    """A proxy opened no connection; the text names the proxy without its password."""

    def __init__(self, message: str, *, is_final: bool = False) -> None:
        super().__init__(message)
        self.is_final: bool = is_final


class Proxy(msgspec.Struct, frozen=True):
    """A proxy.

    Attributes:
        url: Its address, without the name and the password.
        login: `name:password`, or None.
    """

    url: URL
    login: HiddenStr | None

    def __repr__(self) -> str:
        return f"Proxy({str(self.url)!r})"

    @property
    def is_socks(self) -> bool:
        """Whether it speaks SOCKS, for which a connector of its own is needed."""
        return self.url.scheme in _SOCKS

    def arguments(self) -> dict[str, Any]:
        """Return aiohttp's arguments for a request through this proxy."""
        if self.login is None:
            return {"proxy": self.url}
        credentials = HiddenStr("Basic " + base64.b64encode(self.login.encode()).decode())
        return {"proxy": self.url, "proxy_headers": {"Proxy-Authorization": credentials}}


class Proxies:
    """The proxies of one client.

    Args:
        explicit: The proxy that the program passed, for every host.
        environment: The proxies of the environment by scheme, and the hosts without a proxy as `no`.
    """

    def __init__(self, explicit: Proxy | None = None, environment: Mapping[str, str] | None = None) -> None:
        self._explicit = explicit
        self._environment = {
            scheme: parse_proxy(f"{scheme.upper()}_PROXY", url)
            for scheme, url in (environment or {}).items()
            if scheme in {"http", "https", "all"} and url.strip()
        }
        self._exceptions = [entry.strip().lower() for entry in (environment or {}).get("no", "").split(",")]
        self._known: dict[tuple[str, str, int | None], Proxy | None] = {}
        self.is_empty: bool = explicit is None and not self._environment

    @property
    def socks(self) -> Proxy | None:
        """The SOCKS proxy among them, which needs a connector of its own."""
        proxies = (self._explicit, *self._environment.values())
        return next((proxy for proxy in proxies if proxy is not None and proxy.is_socks), None)

    def for_url(self, url: URL) -> Proxy | None:
        """Return the proxy for a URL; None for a direct connection."""
        if self._explicit is not None:
            return self._explicit
        key = (url.scheme, url.host or "", url.port)
        if key not in self._known:
            self._known[key] = self._find(*key)
        return self._known[key]

    def _find(self, scheme: str, host: str, port: int | None) -> Proxy | None:
        proxy = self._environment.get(scheme) or self._environment.get("all")
        is_direct = proxy is None or _is_loopback(host) or _is_listed(host, port, self._exceptions)
        return None if is_direct else proxy


def proxy_for(session: aiohttp.ClientSession, url: URL) -> Proxy | None:
    """Return the proxy that a session's request for a URL names; the connector itself uses a SOCKS proxy.

    A session of the program has its own settings.
    """
    proxies: Proxies | None = getattr(session.connector, "proxies", None)
    if proxies is None or proxies.is_empty:
        return None
    proxy = proxies.for_url(url)
    return None if proxy is None or proxy.is_socks else proxy


def explain_failure(problem: Exception, proxy: Proxy | None) -> Exception:
    """Return the error of a proxy that opened no connection; every other problem as it is."""
    from aiohttp import ClientConnectorError, ClientConnectorSSLError, ClientHttpProxyError  # noqa: PLC0415  slow

    if isinstance(problem.__cause__, ProxyError):  # of a SOCKS proxy; aiohttp wraps it
        return problem.__cause__
    if proxy is None:
        return problem
    if isinstance(problem, ClientHttpProxyError):
        return refusal(proxy, problem.status, problem.message)
    # Their subclasses have other reasons.
    if isinstance(problem, ClientConnectorError) and type(problem) in {ClientConnectorError, ClientConnectorSSLError}:
        reason = str(problem.os_error) or "the connection broke"
        text = (
            f"the proxy {proxy.url} opened no TLS connection to {problem.host}: {reason}. A proxy that sends a page of "
            "its own instead, such as a sign-in, has this effect: open the page in a browser"
        )
        return ProxyError(text, is_final=isinstance(problem, ClientConnectorSSLError))
    return problem


def refusal(proxy: Proxy, status: int, reason: str | None) -> ProxyError:
    """Return the error for the response of a proxy that opened no connection."""
    advice = ". Set its name and password before its host, as in name:password@host:3128" if status == 407 else ""
    text = f"the proxy {proxy.url} opened no connection: it responded {status} ({reason or ''}){advice}"
    return ProxyError(text, is_final=status in {403, 407})


def parse_proxy(source: str, value: str) -> Proxy:
    """Return the proxy at an address; an address without a scheme is that of an http proxy.

    Raises:
        ConfigurationError: It is no address of a proxy. The message does not show it: it may hold a password.
    """
    try:
        url = URL(value if "://" in value else f"http://{value}")
        is_valid = bool(url.host) and url.scheme in {"http", "https", *_SOCKS} and url.path in {"", "/"}
        login = None if url.raw_user is None else f"{unquote(url.raw_user)}:{unquote(url.raw_password or '')}"
    except ValueError:
        is_valid, login, url = False, None, URL()
    if not is_valid:
        raise ConfigurationError(
            f"{source} is no address of a proxy. Set it to one like http://proxy.example:3128 or "
            "socks5://proxy.example:1080; a name and a password may stand before the host, as in name:password@."
        )
    return Proxy(url.with_user(None).with_path(""), None if login is None else HiddenStr(login))


def http_proxy(value: str) -> Proxy:
    """Return the proxy of one view of a client, which shares the connections of the client.

    Raises:
        ConfigurationError: It is no address of an http proxy.
    """
    proxy = parse_proxy("proxy", value)
    if proxy.is_socks:
        raise ConfigurationError("A SOCKS proxy has connections of its own: pass it to AsyncHeyGen(proxy=…).")
    return proxy


def environment_proxies() -> Proxies:
    """Return the proxies of the environment.

    Raises:
        ConfigurationError: A variable holds no address of a proxy.
    """
    found: dict[str, str] = {}
    for scheme in ("http", "https", "all", "no"):
        name = f"{scheme}_proxy"
        value = os.environ.get(name)
        if value is None and not (scheme == "http" and "REQUEST_METHOD" in os.environ):  # which a CGI request sets
            value = os.environ.get(name.upper())
        if value:
            found[scheme] = value
    return Proxies(environment=found)


def _is_loopback(host: str) -> bool:
    if is_local_name(host):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _is_listed(host: str, port: int | None, entries: Iterable[str]) -> bool:
    """Return whether `NO_PROXY` lists a host."""
    return any(_matches(host.lower().rstrip("."), port, entry) for entry in entries if entry)


def _matches(host: str, port: int | None, entry: str) -> bool:
    if entry == "*":
        return True
    if "/" in entry:
        try:
            return ip_address(host) in ip_network(entry, strict=False)
        except ValueError:
            return False
    name, _, wanted = entry.rpartition(":")
    if not wanted.isdigit() or (":" in name and not name.endswith("]")):  # without a port, or an IPv6 address
        name, wanted = entry, ""
    name = name.strip("[]").lstrip("*").lstrip(".").rstrip(".")
    return (host == name or host.endswith(f".{name}")) and (not wanted or int(wanted) == port)
