"""Which events were handled already: HeyGen may deliver one more than once, and several processes may get it.

An event is claimed before it is handled, then marked as done, or released for another try. A claim lasts `lease`
seconds (handlers and their retries must end within them), so that what a process took with it when it died is free
again; what was done is remembered for `lifetime` seconds.
"""

from __future__ import annotations

import asyncio
import secrets
import sqlite3
import threading
import time
from collections import OrderedDict
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

from .._http.worker_threads import run_in_thread

if TYPE_CHECKING:
    from redis.asyncio import Redis

LEASE = 300.0  # seconds
LIFETIME = 2 * 86_400.0  # seconds; HeyGen delivers again for a day

_DELETE_MINE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"

#: What a claim finds: it is new and now yours, another holds it, or it was handled.
Claim: TypeAlias = Literal["new", "busy", "done"]


class EventStore(Protocol):
    """Where handled events are remembered."""

    async def claim(self, event_id: str) -> Claim:
        """Take it, if nobody did."""
        ...

    async def done(self, event_id: str) -> None:
        """It was handled."""
        ...

    async def release(self, event_id: str) -> None:
        """It was not handled: whoever gets it next may try."""
        ...


class MemoryEventStore:
    """For one process: at most `most` events, the oldest forgotten first."""

    def __init__(self, *, most: int = 100_000, lease: float = LEASE, lifetime: float = LIFETIME) -> None:
        self._most = most
        self._lease = lease
        self._lifetime = lifetime
        self._until: OrderedDict[str, tuple[Claim, float]] = OrderedDict()

    async def claim(self, event_id: str) -> Claim:
        """Take it, if nobody did."""
        now = asyncio.get_running_loop().time()
        state, until = self._until.get(event_id, ("new", 0.0))
        if until > now:
            return state
        self._put(event_id, "busy", now + self._lease)
        return "new"

    async def done(self, event_id: str) -> None:
        """It was handled."""
        self._put(event_id, "done", asyncio.get_running_loop().time() + self._lifetime)

    async def release(self, event_id: str) -> None:
        """It was not handled."""
        if self._until.get(event_id, ("new", 0.0))[0] == "busy":
            del self._until[event_id]

    def _put(self, event_id: str, state: Claim, until: float) -> None:
        self._until[event_id] = state, until
        self._until.move_to_end(event_id)
        while len(self._until) > self._most:
            self._until.popitem(last=False)


class SQLiteEventStore:
    """For the processes of one machine, and over restarts: a table in a file of SQLite."""

    def __init__(self, path: str | PathLike[str], *, lease: float = LEASE, lifetime: float = LIFETIME) -> None:
        self._path = fspath(path)
        self._lease = lease
        self._lifetime = lifetime
        self._lock = threading.Lock()
        self._opened: sqlite3.Connection | None = None

    def _connection(self) -> sqlite3.Connection:
        if self._opened is None:
            made = sqlite3.connect(self._path, timeout=10, isolation_level=None, check_same_thread=False)
            while True:
                try:
                    made.execute("PRAGMA journal_mode=WAL")
                    break
                except sqlite3.OperationalError:  # another process is at it; no timeout covers this statement
                    time.sleep(0.01)
            made.execute("PRAGMA synchronous=NORMAL")
            made.execute("CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY, state TEXT, until REAL) WITHOUT ROWID")
            made.execute("CREATE INDEX IF NOT EXISTS seen_until ON seen (until)")
            self._opened = made
        return self._opened

    async def claim(self, event_id: str) -> Claim:
        """Take it, if nobody did."""

        def take() -> Claim:
            now = time.time()
            with self._lock:
                connection = self._connection()
                connection.execute("DELETE FROM seen WHERE until <= ?", (now,))
                row = (event_id, "busy", now + self._lease)
                if connection.execute("INSERT OR IGNORE INTO seen VALUES (?, ?, ?)", row).rowcount:
                    return "new"
                found = connection.execute("SELECT state FROM seen WHERE id = ?", (event_id,)).fetchone()
                return "done" if found == ("done",) else "busy"

        return await run_in_thread(take)

    async def done(self, event_id: str) -> None:
        """It was handled."""
        row = (event_id, "done", time.time() + self._lifetime)
        await self._write("INSERT OR REPLACE INTO seen VALUES (?, ?, ?)", row)

    async def release(self, event_id: str) -> None:
        """It was not handled."""
        await self._write("DELETE FROM seen WHERE id = ? AND state = 'busy'", (event_id,))

    async def _write(self, statement: str, values: tuple[Any, ...]) -> None:
        def write() -> None:
            with self._lock:
                self._connection().execute(statement, values)

        await run_in_thread(write)

    async def aclose(self) -> None:
        """Close the file; it is opened again at its next use."""

        def close() -> None:
            with self._lock:
                if self._opened is not None:
                    self._opened.close()
                    self._opened = None

        await run_in_thread(close)


class RedisEventStore:
    """For several machines: keys in Redis that expire by themselves. Needs the extra `redis`.

    Args:
        client: A `redis.asyncio.Redis`, which stays yours to close.
    """

    def __init__(
        self, client: Redis, *, prefix: str = "heygen:event:", lease: float = LEASE, lifetime: float = LIFETIME
    ) -> None:
        self._client = client
        self._prefix = prefix
        self._mine = b"busy:" + secrets.token_hex(8).encode()
        self._lease = int(lease * 1000)
        self._lifetime = int(lifetime * 1000)

    async def claim(self, event_id: str) -> Claim:
        """Take it, if nobody did."""
        key = self._prefix + event_id
        if await self._client.set(key, self._mine, nx=True, px=self._lease):
            return "new"
        said = await self._client.get(key)  # bytes or text, as the client was made
        return "done" if (said.decode() if isinstance(said, bytes) else said) == "done" else "busy"

    async def done(self, event_id: str) -> None:
        """It was handled."""
        await self._client.set(self._prefix + event_id, b"done", px=self._lifetime)

    async def release(self, event_id: str) -> None:
        """It was not handled."""
        client: Any = self._client  # whose versions disagree about the types of this
        await client.eval(_DELETE_MINE, 1, self._prefix + event_id, self._mine)
