"""Activity outside this process, for which the emulator's clock must not jump: child processes and other servers.

The problem: an idle loop has one of two reasons. Either everything waits for a timer, and the clock can jump to it. Or
a response from another process is in transit, and the clock must not jump. A selector does not distinguish the two. To
wait for every open socket would stop the clock for each idle connection of a pool.

All external activity is visible in the files that are registered with the loop's selector, and in the child processes
that the loop started. This module sorts them:

* Internal, ignored: listening sockets, the connections they accepted, and connections of which the loop holds both
  ends.
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
import struct
import sys
import time
from logging import getLogger
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias
from weakref import WeakSet

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["ExternalActivity"]

# All in seconds of real time.
_PAUSE = 0.05  # after a read, in which more data may follow
_PATIENCE = 10.0  # without any activity
_HINT_DELAY = 2.0  # until the log explains why the clock does not jump
_MAX_COUNTED = 64  # connections; to count the bytes of more would take longer than to wait for them
_TCP_INFO_BYTES = 216  # up to the fields that are read
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
        self._internal: dict[int, _Ends] = {}  # connections of which the loop holds both ends, by descriptor
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
                self._internal[known] = reverse
            if reverse in self._connections or _port(ends[0]) in self._own_ports:
                self._internal[fd] = ends
                return
        self._external[fd] = ends
        if awaited:
            self._awaited.add(fd)
            self._last_activity = time.monotonic()

    def remove(self, fd: int) -> None:
        """Record that a file is no longer registered."""
        self._external.pop(fd, None)
        self._internal.pop(fd, None)
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

    def all_received(self) -> bool:
        """Return whether everything that this loop sent to itself has arrived; False if the system does not tell."""
        if sys.platform != "linux" or len(self._internal) > _MAX_COUNTED:
            return False
        try:
            counts = {
                ends: _byte_counts(fd)
                for fd, ends in self._internal.items()
                if isinstance(ends[0], tuple)  # A Unix socket delivers before a write returns.
            }
        except OSError:
            return False
        return all(
            sent <= counts[other, own].received for (own, other), (sent, _) in counts.items() if (other, own) in counts
        )

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


class _ByteCounts(NamedTuple):
    """The bytes that a connection has sent and received."""

    sent: int
    received: int


def _byte_counts(fd: int) -> _ByteCounts:
    """Return the counts that Linux keeps of a TCP connection, in the 64-bit fields of `struct tcp_info`."""
    connection = socket.socket(fileno=fd)
    try:
        information = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
    finally:
        connection.detach()
    if len(information) < _TCP_INFO_BYTES:  # Linux before 4.19
        raise OSError
    (received,) = struct.unpack_from("=Q", information, 128)
    sent, sent_again = struct.unpack_from("=QQ", information, 200)
    return _ByteCounts(sent - sent_again, received)


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
