"""The state that all views of one client share: connections, limits, credentials, and the event loop they belong to.

A client belongs to one event loop at a time. When it is closed or its event loop has ended, its first use in another
event loop moves it there: the old sockets are released, and new ones are opened. While its own event loop runs, a use
in another one is an error, since neither sockets nor waiting tasks can be shared by two threads.
"""

from __future__ import annotations

import asyncio
import sys
import warnings
import weakref
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..errors import APIConnectionError, ConfigurationError, InvalidInputError
from .concurrency_limiter import ConcurrencyLimiter
from .log_records import start_logging
from .network import Network
from .poll_limiter import PollLimiter
from .proxies import Proxies
from .rate_limit_gate import RateLimitGate
from .retry_budget import RetryBudget
from .running_loop import running_loop
from .spending import Spending
from .worker_threads import run_in_thread

if TYPE_CHECKING:
    import ssl

    import aiohttp

    from ..errors import HeyGenError
    from .credentials import Credentials
    from .telemetry import Telemetry


_TWO_LOOPS = (
    "This AsyncHeyGen is in use in another event loop, which is running. A client works in one event loop at a time. "
    "From another thread, send the call to the client's event loop with asyncio.run_coroutine_threadsafe() or a portal "
    "of anyio; or create one client for each event loop. The README shows both in its section 'Event loops, threads "
    "and frameworks'."
)
_SESSION_OF_ANOTHER_LOOP = (
    "The aiohttp session given to AsyncHeyGen belongs to another event loop. Create a session and a client for each "
    "event loop, or leave the session to AsyncHeyGen."
)


_NETWORK_OF_A_SESSION = (
    "The aiohttp session given to AsyncHeyGen has its own proxies and certificates. Set proxy, trust_env, ssl_context, "
    "ca_bundle and client_cert there, or leave the session to AsyncHeyGen."
)
_PROVIDERS = {"opentelemetry.trace": "get_tracer_provider", "opentelemetry.metrics": "get_meter_provider"}


def closed_error() -> ConfigurationError:
    """Return the error for a use of the client after it was closed."""
    return ConfigurationError("This AsyncHeyGen is closed. Use it inside `async with`, or enter it again.")


def find_telemetry() -> Telemetry | None:
    """Return the telemetry of a program that has set a provider of traces or metrics; otherwise None.

    Without a provider, OpenTelemetry returns one of its own that does nothing. A program that has not imported
    OpenTelemetry has set none.
    """
    found: list[Any] = []
    for name, getter in _PROVIDERS.items():
        module = sys.modules.get(name)
        provider = None if module is None else getattr(module, getter)()
        found.append(None if type(provider).__module__.startswith(name) else provider)
    if found == [None, None]:
        return None
    from .telemetry import Telemetry  # noqa: PLC0415  an extra

    return Telemetry(*found)


class SharedState:
    """The shared state of one client. It opens at its first use, in the event loop of that use.

    Attributes:
        rate_limit_gate: Closed after a 429.
        retry_budget: Limits the retries during an outage.
        connection_limiter: Limits the requests in flight.
        poll_limiter: Limits the status requests of waits.
        pollers: The pollers of the waits, which live in a higher layer.
        waits: The entries of the running waits, which end when the client is closed.
        event_listeners: The waits that an event with an id wakes, by the id; None when no events arrive.
        credentials: The object that signs the requests; None when they carry an API key.
        user_agent: The header `User-Agent` of every request.
        spending: What the client's creates cost.
        telemetry: The traces and metrics; None for a program without a provider of OpenTelemetry.
        ref: A weak reference to this object.
        base_is_public: Whether the API's own host is public; None until it was resolved.
        has_response: Whether the API has ever responded.
        reached_hosts: Hosts of file stores that have responded.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession | None,
        max_connections: int,
        *,
        events: bool,
        credentials: Credentials | None = None,
        network: Network = Network(),  # noqa: B008  frozen
    ) -> None:
        start_logging()
        if session is not None and network.has_connection_options():
            raise ConfigurationError(_NETWORK_OF_A_SESSION)
        if max_connections < 1:
            raise InvalidInputError("max_connections", max_connections, "an integer, 1 or more")
        self._max_connections = max_connections
        self._reset_limits()
        self.retry_budget: RetryBudget = RetryBudget()
        self.pollers: weakref.WeakValueDictionary[object, Any] = weakref.WeakValueDictionary()
        self.waits: set[Any] = set()
        self.deprecations: set[str] = set()  # of which the client has warned
        self.event_listeners: dict[str, set[Any]] | None = {} if events else None
        self.credentials: Credentials | None = credentials
        self.spending: Spending = Spending()
        self.ref: weakref.ref[SharedState] = weakref.ref(self)
        self._network = network
        self.user_agent: str = network.user_agent
        self.telemetry: Telemetry | None = None
        self._has_chosen_telemetry = False
        self._proxies = network.proxies()
        self._ssl_context: ssl.SSLContext | None = None
        self._external_session = session
        self.base_is_public: bool | None = None
        self.has_response: bool = False
        self.reached_hosts: set[str] = set()
        self._session: aiohttp.ClientSession | None = None
        self._public_session: aiohttp.ClientSession | None = None
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
        """Return the session, and open it at its first use in an event loop.

        Raises:
            ConfigurationError: The client is closed, or in use in another event loop that runs.
        """
        loop = running_loop()
        if self._loop is not loop:
            self._move_to(loop)
        if not self._is_closed and self._session is None and "aiohttp" not in sys.modules:
            # The import takes a tenth of a second, for which the loop must not stop.
            await loop.run_in_executor(None, import_module, "aiohttp")
        if self._is_closed:
            raise closed_error()
        if self._session is None:
            self.choose_telemetry()
            self._session = self._external_session or await self._open_session()
        elif self._session.closed:
            raise ConfigurationError("The aiohttp session given to AsyncHeyGen is closed. Pass an open one.")
        return self._session

    def choose_telemetry(self) -> Telemetry | None:
        """Return the traces and metrics of this client; its first use decides whether it has them."""
        if not self._has_chosen_telemetry:
            self._has_chosen_telemetry = True
            self.telemetry = find_telemetry()
        return self.telemetry

    @property
    def owns_session(self) -> bool:
        """Whether the sessions are the client's own, not one of the program."""
        return self._external_session is None

    def mark_known_host(self, error: HeyGenError) -> HeyGenError:
        """Return the error of a request to the API. Once the API has responded, its host is not unknown."""
        if isinstance(error, APIConnectionError) and self.has_response:
            error.is_unknown_host = False
        return error

    async def public_session(self) -> aiohttp.ClientSession:
        """Return a session of the client's own that connects to public addresses only.

        It shares no connection with the other session, which may have opened one to a private address.

        Raises:
            ConfigurationError: The client is closed, or in use in another event loop that runs.
        """
        await self.session()
        if self._public_session is None:
            from . import session  # noqa: PLC0415  imports aiohttp

            self._public_session = session.open_session(Proxies(), self._ssl_context, session.PublicResolver())
        return self._public_session

    async def _open_session(self) -> aiohttp.ClientSession:
        """Open a session of the client's own, with its proxies and certificates.

        Raises:
            ConfigurationError: A proxy is invalid, or a file of certificates cannot be loaded.
        """
        from . import session  # noqa: PLC0415  imports aiohttp

        if self._network.needs_context():
            self._ssl_context = await run_in_thread(self._network.build_context)
        return session.open_session(self._proxies, self._ssl_context)

    @property
    def is_closed(self) -> bool:
        """Whether the client was closed in the running event loop. In another event loop, its next use opens it."""
        return self._is_closed and self._loop is asyncio.get_running_loop()

    def _move_to(self, loop: asyncio.AbstractEventLoop) -> None:
        """Move the client to this event loop, and release the connections of the earlier one.

        Raises:
            ConfigurationError: The client is in use in the other event loop, which runs; or it has the aiohttp session
                of the program, which belongs to the other event loop.
        """
        previous, self._loop = self._loop, loop
        if previous is not None:
            if self._session is not None and previous.is_running():
                self._loop = previous
                raise ConfigurationError(_TWO_LOOPS)
            if self._external_session is not None:
                self._loop = previous
                raise ConfigurationError(_SESSION_OF_ANOTHER_LOOP)
            self._release_session()
            self._reset_limits()
            self.pollers.clear()
            self.waits.clear()
            self._entries = 0
        self._is_closed = False

    def _release_session(self) -> None:
        """Close the connections immediately, without a warning."""
        for session in self._take_sessions():
            from .session import release_session  # noqa: PLC0415  imports aiohttp

            release_session(session)

    def _take_sessions(self) -> list[aiohttp.ClientSession]:
        """Forget the open sessions, and return those that the program did not pass."""
        sessions = (self._session, self._public_session)
        self._session = self._public_session = None
        return [session for session in sessions if session is not None and session is not self._external_session]

    async def enter(self, *, lazily: bool = False) -> None:
        """Open the session; also after `close`.

        Args:
            lazily: Leave the session, and the import of aiohttp, to the first request. If the program chose
                certificates, a SOCKS proxy or the session, it opens now, because that may fail.
        """
        loop = running_loop()
        if self._loop is not loop:
            self._move_to(loop)
        self._is_closed = False
        if not lazily or self._may_fail_to_open():
            await self.session()
        self._entries += 1

    def _may_fail_to_open(self) -> bool:
        return not self.owns_session or self._proxies.socks is not None or self._network.needs_context()

    async def leave(self) -> None:
        """Undo one `enter`; close after the last one."""
        self._entries -= 1
        if self._entries <= 0:
            await self.close()

    async def close(self) -> None:
        """End the waits, and close the connections unless the program passed the session.

        Closing twice has no further effect.

        Raises:
            ConfigurationError: The client is in use in another event loop that runs.
        """
        loop = running_loop()
        if self._loop is not loop:
            self._move_to(loop)
        was_open, sessions = self._session is not None, self._take_sessions()
        self._is_closed = True
        self._entries = 0
        for wait in tuple(self.waits):
            wait.interrupt()
        if not was_open:
            return
        self._reset_limits()
        try:
            if self.credentials is not None:
                await self.credentials.aclose()
        finally:
            for session in sessions:
                await session.close()

    def __del__(self) -> None:
        if not hasattr(self, "_public_session"):  # `__init__` failed
            return
        sessions = [session for session in self._take_sessions() if not session.closed]
        if sessions:
            warnings.warn(
                "An AsyncHeyGen was left open: use it as `async with AsyncHeyGen() as heygen:`, or await aclose().",
                ResourceWarning,
                source=self,
                stacklevel=2,
            )
        for session in sessions:
            session.detach()  # aiohttp would warn of the same session a second time
