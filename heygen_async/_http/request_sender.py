"""One request to the API: the time that is left for it, its span if the program traces, and its redirects."""

from __future__ import annotations

import asyncio
import math
from functools import partial
from typing import TYPE_CHECKING, Any

from ..types.redaction import without_query
from .exchange import open_exchange
from .redirects import follow_redirects, redirect_address
from .retry_policy import FailedAttemptError, RequestOutcome

if TYPE_CHECKING:
    from collections.abc import Coroutine

    import aiohttp
    from multidict import CIMultiDict

    from .call import Call
    from .configuration import Options
    from .exchange import Exchange
    from .shared_state import SharedState

_SAME_TIME = 0.001  # seconds


class RequestSender:
    """Sends the requests of one view of a client to the API."""

    __slots__ = ("_options", "_shared_state", "_timeouts")

    def __init__(self, shared_state: SharedState, options: Options) -> None:
        self._shared_state = shared_state
        self._options = options
        self._timeouts: dict[float, aiohttp.ClientTimeout] = {}

    def send_once(
        self, call: Call, session: aiohttp.ClientSession, address: str, now: float
    ) -> Coroutine[Any, Any, Exchange]:
        """Send the request to an address of the API."""
        telemetry, headers = self._shared_state.telemetry, call.signed_headers or call.headers
        shown = address if address is call.address else call.mask.text(address)
        if telemetry is None:
            return self._open(call, session, address, shown, now, headers)
        open_once = partial(self._open, call, session, address, shown, now)
        url, endpoint = self._options.base_url + shown, call.endpoint
        return telemetry.send(endpoint.method, url, call.attempt, headers, call.body, open_once, template=endpoint.path)

    def _open(
        self,
        call: Call,
        session: aiohttp.ClientSession,
        address: str,
        shown: str,
        now: float,
        headers: CIMultiDict[str],
    ) -> Coroutine[Any, Any, Exchange]:
        """Open the exchange. Error messages have the address `shown`."""
        options = self._options
        return open_exchange(
            session,
            call.endpoint.method,
            options.base_url + address,
            headers,
            call.body,
            options.timeout.read,
            shown,
            options.limits,
            options.proxy,
            allow_redirects=False,
            timeout=self._timeout(call, now),
        )

    async def open_stream(self, call: Call, session: aiohttp.ClientSession, address: str, now: float) -> Exchange:
        """Open an event stream within the call's deadline, which does not limit the open stream."""
        try:
            async with asyncio.timeout_at(call.deadline):
                return await self.send_once(call, session, address, now)
        except TimeoutError as problem:
            from .connection_errors import failed_attempt  # noqa: PLC0415  imports aiohttp

            raise failed_attempt(problem, call.endpoint.method, without_query(address)) from None

    async def follow_redirects(self, call: Call, session: aiohttp.ClientSession, exchange: Exchange) -> Exchange:
        """Follow redirects within the API's base URL, and return the last response."""
        open_next = self.open_stream if call.is_stream else self.send_once
        return await follow_redirects(
            exchange,
            self._options.limits.redirects,
            lambda response: redirect_address(response, self._options.base_url),
            lambda address: open_next(call, session, address, asyncio.get_running_loop().time()),
        )

    def _timeout(self, call: Call, now: float) -> aiohttp.ClientTimeout:
        """Return the time left as aiohttp's timeout, which is cached for calls that have just started.

        Raises:
            FailedAttemptError: No time is left, so nothing is sent.
        """
        if call.is_stream:
            remaining = math.inf
        elif call.time_limit - (remaining := call.deadline - now) < _SAME_TIME:
            remaining = call.time_limit
        timeout = self._timeouts.get(remaining)
        if timeout is None:
            from .session import client_timeout  # noqa: PLC0415  imports aiohttp

            try:
                timeout = client_timeout(remaining, self._options.timeout)
            except TimeoutError:
                error = call.not_sent_error("no time was left. Use a longer timeout.")
                raise FailedAttemptError(error, RequestOutcome.NOT_SENT) from None
            if remaining in {call.time_limit, math.inf}:
                self._timeouts[remaining] = timeout
        return timeout
