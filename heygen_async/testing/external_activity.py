"""Activity outside this process, for which the emulator's clock must not jump: child processes and other servers.

The problem: an idle loop has one of two reasons. Either everything waits for a timer, and the clock can jump to it. Or
a response from another process is in transit, and the clock must not jump. A selector does not distinguish the two. To
wait for every open socket would stop the clock for each idle connection of a pool.

All external activity is visible in the files that are registered with the loop's selector, and in the child processes
that the loop started. This module sorts them:

* Internal, ignored: listening sockets, the connections they accepted, and connections of which the loop holds both ends.
* An external connection is awaited from the moment it is opened or written to until it is read from.
* Another file (a pipe, a descriptor given to `add_reader`) is awaited as long as it is registered.
* A child process is awaited as long as it runs.

Some of these never end: HTTP/2 acknowledges data, and a child may be a server. So waiting ends after ten
seconds without any activity, except for a child whose end a task awaits. A read may be followed by another, so a
short pause is kept after each.
"""

from __future__ import annotations

import asyncio
import os
import selectors
import socket
import time
from logging import getLogger
from typing import TYPE_CHECKING, Any, TypeAlias
from weakref import WeakSet

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["ExternalActivity"]

# All in seconds of real time.
_PAUSE = 0.05  # after a read, in which more data may follow
_PATIENCE = 10.0  # without any activity
_HINT_DELAY = 2.0  # until the log explains why the clock does not jump
_WRITE_METHODS = ("write", "writelines")
_Ends: TypeAlias = tuple[Any, Any]
_log = getLogger(__name__)


class ExternalActivity:
    """The external files and child processes of one event loop, and whether any of them is awaited.

    Args:
        selector: The real selector of the loop.
    """

    def __init__(self, selector: selectors.BaseSelector) -> None:
        self._selector = selector
        self._connections: set[_Ends] = set()  # of this loop, as pairs of the own and the other address
        self._own_ports: set[Any] = set()  # on which this loop listens
        self._external: dict[int, _Ends | None] = {}  # by descriptor; None for a file that is no connection
        self._awaited: set[int] = set()  # the descriptors in `_external` from which data is expected
        self._children: WeakSet[Any] = WeakSet()
        self._observed: WeakSet[Any] = WeakSet()  # transports whose writes are noticed
        self._last_activity = 0.0
        self._awaiting_since: float | None = None

    def add(self, fd: int, *, awaited: bool = True) -> None:
        """Record that a file was registered.

        Args:
            fd: Its descriptor.
            awaited: Whether data is expected from it, if it is external.
        """
        ends = _connection_ends(fd)
        if isinstance(ends, _ListeningSocket):
            self._own_ports.add(_port(ends.address))
            return
        if ends is not None:
            self._connections.add(ends)
            reverse = ends[::-1]
            for known in [number for number, others in self._external.items() if others == reverse]:
                self.remove(known)
            if reverse in self._connections or _port(ends[0]) in self._own_ports:
                return
        self._external[fd] = ends
        if awaited:
            self._awaited.add(fd)
            self._last_activity = time.monotonic()

    def remove(self, fd: int) -> None:
        """Record that a file is no longer registered."""
        self._external.pop(fd, None)
        self._awaited.discard(fd)

    def note_ready(self, ready: list[tuple[selectors.SelectorKey, int]]) -> None:
        """Record the files that the selector reported as ready."""
        if not self._external:
            return
        for key, mask in ready:
            if key.fd not in self._external:
                continue
            self._last_activity = time.monotonic()
            if mask & selectors.EVENT_READ and self._observe_writes(key):
                self._awaited.discard(key.fd)

    def counting_children(self, start: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        """Return the loop's `subprocess_exec` or `subprocess_shell`, changed to record each child that it starts."""

        async def start_noted(*args: Any, **options: Any) -> Any:
            self._last_activity = time.monotonic()
            child = await start(*args, **options)
            self._children.add(child[0])
            return child

        return start_noted

    def restore_transports(self) -> None:
        """Restore the methods of every observed transport."""
        for transport in self._observed:
            for name in _WRITE_METHODS:
                delattr(transport, name)

    def describe(self) -> str | None:
        """Return a description of something awaited, such as "the child process 12"; None if nothing is."""
        awaited = self._find_awaited() if self._external or self._children else None
        if awaited is None:
            self._awaiting_since = None
            return None
        now = time.monotonic()
        if self._awaiting_since is None:
            self._awaiting_since = now
        elif now - self._awaiting_since > _HINT_DELAY:
            _log.warning(
                "The emulator's clock does not jump while this is in progress: %s. Start processes that do not "
                "belong to the test before the emulator. A test that needs real time uses @pytest.mark.heygen(autojump=False).",
                awaited,
            )
            self._awaiting_since = float("inf")
        return awaited

    def _find_awaited(self) -> str | None:
        for fd in self._external:
            self._observe_writes(self._selector.get_key(fd))
        idle = time.monotonic() - self._last_activity
        running = [child for child in self._children if child.get_returncode() is None]
        for child in running:
            if getattr(child, "_exit_waiters", None) or idle < _PATIENCE:
                return f"the child process {child.get_pid()}"
        if self._external and idle < _PAUSE:
            return "a connection that was just in use"
        if self._awaited and idle < _PATIENCE:
            ends = self._external[min(self._awaited)]
            return "a file descriptor" if ends is None else f"a response from {ends[1] or 'another process'}"
        return None

    def _observe_writes(self, key: selectors.SelectorKey) -> bool:
        """Record each write to the file's asyncio transport; return False if it has none."""
        transport = _reading_transport(key)
        if transport is None or transport in self._observed:
            return transport is not None
        self._observed.add(transport)

        def noting(write: Callable[[Any], None]) -> Callable[[Any], None]:
            def write_noted(data: Any) -> None:
                if key.fd in self._external:
                    self._awaited.add(key.fd)
                    self._last_activity = time.monotonic()
                write(data)

            return write_noted

        for name in _WRITE_METHODS:
            setattr(transport, name, noting(getattr(transport, name)))
        return True


class _ListeningSocket:
    """The address of a socket that accepts connections."""

    def __init__(self, address: Any) -> None:
        self.address = address


def _connection_ends(fd: int) -> _Ends | _ListeningSocket | None:
    """Return the own and the other address of a connection; None if the file is none, or is not connected yet."""
    try:
        connection = socket.socket(fileno=fd)
    except OSError:
        return None
    try:
        if connection.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            return _ListeningSocket(_normalized(connection.getsockname()))
        return _normalized(connection.getsockname()), _normalized(connection.getpeername())
    except OSError:
        return None
    finally:
        connection.detach()


def _normalized(address: Any) -> Any:
    """Return an address in the form that both ends report: an IPv4 address may be mapped to IPv6 at one of them."""
    if isinstance(address, str | bytes):
        return os.fsdecode(address)
    host, port, *_ = address
    return str(host).removeprefix("::ffff:"), port


def _port(address: Any) -> Any:
    return address if isinstance(address, str) else address[1]


def _reading_transport(key: selectors.SelectorKey) -> asyncio.Transport | None:
    """Return the asyncio transport that reads from a file."""
    reader, _ = key.data
    owner = getattr(getattr(reader, "_callback", None), "__self__", None)
    return owner if isinstance(owner, asyncio.Transport) else None
