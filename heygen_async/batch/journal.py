"""The journal: a SQLite file that records each row's job, so that a repeated run creates no job twice.

The problem: a process may die at any moment, also between sending a request and receiving its response. The next run
must find out which jobs exist. So the journal records each step *before* the step has an effect at HeyGen.

A row's `state` is one of:

- `planned`: no request was sent, or HeyGen rejected it. No job exists.
- `submitting`: a request is in flight, or was when the process died. It is unknown whether a job exists.
- `queued`: the row is in one of HeyGen's own batches, which may not have created the job yet.
- `running`: the jobs exist and their ids are known.
- `completed`, `failed`: the row has ended. A failed row without ids created no job.

Rejected ways:

- A file that is written when the run ends, or every few seconds: a kill loses the ids of paid jobs.
- One transaction for each row: `fsync` takes milliseconds, and a thousand rows end in the same second.
- A JSON Lines log: it needs compaction, and a lookup reads all of it into memory.

Invariants:

- `put` returns after the entries are on the disk, in the main file; see `journal_file.py`.
- `submitting` is on the disk before the request is sent, together with its idempotency key. A later run repeats the
  request under this key, or searches for the job when HeyGen takes no key or has forgotten it.
- Writes of many tasks share one transaction. It begins when the one before it has ended, and has the entries of all
  tasks that are ready.
- Reads wait for the writes before them.
- One run at a time uses the file. SQLite's exclusive lock ensures that, and ends with the process.
- The file is readable by its owner only: it contains presigned URLs. Neither it nor its companions are opened through
  a link (`file_writing`).
"""

from __future__ import annotations

import asyncio
import copy
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from os import PathLike
from pathlib import Path
from typing import Any, Self, TypeAlias, TypeVar

from .._http.limits import DEFAULT_LIMITS, Limits
from .._http.tasks import start_task
from .._http.worker_threads import run_in_thread, run_to_completion
from ..errors import ConfigurationError, JournalError
from .journal_entries import CHECKED_COLUMNS, FIELDS, Entry, encode_entry, encode_field, encode_json, entry_from_row
from .journal_file import (
    DamagedFileError,
    checkpoint,
    close_file,
    is_recovering,
    open_file,
    open_memory,
    set_recovering,
)
from .journal_recovery import rebuild_file

T = TypeVar("T")
Statement: TypeAlias = tuple[str, Sequence[Any]]

_STEPS_BEFORE_WRITE = 4  # of the event loop, in which tasks that are ready add their entries
_DISK_IS_FULL_BELOW = 64 << 10  # free bytes; SQLite reports a full disk as an I/O error
_COLUMNS = CHECKED_COLUMNS
_VALUES = ", ".join("?" * (len(FIELDS) + 1))
_PUT = f"INSERT OR REPLACE INTO rows ({_COLUMNS}, checksum) VALUES ({_VALUES})"  # noqa: S608  our names
_RECOVER = (
    "run again with recover=True (--recover), which searches at HeyGen for the jobs of the missing rows before it "
    "creates any"
)


class Journal:
    """One batch's journal. Without a path it is in memory, and forgets rows that have ended.

    Args:
        path: The file.
        recover: Whether rows may be missing, and a damaged file is rebuilt from the rows that can be read.
        limits: The limits; `journal_value` counts here.

    Attributes:
        is_recovering: Whether rows may be missing: this run recovers the journal, or an earlier one did not end.

    Raises:
        JournalError: On entering: the file cannot be opened, is damaged or not a journal, or another run uses it.
            Later: the file cannot be read or written.
    """

    def __init__(
        self, path: str | PathLike[str] | None, *, recover: bool = False, limits: Limits = DEFAULT_LIMITS
    ) -> None:
        self.is_recovering: bool = False
        self._path: str | None = None if path is None else os.fsdecode(path)
        self._recover = recover
        self._limits = limits
        self._database: sqlite3.Connection | None = None
        self._pending: list[Statement] = []
        self._next_write: asyncio.Task[None] | None = None
        self._write_error: JournalError | None = None
        self._in_use = asyncio.Lock()

    async def __aenter__(self) -> Self:
        try:
            await run_in_thread(self._open)
        except BaseException:  # after a cancellation the database may be open
            await run_to_completion(self._close())
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await run_to_completion(self._close())

    async def _close(self) -> None:
        async with self._in_use:
            database, self._database = self._database, None
            if database is not None:
                await run_in_thread(self._close_database, database)

    def _close_database(self, database: sqlite3.Connection) -> None:
        if self._path is None:
            database.close()
        else:
            with suppress(OSError):
                close_file(database, self._file)

    def _open(self) -> None:
        try:
            if self._path is None:
                self._database = open_memory()
            else:
                self._open_file()
        except (OSError, ValueError) as error:  # ValueError: the name has a NUL
            raise JournalError(f"The journal {self._name} cannot be opened ({self._reason(error)}).") from None
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise JournalError(
                    f"The journal {self._name} is in use by another run of this batch. Wait for its end, or stop it."
                ) from None
            raise self._unwritable(error) from None
        except sqlite3.Error as error:
            raise JournalError(
                f"{self._name} is not a journal ({error}). Name another file. If it was this batch's journal, put a "
                f"copy back, or move it away and {_RECOVER}."
            ) from None

    def _open_file(self) -> None:
        max_value = self._limits.journal_value
        try:
            self._database = open_file(self._file, max_value)
        except DamagedFileError as damage:
            if not self._recover:
                raise JournalError(
                    f"The journal {self._name} {damage}. Put the whole journal back, with the files beside it that "
                    f"begin with its name, or {_RECOVER}."
                ) from None
            rebuild_file(self._file, max_value)
            self._database = open_file(self._file, max_value)
        if self._recover:
            set_recovering(self._database, recovering=True)
        self.is_recovering = is_recovering(self._database)

    @property
    def _name(self) -> str:
        return str(self._path) if str(self._path).isprintable() else repr(self._path)

    @property
    def _file(self) -> Path:
        return Path(self._path or "")

    async def end_recovery(self) -> None:
        """Store that no rows are missing any more: a recovering run has ended."""
        if self.is_recovering:
            await run_to_completion(self._end_recovery())

    async def _end_recovery(self) -> None:
        async with self._in_use:
            await run_in_thread(self._set_recovered)
            self.is_recovering = False

    def _set_recovered(self) -> None:
        try:
            set_recovering(self._opened, recovering=False)
        except sqlite3.Error as error:
            raise self._unwritable(error) from None

    def _unwritable(self, error: sqlite3.Error) -> JournalError:
        return JournalError(
            f"The journal {self._name} cannot be written ({self._reason(error)}). Its rows are safe: the same "
            "run continues with them when it can write again."
        )

    def _reason(self, error: OSError | ValueError | sqlite3.Error) -> str:
        if isinstance(error, sqlite3.DataError):
            return f"{error}: limits.journal_value is {self._limits.journal_value} bytes"
        with suppress(OSError, ValueError):
            folder = self._file.absolute().parent
            if shutil.disk_usage(folder).free < _DISK_IS_FULL_BELOW:
                return "the disk is full: free some space"
            if not os.access(folder, os.W_OK):
                return f"{folder} is read-only"
        return getattr(error, "strerror", None) or str(error)

    async def entries(self, keys: Sequence[str]) -> dict[str, Entry]:
        """Return the entries of these keys. A key without an entry is left out."""
        return await self._read_after_writes(self.read, keys)

    def read(self, keys: Sequence[str]) -> dict[str, Entry]:
        """Return the entries of these keys that are on the disk. Blocks; call it in a thread."""
        query = f"SELECT {_COLUMNS} FROM rows WHERE key IN (SELECT value FROM json_each(?))"  # noqa: S608  our names
        rows = self._select(query, encode_json(keys))
        try:
            return {entry.key: entry for entry in map(entry_from_row, rows)}
        except ValueError as error:
            raise self._unreadable(error) from None

    def row_count(self) -> int:
        """Return the number of all rows. Blocks; call it in a thread."""
        ((count,),) = self._select("SELECT count(*) FROM rows")
        return int(count)

    async def is_untouched(self) -> bool:
        """Return whether no request was sent, or HeyGen rejected all of them."""
        return not await self._single_value("SELECT count(*) FROM rows WHERE state != 'planned'")

    async def batch_size(self, batch: str) -> int:
        """Return the number of rows in one of HeyGen's batches."""
        return int(await self._single_value("SELECT count(*) FROM rows WHERE batch = ?", batch))

    async def spent(self) -> float:
        """Return the estimated cost of all jobs in USD, those of replaced entries included."""
        in_rows = await self._single_value("SELECT total(usd) FROM rows WHERE state != 'planned'")
        return float(in_rows) + float(await self._single_value("SELECT total(usd) FROM replaced_costs"))

    async def claimed(self, ids: Sequence[str]) -> set[str]:
        """Return the job ids, of those passed, that belong to a row."""
        query = "SELECT id FROM jobs WHERE id IN (SELECT value FROM json_each(?))"
        return {id for (id,) in await self._read_after_writes(self._select, query, encode_json(ids))}

    async def _single_value(self, query: str, *values: str) -> Any:
        ((value,),) = await self._read_after_writes(self._select, query, *values)
        return value

    def _select(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        try:
            return self._opened.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise self._unreadable(error) from None

    def _unreadable(self, error: ValueError | sqlite3.Error) -> JournalError:
        return JournalError(f"The journal {self._name} cannot be read ({error}). Put a whole copy back, or {_RECOVER}.")

    async def _read_after_writes(self, read: Callable[..., T], *args: object) -> T:
        async with self._in_use:
            await run_to_completion(self._write_pending())
            self._check_writes()
            return await run_in_thread(read, *args)

    async def put(self, *entries: Entry, replacing: Entry | None = None, new_jobs: bool = False) -> None:
        """Store the entries. They are on the disk when this returns.

        Args:
            *entries: The entries.
            replacing: The entry of the same key before its content changed. Its jobs are stored separately.
            new_jobs: Whether the journal does not know the entries' jobs yet.
        """
        if replacing is not None:
            self._pending += _remember(replacing)
        for entry in entries:
            self._pending += self._statements(entry, new_jobs=new_jobs)
        if self._next_write is None:
            self._next_write = start_task(self._write_soon())
        await run_to_completion(self._next_write)
        self._check_writes()

    def _check_writes(self) -> None:
        if self._write_error is not None:
            raise copy.copy(self._write_error)

    def _statements(self, entry: Entry, *, new_jobs: bool) -> list[Statement]:
        if self._path is None and entry.state in {"completed", "failed"}:
            return [("DELETE FROM rows WHERE key = ?", (entry.key,))]
        put = (_PUT, encode_entry(entry))
        if not new_jobs:
            return [put]
        return [put, *(("INSERT OR IGNORE INTO jobs VALUES (?, ?)", (id, entry.key)) for id in entry.ids or ())]

    @property
    def _opened(self) -> sqlite3.Connection:
        if self._database is None:
            raise ConfigurationError("The journal is closed.")
        return self._database

    async def _write_soon(self) -> None:
        """Write the entries of all tasks that called `put` until the transaction begins."""
        for _ in range(_STEPS_BEFORE_WRITE):  # a transaction costs as much as thirty of its entries
            await asyncio.sleep(0)
        async with self._in_use:
            self._next_write = None
            await self._write_pending()

    async def _write_pending(self) -> None:
        """Write the pending statements. Call it with `_in_use`, and to its end.

        After a failure nothing more is written: the next entries may depend on those that were not stored.
        """
        pending, self._pending = self._pending, []
        if pending and self._write_error is None:
            await run_in_thread(self._write, pending)

    def _write(self, pending: Sequence[Statement]) -> None:
        try:
            self._transaction(pending)
        except sqlite3.Error as error:
            self._write_error = self._unwritable(error)

    def _transaction(self, pending: Sequence[Statement]) -> None:
        with self._opened as database:  # commits or rolls back
            database.execute("BEGIN IMMEDIATE")
            for statement, values in pending:
                database.execute(statement, values)
        if self._path is not None:
            checkpoint(database)


def _remember(entry: Entry) -> list[Statement]:
    ids, error = encode_field("ids", entry.ids), encode_field("error", entry.error)
    statements: list[Statement] = [
        ("INSERT INTO replaced VALUES (?, ?, ?, ?, ?)", (entry.key, entry.digest, ids, error, time.time()))
    ]
    if entry.state != "planned" and entry.usd:
        statements.append(("INSERT INTO replaced_costs VALUES (?, ?)", (entry.key, entry.usd)))
    return statements
