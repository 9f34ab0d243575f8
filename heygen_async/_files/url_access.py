"""Access to the URLs of files: which may be fetched, and through which connections.

The program may pass any URL, because it decides where it connects. All other URLs come from a response or a redirect,
and lead to public hosts over https only (`_http/public_hosts`). This does not apply to URLs with the API's own origin,
nor when the API itself has a private address, as the emulator has, nor with the option `allow_private_hosts`.

Rejected ways:

* Resolve the host, check its addresses, and let the HTTP library resolve it again. Between the two, the name may get
  another address. So the check is part of the resolver of a session of its own.
* One session with a check for some requests. A connection that the program opened to a private host would be reused
  for a URL from a response.

A session of the program cannot be changed. There, the addresses come from its connector, whose cache also gives them to
the request, and are checked before it. Behind a proxy only the proxy knows the addresses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
from yarl import URL

from .._http.public_hosts import RefusedUrlError, check_addresses, check_url, is_literal, is_local_name, private_kind
from .._http.session import has_proxy, resolve

if TYPE_CHECKING:
    from .._http.transport import Transport


class UrlAccess:
    """The access of one request to its URL, and to those of its redirects.

    Args:
        transport: The client's transport.
        is_from_program: Whether the program passed the first URL itself.

    Attributes:
        is_redirected: Whether the newest URL came from a redirect.
    """

    def __init__(self, transport: Transport, *, is_from_program: bool) -> None:
        self._shared_state = transport.shared_state
        self._options = transport.options
        self._is_from_program = is_from_program
        self._previous: URL | None = None
        self.is_redirected: bool = False

    async def session_for(self, url: URL) -> aiohttp.ClientSession:
        """Return the session through which to fetch the next URL.

        Raises:
            RefusedUrlError: It must not be fetched.
            OSError: Its host was not found.
            aiohttp.ClientError: Its host is not valid.
        """
        previous, self._previous = self._previous, url
        self.is_redirected = previous is not None
        if previous is None and self._is_from_program:
            return await self._shared_state.session()
        if url.scheme not in {"http", "https"} or not url.host:
            raise RefusedUrlError("only http and https URLs are fetched")
        if previous is not None and previous.scheme == "https" and url.scheme == "http":
            raise RefusedUrlError("a redirect from https to http is not followed")
        if await self._is_unlimited(url):
            return await self._shared_state.session()
        check_url(url)
        session = await self._shared_state.session()
        if self._options.proxy is not None or await has_proxy(session, url):
            return session  # only the proxy resolves the host
        if self._shared_state.owns_session:
            return await self._shared_state.public_session()
        check_addresses(url.host, await resolve(session, url))
        return session

    async def _is_unlimited(self, url: URL) -> bool:
        """Return whether a URL from a response may lead to a private address."""
        base, shared_state = URL(self._options.base_url), self._shared_state
        if self._options.allow_private_hosts or url.origin() == base.origin():
            return True
        if shared_state.base_is_public is None:
            try:
                shared_state.base_is_public = await self._is_public(base)
            except (OSError, ValueError, aiohttp.ClientError):
                return False  # the API's host cannot be resolved now
        return not shared_state.base_is_public

    async def _is_public(self, base: URL) -> bool:
        host = base.host or ""
        if is_local_name(host):
            return False
        addresses = [host] if is_literal(host) else await resolve(await self._shared_state.session(), base)
        return not addresses or any(private_kind(address) is None for address in addresses)
