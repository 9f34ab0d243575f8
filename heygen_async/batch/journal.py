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
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, Self, TypeVar

import msgspec

from ..errors import ConfigurationError
from ..threads import finished, uninterrupted

T = TypeVar("T")
_FORMAT = 1
_TABLES = """
CREATE TABLE IF NOT EXISTS rows (
    key TEXT PRIMARY KEY, kind TEXT NOT NULL, digest BLOB NOT NULL, state TEXT NOT NULL, idempotency_key TEXT NOT NULL,
    asked REAL, batch TEXT, place INTEGER, ids TEXT, results BLOB, paths TEXT, error TEXT, usd REAL NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS earlier (key TEXT NOT NULL, digest BLOB NOT NULL, ids TEXT, error TEXT, left REAL NOT NULL);
CREATE TABLE IF NOT EXISTS jobs (id TEXT PRIMARY KEY, key TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS rows_batch ON rows (batch) WHERE batch IS NOT NULL;
"""
_MOST_VARIABLES = 500  # in one statement


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
    paths: list[str] | None = None
    error: dict[str, Any] | None = None
    usd: float = 0.0


_FIELDS = Entry.__struct_fields__
_COLUMNS = ", ".join(_FIELDS)
_PUT = f"INSERT OR REPLACE INTO rows ({_COLUMNS}) VALUES ({', '.join('?' * len(_FIELDS))})"  # noqa: S608  our names
_JSON = frozenset({"ids", "paths", "error"})


class Journal:
    """One batch's memory. Without a path it lives in memory, and ended rows are forgotten."""

    def __init__(self, path: str | PathLike[str] | None) -> None:
        self.path: Path | None = None if path is None else Path(path)
        self._database: sqlite3.Connection | None = None
        self._pending: list[tuple[str, Sequence[Any]]] = []
        self._written: asyncio.Future[None] | None = None
        self._writer: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._database = await finished(self._open)
        return self

    async def __aexit__(self, *_: object) -> None:
        try:
            if self._writer is not None:
                await uninterrupted(self._writer)
        finally:
            database, self._database = self._database, None
            if database is not None:
                await finished(database.close)

    @property
    def keeps(self) -> bool:
        """Whether it outlives the process."""
        return self.path is not None

    def _open(self) -> sqlite3.Connection:
        if self.path is None:
            name = ":memory:"
        else:
            name = os.fspath(self.path)
            try:
                os.close(os.open(name, os.O_CREAT | os.O_RDWR, 0o600))  # what is in it is its owner's alone
            except OSError as problem:
                raise ConfigurationError(f"The journal {name} cannot be opened ({problem.strerror}).") from None
        made: sqlite3.Connection | None = None
        try:
            made = sqlite3.connect(name, timeout=0.2, isolation_level=None, check_same_thread=False)
            made.execute("PRAGMA locking_mode=EXCLUSIVE")
            made.execute("PRAGMA journal_mode=WAL")
            made.execute("PRAGMA synchronous=FULL")
            made.execute("BEGIN EXCLUSIVE")
            (found,) = made.execute("PRAGMA user_version").fetchone()
            (tables,) = made.execute("SELECT count(*) FROM sqlite_master").fetchone()
            if found not in {0, _FORMAT} or (found == 0 and tables):
                raise ConfigurationError(f"{name} is no journal of this version; give the batch another file.")
            for statement in _TABLES.split(";\n"):
                made.execute(statement)
            made.execute(f"PRAGMA user_version={_FORMAT}")
            made.execute("COMMIT")
        except sqlite3.Error as problem:
            if made is not None:
                made.close()
            if isinstance(problem, sqlite3.OperationalError) and "locked" in str(problem):
                raise ConfigurationError(
                    f"The journal {name} is in use: another run of this batch is under way. Wait for it, or stop it."
                ) from None
            if isinstance(problem, sqlite3.OperationalError):
                raise ConfigurationError(f"The journal {name} cannot be written ({problem}).") from None
            raise ConfigurationError(f"{name} is no journal ({problem}); give the batch another file.") from None
        except BaseException:
            if made is not None:
                made.close()
            raise
        return made

    async def entries(self, keys: Sequence[str]) -> dict[str, Entry]:
        """What is known of these keys."""
        return {entry.key: entry for entry in await self._select("key", keys)}

    async def of_batch(self, batch: str) -> list[Entry]:
        """All that went out in one batch request, in their places."""
        return sorted(await self._select("batch", [batch]), key=lambda entry: entry.place or 0)

    async def _select(self, column: str, values: Sequence[str]) -> list[Entry]:
        def read() -> list[Entry]:
            found: list[Entry] = []
            for start in range(0, len(values), _MOST_VARIABLES):
                some = values[start : start + _MOST_VARIABLES]
                marks = ", ".join("?" * len(some))
                statement = f"SELECT {_COLUMNS} FROM rows WHERE {column} IN ({marks})"  # noqa: S608  our names
                found += [_entry(row) for row in self._opened.execute(statement, some)]
            return found

        await self._settled()
        return await self._read(read)

    async def claimed(self, ids: Iterable[str]) -> set[str]:
        """Those of these jobs that belong to a row already."""
        wanted = list(ids)

        def read() -> set[str]:
            execute = self._opened.execute
            return {id for id in wanted if execute("SELECT 1 FROM jobs WHERE id = ?", (id,)).fetchone()}

        await self._settled()
        return await self._read(read)

    async def spent(self) -> float:
        """The estimates of all jobs that were begun, in USD."""

        def read() -> float:
            (total,) = self._opened.execute("SELECT total(usd) FROM rows WHERE state != 'planned'").fetchone()
            return float(total)

        return await self._read(read)

    async def _read(self, read: Callable[[], T]) -> T:
        try:
            return await finished(read)
        except sqlite3.Error as problem:
            raise ConfigurationError(f"The journal {self.path} cannot be read ({problem}).") from None

    async def put(self, *entries: Entry, instead_of: Entry | None = None) -> None:
        """Write these down; when it returns they are on the disk.

        :param instead_of: the same key with an earlier content; what was made for that is remembered apart
        """
        if (old := instead_of) is not None:
            values = (old.key, old.digest, _stored("ids", old.ids), _stored("error", old.error), time.time())
            self._add("INSERT INTO earlier VALUES (?, ?, ?, ?, ?)", values)
        for entry in entries:
            if entry.state in {"completed", "failed"} and not self.keeps:
                self._add("DELETE FROM rows WHERE key = ?", (entry.key,))
                continue
            self._add(_PUT, [_stored(name, getattr(entry, name)) for name in _FIELDS])
            for id in entry.ids or ():
                self._add("INSERT OR IGNORE INTO jobs VALUES (?, ?)", (id, entry.key))
        await self._settled()

    @property
    def _opened(self) -> sqlite3.Connection:
        if self._database is None:
            raise ConfigurationError("The journal is closed.")
        return self._database

    def _add(self, statement: str, values: Sequence[Any]) -> None:
        self._pending.append((statement, values))
        if self._written is None:
            self._written = asyncio.get_running_loop().create_future()
        if self._writer is None:
            self._writer = asyncio.ensure_future(self._write())

    async def _settled(self) -> None:
        """Wait until all that was added so far is on the disk."""
        if self._written is not None:
            await asyncio.shield(self._written)
        elif self._writer is not None:
            await asyncio.wait({self._writer})

    async def _write(self) -> None:
        """One transaction after the other, each with all that came while the last one was written."""
        try:
            while self._written is not None:
                pending, self._pending = self._pending, []
                written, self._written = self._written, None
                try:
                    await finished(self._transaction, pending)
                except sqlite3.Error as problem:
                    written.set_exception(ConfigurationError(f"The journal {self.path} cannot be written ({problem})."))
                    written.exception()  # seen, when nobody waits for it
                else:
                    written.set_result(None)
        finally:
            self._writer = None

    def _transaction(self, pending: Sequence[tuple[str, Sequence[Any]]]) -> None:
        execute = self._opened.execute
        execute("BEGIN IMMEDIATE")
        try:
            for statement, values in pending:
                execute(statement, values)
            execute("COMMIT")
        except BaseException:
            execute("ROLLBACK")
            raise


def _stored(name: str, value: Any) -> Any:
    return msgspec.json.encode(value).decode() if name in _JSON and value is not None else value


def _entry(row: Sequence[Any]) -> Entry:
    values: dict[str, Any] = {
        name: msgspec.json.decode(value) if name in _JSON and value is not None else value
        for name, value in zip(_FIELDS, row, strict=True)
    }
    return Entry(**values)
