"""What a loop waits for that no clock can hurry: other processes, and whoever is at the far end of a connection.

All of it shows in what is registered with the loop's selector, and in the child processes that it began. What a
loop is to itself is left out: its listening sockets, what they accepted, and connections of which it holds both ends.
Of the rest, a connection is waited for from when it is opened or written to until it is read from; so a pool of
connections that nobody uses delays nothing. What is no connection of asyncio's own (a pipe, a descriptor given to
`add_reader`) is waited for as long as it is registered, and a child process as long as it runs.

Not everything that is waited for will come: HTTP/2 acknowledges what it read, a child may be a server. So patience
ends when nothing has moved for ten seconds, except for a child whose end somebody awaits. What was heard may go on in a
moment; so after each piece there is a moment of quiet.
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

__all__ = ["Outside"]

_QUIET = 0.05  # seconds of real time in which what was heard may go on
_PATIENCE = 10.0  # seconds of real time without a sign of life
_HINT = 2.0  # seconds of real time after which whoever reads the log is told
_WRITES = ("write", "writelines")
_Ends: TypeAlias = tuple[Any, Any]
_log = getLogger(__name__)


class Outside:
    """What is registered with one selector, as far as its other end is elsewhere."""

    def __init__(self, selector: selectors.BaseSelector) -> None:
        self._selector = selector
        self._seen: set[_Ends] = set()  # connections of this loop, as pairs of this end and the other
        self._served: set[Any] = set()  # the ports where this loop listens, on whatever interface
        self._there: dict[int, _Ends | None] = {}  # what has its other end elsewhere, by descriptor
        self._awaited: set[int] = set()  # those of it that are waited for
        self._children: WeakSet[Any] = WeakSet()
        self._watched: WeakSet[Any] = WeakSet()
        self._moved = 0.0
        self._held: float | None = None

    # -- what happens

    def opened(self, fd: int, *, before: bool = False) -> None:
        """It was registered; `before` all that is told here, so that nothing is known to be awaited of it."""
        ends = _ends(fd)
        if isinstance(ends, _Listening):
            self._served.add(_port(ends.address))
            return
        if ends is not None:
            self._seen.add(ends)
            other_end = ends[::-1]
            for known in [number for number, its in self._there.items() if its == other_end]:
                self.closed(known)
            if other_end in self._seen or _port(ends[0]) in self._served:
                return
        self._there[fd] = ends
        if not before:
            self._awaited.add(fd)
            self._moved = time.monotonic()

    def closed(self, fd: int) -> None:
        """It is registered no more."""
        self._there.pop(fd, None)
        self._awaited.discard(fd)

    def heard(self, ready: list[tuple[selectors.SelectorKey, int]]) -> None:
        """These are ready."""
        if not self._there:
            return
        for key, mask in ready:
            if key.fd not in self._there:
                continue
            self._moved = time.monotonic()
            if mask & selectors.EVENT_READ and self._watch(key):
                self._awaited.discard(key.fd)

    def began(self, start: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        """A `subprocess_exec` or `subprocess_shell` of a loop whose children are known here."""

        async def begun(*args: Any, **options: Any) -> Any:
            self._moved = time.monotonic()
            made = await start(*args, **options)
            self._children.add(made[0])
            return made

        return begun

    def _watch(self, key: selectors.SelectorKey) -> bool:
        """Learn when it is written to, which connections of asyncio's own tell."""
        transport = _transport(key)
        if transport is None or transport in self._watched:
            return transport is not None
        self._watched.add(transport)

        def telling(write: Callable[[Any], None]) -> Callable[[Any], None]:
            def told(data: Any) -> None:
                if key.fd in self._there:
                    self._awaited.add(key.fd)
                    self._moved = time.monotonic()
                write(data)

            return told

        for name in _WRITES:
            setattr(transport, name, telling(getattr(transport, name)))
        return True

    def forget(self) -> None:
        """Nobody asks any more: leave all as it was."""
        for transport in self._watched:
            for name in _WRITES:
                delattr(transport, name)

    # -- what it comes to

    def under_way(self) -> str | None:
        """Something that is to be waited for in real time; None when there is nothing."""
        found = self._what() if self._there or self._children else None
        if found is None:
            self._held = None
            return None
        now = time.monotonic()
        if self._held is None:
            self._held = now
        elif now - self._held > _HINT:
            _log.warning(
                "The local HeyGen's clock does not jump while this is under way: %s. What is no work of the test "
                "had better begin before the emulator; a test that is to live in real time says so with "
                "@pytest.mark.heygen(autojump=False).",
                found,
            )
            self._held = float("inf")
        return found

    def _what(self) -> str | None:
        for fd in self._there:
            self._watch(self._selector.get_key(fd))
        still = time.monotonic() - self._moved
        running = [child for child in self._children if child.get_returncode() is None]
        for child in running:
            if getattr(child, "_exit_waiters", None) or still < _PATIENCE:
                return f"the child process {child.get_pid()}"
        if self._there and still < _QUIET:
            return "a connection that was just in use"
        if self._awaited and still < _PATIENCE:
            ends = self._there[min(self._awaited)]
            return "a file descriptor" if ends is None else f"an answer of {ends[1] or 'another process'}"
        return None


class _Listening:
    """The state of a socket that waits to be called."""

    def __init__(self, address: Any) -> None:
        self.address = address


def _ends(fd: int) -> _Ends | _Listening | None:
    """The addresses of a connection, this end's first; None for what is no connection, or none yet."""
    try:
        found = socket.socket(fileno=fd)
    except OSError:
        return None
    try:
        if found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            return _Listening(_plain(found.getsockname()))
        return _plain(found.getsockname()), _plain(found.getpeername())
    except OSError:
        return None
    finally:
        found.detach()


def _plain(address: Any) -> Any:
    """An address by which both ends know each other: one of IPv4 may be told in the way of IPv6."""
    if isinstance(address, str | bytes):
        return os.fsdecode(address)
    host, port, *_ = address
    return str(host).removeprefix("::ffff:"), port


def _port(address: Any) -> Any:
    return address if isinstance(address, str) else address[1]


def _transport(key: selectors.SelectorKey) -> asyncio.Transport | None:
    """The connection of asyncio's own that reads there."""
    reader, _ = key.data
    owner = getattr(getattr(reader, "_callback", None), "__self__", None)
    return owner if isinstance(owner, asyncio.Transport) else None
