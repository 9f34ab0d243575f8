"""One SQLite file of an event store: opened for its owner alone, written in groups, closed in any event loop.

The problem: a transaction costs a change of thread and a commit, and two hundred deliveries may arrive at once. So the
work that arrives during a transaction forms the next one, as in the batch journal.

Invariants:

* Work runs to its end, also when its caller was cancelled meanwhile.
* Work succeeds as a group: after an error nothing of the group is in the file, and each caller gets the error.
* Nothing waits without an end: another program's lock is an error after half a second, or four at the start.
* After any other error the file is opened anew, because it may have been replaced or its disk remounted.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from os import PathLike, fspath
from pathlib import Path
from typing import Any, TypeAlias, TypeVar, cast

from .._http.file_writing import create_private_folder, prepare_database
from .._http.tasks import start_task
from .._http.worker_threads import run_in_thread
from ..errors import ConfigurationError

T = TypeVar("T")
Work: TypeAlias = Callable[[sqlite3.Connection], Any]

_LOCK_SECONDS = 0.5  # that a transaction waits for another program's lock
_OPEN_LOCK_SECONDS = 4.0  # that the first one waits for it
_LOCKED = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_ADVICE = "Check the path, its permissions and the free space, and that no other program keeps the file locked."


class SQLiteFile:
    """A SQLite file that is opened at its first use.

    Args:
        path: The file. It is created with mode 0600, and its folder with mode 0700, when they do not exist.
        prepare: Called in the first transaction, to create the tables.
    """

    def __init__(self, path: str | PathLike[str], prepare: Callable[[sqlite3.Connection], None]) -> None:
        self.path: str = fspath(path)
        self._prepare = prepare
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._writer: _Writer | None = None

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Call the function with the connection, within a transaction, in a thread.

        Raises:
            ConfigurationError: The file cannot be opened or written.
        """
        loop = asyncio.get_running_loop()
        if self._writer is None or self._writer.loop is not loop:
            self._writer = _Writer(loop, self._transaction)
        return cast("T", await self._writer.put(work))

    async def aclose(self) -> None:
        """Close the file; the next use opens it again."""
        if self._writer is not None and self._writer.loop is asyncio.get_running_loop():
            await self._writer.finish()
        await run_in_thread(self._close)

    def _close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    def _transaction(self, works: Sequence[Work]) -> list[Any]:
        """Run the group in one transaction and return the results."""
        with self._lock:
            try:
                if self._connection is None:
                    self._connection = self._connect()
                return _commit(self._connection, works)
            except (OSError, sqlite3.Error) as error:
                if not _is_locked(error) and self._connection is not None:
                    self._connection.close()
                    self._connection = None
                reason = getattr(error, "strerror", None) or str(error)
                raise ConfigurationError(
                    f"The event store {self.path} cannot be opened or written ({reason}). {_ADVICE}"
                ) from None

    def _connect(self) -> sqlite3.Connection:
        path = Path(self.path)
        create_private_folder(path.parent)
        prepare_database(path)
        connection = sqlite3.connect(
            self.path, timeout=_OPEN_LOCK_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            _use_write_ahead_log(connection)
            connection.execute("PRAGMA synchronous=NORMAL")
            _commit(connection, [self._prepare])
            connection.execute(f"PRAGMA busy_timeout={_LOCK_SECONDS * 1000:.0f}")
        except BaseException:
            connection.close()
            raise
        return connection


class _Writer:
    """Passes groups of work to a thread, in one event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, transaction: Callable[[Sequence[Work]], list[Any]]) -> None:
        self.loop = loop
        self._transaction = transaction
        self._pending: list[tuple[Work, asyncio.Future[Any]]] = []
        self._task: asyncio.Task[None] | None = None

    async def put(self, work: Work) -> Any:
        """Run the work in the next group and return its result."""
        result: asyncio.Future[Any] = self.loop.create_future()
        self._pending.append((work, result))
        if self._task is None:
            self._task = start_task(self._write())
        return await result

    async def finish(self) -> None:
        """Wait for the work that was put."""
        if self._task is not None:
            await asyncio.wait({self._task})

    async def _write(self) -> None:
        try:
            while self._pending:
                group, self._pending = self._pending, []
                await self._write_group(group)
        finally:
            self._task = None

    async def _write_group(self, group: Sequence[tuple[Work, asyncio.Future[Any]]]) -> None:
        results = [result for _, result in group]
        try:
            values = await run_in_thread(self._transaction, [work for work, _ in group])
        except Exception as error:  # noqa: BLE001  the callers raise it
            for result in results:
                if not result.done():
                    result.set_exception(error)
        else:
            for result, value in zip(results, values, strict=True):
                if not result.done():
                    result.set_result(value)
        finally:
            for result in results:
                result.cancel()  # no effect on one that is done; otherwise the loop ends


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Switch the journal mode. SQLite does not wait for a lock here, so this function does."""
    until = time.monotonic() + _OPEN_LOCK_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if not _is_locked(error) or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


def _is_locked(error: Exception) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _LOCKED  # the other bits say more about the reason


def _commit(connection: sqlite3.Connection, works: Sequence[Work]) -> list[Any]:
    """Run the functions in one transaction; after an error nothing of it remains."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        results = [work(connection) for work in works]
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return results
