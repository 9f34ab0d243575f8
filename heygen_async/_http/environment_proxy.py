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
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.request import getproxies, proxy_bypass

from yarl import URL

from .worker_threads import run_in_thread

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    import aiohttp


@asynccontextmanager
async def without_netrc(
    session: aiohttp.ClientSession, url: URL, options: dict[str, Any]
) -> AsyncGenerator[aiohttp.ClientSession]:
    """Yield a copy of a session that reads no netrc file, and add the proxy of the environment to the options.

    The connections, cookies, headers and hooks are those of the session.
    """
    if options.get("proxy") is None:
        options["proxy"] = await run_in_thread(_proxy_for, url)  # on some systems this reads the system's settings
    twin = copy.copy(session)
    twin._trust_env = False  # noqa: SLF001  there is no public option
    try:
        yield twin
    finally:
        twin.detach()  # the connections belong to the session


def _proxy_for(url: URL) -> URL | None:
    if url.host is None or proxy_bypass(url.host):
        return None
    proxy = getproxies().get(url.scheme)
    return URL(proxy) if proxy and not proxy.startswith(("https:", "wss:")) else None  # as aiohttp itself
