"""What a batch has done, on disk before anything depends on it: a table in SQLite, one row a key.

A row's `state` is

* `planned`: nothing was sent, or what was sent was refused;
* `asked`: a request is on its way, or was when the process died. Nobody knows yet whether a job was made;
* `submitted`: it is in one of HeyGen's own batches, and its job is perhaps not begun yet;
* `running`: its jobs are known by their ids;
* `completed`, `failed`: it has ended. A failed row without ids made no job.

Writes of many tasks are gathered into one transaction, and each task goes on when its own is on the disk. The file is
locked while a run uses it; when its process dies it is free again.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from os import PathLike
from pathlib import Path
from typing import Any, Self, TypeVar

import msgspec

from .._http.worker_threads import run_in_thread, run_to_completion
from ..errors import ConfigurationError

T = TypeVar("T")
_FORMAT = 1
_LITTLE = 64 << 10  # bytes, with which a transaction finds no room
_TABLES = """
CREATE TABLE IF NOT EXISTS rows (
    key TEXT PRIMARY KEY, kind TEXT NOT NULL, digest BLOB NOT NULL, state TEXT NOT NULL, idempotency_key TEXT NOT NULL,
    asked REAL, batch TEXT, place INTEGER, ids TEXT, results BLOB, paths TEXT, error TEXT, usd REAL NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS earlier (key TEXT NOT NULL, digest BLOB NOT NULL, ids TEXT, error TEXT, left REAL NOT NULL);
CREATE TABLE IF NOT EXISTS jobs (id TEXT PRIMARY KEY, key TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS rows_batch ON rows (batch) WHERE batch IS NOT NULL;
"""


class File(msgspec.Struct, frozen=True, array_like=True):
    """A file that a row's download wrote: of which jobs, and what it is known again by; empty where nobody noted it."""

    jobs: str = ""
    mark: str = ""


class Entry(msgspec.Struct, kw_only=True):
    """What is known of one key; `asked` in Unix seconds, `results` as the API's JSON, `usd` an estimate."""

    key: str
    kind: str
    digest: bytes
    state: str = "planned"
    idempotency_key: str = ""
    asked: float | None = None
    batch: str | None = None
    place: int | None = None
    ids: list[str] | None = None
    results: bytes | None = None
    paths: Mapping[str, File] | None = None
    error: dict[str, Any] | None = None
    usd: float = 0.0


_FIELDS = Entry.__struct_fields__
_COLUMNS = ", ".join(_FIELDS)
_PUT = f"INSERT OR REPLACE INTO rows ({_COLUMNS}) VALUES ({', '.join('?' * len(_FIELDS))})"  # noqa: S608  our names
MADE = frozenset({"submitted", "running", "completed"})  # states of rows whose jobs HeyGen has taken
_JSON = frozenset({"ids", "paths", "error"})


class Journal:
    """One batch's memory. Without a path it lives in memory, and ended rows are forgotten."""

    def __init__(self, path: str | PathLike[str] | None) -> None:
        self._name: str | None = None if path is None else os.fspath(path)
        self._database: sqlite3.Connection | None = None
        self._pending: list[tuple[str, Sequence[Any]]] = []
        self._writer: asyncio.Task[None] | None = None  # which will write what is pending
        self._in_use = asyncio.Lock()

    async def __aenter__(self) -> Self:
        try:
            await run_in_thread(self._open)
        except BaseException:  # cancelled while the thread opens it, which nobody else would close
            await run_to_completion(self._close())
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await run_to_completion(self._close())

    async def _close(self) -> None:
        if self._writer is not None:
            await asyncio.wait({self._writer})
        async with self._in_use:
            if self._database is not None:
                await run_in_thread(self._database.close)
            self._database = None

    def _open(self) -> None:
        name = ":memory:" if self._name is None else self._name
        if self._name is not None:
            try:
                os.close(os.open(name, os.O_CREAT | os.O_RDWR, 0o600))  # what is in it is its owner's alone
            except OSError as problem:
                raise ConfigurationError(f"The journal {name} cannot be opened ({self._why(problem)}).") from None
        try:
            made = sqlite3.connect(name, timeout=0.2, isolation_level=None, check_same_thread=False)
            try:
                _prepare(made, name)
            except BaseException:
                made.close()
                raise
        except sqlite3.OperationalError as problem:
            if "locked" in str(problem):
                raise ConfigurationError(
                    f"The journal {name} is in use: another run of this batch is under way. Wait for it, or stop it."
                ) from None
            raise ConfigurationError(f"The journal {name} cannot be written ({self._why(problem)}).") from None
        except sqlite3.Error as problem:
            raise ConfigurationError(f"{name} is no journal ({problem}); give the batch another file.") from None
        self._database = made

    def _why(self, problem: OSError | sqlite3.Error) -> str:
        """What went wrong; SQLite calls a full disk an I/O error."""
        with suppress(OSError):
            if shutil.disk_usage(Path(self._name or os.curdir).absolute().parent).free < _LITTLE:
                return "the disk is full: make room there"
        return getattr(problem, "strerror", None) or str(problem)

    async def entries(self, keys: Sequence[str]) -> dict[str, Entry]:
        """What is known of these keys."""
        return await self._when_written(self.read, keys)

    def read(self, keys: Sequence[str]) -> dict[str, Entry]:
        """What is on the disk of these keys. Runs in a thread."""
        statement = f"SELECT {_COLUMNS} FROM rows WHERE key IN (SELECT value FROM json_each(?))"  # noqa: S608  our names
        return {entry.key: entry for entry in map(_entry, self._select(statement, _json(keys)))}

    def keys(self) -> list[str]:
        """All keys. Runs in a thread."""
        return [key for (key,) in self._select("SELECT key FROM rows")]

    async def is_untouched(self) -> bool:
        """Whether nothing was sent that was not refused."""
        ((count,),) = await self._when_written(self._select, "SELECT count(*) FROM rows WHERE state != 'planned'")
        return not count

    async def sent_in(self, batch: str) -> int:
        """How many rows went out in one batch request."""
        ((count,),) = await self._when_written(self._select, "SELECT count(*) FROM rows WHERE batch = ?", batch)
        return int(count)

    async def claimed(self, ids: Sequence[str]) -> set[str]:
        """Those of these jobs that belong to a row already."""
        statement = "SELECT id FROM jobs WHERE id IN (SELECT value FROM json_each(?))"
        return {id for (id,) in await self._when_written(self._select, statement, _json(ids))}

    async def spent(self) -> float:
        """The estimates of all jobs that were begun, in USD."""
        statement = "SELECT total(usd) FROM rows WHERE state != 'planned'"
        ((total,),) = await self._when_written(self._select, statement)
        return float(total)

    def _select(self, statement: str, *values: str) -> list[tuple[Any, ...]]:
        try:
            return self._opened.execute(statement, values).fetchall()
        except sqlite3.Error as problem:
            raise ConfigurationError(f"The journal {self._name} cannot be read ({problem}).") from None

    async def _when_written(self, read: Callable[..., T], *of: object) -> T:
        """Read in a thread, when all that was put down so far is on the disk."""
        if self._writer is not None:
            await asyncio.shield(self._writer)
        async with self._in_use:
            return await run_in_thread(read, *of)

    async def put(self, *entries: Entry, instead_of: Entry | None = None) -> None:
        """Write these down; when it returns they are on the disk.

        Args:
            instead_of: The same key with an earlier content; what was made for that is remembered apart.
        """
        add = self._pending.append
        if (old := instead_of) is not None:
            values = (old.key, old.digest, _stored("ids", old.ids), _stored("error", old.error), time.time())
            add(("INSERT INTO earlier VALUES (?, ?, ?, ?, ?)", values))
        for entry in entries:
            if entry.state in {"completed", "failed"} and self._name is None:
                add(("DELETE FROM rows WHERE key = ?", (entry.key,)))
                continue
            add((_PUT, [_stored(name, getattr(entry, name)) for name in _FIELDS]))
            for id in entry.ids or ():
                add(("INSERT OR IGNORE INTO jobs VALUES (?, ?)", (id, entry.key)))
        if self._writer is None:
            self._writer = asyncio.ensure_future(self._write())
        await run_to_completion(self._writer)

    @property
    def _opened(self) -> sqlite3.Connection:
        if self._database is None:
            raise ConfigurationError("The journal is closed.")
        return self._database

    async def _write(self) -> None:
        """One transaction of all that came while the last one was written."""
        async with self._in_use:
            self._writer = None
            pending, self._pending = self._pending, []
            await run_in_thread(self._written, pending)

    def _written(self, pending: Sequence[tuple[str, Sequence[Any]]]) -> None:
        try:
            self._transaction(pending)
        except sqlite3.Error as problem:
            raise ConfigurationError(f"The journal {self._name} cannot be written ({self._why(problem)}).") from None

    def _transaction(self, pending: Sequence[tuple[str, Sequence[Any]]]) -> None:
        with self._opened as database:  # which commits, or rolls back
            database.execute("BEGIN IMMEDIATE")
            for statement, values in pending:
                database.execute(statement, values)


def _prepare(database: sqlite3.Connection, name: str) -> None:
    """Lock it, and make the tables of a new one."""
    database.execute("PRAGMA locking_mode=EXCLUSIVE")
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    with database:
        database.execute("BEGIN EXCLUSIVE")
        (found,) = database.execute("PRAGMA user_version").fetchone()
        (tables,) = database.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if found not in {0, _FORMAT} or (found == 0 and tables):
            raise ConfigurationError(f"{name} is no journal of this version; give the batch another file.")
        for statement in _TABLES.split(";\n"):
            database.execute(statement)
        database.execute(f"PRAGMA user_version={_FORMAT}")


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _stored(name: str, value: Any) -> Any:
    return _json(value) if name in _JSON and value is not None else value


def _entry(row: Sequence[Any]) -> Entry:
    values: dict[str, Any] = {
        name: msgspec.json.decode(value) if name in _JSON and value is not None else value
        for name, value in zip(_FIELDS, row, strict=True)
    }
    if values["paths"] is not None:
        kept = msgspec.convert(values["paths"], dict[str, File] | list[str])  # the first versions had a list of them
        values["paths"] = kept if isinstance(kept, dict) else dict.fromkeys(kept, File())
    return Entry(**values)
