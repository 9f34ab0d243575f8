"""What all views of one client share: the connections, the gate, the retry budget, the loop they belong to."""

from __future__ import annotations

import asyncio
import sys
import warnings
import weakref
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..errors import ConfigurationError, InvalidInputError
from .concurrency_limiter import ConcurrencyLimiter
from .poll_limiter import PollLimiter
from .rate_limit_gate import RateLimitGate
from .retry_budget import RetryBudget

if TYPE_CHECKING:
    import aiohttp

    from ..auth.token_refresh import TokenRefresher


class SharedState:
    """It is opened at its first use, in the loop of that use, and closed once."""

    def __init__(
        self,
        session: aiohttp.ClientSession | None,
        max_connections: int,
        *,
        events: bool,
        credentials: TokenRefresher | None = None,
    ) -> None:
        if max_connections < 1:
            raise InvalidInputError("max_connections", max_connections, "a whole number, 1 or more")
        self.rate_limit_gate: RateLimitGate = RateLimitGate()
        self.retry_budget: RetryBudget = RetryBudget()
        self.connection_limiter: ConcurrencyLimiter = ConcurrencyLimiter(max_connections)
        self.poll_limiter: PollLimiter = PollLimiter(self.rate_limit_gate)
        # Who looks at jobs, and who wants to hear of events: the waits' own, which stand above this floor.
        self.pollers: weakref.WeakValueDictionary[object, Any] = weakref.WeakValueDictionary()
        self.event_listeners: dict[str, set[Any]] | None = {} if events else None
        self.credentials: TokenRefresher | None = credentials
        self._max_connections = max_connections
        self._given = session
        self._session: aiohttp.ClientSession | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False
        self._entered = 0
        self.ref: weakref.ref[SharedState] = weakref.ref(self)

    def opened_in(self, loop: asyncio.AbstractEventLoop) -> aiohttp.ClientSession | None:
        """The connections, when they are open in this loop."""
        session = self._session
        return session if session is not None and self._loop is loop and not session.closed else None

    async def session(self) -> aiohttp.ClientSession:
        """The connections, opened at their first use.

        Raises:
            ConfigurationError: The client is closed, or belongs to another event loop.
        """
        loop = asyncio.get_running_loop()
        if self._session is not None and self._loop is loop:
            if self._session.closed:
                raise ConfigurationError("The aiohttp session given to AsyncHeyGen is closed; give it an open one.")
            return self._session
        if self._closed:
            raise ConfigurationError("This AsyncHeyGen is closed; use it inside `async with`, or enter it again.")
        if self._session is not None:
            raise ConfigurationError(
                "This AsyncHeyGen was opened in another event loop. Close it there (leave its `async with`), "
                "or make one client for each loop."
            )
        if "aiohttp" not in sys.modules:  # a tenth of a second that the loop must not be held up for
            await loop.run_in_executor(None, import_module, "aiohttp")
        if self._session is None:
            from . import connection  # noqa: PLC0415  imports aiohttp

            self._session = self._given or connection.open_session()
            self._loop = loop
        return self._session

    async def enter(self) -> None:
        """Open, or open again after a close."""
        self._entered += 1
        self._closed = False
        await self.session()

    async def leave(self) -> None:
        """The last one to leave closes."""
        self._entered -= 1
        if self._entered <= 0:
            await self.close()

    async def close(self) -> None:
        """Close the connections, unless they were given from outside; twice is once."""
        session, self._session = self._session, None
        self._closed = True
        self._entered = 0
        if session is None:
            return
        if self._loop is not asyncio.get_running_loop():
            self._session = session
            raise ConfigurationError("This AsyncHeyGen was opened in another event loop; close it there.")
        self._loop = None
        self.rate_limit_gate = RateLimitGate()
        self.poll_limiter = PollLimiter(self.rate_limit_gate)
        self.connection_limiter = ConcurrencyLimiter(self._max_connections)
        try:
            if self.credentials is not None:
                await self.credentials.aclose()
        finally:
            if session is not self._given:
                await session.close()

    def __del__(self) -> None:
        session = getattr(self, "_session", None)
        if session is not None and session is not self._given and not session.closed:
            warnings.warn(
                "An AsyncHeyGen was left open: use it as `async with AsyncHeyGen() as heygen:`, or await aclose().",
                ResourceWarning,
                source=self,
                stacklevel=2,
            )
            session.detach()  # else aiohttp warns a second time of the same thing
