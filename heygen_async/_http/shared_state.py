"""The state that all views of one client share: connections, limits, credentials, and the event loop they belong to."""

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

    from .credentials import Credentials


class SharedState:
    """The shared state of one client. It opens at its first use, in the event loop of that use.

    Attributes:
        rate_limit_gate: Closed after a 429.
        retry_budget: Limits the retries during an outage.
        connection_limiter: Limits the requests in flight.
        poll_limiter: Limits the status requests of waits.
        pollers: The pollers of the waits, which live in a higher layer.
        event_listeners: The waits that an event with an id wakes, by the id; None when no events arrive.
        credentials: The object that signs the requests; None when they carry an API key.
        ref: A weak reference to this object.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession | None,
        max_connections: int,
        *,
        events: bool,
        credentials: Credentials | None = None,
    ) -> None:
        if max_connections < 1:
            raise InvalidInputError("max_connections", max_connections, "an integer, 1 or more")
        self._max_connections = max_connections
        self._reset_limits()
        self.retry_budget: RetryBudget = RetryBudget()
        self.pollers: weakref.WeakValueDictionary[object, Any] = weakref.WeakValueDictionary()
        self.event_listeners: dict[str, set[Any]] | None = {} if events else None
        self.credentials: Credentials | None = credentials
        self.ref: weakref.ref[SharedState] = weakref.ref(self)
        self._external_session = session
        self._session: aiohttp.ClientSession | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_closed = False
        self._entries = 0

    def _reset_limits(self) -> None:
        """Create the limits whose waiting tasks belong to one event loop."""
        self.rate_limit_gate: RateLimitGate = RateLimitGate()
        self.poll_limiter: PollLimiter = PollLimiter(self.rate_limit_gate)
        self.connection_limiter: ConcurrencyLimiter = ConcurrencyLimiter(self._max_connections)

    def session_in(self, loop: asyncio.AbstractEventLoop) -> aiohttp.ClientSession | None:
        """Return the session when it is open in this event loop; the fast path of `session`."""
        session = self._session
        return session if session is not None and self._loop is loop and not session.closed else None

    async def session(self) -> aiohttp.ClientSession:
        """Return the session, and open it at its first use.

        Raises:
            ConfigurationError: The client is closed, or belongs to another event loop.
        """
        loop = asyncio.get_running_loop()
        if self._session is not None and self._loop is loop:
            if self._session.closed:
                raise ConfigurationError("The aiohttp session given to AsyncHeyGen is closed. Pass an open one.")
            return self._session
        if self._is_closed:
            raise ConfigurationError("This AsyncHeyGen is closed. Use it inside `async with`, or enter it again.")
        if self._session is not None:
            raise ConfigurationError(
                "This AsyncHeyGen was opened in another event loop. Close it there (leave its `async with`), "
                "or create one client for each event loop."
            )
        if "aiohttp" not in sys.modules:  # the import takes a tenth of a second, for which the loop must not stop
            await loop.run_in_executor(None, import_module, "aiohttp")
        if self._session is None:
            from . import session  # noqa: PLC0415  imports aiohttp

            self._session = self._external_session or session.open_session()
            self._loop = loop
        return self._session

    async def enter(self) -> None:
        """Open the session; also after `close`."""
        self._entries += 1
        self._is_closed = False
        await self.session()

    async def leave(self) -> None:
        """Undo one `enter`; close after the last one."""
        self._entries -= 1
        if self._entries <= 0:
            await self.close()

    async def close(self) -> None:
        """Close the connections, unless the program passed the session. Closing twice has no further effect.

        Raises:
            ConfigurationError: The client belongs to another event loop.
        """
        session, self._session = self._session, None
        self._is_closed = True
        self._entries = 0
        if session is None:
            return
        if self._loop is not asyncio.get_running_loop():
            self._session = session
            raise ConfigurationError("This AsyncHeyGen was opened in another event loop. Close it there.")
        self._loop = None
        self._reset_limits()
        try:
            if self.credentials is not None:
                await self.credentials.aclose()
        finally:
            if session is not self._external_session:
                await session.close()

    def __del__(self) -> None:
        session = getattr(self, "_session", None)
        if session is not None and session is not self._external_session and not session.closed:
            warnings.warn(
                "An AsyncHeyGen was left open: use it as `async with AsyncHeyGen() as heygen:`, or await aclose().",
                ResourceWarning,
                source=self,
                stacklevel=2,
            )
            session.detach()  # aiohttp would warn of the same session a second time
