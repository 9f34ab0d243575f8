"""Sessions of the program with `trust_env=True`: their proxies are used, and netrc files are not read.

The problem: such a session takes its proxies from the environment. aiohttp also looks up each host in `~/.netrc`, and
sends the password that it finds: to the API, to file stores and to the hosts of redirects. It has no option against it.

Rejected: an `Authorization` header against it, because aiohttp refuses a request with both. Rejected: switching
`trust_env` off in the session, because the program sends its own requests through it.

So each request is sent through a copy of the session that does not trust the environment, on the same connections. Its
proxy is looked up here.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any
from urllib.request import getproxies, proxy_bypass

from yarl import URL

from .worker_threads import run_in_thread

if TYPE_CHECKING:
    import aiohttp


async def request_without_netrc(
    session: aiohttp.ClientSession, method: str, url: URL, options: dict[str, Any]
) -> aiohttp.ClientResponse:
    """Send a request through a copy of a session that reads no netrc file, with the proxy of the environment.

    The connections, cookies, headers and hooks are those of the session.
    """
    if options.get("proxy") is None:
        options["proxy"] = await proxy_of_environment(url)
    twin = copy.copy(session)
    twin._trust_env = False  # noqa: SLF001  there is no public option
    try:
        return await twin.request(method, url, **options)
    finally:
        twin.detach()  # the connections belong to the session


async def proxy_of_environment(url: URL) -> URL | None:
    """Return the proxy that aiohttp takes from the environment, or from the system's settings, for a URL."""
    return await run_in_thread(_find_proxy, url)  # reading the settings may block


def _find_proxy(url: URL) -> URL | None:
    if url.host is None or proxy_bypass(url.host):
        return None
    proxy = getproxies().get(url.scheme)
    return URL(proxy) if proxy and not proxy.startswith(("https:", "wss:")) else None  # as aiohttp itself
