"""Event stores: the events that were handled already.

HeyGen may deliver an event more than once, and several processes may receive it. Before an event is handled, it is
claimed in the store. Afterwards it is marked as done, or released for another attempt. A claim expires after its lease,
so that an event is free again when its process has died.

An event has up to two keys, which are claimed together or not at all: a digest of its id, and a digest of its signed
body. The id is not signed, so a captured delivery may come back under another one.
"""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
import time
from collections import OrderedDict
from collections.abc import Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

import msgspec

from ..errors import ConfigurationError
from .sqlite_file import SQLiteFile

if TYPE_CHECKING:
    from redis.asyncio import Redis

LIFETIME = 2 * 86_400.0  # seconds; HeyGen repeats a delivery for one day

_PURGE_SECONDS = 900.0  # between two removals of what has expired; each reads the whole table
_KEYS_PER_EVENT = 2
_DONE = "done"
_PUT = (
    "INSERT INTO event_keys VALUES (?, ?, ?) "
    "ON CONFLICT (key) DO UPDATE SET state = excluded.state, expiry = excluded.expiry"
)
_CLAIM = f"{_PUT} WHERE expiry <= ? OR state = excluded.state"
_RELEASE = "DELETE FROM event_keys WHERE key = ? AND state = ?"
_IF_OWN_CLAIM = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call({}) end return 0"
_RENEW_OWN_CLAIM = _IF_OWN_CLAIM.format("'pexpire', KEYS[1], ARGV[2]")
_DELETE_OWN_CLAIM = _IF_OWN_CLAIM.format("'del', KEYS[1]")

#: The result of a claim: `new` is yours now, `busy` is claimed by another, `done` was handled.
ClaimResult: TypeAlias = Literal["new", "busy", "done"]


class Claim(msgspec.Struct, frozen=True, eq=False):
    """The claim of one delivery to handle an event.

    Attributes:
        keys: The keys of the event, each 64 characters long, with the seconds for which a store remembers it once the
            event is done. `inf` means the store's `lifetime`, which is also the maximum.
        owner: A text that no other claim has. Only the owner of a claim can renew or release it.
        lease: The seconds until the claim expires.
    """

    keys: Mapping[str, float]
    owner: str
    lease: float


class EventStore(Protocol):
    """A store of handled events."""

    async def open(self) -> None:
        """Check that the store can be used. A receiver calls this when it starts; any exception stops it."""
        ...

    async def claim(self, claim: Claim) -> ClaimResult:
        """Claim all keys if none of them is done or claimed by another owner; otherwise claim none.

        For the same owner this renews the lease.

        Args:
            claim: The claim of an event.
        """
        ...

    async def mark_done(self, claim: Claim) -> None:
        """Record that the event was handled.

        Args:
            claim: The claim of an event.
        """
        ...

    async def release(self, claim: Claim) -> None:
        """Give up a claim, so that the next delivery can be handled. Keys of another owner stay as they are.

        Args:
            claim: The claim of an event.
        """
        ...


class MemoryEventStore:
    """An event store for one process.

    Args:
        max_events: The number of events to remember; the oldest are forgotten first.
        lifetime: The seconds for which a done event is remembered.
    """

    def __init__(self, *, max_events: int = 100_000, lifetime: float = LIFETIME) -> None:
        self._max_keys = max_events * _KEYS_PER_EVENT
        self._lifetime = lifetime
        self._states: OrderedDict[str, tuple[str, float]] = OrderedDict()  # owner or `done`, and the time of expiry

    async def open(self) -> None:
        """Do nothing: memory needs no opening."""

    async def claim(self, claim: Claim) -> ClaimResult:
        """Claim all keys if none of them is done or claimed by another owner; otherwise claim none.

        Args:
            claim: The claim of an event.
        """
        now, owner = asyncio.get_running_loop().time(), claim.owner
        for key in claim.keys:
            state, expiry = self._states.get(key, (owner, 0.0))
            if state != owner and expiry > now:
                return "done" if state == _DONE else "busy"
        state_of_all = (owner, now + claim.lease)
        for key in claim.keys:
            self._set(key, state_of_all)
        return "new"

    async def mark_done(self, claim: Claim) -> None:
        """Record that the event was handled.

        Args:
            claim: The claim of an event.
        """
        now = asyncio.get_running_loop().time()
        for key, seconds in claim.keys.items():
            self._set(key, (_DONE, now + min(seconds, self._lifetime)))

    async def release(self, claim: Claim) -> None:
        """Give up a claim, so that the next delivery can be handled. Keys of another owner stay as they are.

        Args:
            claim: The claim of an event.
        """
        for key in claim.keys:
            if self._states.get(key, ("", 0.0))[0] == claim.owner:
                del self._states[key]

    def _set(self, key: str, state: tuple[str, float]) -> None:
        self._states[key] = state
        self._states.move_to_end(key)
        if len(self._states) > self._max_keys:
            self._states.popitem(last=False)


class SQLiteEventStore:
    """An event store for the processes of one machine, which survives restarts: a table in an SQLite file.

    Its methods raise `ConfigurationError` when the file cannot be opened or written, or stays locked for half a second.

    Args:
        path: The file. It is created for its owner alone (mode 0600, its missing folders 0700).
        lifetime: The seconds for which a done event is remembered.
    """

    def __init__(self, path: str | PathLike[str], *, lifetime: float = LIFETIME) -> None:
        self._file = SQLiteFile(path, _create_table)
        self._lifetime = lifetime
        self._next_purge = 0.0

    async def open(self) -> None:
        """Open the file, and check that it can be written."""
        await self._file.run(self._purge)

    async def claim(self, claim: Claim) -> ClaimResult:
        """Claim all keys if none of them is done or claimed by another owner; otherwise claim none.

        Args:
            claim: The claim of an event.
        """

        def claim_keys(connection: sqlite3.Connection) -> ClaimResult:
            now, owner = time.time(), claim.owner
            if now >= self._next_purge:
                self._purge(connection)
            expiry = now + claim.lease
            for key in claim.keys:
                if connection.execute(_CLAIM, (key, owner, expiry, now)).rowcount < 1:
                    state = connection.execute("SELECT state FROM event_keys WHERE key = ?", (key,)).fetchone()
                    connection.executemany(_RELEASE, [(key, owner) for key in claim.keys])
                    return "done" if state == (_DONE,) else "busy"
            return "new"

        return await self._file.run(claim_keys)

    async def mark_done(self, claim: Claim) -> None:
        """Record that the event was handled.

        Args:
            claim: The claim of an event.
        """
        now = time.time()
        rows = [(key, _DONE, now + min(seconds, self._lifetime)) for key, seconds in claim.keys.items()]
        await self._file.run(lambda connection: _put(connection, rows))

    async def release(self, claim: Claim) -> None:
        """Give up a claim, so that the next delivery can be handled. Keys of another owner stay as they are.

        Args:
            claim: The claim of an event.
        """
        statement, rows = (
            "DELETE FROM event_keys WHERE key = ? AND state = ?",
            [(key, claim.owner) for key in claim.keys],
        )
        await self._file.run(lambda connection: connection.executemany(statement, rows))

    async def aclose(self) -> None:
        """Close the file; the next use opens it again."""
        await self._file.aclose()

    def _purge(self, connection: sqlite3.Connection) -> None:
        now = time.time()
        connection.execute("DELETE FROM event_keys WHERE expiry <= ?", (now,))
        self._next_purge = now + _PURGE_SECONDS


class RedisEventStore:
    """An event store for several machines: keys in Redis that expire. Needs the extra `redis`.

    Args:
        client: A `redis.asyncio.Redis`; the caller closes it.
        prefix: The beginning of every key.
        lifetime: The seconds for which a done event is remembered.
    """

    def __init__(self, client: Redis, *, prefix: str = "heygen:event:", lifetime: float = LIFETIME) -> None:
        self._client: Any = client  # versions of redis differ in the types of `eval`
        self._prefix = prefix
        self._lifetime = lifetime

    async def open(self) -> None:
        """Check that the server responds.

        Raises:
            ConfigurationError: It does not.
        """
        try:
            await self._client.ping()
        except Exception as error:
            raise ConfigurationError(
                f"The event store in Redis does not respond ({type(error).__name__}: {error}). Check its address."
            ) from error

    async def claim(self, claim: Claim) -> ClaimResult:
        """Claim all keys if none of them is done or claimed by another owner; otherwise claim none.

        Args:
            claim: The claim of an event.
        """
        lease = _milliseconds(claim.lease)
        for key in claim.keys:
            name = self._prefix + key
            if await self._client.set(name, claim.owner, nx=True, px=lease):
                continue
            if await self._client.eval(_RENEW_OWN_CLAIM, 1, name, claim.owner, lease):
                continue
            value = await self._client.get(name)  # bytes or text, which depends on the client's options
            await self.release(claim)  # the keys before this one
            return "done" if (value.decode() if isinstance(value, bytes) else value) == _DONE else "busy"
        return "new"

    async def mark_done(self, claim: Claim) -> None:
        """Record that the event was handled.

        Args:
            claim: The claim of an event.
        """
        for key, seconds in claim.keys.items():
            await self._client.set(self._prefix + key, _DONE, px=_milliseconds(min(seconds, self._lifetime)))

    async def release(self, claim: Claim) -> None:
        """Give up a claim, so that the next delivery can be handled. Keys of another owner stay as they are.

        Args:
            claim: The claim of an event.
        """
        for key in claim.keys:
            await self._client.eval(_DELETE_OWN_CLAIM, 1, self._prefix + key, claim.owner)


def id_key(event_id: str) -> str:
    """Return the key of an event's id: an id of any length takes 64 characters in a store."""
    return hashlib.sha256(f"id\0{event_id}".encode(errors="surrogatepass")).hexdigest()


def body_key(body: bytes) -> str:
    """Return the key of a delivery's body, also 64 characters long."""
    return hashlib.sha256(b"body\0" + body).hexdigest()


def _milliseconds(seconds: float) -> int:
    return max(int(seconds * 1000), 1)


def _put(connection: sqlite3.Connection, rows: list[tuple[str, str, float]]) -> None:
    connection.executemany(_PUT, rows)


def _create_table(connection: sqlite3.Connection) -> None:
    """Create the table, with the done events of version 0.2, whose table held the ids themselves."""
    if _columns(connection, "event_keys"):
        return
    connection.execute("CREATE TABLE event_keys (key TEXT PRIMARY KEY, state TEXT, expiry REAL) WITHOUT ROWID")
    if _columns(connection, "events") == ["id", "state", "expiry"]:
        done = connection.execute("SELECT id, expiry FROM events WHERE state = 'done'").fetchall()
        _put(connection, [(id_key(str(id)), _DONE, expiry) for id, expiry in done])


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [name for (name,) in connection.execute("SELECT name FROM pragma_table_info(?)", (table,))]
