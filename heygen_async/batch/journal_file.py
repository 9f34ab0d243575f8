"""The file of a journal: how it is created, locked, marked as in use, checked and closed.

The problem: SQLite's write-ahead log keeps the newest rows in a second file, `-wal`. After a kill both files belong
together. Who copies, moves or restores the first one alone loses rows without any sign, and pays for them again.

The scheme:

- Each transaction is copied into the main file (a checkpoint) before `put` returns. So the main file has every row that
  a request relied on. The log matters only if the process dies during a transaction or its checkpoint.
- The main file is marked while a run uses it. A marked file without its log may have been cut in the middle of a
  checkpoint. So it is refused, and `recover=True` rebuilds it from the rows that can be read.
- A new file is written whole before SQLite opens it. So an empty file, or one without tables, is a damaged journal.
- After a kill, the marked file is checked page by page before it is used.

Rejected ways:

- A rollback journal instead of the log. It is as fast, but the main file is incomplete during a transaction, and
  nothing shows whether the second file was lost.
- A checkpoint every few hundred rows. A log that is cut in the middle looks like a shorter log, so its rows are lost
  without any sign.
"""

from __future__ import annotations

import os
import sqlite3
import struct
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from .._http.file_writing import NO_FOLLOW, check_own_file, create_own_file, prepare_database
from ..errors import JournalError
from .journal_entries import CHECKED_COLUMNS, checksum

_FORMAT = 3
_MARK = 0x48474A00  # "HGJ": the `application_id` of a journal, with the flags below
_MARK_OFFSET = 68  # bytes, in SQLite's header
_IN_USE = 1
_RECOVERING = 2
LOG_SUFFIXES = ("-wal", "-journal")
_CREATION_SECONDS = 0.1  # in which another process fills a file that it has just created
_MAX_NAMES = 3  # in an error
_MAX_KEY = 200  # characters
_MIN_LOG_SIZE = 32  # bytes; the header
_LOG_MAGICS = {b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83"}

_SELECT = f"SELECT {CHECKED_COLUMNS}, checksum FROM rows"  # noqa: S608  our names
_TABLES = """
CREATE TABLE IF NOT EXISTS rows (
    key TEXT PRIMARY KEY, kind TEXT NOT NULL, digest BLOB NOT NULL, state TEXT NOT NULL, idempotency_key TEXT NOT NULL,
    submitted_at REAL, batch TEXT, position INTEGER, ids TEXT, results BLOB, paths TEXT, error TEXT,
    usd REAL NOT NULL DEFAULT 0, attempt INTEGER NOT NULL DEFAULT 1, created_earlier INTEGER NOT NULL DEFAULT 0,
    possible_charges INTEGER NOT NULL DEFAULT 0, checksum BLOB
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS replaced (
    key TEXT NOT NULL, digest BLOB NOT NULL, ids TEXT, error TEXT, replaced_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS replaced_costs (key TEXT NOT NULL, usd REAL NOT NULL);
CREATE TABLE IF NOT EXISTS jobs (id TEXT PRIMARY KEY, key TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS rows_batch ON rows (batch) WHERE batch IS NOT NULL;
"""
#: The statements that bring a journal of an older format to this one.
_UPGRADES = {
    2: f"""
ALTER TABLE rows ADD COLUMN attempt INTEGER NOT NULL DEFAULT 1;
ALTER TABLE rows ADD COLUMN created_earlier INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rows ADD COLUMN possible_charges INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rows ADD COLUMN checksum BLOB;
UPDATE rows SET checksum = row_checksum({CHECKED_COLUMNS});
"""  # noqa: S608  our names
}


class DamagedFileError(Exception):
    """The file is a journal that lost rows, or may have lost some. The message completes the sentence of its path."""


def create_file(path: Path) -> None:
    """Write an empty journal, unless the file exists.

    Raises:
        OSError: The file cannot be written.
    """
    try:
        descriptor = create_own_file(path)
    except FileExistsError:
        return
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(_empty_journal())
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _empty_journal() -> bytes:
    with closing(connect(None)) as database:
        create_tables(database)
        database.execute(f"PRAGMA application_id={_MARK}")
        return database.serialize()


def connect(path: Path | None, max_value: int | None = None) -> sqlite3.Connection:
    """Return a connection whose values have at most so many bytes. Without a path the database is in memory."""
    name = ":memory:" if path is None else path.absolute()  # a file may have that name, too
    database = sqlite3.connect(name, timeout=0.2, isolation_level=None, check_same_thread=False)
    database.create_function("row_checksum", -1, lambda *values: checksum(values), deterministic=True)
    if max_value is not None:
        database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, max_value)
    return database


def open_memory() -> sqlite3.Connection:
    """Return an empty journal in memory."""
    database = connect(None)
    create_tables(database)
    return database


def open_file(path: Path, max_value: int) -> sqlite3.Connection:
    """Create or open the file; lock it, check it, and mark it as in use.

    Raises:
        DamagedFileError: The file lost rows, or may have lost some.
        JournalError: The file is no journal of this version.
        sqlite3.Error: The file is locked, is no database, or cannot be written.
        OSError: The file cannot be created, or something else has its name.
    """
    if not os.path.lexists(path) and (lone := [suffix for suffix in LOG_SUFFIXES if _size(path, suffix)]):
        raise DamagedFileError(f"is missing, but {path.name}{lone[0]}, which belongs to it, is there")
    create_file(path)
    prepare_database(path)
    if not _size(path):
        time.sleep(_CREATION_SECONDS)
    if not _size(path):
        raise DamagedFileError("is empty, which a journal never is: it was cut")
    if _size(path, "-wal") and not _has_log(path):
        raise DamagedFileError(f"has a damaged log, {path.name}-wal")
    database = connect(path, max_value)
    try:
        database.execute("PRAGMA locking_mode=EXCLUSIVE")
        database.execute("BEGIN EXCLUSIVE")
        database.execute("ROLLBACK")  # the lock remains
        _check_file(database, path)
        _start_use(database, path)
    except BaseException as error:
        database.close()
        if "malformed" in str(error):
            raise DamagedFileError(f"has damaged pages ({error})") from None
        raise
    return database


def _check_rows(database: sqlite3.Connection) -> None:
    try:
        rows, damaged = _survey(database)
    except sqlite3.Error as error:
        raise DamagedFileError(f"has rows that cannot be read ({error})") from None
    if damaged:
        names = ", ".join(map(repr, damaged[:_MAX_NAMES]))
        more = f" and {len(damaged) - _MAX_NAMES} more" if len(damaged) > _MAX_NAMES else ""
        raise DamagedFileError(
            f"has {len(damaged)} damaged of {rows} rows ({names}{more}): their values are not the stored ones, or "
            f"larger than limits.journal_value. The other {rows - len(damaged)} rows are whole"
        )


def _check_file(database: sqlite3.Connection, path: Path) -> None:
    """Check the format of an open file, and whether it is whole.

    Raises:
        DamagedFileError: The file lost rows, or may have lost some.
        JournalError: The file is no journal of this version.
        sqlite3.DatabaseError: The file is no database.
    """
    version, mark = _value(database, "PRAGMA user_version"), _value(database, "PRAGMA application_id")
    tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables and version in {0, _FORMAT, *_UPGRADES}:
        raise DamagedFileError("has no tables; the newest part of it may be in another file that was not copied")
    if version not in {_FORMAT, *_UPGRADES} or (mark and mark & ~0xFF != _MARK):
        raise JournalError(f"{path} is not a journal of this version. Name another file.")
    if "rows" not in tables:
        raise DamagedFileError("has lost its table of rows")
    if mark & _IN_USE:
        if not _has_log(path):
            rows = _value(database, "SELECT count(*) FROM rows")
            raise DamagedFileError(
                f"was in use when its run was killed, or when it was copied, and {path.name}-wal, which belongs to it, "
                f"is missing. {rows} rows can be read; the newest ones may be missing"
            )
        if (problem := _value(database, "PRAGMA quick_check(1)")) != "ok":
            raise DamagedFileError(f"has damaged pages ({problem})")
    elif _size(path) < _value(database, "PRAGMA page_count") * _value(database, "PRAGMA page_size"):
        raise DamagedFileError("was cut: its last pages are missing")
    if version == _FORMAT:  # rows of older formats have no checksum
        _check_rows(database)


def set_recovering(database: sqlite3.Connection, *, recovering: bool) -> None:
    """Store whether rows may be missing, so that a later run knows it, too."""
    flags = _value(database, "PRAGMA application_id") & _IN_USE
    _set_flags(database, flags | (_RECOVERING if recovering else 0))
    if flags:
        checkpoint(database)


def is_recovering(database: sqlite3.Connection) -> bool:
    """Return whether a run that recovers the journal was not finished."""
    return bool(_value(database, "PRAGMA application_id") & _RECOVERING)


def checkpoint(database: sqlite3.Connection) -> None:
    """Copy the log into the main file, and wait until both are on the disk."""
    busy, in_log, copied = database.execute("PRAGMA wal_checkpoint(FULL)").fetchone()
    if busy or in_log != copied:
        raise sqlite3.OperationalError("the log could not be copied into the file")


def _survey(database: sqlite3.Connection) -> tuple[int, list[str]]:
    """Compare each row with its checksum; return the number of rows, and the keys of the damaged ones."""
    (rows,) = database.execute("SELECT count(*) FROM rows").fetchone()
    try:
        whole = all(checksum(row[:-1]) == row[-1] for row in database.execute(_SELECT))
    except sqlite3.Error:  # a value is too large, or its text or page cannot be read
        whole = False
    if whole:
        return rows, []
    keys = database.execute("SELECT key FROM rows")
    return rows, [str(key)[:_MAX_KEY] for (key,) in keys if stored_row(database, key) is None]


def stored_row(database: sqlite3.Connection, key: object) -> tuple[Any, ...] | None:
    """Return the values of a row, the checksum last; None if they are not the ones that a run stored."""
    try:
        row = database.execute(f"{_SELECT} WHERE key = ?", (key,)).fetchone()
    except sqlite3.Error:
        return None
    return row if row is not None and checksum(row[:-1]) == row[-1] else None


def close_file(database: sqlite3.Connection, path: Path) -> None:
    """Remove the mark, and close the file. While a transaction is only in the log, both remain."""
    flags, is_marked = 0, True
    try:
        flags = _value(database, "PRAGMA application_id") & _RECOVERING
        checkpoint(database)  # without it, the file would be incomplete and have no mark
        _set_flags(database, flags)
        is_marked = False
    except sqlite3.Error:  # such as a full disk
        pass
    finally:
        database.close()
    if is_marked and not os.path.lexists(f"{path}-wal"):  # SQLite has emptied the log and removed it
        _overwrite_mark(path, _MARK | flags)


def _overwrite_mark(path: Path, mark: int) -> None:
    """Write the mark where a full disk does not matter: over its old value, in the header of a closed database."""
    descriptor = os.open(path, os.O_RDWR | NO_FOLLOW)
    try:
        os.lseek(descriptor, _MARK_OFFSET, os.SEEK_SET)
        os.write(descriptor, struct.pack(">i", mark))
    finally:
        os.close(descriptor)


def _start_use(database: sqlite3.Connection, path: Path) -> None:
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=NORMAL")  # a checkpoint waits for the disk; it follows each transaction
    database.execute("PRAGMA wal_autocheckpoint=0")
    prepare_database(path)  # the pragmas have opened the files
    create_tables(database)
    _set_flags(database, _IN_USE | (_value(database, "PRAGMA application_id") & _RECOVERING))
    checkpoint(database)


def create_tables(database: sqlite3.Connection) -> None:
    """Create the tables that are missing, and upgrade those of an older format."""
    with database:
        database.execute("BEGIN IMMEDIATE")
        upgrade = _UPGRADES.get(_value(database, "PRAGMA user_version"), "")
        for statement in (upgrade + _TABLES).split(";\n"):
            database.execute(statement)
        database.execute(f"PRAGMA user_version={_FORMAT}")


def _set_flags(database: sqlite3.Connection, flags: int) -> None:
    database.execute(f"PRAGMA application_id={_MARK | flags}")


def _value(database: sqlite3.Connection, query: str) -> Any:
    ((value,),) = database.execute(query).fetchall()
    return value


def _size(path: Path, suffix: str = "") -> int:
    """Return the size in bytes of the file or of one that belongs to it; 0 if it does not exist.

    Raises:
        PermissionError: Something else than a regular file of this user has its name.
    """
    status = check_own_file(Path(f"{path}{suffix}"))
    return 0 if status is None else status.st_size


def _has_log(path: Path) -> bool:
    """Return whether the log has at least its header."""
    try:
        with open(f"{path}-wal", "rb") as log:  # noqa: PTH123
            header = log.read(_MIN_LOG_SIZE)
    except FileNotFoundError:
        return False
    return len(header) == _MIN_LOG_SIZE and header[:4] in _LOG_MAGICS
