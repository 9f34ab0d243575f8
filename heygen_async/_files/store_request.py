"""One request to a file store, and its redirects.

This module is imported at the first transfer, because it imports aiohttp.
"""

from __future__ import annotations

import asyncio
import math
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
from multidict import CIMultiDict
from yarl import URL

from .._http.connection_errors import failed_attempt
from .._http.exchange import Exchange, open_exchange
from .._http.hooks import report_request, report_transfer_response
from .._http.public_hosts import RefusedUrlError
from .._http.redirects import REDIRECT_STATUSES, follow_redirects, redirect_url
from .._http.retry_policy import FailedAttemptError
from .._http.session import READ_BUFFER, client_timeout
from ..errors import APIConnectionError
from ..types.redaction import without_query
from .url_access import UrlAccess

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping

    import aiohttp

    from .._http.streamed_body import Body
    from .._http.transport import Transport

_MAX_REACHED_HOSTS = 1000


class StoreRequest:
    """One request to a file store. `file_store.exchange` describes the arguments."""

    def __init__(
        self,
        transport: Transport,
        method: str,
        headers: Mapping[str, str],
        body: Body | None,
        *,
        attempt: int,
        is_from_program: bool,
    ) -> None:
        length = {} if body is None else {"Content-Length": str(body.length)}
        self._options = transport.options
        self._shared_state = transport.shared_state
        self._method = method
        self._headers = CIMultiDict(
            {"User-Agent": transport.shared_state.user_agent, "Accept-Encoding": "identity", **length, **headers}
        )
        self._body = body
        self._attempt = attempt
        self._access = UrlAccess(transport, is_from_program=is_from_program)

    async def send(self, url: str, deadline: float) -> Exchange:
        """Send the request between its hooks, and return as soon as the response's head has arrived.

        Raises:
            FailedAttemptError: No response arrived.
            RefusedUrlError: The URL, or one to which it redirects, must not be fetched.
        """
        on_request, on_response = self._options.on_request, self._options.on_response
        if on_request is not None:
            await report_request(on_request, self._method, url, self._attempt, is_transfer=True)
        started = asyncio.get_running_loop().time()
        exchange = await self._send(url, deadline)
        try:
            if on_response is not None:
                elapsed = asyncio.get_running_loop().time() - started
                await report_transfer_response(on_response, exchange, self._attempt, elapsed)
            if exchange.response.status in REDIRECT_STATUSES:
                raise self._unfollowed(exchange.response)
        except BaseException:
            await exchange.close()
            raise
        return exchange

    async def _send(self, url: str, deadline: float) -> Exchange:
        """Send the request within the timeouts, and follow its redirects."""
        limits = self._options.timeout
        timeout = asyncio.timeout(limits.read if self._body is None else None)
        left = deadline - asyncio.get_running_loop().time()
        try:
            total = client_timeout(left, msgspec.structs.replace(limits, read=math.inf))
            async with timeout:
                return await self._follow(url, total)
        except TimeoutError as problem:
            if left > 0 and not timeout.expired():
                raise  # the source of the body raised it
            raise failed_attempt(problem, self._method, without_query(url)) from None

    async def _follow(self, url: str, timeout: aiohttp.ClientTimeout) -> Exchange:
        """Send the request to its URL, and to those of redirects."""

        async def open_url(target: URL) -> Exchange:
            return await self._open(target, timeout)

        try:
            first = URL(url, encoded=True)
            _ = first.port  # raises ValueError when it is not a port
        except ValueError as problem:
            raise failed_attempt(problem, self._method, without_query(url)) from None
        max_redirects = self._options.limits.redirects if self._method == "GET" else 0
        return await follow_redirects(await open_url(first), max_redirects, redirect_url, open_url)

    def _unfollowed(self, response: aiohttp.ClientResponse) -> RefusedUrlError:
        """Return the error for a redirect that was not followed."""
        if self._method != "GET":
            return RefusedUrlError("it redirects elsewhere, and an upload does not follow redirects")
        if redirect_url(response) is None:
            return RefusedUrlError("it redirects to no valid URL")
        return RefusedUrlError(f"it redirects more than {self._options.limits.redirects} times (limits.redirects)")

    async def _open(self, url: URL, timeout: aiohttp.ClientTimeout) -> Exchange:
        """Send the request to one URL.

        Raises:
            FailedAttemptError: No response arrived.
            RefusedUrlError: The URL must not be fetched.
        """
        address = without_query(str(url))
        reached_hosts, telemetry = self._shared_state.reached_hosts, self._shared_state.telemetry
        try:
            session = await self._session_for(url, address)
            open_once = partial(self._open_once, session, url, address, timeout)
            exchange = await (
                open_once(self._headers)
                if telemetry is None
                else telemetry.send(self._method, address, self._attempt, self._headers, self._body, open_once)
            )
        except FailedAttemptError as failure:
            if isinstance(failure.error, APIConnectionError) and url.host in reached_hosts:
                failure.error.is_unknown_host = False
            raise
        except RefusedUrlError as refused:
            if self._access.is_redirected:
                raise RefusedUrlError(f"it redirects to {address}: {refused}") from None
            raise
        if len(reached_hosts) < _MAX_REACHED_HOSTS:
            reached_hosts.add(url.host or "")
        return exchange

    def _open_once(
        self,
        session: aiohttp.ClientSession,
        url: URL,
        address: str,
        timeout: aiohttp.ClientTimeout,
        headers: CIMultiDict[str],
    ) -> Coroutine[Any, Any, Exchange]:
        return open_exchange(
            session,
            self._method,
            str(url),
            headers,
            self._body,
            self._options.timeout.read,
            address,
            self._options.limits,
            self._options.proxy,
            skip_auto_headers=("Content-Type",),
            auto_decompress=False,  # the length and the ranges of a file count the bytes that are sent
            allow_redirects=False,
            read_bufsize=READ_BUFFER,
            timeout=timeout,
        )

    async def _session_for(self, url: URL, address: str) -> aiohttp.ClientSession:
        try:
            return await self._access.session_for(url)
        except Exception as problem:  # noqa: BLE001  mapped, or raised again
            raise failed_attempt(problem, self._method, address) from None
