"""Event stores: the events that were handled already.

HeyGen may deliver an event more than once, and several processes may receive it. Before an event is handled, it is
claimed in the store. Afterwards it is marked as done, or released for another attempt. A claim expires after `lease`
seconds, so that an event is free again when its process has died; handlers and their retries must end before that. A
done event is remembered for `lifetime` seconds.
"""

from __future__ import annotations

import asyncio
import secrets
import sqlite3
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, TypeVar

from .._http.worker_threads import run_in_thread

if TYPE_CHECKING:
    from redis.asyncio import Redis

T = TypeVar("T")

LEASE = 300.0  # seconds
LIFETIME = 2 * 86_400.0  # seconds; HeyGen repeats a delivery for one day

_DELETE_OWN_CLAIM = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"

#: The result of a claim: `new` is yours now, `busy` is claimed by another, `done` was handled.
ClaimResult: TypeAlias = Literal["new", "busy", "done"]


class EventStore(Protocol):
    """A store of handled events."""

    async def claim(self, event_id: str) -> ClaimResult:
        """Claim the event if it is neither claimed nor done."""
        ...

    async def mark_done(self, event_id: str) -> None:
        """Record that the event was handled."""
        ...

    async def release(self, event_id: str) -> None:
        """Give up a claim, so that the next delivery can be handled."""
        ...


class MemoryEventStore:
    """An event store for one process.

    Args:
        max_events: The number of events to remember; the oldest are forgotten first.
        lease: The seconds until a claim expires.
        lifetime: The seconds for which a done event is remembered.
    """

    def __init__(self, *, max_events: int = 100_000, lease: float = LEASE, lifetime: float = LIFETIME) -> None:
        self._max_events = max_events
        self._lease = lease
        self._lifetime = lifetime
        self._states: OrderedDict[str, tuple[ClaimResult, float]] = OrderedDict()  # with the time of expiry

    async def claim(self, event_id: str) -> ClaimResult:
        """Claim the event if it is neither claimed nor done."""
        now = asyncio.get_running_loop().time()
        state, expiry = self._states.get(event_id, ("new", 0.0))
        if expiry > now:
            return state
        self._set(event_id, "busy", now + self._lease)
        return "new"

    async def mark_done(self, event_id: str) -> None:
        """Record that the event was handled."""
        self._set(event_id, "done", asyncio.get_running_loop().time() + self._lifetime)

    async def release(self, event_id: str) -> None:
        """Give up a claim, so that the next delivery can be handled."""
        if self._states.get(event_id, ("new", 0.0))[0] == "busy":
            del self._states[event_id]

    def _set(self, event_id: str, state: ClaimResult, expiry: float) -> None:
        self._states[event_id] = state, expiry
        self._states.move_to_end(event_id)
        while len(self._states) > self._max_events:
            self._states.popitem(last=False)


class SQLiteEventStore:
    """An event store for the processes of one machine, which survives restarts: a table in an SQLite file.

    Args:
        path: The file, which is created when it does not exist.
        lease: The seconds until a claim expires.
        lifetime: The seconds for which a done event is remembered.
    """

    def __init__(self, path: str | PathLike[str], *, lease: float = LEASE, lifetime: float = LIFETIME) -> None:
        self._path = fspath(path)
        self._lease = lease
        self._lifetime = lifetime
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    async def claim(self, event_id: str) -> ClaimResult:
        """Claim the event if it is neither claimed nor done."""

        def claim(connection: sqlite3.Connection) -> ClaimResult:
            now = time.time()
            connection.execute("DELETE FROM events WHERE expiry <= ?", (now,))
            row = (event_id, "busy", now + self._lease)
            if connection.execute("INSERT OR IGNORE INTO events VALUES (?, ?, ?)", row).rowcount:
                return "new"
            state = connection.execute("SELECT state FROM events WHERE id = ?", (event_id,)).fetchone()
            return "done" if state == ("done",) else "busy"

        return await self._run(claim)

    async def mark_done(self, event_id: str) -> None:
        """Record that the event was handled."""
        row = (event_id, "done", time.time() + self._lifetime)
        await self._run(lambda connection: connection.execute("INSERT OR REPLACE INTO events VALUES (?, ?, ?)", row))

    async def release(self, event_id: str) -> None:
        """Give up a claim, so that the next delivery can be handled."""
        statement = "DELETE FROM events WHERE id = ? AND state = 'busy'"
        await self._run(lambda connection: connection.execute(statement, (event_id,)))

    async def aclose(self) -> None:
        """Close the file; the next use opens it again."""

        def close(connection: sqlite3.Connection) -> None:
            connection.close()
            self._connection = None

        if self._connection is not None:
            await self._run(close)

    async def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Call a function with the connection in a thread, one at a time."""

        def run() -> T:
            with self._lock:
                return work(self._connect())

        return await run_in_thread(run)

    def _connect(self) -> sqlite3.Connection:
        if self._connection is not None:
            return self._connection
        connection = sqlite3.connect(self._path, timeout=10, isolation_level=None, check_same_thread=False)
        while True:
            try:
                connection.execute("PRAGMA journal_mode=WAL")
                break
            except sqlite3.OperationalError:  # another process executes it; `timeout` does not cover this statement
                time.sleep(0.01)
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY, state TEXT, expiry REAL) WITHOUT ROWID"
        )
        connection.execute("CREATE INDEX IF NOT EXISTS events_expiry ON events (expiry)")
        self._connection = connection
        return connection


class RedisEventStore:
    """An event store for several machines: keys in Redis that expire. Needs the extra `redis`.

    Args:
        client: A `redis.asyncio.Redis`; the caller closes it.
        prefix: The beginning of every key.
        lease: The seconds until a claim expires.
        lifetime: The seconds for which a done event is remembered.
    """

    def __init__(
        self, client: Redis, *, prefix: str = "heygen:event:", lease: float = LEASE, lifetime: float = LIFETIME
    ) -> None:
        self._client = client
        self._prefix = prefix
        self._claim_value = b"busy:" + secrets.token_hex(8).encode()
        self._lease_ms = int(lease * 1000)
        self._lifetime_ms = int(lifetime * 1000)

    async def claim(self, event_id: str) -> ClaimResult:
        """Claim the event if it is neither claimed nor done."""
        key = self._prefix + event_id
        if await self._client.set(key, self._claim_value, nx=True, px=self._lease_ms):
            return "new"
        value = await self._client.get(key)  # bytes or text, which depends on the client's options
        return "done" if (value.decode() if isinstance(value, bytes) else value) == "done" else "busy"

    async def mark_done(self, event_id: str) -> None:
        """Record that the event was handled."""
        await self._client.set(self._prefix + event_id, b"done", px=self._lifetime_ms)

    async def release(self, event_id: str) -> None:
        """Give up a claim, so that the next delivery can be handled."""
        client: Any = self._client  # versions of redis differ in the types of `eval`
        await client.eval(_DELETE_OWN_CLAIM, 1, self._prefix + event_id, self._claim_value)
